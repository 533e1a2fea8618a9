import { describe, expect, onTestFinished, test } from 'vitest';
import { ProtocolError } from '../protocol/index.ts';
import { backoffMs } from './backoff.ts';
import { createClient } from './client.ts';
import { setUp } from './test-bench.ts';
import { startTestServer } from './test-server.ts';
import { seeded, until } from './test-support.ts';

describe('opening and resuming', () => {
  test('[CL1] the first frame opens the session with the token; after a loss it resumes session and inbox', async () => {
    const { client, server, clock, world, online } = await setUp({ name: 'tests' });
    await online();
    expect(server.received('session.open')).toEqual([
      { protocol: 1, token: 'token', client: { name: 'tests', version: expect.any(String) } },
    ]);
    expect(client.me.get()?.displayName).toBe('Ana');
    server.cut();
    await until(() => client.connection.get().status === 'reconnecting', 'the loss');
    client.reconnectNow();
    await until(() => client.connection.get().status === 'online', 'the way back');
    const [, again] = server.received('session.open');
    expect(again?.resume?.resumeToken).toBe(`resume-${again?.resume?.sessionId}`);
    expect(again?.inbox).toEqual({ epoch: world.epoch(), position: world.head() });
    expect(clock.timers().length).toBeGreaterThan(0);
  });

  test('[CL2] a client comes back by backoff with full jitter under the cap, counting attempts until a session has lasted', async () => {
    const delays = (random: number) =>
      Array.from({ length: 12 }, (_, n) => backoffMs({ baseMs: 250, capMs: 15_000 }, n, () => random));
    expect(delays(0.999).slice(0, 7)).toEqual([250, 500, 999, 1998, 3996, 7992, 14_985]);
    expect(Math.max(...delays(0.999))).toBeLessThanOrEqual(15_000);
    expect(new Set(delays(0))).toEqual(new Set([0]));
    const seed = Math.floor(Math.random() * 2 ** 32);
    console.info(`seed ${seed}`);
    const random = seeded(seed);
    const atTheCap = Array.from({ length: 200 }, () => backoffMs({ baseMs: 250, capMs: 15_000 }, 20, random));
    expect(atTheCap.filter((delay) => delay < 7_500).length).toBeGreaterThan(50);

    const { client, server, clock, online } = await setUp({ random: () => 0.5 });
    await online();
    clock.advance(5_000);
    server.cut();
    for (const [attempt, delayMs] of [125, 250, 500].entries()) {
      await until(() => client.connection.get().status === 'reconnecting', 'the loss');
      expect(client.connection.get()).toMatchObject({ attempt: attempt + 1, retryAt: clock.now() + delayMs });
      server.answer('session.open', () => {
        throw new ProtocolError('unavailable', 'Not now.');
      });
      clock.advance(delayMs);
      await until(() => server.received('session.open').length === attempt + 2, 'the attempt');
      await until(() => client.connection.get().status === 'reconnecting', 'the refusal');
    }
    server.answer('session.open', undefined);
    client.reconnectNow();
    await until(() => client.connection.get().status === 'online', 'online');
    server.cut();
    await until(() => client.connection.get().status === 'reconnecting', 'the next loss');
    expect(client.connection.get()).toMatchObject({ attempt: 5 });
    clock.advance(15_000);
    await until(() => client.connection.get().status === 'online', 'online again');
    clock.advance(5_000);
    server.cut();
    await until(() => client.connection.get().status === 'reconnecting', 'a loss after a while');
    expect(client.connection.get()).toMatchObject({ attempt: 1 });
  });

  test('[CL3] a delay that the server gives is kept, and a close code that forbids coming back is final', async () => {
    const { client, server, clock, online } = await setUp();
    await online();
    server.dismiss({ name: 'draining', delayMs: 4_321 });
    await until(() => client.connection.get().status === 'reconnecting', 'the verdict');
    expect(client.connection.get()).toMatchObject({
      retryAt: clock.now() + 4_321,
      reason: { name: 'draining', delayMs: 4_321 },
    });
    clock.advance(4_320);
    expect(client.connection.get().status).toBe('reconnecting');
    clock.advance(1);
    await until(() => client.connection.get().status === 'online', 'online');
    server.dismiss({ name: 'superseded' });
    await until(() => client.connection.get().status === 'closed', 'the end');
    expect(client.connection.get()).toEqual({ status: 'closed', reason: { name: 'superseded' } });
    clock.advance(60_000);
    client.reconnectNow();
    expect(server.connections()).toBe(2);
    await online();
    expect(server.received('session.open').at(-1)?.resume).toBeUndefined();
  });

  test('[CL4] a socket that says nothing for two heartbeats is given up, and the client comes back', async () => {
    const { client, server, clock, world, online } = await setUp({ heartbeatMs: 10_000 });
    await online();
    const beat = async () => {
      clock.advance(10_000);
      server.push({ push: 'heartbeat', epoch: world.epoch(), head: world.head() });
      world.changeUser('ben', `Ben ${clock.now()}`);
      await until(() => client.inbox.get().users.get('ben')?.displayName.endsWith(String(clock.now())), 'the beat');
    };
    for (let beats = 0; beats < 4; beats += 1) await beat();
    expect(server.connections()).toBe(1);
    server.fallSilent();
    clock.advance(19_999);
    expect(client.connection.get().status).toBe('online');
    clock.advance(1);
    expect(client.connection.get().status).toBe('reconnecting');
    client.reconnectNow();
    await until(() => client.connection.get().status === 'online', 'online');
  });

  test('[CL4] a clock that is set back does not put off finding that a socket is dead', async () => {
    const { server, clock, online } = await setUp({ heartbeatMs: 10_000 });
    let skewMs = 0;
    const skewed = { now: () => clock.now() + skewMs, after: clock.after };
    const client = createClient({ url: server.url, token: () => 'token' }, { clock: skewed, random: () => 0.5 });
    onTestFinished(() => void client.close());
    await online(client);
    server.fallSilent();
    skewMs = -600_000;
    clock.advance(20_000);
    clock.advance(20_000);
    expect(client.connection.get().status).toBe('reconnecting');
  });

  test('[CL5] `online` of the platform ends the wait, and signing out ends the session, what is stored and the client', async () => {
    const network = new EventTarget();
    const before = [globalThis.addEventListener, globalThis.removeEventListener] as const;
    globalThis.addEventListener = network.addEventListener.bind(network);
    globalThis.removeEventListener = network.removeEventListener.bind(network);
    onTestFinished(() => {
      [globalThis.addEventListener, globalThis.removeEventListener] = before;
    });
    const { client, server, online } = await setUp();
    await online();
    server.cut();
    await until(() => client.connection.get().status === 'reconnecting', 'the loss');
    network.dispatchEvent(new Event('online'));
    await until(() => client.connection.get().status === 'online', 'online');
    await client.close();
    expect(server.received('session.close')).toHaveLength(1);
    expect(client.connection.get()).toEqual({ status: 'closed' });
    expect(client.me.get()).toBeNull();
    expect(client.inbox.get()).toMatchObject({ ready: false, threads: [], unread: 0 });
    network.dispatchEvent(new Event('online'));
    expect(server.connections()).toBe(2);
  });
});

describe('an address', () => {
  test('[CL37] an address that no socket can be opened to ends the client at once', async () => {
    const { newClient } = await setUp();
    const client = newClient({ url: 'mailto:nobody' });
    client.connect();
    await until(() => client.connection.get().status === 'closed', 'the end');
    expect(client.connection.get()).toMatchObject({ error: { code: 'invalid' } });
  });
});

describe('tokens', () => {
  test('[CL6] the token is renewed on the open socket before it ends, and when the server warns', async () => {
    let asked = 0;
    const { server, clock, online } = await setUp({
      tokenTtlMs: 600_000,
      heartbeatMs: 3_600_000,
      token: () => {
        asked += 1;
        return `token-${asked}`;
      },
    });
    await online();
    clock.advance(509_000);
    expect(server.received('session.refresh')).toHaveLength(0);
    clock.advance(1_000);
    await until(() => server.received('session.refresh').length === 1, 'the renewal');
    await until(() => clock.timers().includes(510_000), 'the next renewal to be planned');
    server.push({ push: 'token.expiring', expiresAt: clock.now() + 60_000 });
    await until(() => server.received('session.refresh').length === 2, 'the renewal after a warning');
    expect(server.received('session.refresh')).toEqual([{ token: 'token-2' }, { token: 'token-3' }]);
    expect(server.connections()).toBe(1);
  });

  test('[CL7] an expired token is exchanged for a fresh one; three expired ones in a row, or a refused one, end it', async () => {
    let tokens = 0;
    const token = () => `token-${++tokens}`;
    const { client, server, clock, online } = await setUp({ token });
    await online();
    server.dismiss({ name: 'token_expired' });
    await until(() => client.connection.get().status === 'reconnecting', 'the loss');
    clock.advance(15_000);
    await until(() => client.connection.get().status === 'online', 'online with a fresh token');
    expect(server.received('session.open').at(-1)?.token).toBe('token-2');

    server.answer('session.open', () => {
      throw new ProtocolError('token_expired', 'It has expired.');
    });
    server.cut();
    for (let attempts = 3; attempts <= 5; attempts += 1) {
      await until(() => client.connection.get().status === 'reconnecting', 'the wait');
      clock.advance(15_000);
      await until(() => server.received('session.open').length === attempts, `attempt ${attempts}`);
    }
    await until(() => client.connection.get().status === 'closed', 'the end');
    expect(client.connection.get()).toMatchObject({ error: { code: 'token_expired' }, reason: { name: 'token_expired' } });

    server.answer('session.open', () => {
      throw new ProtocolError('token_invalid', 'Forged.');
    });
    client.connect();
    await until(() => client.connection.get().status === 'closed', 'the end');
    expect(client.connection.get()).toMatchObject({ error: { code: 'token_invalid' } });
  });

  test('[CL8] a token that cannot be fetched is fetched again; one that is refused leaves the client signed out', async () => {
    let answer: () => Promise<string> = () => Promise.reject(new TypeError('fetch failed'));
    const { client, server, clock } = await setUp({ token: () => answer() });
    client.connect();
    await until(() => client.connection.get().status === 'reconnecting', 'the wait');
    answer = () => Promise.resolve('token');
    clock.advance(15_000);
    await until(() => client.connection.get().status === 'online', 'online');
    answer = () => Promise.reject(new ProtocolError('unauthenticated', 'Signed out.'));
    server.cut();
    await until(() => client.connection.get().status === 'reconnecting', 'the loss');
    clock.advance(15_000);
    await until(() => client.connection.get().status === 'closed', 'the end');
    expect(client.connection.get()).toMatchObject({ error: { code: 'unauthenticated' } });
  });

  test('[CL9] a token of another person does not take over a session with what it shows', async () => {
    const { client, server, world, online } = await setUp();
    await online();
    server.answer('session.open', async () => ({
      sessionId: crypto.randomUUID(),
      resumeToken: 'r',
      resumed: false,
      user: world.user('ben'),
      serverTime: Date.now(),
      heartbeatMs: 20_000,
      sessionGraceMs: 30_000,
      tokenExpiresAt: null,
      inbox: world.since(),
    }));
    server.cut();
    await until(() => client.connection.get().status === 'reconnecting', 'the loss');
    client.reconnectNow();
    await until(() => client.connection.get().status === 'closed', 'the end');
    expect(client.connection.get()).toMatchObject({ error: { code: 'forbidden' } });
    expect(client.me.get()?.userId).toBe('ana');
  });
});

describe('requests', () => {
  test('[CL10] a request is `unavailable` without a connection, when the socket breaks and after the time-out; too large a one is not sent', async () => {
    const { client, server, clock, online } = await setUp();
    await expect(client.request('proposal.list', {})).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    await online();
    server.answer('proposal.list', () => new Promise(() => {}));
    const late = client.proposals();
    await until(() => server.received('proposal.list').length === 1, 'the request');
    clock.advance(15_000);
    await expect(late).rejects.toMatchObject({ code: 'unavailable' });
    const cut = client.proposals();
    await until(() => server.received('proposal.list').length === 2, 'the request');
    server.cut();
    await expect(cut).rejects.toMatchObject({ code: 'unavailable' });
    client.reconnectNow();
    await online();
    await expect(
      client.request('message.post', { threadId: 't1', clientMessageId: 'too-large', body: '✉'.repeat(30_000) }),
    ).rejects.toMatchObject({ code: 'too_large' });
    expect(server.received('message.post')).toHaveLength(0);
    server.answer('proposal.list', () => {
      throw new ProtocolError('rate_limited', 'Slow down.', { retryAfterMs: 70 });
    });
    await expect(client.proposals()).rejects.toMatchObject({ code: 'rate_limited', details: { retryAfterMs: 70 } });
  });
});

describe('several addresses', () => {
  test('[CL38] a client goes on when an address fails or drains, and comes back to the one where only the socket broke', async () => {
    const { world, server: first, clock, newClient } = await setUp();
    const second = await startTestServer(world, { now: clock.now });
    onTestFinished(() => second.close());
    const client = newClient({ url: [first.url, 'ws://127.0.0.1:1/v1/socket', second.url] });
    const isOnline = () => client.connection.get().status === 'online';
    /** Connections that each of the two took, once the client is online. */
    const online = async (what: string) => {
      await until(() => {
        client.reconnectNow();
        return isOnline();
      }, what);
      return [first.connections(), second.connections()];
    };
    client.connect();
    // The first draw is the middle one, where nobody listens.
    expect(await online('the next that answers')).toEqual([0, 1]);
    second.cut();
    await until(() => !isOnline(), 'the loss');
    expect(await online('the same again')).toEqual([0, 2]);
    second.dismiss({ name: 'draining', delayMs: 0 });
    await until(() => !isOnline(), 'the drain');
    expect(await online('the one after')).toEqual([1, 2]);
  });
});
