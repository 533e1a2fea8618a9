/**
 * Serves the built web application and the embed from memory: hashed assets for ever, the page never cached, a strict content security
 * policy. The embed's script, and what it loads, may be read by pages of any origin: it is the same for everybody.
 */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import type { TemplatedApp } from '../socket/app.ts';
import { type Answer, type RouteOptions, route } from './http.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
};

const PAGE_HEADERS = {
  'Content-Security-Policy': [
    "default-src 'self'",
    "img-src 'self' https: data:",
    "media-src 'self' blob:",
    "connect-src 'self' ws: wss:",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'self'",
  ].join('; '),
  'Permissions-Policy': 'camera=(self), microphone=(self), display-capture=(self), speaker-selection=(self)',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** Module scripts are fetched with CORS, and pages that isolate themselves take only what says that it may be taken. */
const SHARED_HEADERS = {
  'Access-Control-Allow-Origin': '*',
  'Cross-Origin-Resource-Policy': 'cross-origin',
};

const isShared = (url: string): boolean => url === '/embed.js' || url.startsWith('/assets/');

interface Asset {
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly etag: string;
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesIn(path) : [path];
  });

const load = (root: string): Map<string, Asset> =>
  new Map(
    filesIn(root).map((path) => {
      const body = readFileSync(path);
      const url = `/${relative(root, path).split(sep).join('/')}`;
      const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 24)}"`;
      const headers = {
        'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream',
        'Cache-Control': url.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
        ETag: etag,
        ...PAGE_HEADERS,
        ...(isShared(url) ? SHARED_HEADERS : {}),
      };
      return [url, { body, headers, etag }];
    }),
  );

/** Returns how many files it serves; none when the folder is not there. */
export const mountWebApp = (app: TemplatedApp, root: string, options: RouteOptions): number => {
  const assets = statSync(root, { throwIfNoEntry: false })?.isDirectory() === true ? load(root) : new Map<string, Asset>();
  const page = assets.get('/index.html');
  route(app, 'get', '/*', options, (call): Answer => {
    // Paths without an extension are places inside the application.
    const asset = assets.get(call.path) ?? (extname(call.path) === '' && !call.path.startsWith('/v1/') ? page : undefined);
    if (asset === undefined)
      return { status: 404, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: 'There is nothing here.\n' };
    if (call.header('if-none-match') === asset.etag) return { status: 304, headers: asset.headers, body: '' };
    return { headers: asset.headers, body: asset.body };
  });
  return assets.size;
};
