import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLOSE_CODES, mayReconnect } from '../../protocol/index.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';

describe('the embed, as the gateway has it', () => {
  let gateway: TestGateway;
  let webRoot: string;
  const logged: string[] = [];

  beforeAll(async () => {
    webRoot = await mkdtemp(join(tmpdir(), 'parley-embed-'));
    await mkdir(join(webRoot, 'assets'));
    await writeFile(join(webRoot, 'index.html'), '<!doctype html><title>Parley</title>');
    await writeFile(join(webRoot, 'embed.js'), 'export {};');
    await writeFile(join(webRoot, 'assets', 'embed-1a2b.js'), 'export {};');
    await writeFile(join(webRoot, 'assets', 'embed-3c4d.css'), ':host { display: block; }');
    gateway = await startGateway(
      { 'http.webRoot': webRoot, 'embed.origins': ['https://market.example'] },
      {},
      pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) }),
    );
  });
  afterAll(() => gateway.close());

  it('[EM1] its script and what that loads may be read from anywhere; the script is looked at anew, its parts are kept for ever', async () => {
    const script = await gateway.get('/embed.js');
    expect(script.headers.get('content-type')).toContain('text/javascript');
    expect(script.headers.get('cache-control')).toBe('no-cache');
    const again = await fetch(`http://127.0.0.1:${gateway.port}/embed.js`, {
      headers: { 'If-None-Match': script.headers.get('etag') ?? '' },
    });
    expect(again.status).toBe(304);
    const parts = await Promise.all(['/assets/embed-1a2b.js', '/assets/embed-3c4d.css'].map((path) => gateway.get(path)));
    for (const part of parts) expect(part.headers.get('cache-control')).toContain('immutable');
    for (const answer of [script, again, ...parts]) {
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      expect(answer.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    }
    for (const path of ['/', '/v1/openapi.json', '/healthz'])
      expect((await gateway.get(path)).headers.get('access-control-allow-origin'), path).toBeNull();
  });

  it('[EM2] a page of an origin that is not named is told so by a close for good, and the log names it once', async () => {
    for (const origin of [
      'https://elsewhere.example',
      'http://market.example',
      'https://market.example:8443',
      'https://market.example.elsewhere.example',
      'null',
    ]) {
      const socket = await gateway.connect({ headers: { Origin: origin } });
      const { code, reason } = await socket.whenClosed();
      expect(code, origin).toBe(CLOSE_CODES.origin_refused);
      expect(JSON.parse(reason)).toEqual({ name: 'origin_refused' });
      expect(mayReconnect(code)).toBe(false);
      expect(socket.frames).toEqual([]);
      (await gateway.connect({ headers: { Origin: origin } })).terminate();
    }
    const warnings = logged.filter((line) => line.includes('embed.origins'));
    expect(warnings).toHaveLength(5);
    expect(warnings[0]).toContain('"origin":"https://elsewhere.example"');
  });

  it('[EM2] a page that is named, one of Parley itself and a program without an origin are taken', async () => {
    for (const headers of [{ Origin: 'https://market.example' }, { Origin: `http://127.0.0.1:${gateway.port}` }, undefined]) {
      const socket = await gateway.connect(headers === undefined ? {} : { headers });
      expect((await socket.refused('session.open', { protocol: 1, token: 'none' })).code).toBe('token_invalid');
    }
  });

  it('[EM2] where nobody is named, every page is taken', async () => {
    const open = await startGateway();
    try {
      const socket = await open.connect({ headers: { Origin: 'https://anywhere.example' } });
      expect((await socket.refused('session.open', { protocol: 1, token: 'none' })).code).toBe('token_invalid');
    } finally {
      await open.close();
    }
  });
});
