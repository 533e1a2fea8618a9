import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { WEBHOOK_TYPES } from '../../config/index.ts';
import { WebhookType } from '../../protocol/index.ts';
import { nextDelayMs, RETRY_AFTER_MS } from '../../src/webhooks/attempt.ts';
import { hostOf } from '../support/deployment.ts';
import { openThread, startGateway, type TestGateway } from '../support/gateway.ts';
import { startServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { startWebhookReceiver, WEBHOOK_SECRET } from '../support/webhook-receiver.ts';

const NEXT_SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;

describe('webhooks', () => {
  let gateway: TestGateway;
  let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>;
  const start = async (settings: Record<string, unknown> = {}): Promise<string> => {
    receiver = await startWebhookReceiver();
    gateway = await startGateway({ 'webhooks.url': receiver.url, 'webhooks.secrets': [WEBHOOK_SECRET], ...settings });
    return openThread(gateway);
  };
  afterEach(async () => {
    await gateway.close();
    await receiver.close();
  });
  const deliveries = async (query = '') => (await gateway.host('GET', `/v1/webhooks/deliveries${query}`)).body.deliveries;
  const setStatus = (status: string) =>
    gateway.host('PUT', '/v1/proposals/proposal-1', { jobId: 'job-1', freelancerId: 'talent', status });

  it('[WH4] what moves a hiring is told in order, signed, with an id of its own, and a forged or old one is told from it', async () => {
    const threadId = await start();
    await setStatus('declined');
    await setStatus('messaged');
    await until('all to be told', () => receiver.told.length === 3);
    expect(receiver.types()).toEqual(['thread.opened', 'proposal.changed', 'proposal.changed']);
    expect(receiver.told[1]?.body).toMatchObject({ data: { threadId, actorId: null, proposal: { status: 'declined' } } });
    expect(new Set(receiver.told.map(({ headers }) => headers['webhook-id'])).size).toBe(3);
    const { text, headers } = receiver.told[0]!;
    // The scheme's own library, as a host platform would use it.
    const verifier = new Webhook(WEBHOOK_SECRET);
    expect(verifier.verify(text, headers)).toMatchObject({ type: 'thread.opened' });
    expect(() => new Webhook(NEXT_SECRET).verify(text, headers)).toThrow();
    expect(() => verifier.verify(text.replace('thread.opened', 'thread.closed'), headers)).toThrow();
    expect(() => verifier.verify(text, { ...headers, 'webhook-id': 'msg_other' })).toThrow();
    const old = String(Number(headers['webhook-timestamp']) - 600);
    expect(() => verifier.verify(text, { ...headers, 'webhook-timestamp': old })).toThrow();
  });

  it('[WH5] during a rotation both secrets pass', async () => {
    await start({ 'webhooks.secrets': [NEXT_SECRET, WEBHOOK_SECRET] });
    await until('one', () => receiver.told.length > 0);
    const { text, headers } = receiver.told[0]!;
    for (const secret of [WEBHOOK_SECRET, NEXT_SECRET]) new Webhook(secret).verify(text, headers);
  });

  it('[WH6] a message is told without its text unless that is wanted, and not at all unless its type is', async () => {
    await start({ 'webhooks.types': ['message.posted'] });
    await until('it', () => receiver.told.length === 1);
    expect(receiver.told[0]?.body).toMatchObject({ type: 'message.posted', data: { message: { body: '', senderId: 'client' } } });
    await gateway.close();
    await receiver.close();
    await start({ 'webhooks.types': ['message.posted'], 'webhooks.bodies': true });
    await until('it', () => receiver.told.length === 1);
    expect(receiver.told[0]?.body).toMatchObject({ data: { message: { body: 'Hello!' } } });
  });

  it('[WH7] a receiver that fails, redirects, or answers without end is tried again later under the same id, and its thread waits', async () => {
    receiver = await startWebhookReceiver();
    let attempts = 0;
    receiver.answerWith((response) => {
      attempts += 1;
      if (attempts === 1) return response.writeHead(500).end('x'.repeat(1_000_000));
      if (attempts === 2) return response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
      return response.writeHead(200).write('and so on, without an end');
    });
    const startedAt = Date.now();
    let skewMs = 0;
    const clock = {
      now: () => startedAt + skewMs,
      after: (ms: number, run: () => void) => {
        const timer = setTimeout(run, Math.min(ms, 50));
        return () => clearTimeout(timer);
      },
    };
    gateway = await startGateway({ 'webhooks.url': receiver.url, 'webhooks.secrets': [WEBHOOK_SECRET] }, {}, undefined, clock);
    await openThread(gateway);
    await setStatus('declined');
    await until('the first attempt', async () => (await deliveries())[0]?.error?.includes('500') === true);
    expect(await deliveries()).toMatchObject([
      { status: 'due', attempts: 1 },
      { status: 'due', attempts: 0 },
    ]);
    skewMs += 10_000;
    await until('the second', async () => (await deliveries())[0]?.error?.includes('302') === true);
    skewMs += 60_000;
    await until('both to be delivered', async () => (await deliveries('?status=delivered')).length === 2);
    const ids = receiver.told.map(({ headers }) => headers['webhook-id']);
    expect(ids).toEqual([ids[0], ids[0], ids[0], ids[3]]);
    expect(receiver.types()).toEqual(['thread.opened', 'thread.opened', 'thread.opened', 'proposal.changed']);
    const metrics = await (await gateway.get('/metrics')).text();
    expect(metrics).toMatch(/^parley_webhook_duration_seconds_count\{outcome="delivered"\} 2$/m);
    expect(metrics).toMatch(/^parley_webhook_duration_seconds_count\{outcome="failed"\} 2$/m);
  });

  it('[WH8] a receiver that hangs holds up nobody who talks, and is given up in time', async () => {
    receiver = await startWebhookReceiver();
    receiver.answerWith(() => {});
    gateway = await startGateway({
      'webhooks.url': receiver.url,
      'webhooks.secrets': [WEBHOOK_SECRET],
      'webhooks.timeoutMs': 300,
    });
    const threadId = await openThread(gateway);
    const socket = await gateway.signIn('client');
    await socket.request('message.post', { threadId, clientMessageId: 'while-it-hangs', body: 'Still here' });
    await until('it to be given up', async () => (await deliveries())[0]?.error?.includes('within 300 ms') === true);
    expect(await deliveries()).toMatchObject([{ status: 'due', attempts: 1 }]);
  });

  it('[WH9] a receiver that is gone (410) is sent nothing more, by whoever starts next, until it is resumed; then it gets all in order', async () => {
    receiver = await startWebhookReceiver();
    receiver.answerWith((response) => response.writeHead(410).end());
    const lines: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
    const settings = { 'webhooks.url': receiver.url, 'webhooks.secrets': [WEBHOOK_SECRET] };
    const dataDir = await mkdtemp(join(tmpdir(), 'parley-webhooks-'));
    onTestFinished(() => rm(dataDir, { recursive: true }));
    gateway = await startGateway({ ...settings, 'store.dataDir': dataDir }, {}, log);
    await openThread(gateway);
    const stoppedAt = async () => (await gateway.host('GET', '/v1/webhooks/deliveries')).body.stoppedAt;
    const metric = async (name: string) =>
      new RegExp(`^${name} (.+)$`, 'm').exec(await (await gateway.get('/metrics')).text())?.[1];
    await until('it to be stopped', async () => (await stoppedAt()) !== null);
    expect(await metric('parley_webhooks_stopped')).toBe('1');
    expect(lines.filter((line) => line.includes('answered 410'))).toHaveLength(1);
    await setStatus('declined');
    expect(await deliveries()).toMatchObject([
      { status: 'due', attempts: 0 },
      { status: 'due', attempts: 0 },
    ]);
    await gateway.close();

    gateway = await startGateway({ ...settings, 'store.dataDir': dataDir }, {}, log);
    receiver.answerWith((response) => response.writeHead(200).end());
    await until('the next to know', async () => (await stoppedAt()) !== null);
    await setStatus('messaged');
    expect(receiver.told).toHaveLength(1);
    expect((await gateway.host('POST', '/v1/webhooks/resume')).body).toEqual({ resumed: true });
    expect((await gateway.host('POST', '/v1/webhooks/resume')).body).toEqual({ resumed: false });
    await until('all to be told', async () => (await deliveries('?status=delivered')).length === 3);
    expect(receiver.types()).toEqual(['thread.opened', 'thread.opened', 'proposal.changed', 'proposal.changed']);
    expect(await metric('parley_webhooks_stopped')).toBe('0');
    expect(await stoppedAt()).toBeNull();
  });

  it('[WH9] another address is not concerned by what the one before it answered', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'parley-webhooks-'));
    onTestFinished(() => rm(dataDir, { recursive: true }));
    const gone = await startWebhookReceiver();
    onTestFinished(() => gone.close());
    gone.answerWith((response) => response.writeHead(410).end());
    const settings = { 'webhooks.secrets': [WEBHOOK_SECRET], 'store.dataDir': dataDir };
    const before = await startGateway({ ...settings, 'webhooks.url': gone.url });
    await openThread(before);
    await until('it to be stopped', async () => (await before.host('GET', '/v1/webhooks/deliveries')).body.stoppedAt !== null);
    await before.close();
    receiver = await startWebhookReceiver();
    gateway = await startGateway({ ...settings, 'webhooks.url': receiver.url });
    await until('it to be told there', () => receiver.types().includes('thread.opened'));
  });

  it('[WH3][WH13] events are sent again under their ids, one by one or since a time, page by page', async () => {
    await start({ 'webhooks.types': ['thread.opened'] });
    await until('it to be taken', async () => (await deliveries('?status=delivered')).length === 1);
    const [{ deliveryId, at }] = await deliveries();
    expect((await gateway.host('POST', `/v1/webhooks/deliveries/${deliveryId}/replay`)).body).toEqual({ replayed: 1 });
    await until(
      'it to be taken again',
      async () => (await deliveries('?status=delivered')).length === 1 && receiver.told.length === 2,
    );
    expect((await gateway.host('POST', '/v1/webhooks/replay', { since: 0 })).body).toEqual({ replayed: 1, next: null });
    await until('it to be told again', () => receiver.told.length === 3);
    expect(new Set(receiver.told.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    const none = { replayed: 0, next: null };
    expect((await gateway.host('POST', '/v1/webhooks/replay', { since: at, after: deliveryId })).body).toEqual(none);
    expect((await gateway.host('POST', '/v1/webhooks/replay', { since: 0, until: at - 1 })).body).toEqual(none);
    expect((await gateway.host('POST', '/v1/webhooks/deliveries/999999/replay')).status).toBe(404);
    expect((await gateway.host('POST', '/v1/webhooks/deliveries/none/replay')).status).toBe(422);
    expect((await gateway.host('GET', '/v1/webhooks/deliveries?limit=0')).status).toBe(422);
  });

  it('[WH13] a request does a bounded part of a long replay, and its answer is the next request', async () => {
    const threadId = await start({
      'webhooks.types': ['message.posted'],
      'session.requestsPerSecond': 100_000,
      'session.requestBurst': 100_000,
    });
    const socket = await gateway.signIn('client');
    for (let posted = 0; posted < 10_050; posted += 150) {
      const post = (_: unknown, index: number) =>
        socket.request('message.post', { threadId, clientMessageId: `of-many-${posted + index}`, body: 'One of many' });
      await Promise.all(Array.from({ length: 150 }, post));
    }
    // All are due anyway, and none is sent again for that; the request goes through them all the same.
    const first = (await gateway.host('POST', '/v1/webhooks/replay', { since: 0 })).body;
    expect(first.next).toEqual({ since: expect.any(Number), after: expect.any(Number), until: expect.any(Number) });
    const second = (await gateway.host('POST', '/v1/webhooks/replay', first.next)).body;
    expect(second.next).toBeNull();
  });

  it('[WH12] a gateway whose receiver hangs drains in time and ends with 0, and the next one tells it', async () => {
    receiver = await startWebhookReceiver();
    receiver.hold(true);
    const server = await startServer({
      PARLEY_WEBHOOK_URL: receiver.url,
      PARLEY_WEBHOOK_SECRETS: JSON.stringify([WEBHOOK_SECRET]),
      PARLEY_WEBHOOK_TIMEOUT_MS: '60000',
      PARLEY_DRAIN_MS: '4000',
    });
    onTestFinished(() => server.dispose());
    const host = hostOf([server]);
    await openThread({ host });
    await until('an attempt', () => receiver.told.length === 1);
    const since = performance.now();
    expect(await server.stop('SIGTERM')).toBe(0);
    expect(performance.now() - since).toBeLessThan(4_000);
    receiver.hold(false);
    await server.start();
    await until('the next to tell it', () => receiver.told.at(-1)?.answered === true);
    expect(receiver.types()).toEqual(['thread.opened', 'thread.opened']);
    expect(receiver.told[1]?.headers['webhook-id']).toBe(receiver.told[0]?.headers['webhook-id']);
    await until(
      'it to be settled',
      async () => (await host('GET', '/v1/webhooks/deliveries')).body.deliveries[0].status === 'delivered',
    );
    expect((await host('GET', '/v1/webhooks/deliveries')).body.deliveries).toMatchObject([{ attempts: 1, error: null }]);
    gateway = await startGateway();
  });

  it('[WH10] it is tried for some two and a half days, ever more seldom, never twice at once by the clock', () => {
    const delays = RETRY_AFTER_MS.map((_, at) => nextDelayMs(at + 1, { random: () => 0.5 })!);
    expect(delays).toEqual(RETRY_AFTER_MS);
    expect(delays.reduce((sum, ms) => sum + ms, 0) / 86_400_000).toBeCloseTo(2.8, 0);
    expect(nextDelayMs(RETRY_AFTER_MS.length + 1, { random: () => 0.5 })).toBeUndefined();
    expect([nextDelayMs(1, { random: () => 0 }), nextDelayMs(1, { random: () => 1 })]).toEqual([4_000, 6_000]);
    expect(nextDelayMs(1, { retryAfterMs: 60_000, random: () => 0.5 })).toBe(60_000);
  });

  it('[WH4] the types that can be set are the types that there are', async () => {
    await start();
    expect([...WEBHOOK_TYPES].toSorted()).toEqual([...WebhookType.options].toSorted());
    const { body } = await gateway.host('GET', '/v1/openapi.json');
    expect(Object.keys(body.webhooks).toSorted()).toEqual([...WEBHOOK_TYPES].toSorted());
  });
});
