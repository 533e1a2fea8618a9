import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it } from 'vitest';
import { WEBHOOK_TYPES } from '../../config/index.ts';
import { WebhookType } from '../../protocol/index.ts';
import { nextDelayMs, RETRY_AFTER_MS } from '../../src/webhooks/attempt.ts';
import { openThread, startGateway, type TestGateway } from '../support/gateway.ts';
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

  it('[WH8] a receiver that hangs holds up nobody who talks, is given up in time, and a gateway that closes does not lose it', async () => {
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

  it('[WH9] an address that is gone (410) is not asked again for the same event, which an operator sends again', async () => {
    receiver = await startWebhookReceiver();
    receiver.answerWith((response) => response.writeHead(410).end());
    gateway = await startGateway({ 'webhooks.url': receiver.url, 'webhooks.secrets': [WEBHOOK_SECRET] });
    await openThread(gateway);
    await until('it to be given up', async () => (await deliveries('?status=dead')).length === 1);
    const [{ deliveryId }] = await deliveries();
    receiver.answerWith((response) => response.writeHead(200).end());
    expect((await gateway.host('POST', `/v1/webhooks/deliveries/${deliveryId}/replay`)).body).toEqual({ replayed: 1 });
    await until('it to be taken', async () => (await deliveries('?status=delivered')).length === 1);
    expect((await gateway.host('POST', '/v1/webhooks/replay', { since: 0 })).body).toEqual({ replayed: 1 });
    await until('it to be told again', () => receiver.told.length === 3);
    expect(new Set(receiver.told.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect((await gateway.host('POST', '/v1/webhooks/deliveries/999999/replay')).status).toBe(404);
    expect((await gateway.host('POST', '/v1/webhooks/deliveries/none/replay')).status).toBe(422);
    expect((await gateway.host('GET', '/v1/webhooks/deliveries?limit=0')).status).toBe(422);
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
