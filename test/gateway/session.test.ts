import jwt from 'jsonwebtoken';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLOSE_CODES, mayReconnect } from '../../protocol/index.ts';
import { JWT_SECRET, openThread, startGateway, type TestGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';

const fresh = { protocol: 1 };

describe('sessions', () => {
  let gateway: TestGateway;
  let threadId: string;

  beforeAll(async () => {
    gateway = await startGateway({
      'auth.timeoutMs': 400,
      'session.graceMs': 400,
      'session.requestBurst': 100,
      'session.requestsPerSecond': 100,
    });
    threadId = await openThread(gateway);
  });
  afterAll(() => gateway.close());

  const messages = async (): Promise<number> => {
    const socket = await gateway.signIn('talent');
    const { events } = await socket.request('thread.history', { threadId, limit: 100 });
    socket.terminate();
    return events.filter((event) => event.type === 'message.posted').length;
  };

  it('[SE1] a socket that does not begin with session.open gets a typed error and is closed for good', async () => {
    for (const frame of [
      JSON.stringify({ id: 1, type: 'message.post', payload: { threadId, clientMessageId: 'sneaked-in', body: 'Hi' } }),
      JSON.stringify({ id: 1, type: 'no.such', payload: {} }),
      'nonsense',
      '{}',
    ]) {
      const socket = await gateway.connect();
      socket.send(frame);
      const { code } = await socket.whenClosed();
      expect(code).toBe(CLOSE_CODES.unauthenticated);
      expect(socket.frames[0]?.error.code).toMatch(/^(unauthenticated|unknown_type|malformed|invalid)$/);
    }
    expect(await messages()).toBe(1);
  });

  it('[SE2] a socket that stays silent is closed in time with a code that says reconnect', async () => {
    const { code } = await (await gateway.connect()).whenClosed();
    expect(code).toBe(CLOSE_CODES.authentication_timeout);
    expect(mayReconnect(code)).toBe(true);
  });

  it.each([
    ['signed with another secret', jwt.sign({}, 'x'.repeat(40), { subject: 'client' })],
    [
      'unsigned',
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"sub":"client"}').toString('base64url')}.`,
    ],
    ['signed with another algorithm', jwt.sign({}, JWT_SECRET, { subject: 'client', algorithm: 'HS512' })],
    ['naming no user', jwt.sign({}, JWT_SECRET)],
    ['naming a user no id may have', jwt.sign({}, JWT_SECRET, { subject: 'a b' })],
    ['not a JWT', 'hello'],
    ['not valid yet', jwt.sign({}, JWT_SECRET, { subject: 'client', notBefore: 600 })],
  ])('[SE3] a token %s is refused for good', async (_, token) => {
    const socket = await gateway.connect();
    expect(await socket.refused('session.open', { ...fresh, token })).toMatchObject({ code: 'token_invalid', retryable: false });
    expect((await socket.whenClosed()).code).toBe(CLOSE_CODES.token_invalid);
  });

  it('[SE3] a user the host platform never told of is refused', async () => {
    const socket = await gateway.connect();
    expect((await socket.refused('session.open', { ...fresh, token: gateway.token('stranger') })).code).toBe('unauthenticated');
    expect(mayReconnect((await socket.whenClosed()).code)).toBe(false);
  });

  it('[SE4] an expired token is refused with a code that asks for a new one', async () => {
    const socket = await gateway.connect();
    expect((await socket.refused('session.open', { ...fresh, token: gateway.token('client', -60) })).code).toBe('token_expired');
    const { code } = await socket.whenClosed();
    expect(code).toBe(CLOSE_CODES.token_expired);
    expect(mayReconnect(code)).toBe(true);
  });

  it('[SE5] another version of the protocol is refused', async () => {
    const socket = await gateway.connect();
    expect((await socket.refused('session.open', { protocol: 2, token: gateway.token('client') })).code).toBe(
      'unsupported_protocol',
    );
    expect((await socket.whenClosed()).code).toBe(CLOSE_CODES.unsupported_protocol);
  });

  it('[SE6] a bearer token of the upgrade serves as well', async () => {
    const socket = await gateway.connect({ headers: { Authorization: `Bearer ${gateway.token('client')}` } });
    expect((await socket.request('session.open', fresh)).user.userId).toBe('client');
  });

  it('[SE7] a session is resumed within its grace', async () => {
    const first = await gateway.connect();
    const opened = await first.request('session.open', { ...fresh, token: gateway.token('client') });
    expect(opened.resumed).toBe(false);
    first.terminate();
    const resume = { sessionId: opened.sessionId, resumeToken: opened.resumeToken };
    const second = await gateway.connect();
    const resumed = await second.request('session.open', { ...fresh, token: gateway.token('client'), resume });
    expect(resumed).toMatchObject({ resumed: true, sessionId: opened.sessionId });
  });

  it('[SE8] a wrong resume token, another user or an ended grace give a new session', async () => {
    const first = await gateway.connect();
    const opened = await first.request('session.open', { ...fresh, token: gateway.token('client') });
    const resume = { sessionId: opened.sessionId, resumeToken: opened.resumeToken };
    const wrong = await gateway.connect();
    const withWrong = await wrong.request('session.open', {
      ...fresh,
      token: gateway.token('client'),
      resume: { ...resume, resumeToken: 'guess' },
    });
    expect(withWrong.resumed).toBe(false);
    const other = await gateway.connect();
    expect((await other.request('session.open', { ...fresh, token: gateway.token('talent'), resume })).resumed).toBe(false);
    expect(first.closed).toBeUndefined();
    first.terminate();
    await until('the grace to end', async () => {
      const late = await gateway.connect();
      const { resumed, sessionId } = await late.request('session.open', { ...fresh, token: gateway.token('client'), resume });
      late.terminate();
      if (resumed) await new Promise((resolve) => setTimeout(resolve, 600));
      return !resumed && sessionId !== opened.sessionId;
    });
  });

  it('[SE9] a session resumed elsewhere closes its old socket', async () => {
    const first = await gateway.connect();
    const opened = await first.request('session.open', { ...fresh, token: gateway.token('client') });
    const second = await gateway.connect();
    const resume = { sessionId: opened.sessionId, resumeToken: opened.resumeToken };
    expect((await second.request('session.open', { ...fresh, token: gateway.token('client'), resume })).resumed).toBe(true);
    const { code } = await first.whenClosed();
    expect(code).toBe(CLOSE_CODES.superseded);
    expect(mayReconnect(code)).toBe(false);
    await second.request('session.watch', { threadIds: [], userIds: [] });
  });

  it('[SE10] a token is refreshed in place, for the same user only, and ends the socket when it ends', async () => {
    const socket = await gateway.connect();
    const { tokenExpiresAt } = await socket.request('session.open', { ...fresh, token: gateway.token('client', 2) });
    expect(tokenExpiresAt).toBeGreaterThan(Date.now());
    await until('the warning', () => socket.pushes('token.expiring')[0]);
    expect((await socket.refused('session.refresh', { token: gateway.token('talent') })).code).toBe('forbidden');
    expect((await socket.refused('session.refresh', { token: 'hello' })).code).toBe('token_invalid');
    const refreshed = await socket.request('session.refresh', { token: gateway.token('client', 3) });
    expect(refreshed.tokenExpiresAt).toBeGreaterThan(tokenExpiresAt ?? 0);
    const { code } = await socket.whenClosed();
    expect(code).toBe(CLOSE_CODES.token_expired);
    expect(Date.now()).toBeGreaterThan(tokenExpiresAt ?? 0);
  });

  it('[SE11] signing out ends the session at once', async () => {
    const socket = await gateway.connect();
    const opened = await socket.request('session.open', { ...fresh, token: gateway.token('client') });
    await socket.request('session.close', {});
    expect((await socket.whenClosed()).code).toBe(CLOSE_CODES.signed_out);
    const again = await gateway.connect();
    const resume = { sessionId: opened.sessionId, resumeToken: opened.resumeToken };
    expect((await again.request('session.open', { ...fresh, token: gateway.token('client'), resume })).resumed).toBe(false);
  });

  it('[SE12] [SE13] [SE14] broken frames get typed errors under their id, and the session stays up', async () => {
    const socket = await gateway.signIn('client');
    const before = await messages();
    socket.send('{"id": 7, "type": ');
    expect((await socket.reply(null)).error.code).toBe('malformed');
    for (const [frame, id, code] of [
      ['[]', null, 'invalid'],
      ['null', null, 'invalid'],
      ['{"id":"seven","type":"thread.list"}', null, 'invalid'],
      ['{"id":-1,"type":"thread.list"}', -1, 'invalid'],
      ['{"id":900,"type":7}', 900, 'invalid'],
      ['{"id":901,"type":"message.destroy","payload":{}}', 901, 'unknown_type'],
      ['{"id":902,"type":"__proto__","payload":{}}', 902, 'unknown_type'],
      ['{"id":903,"type":"constructor","payload":{}}', 903, 'unknown_type'],
    ] as const) {
      const seen = socket.frames.length;
      socket.send(frame);
      const answer = await until(`an answer to ${frame}`, () => socket.frames.slice(seen).find((each) => 'error' in each));
      expect(answer).toMatchObject({ id, error: { code } });
    }
    const wrong = await socket.refused('message.post', { threadId, clientMessageId: 'ok-client-id', body: 12 });
    expect(wrong).toMatchObject({ code: 'invalid', issues: [{ path: 'body' }] });
    expect((await socket.refused('message.post', {})).issues?.map(({ path }) => path)).toEqual([
      'threadId',
      'clientMessageId',
      'body',
    ]);
    expect((await socket.refused('session.open', fresh)).code).toBe('conflict');
    expect(await messages()).toBe(before);
    await socket.request('thread.list', {});
  });

  it('[SE15] a frame of 1 MiB is answered too_large, and the session stays up', async () => {
    const socket = await gateway.signIn('client');
    socket.send(
      JSON.stringify({
        id: 5,
        type: 'message.post',
        payload: { threadId, clientMessageId: 'far-too-large', body: 'x'.repeat(1024 * 1024) },
      }),
    );
    expect((await socket.reply(null)).error.code).toBe('too_large');
    await socket.request('thread.list', {});
    expect(await messages()).toBe(1);
  });

  it('[SE16] bytes that are not UTF-8 are answered malformed in a binary frame and close the socket in a text frame; nothing is stored', async () => {
    const [socket, other] = [await gateway.connect(), await gateway.signIn('talent')];
    const opened = await socket.request('session.open', { ...fresh, token: gateway.token('client') });
    /** A post with a two-byte character of which the second byte is none. */
    const broken = (clientMessageId: string): Buffer => {
      const whole = JSON.stringify({ id: 7, type: 'message.post', payload: { threadId, clientMessageId, body: 'Caf-!' } });
      const bytes = Buffer.from(whole);
      bytes[bytes.indexOf('-!')] = 0xc3;
      return bytes;
    };
    socket.send(broken('broken-in-binary'));
    expect((await socket.reply(null)).error.code).toBe('malformed');
    await socket.request('thread.list', {});
    expect(socket.closed).toBeUndefined();
    expect(await messages()).toBe(1);

    socket.ws.send(broken('broken-in-a-text'), { binary: false });
    const { code } = await socket.whenClosed();
    expect(mayReconnect(code)).toBe(true);
    const resume = { sessionId: opened.sessionId, resumeToken: opened.resumeToken };
    const again = await gateway.connect();
    expect((await again.request('session.open', { ...fresh, token: gateway.token('client'), resume })).resumed).toBe(true);
    await other.request('thread.list', {});
    expect(other.closed).toBeUndefined();
    expect(await messages()).toBe(1);
  });

  it('[SE17] a burst of 1,000 requests is limited, each with a typed reply, and the session stays up', async () => {
    const socket = await gateway.signIn('client');
    const ids = Array.from({ length: 1_000 }, (_, index) =>
      socket.ask('message.post', { threadId, clientMessageId: `burst-${index}-of-1000`, body: 'x' }),
    );
    await until('all replies', () => ids.every((id) => socket.frames.some((frame) => frame.id === id)));
    const replies = socket.frames.filter((frame) => ids.includes(frame.id));
    const refused = replies.filter((frame) => frame.error !== undefined);
    const taken = replies.length - refused.length;
    expect(taken).toBeGreaterThanOrEqual(99);
    expect(refused.length).toBeGreaterThan(500);
    for (const { error } of refused)
      expect(error).toMatchObject({ code: 'rate_limited', retryable: true, retryAfterMs: expect.any(Number) });
    await until('the bucket to fill', async () => (await socket.reply(socket.ask('thread.list', {}))).error === undefined);
    const { thread } = await socket.request('thread.get', { threadId });
    expect(thread.head).toBe(2 + taken);
  });

  it('[SE17] a search counts as ten requests', async () => {
    const small = await startGateway({ 'session.requestsPerSecond': 1, 'session.requestBurst': 25 });
    try {
      await openThread(small);
      const socket = await small.signIn('client');
      const search = () => socket.reply(socket.ask('message.search', { query: 'hello' }));
      expect([(await search()).error, (await search()).error]).toEqual([undefined, undefined]);
      expect((await search()).error).toMatchObject({ code: 'rate_limited', retryAfterMs: expect.any(Number) });
      await socket.request('thread.list', {});
    } finally {
      await small.close();
    }
  });

  it('[SE20] with too many sockets waiting, the next upgrade is answered 503', async () => {
    const small = await startGateway({ 'socket.maxUnauthenticated': 2 });
    try {
      await small.connect();
      await small.connect();
      await expect(small.connect()).rejects.toThrow('503');
    } finally {
      await small.close();
    }
  });

  it('[SE22] a draining gateway closes each socket with a delay of its own', async () => {
    const draining = await startGateway();
    await draining.host('PUT', '/v1/users/client', { displayName: 'Clara' });
    const sockets = await Promise.all([1, 2, 3].map(() => draining.signIn('client')));
    await draining.gateway.close();
    const closes = await Promise.all(sockets.map((socket) => socket.whenClosed()));
    expect(closes.map(({ code }) => code)).toEqual([4000, 4000, 4000]);
    const delays = closes.map(({ reason }) => JSON.parse(reason).delayMs);
    expect(new Set(delays).size).toBeGreaterThan(1);
    await draining.close();
  });

  it('[SE27] hundreds of sessions are asked back evenly, one in each slot, at the rate that is set', async () => {
    const count = 300;
    const draining = await startGateway({ 'cluster.reconnectsPerSecond': 100 });
    await draining.host('PUT', '/v1/users/client', { displayName: 'Clara' });
    const sockets = await Promise.all(Array.from({ length: count }, () => draining.signIn('client')));
    await draining.gateway.close();
    const closes = await Promise.all(sockets.map((socket) => socket.whenClosed()));
    expect(new Set(closes.map(({ code }) => code))).toEqual(new Set([CLOSE_CODES.draining]));
    const delays = closes.map(({ reason }) => JSON.parse(reason).delayMs as number).sort((a, b) => a - b);
    for (const [slot, delayMs] of delays.entries()) {
      expect(delayMs).toBeGreaterThanOrEqual(slot * 10);
      expect(delayMs).toBeLessThanOrEqual((slot + 1) * 10);
    }
    // Who came first does not come back first.
    const order = closes.map(({ reason }) => JSON.parse(reason).delayMs as number);
    expect(order).not.toEqual(delays);
    await draining.close();
  });

  it('[SE23] the range of a close code carries the verdict', () => {
    for (const [name, code] of Object.entries(CLOSE_CODES)) expect([name, mayReconnect(code)]).toEqual([name, code < 4500]);
    expect(mayReconnect(1006)).toBe(true);
    expect(mayReconnect(1009)).toBe(true);
  });
});
