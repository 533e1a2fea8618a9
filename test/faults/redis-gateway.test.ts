import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../../client/types.ts';
import { openSqliteStore } from '../../src/store/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { type RedisServer, startRedis } from '../support/engines/redis.ts';
import { openThread, startGateway, type TestGateway } from '../support/gateway.ts';
import { signInWithSdk } from '../support/people.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { freePort } from '../support/server-process.ts';
import { until } from '../support/until.ts';

const HEARTBEAT_MS = 500;
const LEASE_MS = 1_500;

describe('two gateways when their Redis fails', () => {
  let server: RedisServer;
  let store: Store;
  let a: TestGateway;
  let b: TestGateway;
  let threadId: string;
  let sender: RawSocket;
  let reader: Client;
  const logged: { level: number; msg: string }[] = [];
  /** The store is given; the settings only have to name one. */
  const joined = () => ({
    'redis.url': server.url,
    'cluster.secret': 'a-cluster-secret-of-the-tests-with-32-chars',
    'store.databaseUrl': 'postgres://given/store',
  });
  const shared = () => ({ store: { ...store, close: async () => {} } });
  const redisLines = () => logged.filter(({ msg }) => msg.startsWith('Redis is'));

  /** A gateway without its Redis says so; with it, it says nothing of the kind. */
  const haveRedis = async (...gateways: readonly TestGateway[]): Promise<boolean> => {
    const answers = await Promise.all(gateways.map(async (gateway) => (await gateway.get('/readyz')).json()));
    return answers.every(({ status }) => status === 'ready');
  };

  beforeAll(async () => {
    server = await startRedis();
    store = await openSqliteStore({ path: ':memory:' });
    const settings = {
      ...joined(),
      'session.heartbeatMs': HEARTBEAT_MS,
      'presence.graceMs': 200,
      'presence.leaseMs': LEASE_MS,
      'session.requestBurst': 5_000,
    };
    const log = pino({ level: 'info' }, { write: (line: string) => logged.push(JSON.parse(line)) });
    a = await startGateway(settings, shared(), log);
    b = await startGateway(settings, shared());
    threadId = await openThread(a);
    await until('both to be ready', () => haveRedis(a, b));
    sender = await a.signIn('client');
    reader = await signInWithSdk(b.port, 'talent');
    reader.thread(threadId).open();
  });
  afterAll(async () => {
    await reader.close();
    await Promise.all([a.close(), b.close()]);
    await Promise.all([store.close(), server.stop()]);
  });
  beforeEach(() => {
    logged.length = 0;
  });

  const read = (): string[] =>
    reader
      .thread(threadId)
      .view.get()
      .items.flatMap((item) =>
        item.kind === 'event' && item.event.type === 'message.posted' ? [item.event.message.body ?? ''] : [],
      );

  let posts = 0;
  const post = async (count: number): Promise<string[]> => {
    const bodies = Array.from({ length: count }, () => `post-${++posts}`);
    for (const body of bodies) await sender.request('message.post', { threadId, clientMessageId: `message-${body}`, body });
    return bodies;
  };

  /** Everything posted is there once, in order. */
  const allRead = async (bodies: readonly string[]): Promise<void> => {
    await until('what was posted', () => bodies.every((body) => read().includes(body)));
    expect(read().filter((body) => bodies.includes(body))).toEqual(bodies);
  };

  /** Typing and presence cross between the gateways. */
  const passingIsHeard = async (): Promise<void> => {
    await until('typing', async () => {
      await sender.request('typing.set', { threadId, typing: true });
      return reader.thread(threadId).view.get().typing.includes('client');
    });
    const watcher = await a.signIn('client');
    const online = async () =>
      (await watcher.request('session.watch', { threadIds: [], userIds: ['talent'] })).presence[0]?.online;
    await until('presence', async () => (await online()) === true);
    watcher.terminate();
  };

  it('[BR10] a gateway that has not reached Redis since its start is not ready', async () => {
    const lost = await startGateway({ ...joined(), 'redis.url': `redis://127.0.0.1:${await freePort()}` }, shared());
    try {
      const response = await lost.get('/readyz');
      expect([response.status, (await response.json()).waitingFor]).toEqual([503, ['redis']]);
      expect((await lost.get('/healthz')).status).toBe(200);
    } finally {
      await lost.close();
    }
  });

  it('[BR7] posts, typing and presence cross from one gateway to the other', async () => {
    await allRead(await post(20));
    await passingIsHeard();
    expect(await (await a.get('/metrics')).text()).toContain('parley_redis_up 1');
  });

  it('[BR7] [BR10] Redis killed: posts are acknowledged and read within a heartbeat, readyz names it and lets traffic in, healthz stays up, the log has two lines', async () => {
    await server.stop();
    const bodies = await post(20);
    await until('readyz to name it', async () => {
      const response = await a.get('/readyz');
      return response.status === 200 && (await response.json()).without?.includes('redis');
    });
    expect((await a.get('/healthz')).status).toBe(200);
    expect(await (await a.get('/metrics')).text()).toContain('parley_redis_up 0');
    // Redis is still away: the head of the inbox in the heartbeat is all that the reader has.
    await allRead(bodies);
    // Who comes now comes in.
    (await a.signIn('client')).terminate();
    // Several attempts to connect go by.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await server.start();
    await until('readyz', () => haveRedis(a, b));
    await allRead(await post(20));
    await passingIsHeard();
    expect(redisLines().map(({ level }) => level)).toEqual([40, 30]);
  });

  it('[BR7] [PR7] Redis emptied: posts go on, and nobody is told to be offline who is here', async () => {
    const watcher = await a.signIn('client');
    await watcher.request('session.watch', { threadIds: [], userIds: ['talent'] });
    await server.ask('FLUSHALL');
    await allRead(await post(20));
    await passingIsHeard();
    await new Promise((resolve) => setTimeout(resolve, 2 * LEASE_MS));
    expect(watcher.pushes('presence').filter(({ presence }) => !presence.online)).toEqual([]);
    watcher.terminate();
  });

  it('[BR7] [PR7] Redis hung for three seconds: posts are acknowledged throughout, and nobody is told to be offline who is here', async () => {
    const watcher = await a.signIn('client');
    await watcher.request('session.watch', { threadIds: [], userIds: ['talent'] });
    server.signal('SIGSTOP');
    const bodies: string[] = [];
    const stopped = performance.now();
    while (performance.now() - stopped < 3_000) {
      bodies.push(...(await post(1)));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await allRead(bodies);
    server.signal('SIGCONT');
    await until('readyz', () => haveRedis(a, b));
    await allRead(await post(20));
    await passingIsHeard();
    await new Promise((resolve) => setTimeout(resolve, 2 * LEASE_MS));
    expect(watcher.pushes('presence').filter(({ presence }) => !presence.online)).toEqual([]);
    watcher.terminate();
  });

  it('[PR8] a change of presence that a gateway missed is told to those who watch once it hears again', async () => {
    const watcher = await a.signIn('client');
    await watcher.request('session.watch', { threadIds: [], userIds: ['talent'] });
    expect(watcher.pushes('presence')).toEqual([]);
    // Redis is lost while the only device goes; it comes back empty, and knows nobody.
    await server.stop();
    await reader.close();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await server.start();
    await until('offline', () => watcher.pushes('presence').find(({ presence }) => !presence.online));
    reader = await signInWithSdk(b.port, 'talent');
    reader.thread(threadId).open();
    await until('online', () => watcher.pushes('presence').at(-1)?.presence.online);
    watcher.terminate();
  });

  it('[PR9] people whose gateway drains and who come back to another within the grace were never offline', async () => {
    const watcher = await a.signIn('client');
    await watcher.request('session.watch', { threadIds: [], userIds: ['talent'] });
    const lastHeard = () => watcher.pushes('presence').at(-1)?.presence.online;
    await reader.close();
    await until('offline', () => lastHeard() === false);
    const third = await startGateway({ ...joined(), 'presence.graceMs': 2_000, 'presence.leaseMs': LEASE_MS }, shared());
    const talent = await third.signIn('talent');
    await until('online', () => lastHeard() === true);
    const before = watcher.pushes('presence').length;
    await third.close();
    talent.terminate();
    reader = await signInWithSdk(b.port, 'talent');
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    // Doubts of the outage before may tell again that they are here.
    expect(
      watcher
        .pushes('presence')
        .slice(before)
        .filter(({ presence }) => !presence.online),
    ).toEqual([]);
    watcher.terminate();
  });
});
