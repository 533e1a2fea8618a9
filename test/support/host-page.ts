/** A host platform's site of another origin: the pages of docs/embedding.md, word for word but for the names. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page, WebSocket } from 'playwright-core';
import { mintToken } from '../../src/identity/tokens.ts';
import { JWT_SECRET } from './gateway.ts';

const DOCS = readFileSync(fileURLToPath(new URL('../../docs/embedding.md', import.meta.url)), 'utf8');

/** The one block of this language in the documentation. */
const block = (language: string): string => {
  const blocks = [...DOCS.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))];
  if (blocks.length !== 1) throw new Error(`docs/embedding.md has ${blocks.length} blocks of ${language}.`);
  return blocks[0]?.[1] ?? '';
};

/** No script but Parley's and no style at all: what is left when a page allows the embed and nothing else. */
const strictest = (parley: string): string =>
  `default-src 'none'; script-src ${parley}; connect-src ${parley} ${parley.replace('http', 'ws')}`;

export interface HostPage {
  readonly origin: string;
  /** The address of a page that shows this person `attributes`, by default the documentation's proposal. */
  url(userId: string, options?: PageOptions): string;
  /** How often the page asked for a new token. */
  tokensAsked(): number;
  close(): Promise<void>;
}

export interface PageOptions {
  /** Of the first token; those that follow last an hour. */
  readonly ttlSeconds?: number;
  /** Instead of the element. */
  readonly body?: string;
  /** Before the style sheet's own rules. */
  readonly css?: string;
  readonly strict?: boolean;
}

export const startHostPage = async (parleyPort: number, host = 'localhost'): Promise<HostPage> => {
  const parley = `http://127.0.0.1:${parleyPort}`;
  const named = (text: string): string =>
    text.replaceAll('https://parley.example', parley).replaceAll('wss://parley.example', parley.replace('http', 'ws'));
  const policy = named(block('http'))
    .replace(/^Content-Security-Policy: /, '')
    .trim();
  let asked = 0;

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://host');
    const userId = searchParams.get('user') ?? '';
    const answer = (type: string, body: string): void => {
      response.setHeader('Content-Type', type);
      response.setHeader('Content-Security-Policy', searchParams.has('strict') ? strictest(parley) : policy);
      response.end(body);
    };
    if (pathname === '/market.css') answer('text/css', block('css'));
    else if (pathname === '/more.css') answer('text/css', searchParams.get('css') ?? '');
    else if (pathname === '/market.js')
      answer('text/javascript', block('js').replace('/parley-token', `/parley-token?user=${userId}`));
    else if (pathname === '/parley-token') {
      asked += 1;
      answer('text/plain', mintToken(JWT_SECRET, userId, { ttlSeconds: 3_600 }));
    } else if (pathname === '/') {
      const token = mintToken(JWT_SECRET, userId, { ttlSeconds: Number(searchParams.get('ttl') ?? 3_600) });
      const body = searchParams.get('body');
      const css = searchParams.get('css');
      const page = named(block('html')).replace('/market.js', `/market.js?user=${userId}`);
      const shown = body === null ? page : page.replace(/<parley-thread.*<\/parley-thread>/s, body);
      const styled =
        css === null
          ? shown
          : shown.replace('</head>', `<link rel="stylesheet" href="/more.css?css=${encodeURIComponent(css)}" /></head>`);
      // A page may say no more than the policy lets it.
      const bare = searchParams.has('strict') ? styled.replace(/<link[^>]*>|<script[^>]*"\/market.*?<\/script>/g, '') : styled;
      answer('text/html', bare.replaceAll('TOKEN', token));
    } else {
      response.statusCode = 404;
      answer('text/plain', '');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://${host}:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    url: (userId, { ttlSeconds, body, css, strict = false } = {}) => {
      const query = new URLSearchParams({ user: userId });
      if (ttlSeconds !== undefined) query.set('ttl', String(ttlSeconds));
      if (body !== undefined) query.set('body', body);
      if (css !== undefined) query.set('css', css);
      if (strict) query.set('strict', '');
      return `${origin}/?${query}`;
    },
    tokensAsked: () => asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

export interface Visit {
  readonly page: Page;
  /** What the page's policy kept from happening, and what went wrong in it. */
  readonly complaints: string[];
  /** The sockets that the page opened so far. */
  readonly sockets: WebSocket[];
  /** The element's events so far, by name. */
  events(name: string): Promise<Record<string, any>[]>;
}

/** Opens a page, and hears the element's events and all that its policy forbids. */
export const visit = async (context: BrowserContext, url: string): Promise<Visit> => {
  const page = await context.newPage();
  const complaints: string[] = [];
  const sockets: WebSocket[] = [];
  page.on('websocket', (socket) => sockets.push(socket));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/WebSocket|ERR_CONNECTION|favicon/.test(message.text() + message.location().url))
      complaints.push(message.text());
  });
  await page.addInitScript(() => {
    const heard: Record<string, unknown[]> = {};
    Object.assign(window, { __heard: heard });
    for (const name of ['ready', 'opened', 'token-expiring', 'unread', 'error', 'call'])
      document.addEventListener(`parley-${name}`, (event) => {
        heard[name] ??= [];
        heard[name].push((event as CustomEvent).detail);
      });
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`forbidden: ${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
    });
  });
  await page.goto(url);
  return {
    page,
    complaints,
    sockets,
    events: (name) => page.evaluate((one) => (window as any).__heard[one] ?? [], name),
  };
};
