/** The guard before messages, on one gateway whose every outlet is looked at. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { WEBHOOK_TYPES } from '../../config/index.ts';
import { openSqliteStore } from '../../src/store/sqlite-store.ts';
import { openThread, SEAL_KEY, startGateway, type TestGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';
import { startWebhookReceiver, WEBHOOK_SECRET } from '../support/webhook-receiver.ts';

const SECRET = 'quillfeather';
const CONTRACT = {
  proposalId: 'proposal-1',
  clientId: 'client',
  freelancerId: 'talent',
  title: 'The work',
  status: 'active',
  version: 1,
} as const;
const WRITTEN = `Write me at mira@${SECRET}.studio, whenever you like`;

describe('what the guard has masked', () => {
  let gateway: TestGateway;
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  const start = async (settings: Record<string, unknown> = {}, log?: pino.Logger) => {
    gateway = await startGateway(settings, {}, log);
    closers.push(() => gateway.close());
    return gateway;
  };
  const begin = () => gateway.host('PUT', '/v1/contracts/c1', CONTRACT);
  const bodyOf = async (threadId: string) => {
    const { events } = await (await gateway.signIn('client')).request('thread.history', { threadId });
    return events.flatMap((event) => (event.type === 'message.posted' ? [event.message.body] : [])).at(-1);
  };

  it('[GD2] is in no frame, page, search, webhook, file, export or log before the contract begins', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
    const receiver = await startWebhookReceiver();
    closers.push(receiver.close);
    const dataDir = await mkdtemp(join(tmpdir(), 'parley-guarded-'));
    closers.push(() => rm(dataDir, { recursive: true, force: true }));
    await start(
      {
        'store.dataDir': dataDir,
        'webhooks.url': receiver.url,
        'webhooks.secrets': [WEBHOOK_SECRET],
        'webhooks.types': [...WEBHOOK_TYPES],
        'webhooks.bodies': true,
      },
      log,
    );
    const threadId = await openThread(gateway);
    const [sender, reader, late] = [await gateway.signIn('talent'), await gateway.signIn('client'), await gateway.connect()];
    await sender.request('message.post', { threadId, clientMessageId: 'for-the-files', body: 'The first to read' });
    const plain = await sender.request('message.post', { threadId, clientMessageId: 'without-one', body: 'Something else' });
    await sender.request('guard.preview', { threadId, body: WRITTEN });
    const { message } = await sender.request('message.post', { threadId, clientMessageId: 'with-a-secret', body: WRITTEN });
    await sender.request('message.edit', { threadId, offset: plain.message.offset, body: `${WRITTEN}, too` });
    await sender.refused('message.post', {
      threadId,
      clientMessageId: 'a-reward',
      body: `A gift card for you if you hire me: ${SECRET}`,
    });
    await sender.request('guard.appeal', { threadId, offset: message.offset, reason: 'Why not?' });
    await reader.request('thread.history', { threadId });
    await reader.request('message.search', { query: SECRET });
    await reader.request('thread.list', {});
    await late.request('session.open', { protocol: 1, token: gateway.token('client') });
    await until('the webhooks', () => receiver.told.some(({ body }) => body.type === 'message.edited'));
    const host = await Promise.all(
      [
        '/v1/proposals/proposal-1',
        '/v1/webhooks/deliveries',
        '/v1/moderation/cases',
        '/v1/moderation/audit',
        '/v1/users/talent',
      ].map((path) => gateway.host('GET', path)),
    );
    const metrics = await (await gateway.get('/metrics')).text();
    const files = async () => {
      const names = (await readdir(dataDir)).filter((name) => name.startsWith('parley.sqlite'));
      return (await Promise.all(names.map((name) => readFile(join(dataDir, name), 'latin1')))).join('');
    };
    const kept = await files();
    // They are the store's files: what is not masked can be read in them.
    expect(kept).toContain('The first to read');
    const outlets = {
      frames: JSON.stringify([reader.frames, late.frames]),
      webhooks: receiver.told.map(({ text }) => text).join(),
      rest: JSON.stringify(host),
      metrics,
      log: lines.join(),
      files: kept,
    };
    expect(outlets.webhooks).toContain('message.posted');
    for (const [outlet, text] of Object.entries(outlets)) expect(text, outlet).not.toContain(SECRET);
    // What is asked for is not told back, so the search's own frames are the reader's; and nothing was found.
    await gateway.close();
    const exported = join(dataDir, '..', `export-of-${threadId}.ndjson`);
    const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
    const env = { PATH: process.env.PATH ?? '', PARLEY_DATA_DIR: dataDir };
    await promisify(execFile)(process.execPath, [main, 'export', '--to', exported], { env });
    const text = await readFile(exported, 'utf8');
    await rm(exported);
    expect(text).toContain('The first to read');
    expect(text).not.toContain(SECRET);
  });

  it('[GD5] is released by the next start when the gateway ended between the contract and the release', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'parley-guarded-'));
    closers.push(() => rm(dataDir, { recursive: true, force: true }));
    await start({ 'store.dataDir': dataDir });
    const threadId = await openThread(gateway);
    const sender = await gateway.signIn('talent');
    const { message } = await sender.request('message.post', { threadId, clientMessageId: 'with-a-secret', body: WRITTEN });
    expect(message.body).not.toContain(SECRET);
    await gateway.close();
    const store = await openSqliteStore({ path: join(dataDir, 'parley.sqlite') });
    await store.putContract('c1', { ...CONTRACT, startedAt: undefined, endedAt: undefined }, Date.now());
    expect(await store.dueReleases(10)).toEqual([threadId]);
    await store.close();
    await start({ 'store.dataDir': dataDir });
    await until('the release', async () => (await bodyOf(threadId)) === WRITTEN);
  });

  it('[GD3] stays under its mark, with a line in the log, while its key is not configured, and is released when it is', async () => {
    const lines: string[] = [];
    const other = Buffer.alloc(32, 'o').toString('base64');
    const keep = { 'store.dataDir': await mkdtemp(join(tmpdir(), 'parley-guarded-')) };
    closers.push(() => rm(keep['store.dataDir'], { recursive: true, force: true }));
    await start(keep);
    const threadId = await openThread(gateway);
    const sender = await gateway.signIn('talent');
    await sender.request('message.post', { threadId, clientMessageId: 'with-a-secret', body: WRITTEN });
    await gateway.close();
    await start(
      { ...keep, 'safety.sealKeys': [other] },
      pino({ level: 'error' }, { write: (line: string) => void lines.push(line) }),
    );
    await begin();
    await until('the log', () => lines.some((line) => line.includes('cannot be released')));
    expect(lines.join()).not.toContain(SECRET);
    expect(await bodyOf(threadId)).not.toContain(SECRET);
    await gateway.close();
    await start({ ...keep, 'safety.sealKeys': [other, SEAL_KEY] });
    await until('the release', async () => (await bodyOf(threadId)) === WRITTEN);
  });
});
