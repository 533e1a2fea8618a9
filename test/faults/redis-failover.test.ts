/** What stands on Redis when its master is demoted or killed and a replica that is behind takes over: real servers, a real Sentinel. */
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { createRedisMediaNodes, registerMediaNode } from '../../signaling/redis-media-nodes.ts';
import { systemClock } from '../../src/clock.ts';
import { createLog } from '../../src/log.ts';
import { openRedis, type Redis } from '../../src/redis/redis.ts';
import { slotOf } from '../../src/redis/slot.ts';
import { createRedisSessionRegistry } from '../../src/session/redis-session-registry.ts';
import { openSqliteStore } from '../../src/store/sqlite-store.ts';
import { startRedisCluster } from '../support/engines/redis-cluster.ts';
import { type RedisSentinel, startSentinel } from '../support/engines/redis-sentinel.ts';
import { openThread, startGateway } from '../support/gateway.ts';
import { signInWithSdk } from '../support/people.ts';
import { createLastSeen, joinPresence } from '../support/redis-presence.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

const log = createLog({ level: 'silent', pretty: false });
const PREFIX = 'test:';
/** Longer than a node may take to find the new master after another did. */
const LEASE_MS = 4_000;
const BACK_MS = 30_000;

const cleanUps: (() => unknown)[] = [];
const unheard: unknown[] = [];
const hearUnheard = (reason: unknown): void => void unheard.push(reason);

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  unheard.length = 0;
});

const sentinelOf = async (): Promise<RedisSentinel> => {
  const sentinel = await startSentinel();
  cleanUps.push(() => sentinel.dispose());
  return sentinel;
};
const open = async (url: string): Promise<Redis> => {
  const redis = openRedis({ url, prefix: PREFIX, log });
  cleanUps.push(() => redis.close());
  await until('Redis', () => redis.ready());
  return redis;
};
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const joinSessions = async (url: string, nodeId: string, leases: { graceMs: number; leaseMs: number }) => {
  const redis = await open(url);
  const registry = createRedisSessionRegistry({ redis, nodeId, leases, clock: systemClock, log });
  cleanUps.push(() => registry.close());
  return registry;
};

const joinNode = async (url: string, nodeId: string, rooms: { roomId: string; fence: number }[]) => {
  const lost: [roomId: string, fence: number][] = [];
  const registration = await registerMediaNode(await open(url), {
    nodeId,
    bootId: randomUUID(),
    url: `ws://${nodeId}`,
    workers: 1,
    load: async () => ({ cpu: 0, rooms: rooms.length }),
    rooms: () => rooms,
    onLost: (roomId, fence) => lost.push([roomId, fence]),
    onDraining: () => {},
    clock: systemClock,
    log,
  });
  cleanUps.push(() => registration.close());
  return { lost, registration };
};
const joinGateway = async (url: string) =>
  createRedisMediaNodes({ redis: await open(url), clock: systemClock, random: Math.random });

describe('connections to Redis', () => {
  it('[RD1] that are looking for the master just when Sentinel tells of another find it, those that subscribe too', async () => {
    const sentinel = await sentinelOf();
    const proxy = await startTcpProxy(sentinel.port);
    cleanUps.push(() => proxy.close());
    const url = sentinel.url.replace(`${sentinel.port}`, `${proxy.port}`);
    const clients = await Promise.all(Array.from({ length: 4 }, () => open(url)));
    const subscribers = clients.map((redis) => redis.connect());
    await until('the subscribers', () => subscribers.every(({ status }) => status === 'ready'));
    // Looking for the master takes most of a second, and the word of the Sentinel comes in the middle of it.
    proxy.delay(150);
    await sentinel.killMaster();
    await until('every connection', () => clients.every((redis) => redis.ready()), BACK_MS);
    await until('every subscriber', () => subscribers.every(({ status }) => status === 'ready'), BACK_MS);
    await Promise.all(clients.map((redis) => redis.client.set('test:written', '1')));
  }, 120_000);

  it('[RD2] no failure of a command goes unheard when the master is demoted, and when it is killed, under load', async () => {
    process.on('unhandledRejection', hearUnheard);
    cleanUps.push(() => process.off('unhandledRejection', hearUnheard));
    const sentinel = await sentinelOf();
    const [a, b] = await Promise.all(
      [1, 2].map(() => joinPresence(sentinel.url, PREFIX, createLastSeen(), sentinel.url, LEASE_MS)),
    );
    for (const node of [a, b]) cleanUps.push(() => node!.close());
    const sessions = await joinSessions(sentinel.url, 'g1', { graceMs: 2_000, leaseMs: 300 });
    const rooms: { roomId: string; fence: number }[] = [];
    await joinNode(sentinel.url, 'a', rooms);
    const nodes = await joinGateway(sentinel.url);
    let failed = 0;
    const fails = (): void => {
      failed += 1;
    };
    let working = true;
    const work = async (round: number): Promise<void> => {
      const name = `user-${round % 50}`;
      a!.presence.hold(name, 's1');
      if (round % 3 === 0) a!.presence.release(name, 's1', { atOnce: round % 2 === 0 });
      for (let each = 0; each < 20; each += 1) a!.broker.publish(`inbox:${name}`, 'x'.repeat(500));
      b!.broker.subscribe(`inbox:${name}`).catch(fails);
      b!.presence.get([name, 'user-0']).catch(fails);
      sessions.open(`session-${round}`, name);
      sessions.claim(`session-${round - 1}`, name).catch(fails);
      sessions.release(`session-${round - 2}`);
      void sessions.end(`session-${round - 20}`);
      nodes.find(randomUUID(), []).catch(fails);
      nodes.list().catch(fails);
      await pause(5);
    };
    const busy = (async () => {
      for (let round = 0; working; round += 1) await work(round);
    })();
    await pause(500);
    await sentinel.failOver();
    // Until the old master is told to follow, which ends its connections in the middle of everything.
    await sentinel.whole();
    const redis = await open(sentinel.url);
    await sentinel.killMaster();
    await until('Redis', () => redis.ready(), BACK_MS);
    await pause(500);
    working = false;
    await busy;
    // What failed is heard of within the time that a command may take.
    await pause(2_500);
    expect(failed).toBeGreaterThan(0);
    expect(unheard).toEqual([]);
  }, 180_000);

  it('[RD2] nor while a slot of a Cluster is on its way to a server that hangs', async () => {
    process.on('unhandledRejection', hearUnheard);
    cleanUps.push(() => process.off('unhandledRejection', hearUnheard));
    const cluster = await startRedisCluster();
    cleanUps.push(() => cluster.dispose());
    const redis = await open(cluster.url);
    const slot = slotOf('test:away');
    const from = cluster.masters.find(({ port }) => redis.shardOf('test:away')?.endsWith(`:${port}`))!;
    const to = cluster.masters.find((master) => master !== from)!;
    await to.ask('CLUSTER', 'SETSLOT', slot, 'IMPORTING', `${await from.ask('CLUSTER', 'MYID')}`);
    await from.ask('CLUSTER', 'SETSLOT', slot, 'MIGRATING', `${await to.ask('CLUSTER', 'MYID')}`);
    expect(await redis.client.get('test:away')).toBeNull();
    to.signal('SIGSTOP');
    await expect(redis.client.get('test:away')).rejects.toThrow();
    await pause(500);
    to.signal('SIGCONT');
    expect(unheard).toEqual([]);
  });
});

describe('what is kept in Redis, on a replica that had not got the latest', () => {
  it('[RD3] presence: nobody who is here goes offline, and who leaves afterwards does', async () => {
    const sentinel = await sentinelOf();
    const [a, b] = (await Promise.all(
      [1, 2].map(() => joinPresence(sentinel.url, PREFIX, createLastSeen(), sentinel.url, LEASE_MS)),
    )) as [Awaited<ReturnType<typeof joinPresence>>, Awaited<ReturnType<typeof joinPresence>>];
    for (const node of [a, b]) cleanUps.push(() => node.close());
    const [known, late, gone] = ['known', 'late', 'gone'] as const;
    await Promise.all([known, late, gone].map((userId) => a.watch(userId)));
    for (const userId of [known, gone]) b.presence.hold(userId, 's1');
    await until('both to be online', () => a.changes.length === 2);
    await sentinel.leaveBehind();
    b.presence.hold(late, 's1');
    await until('the third to be online', () => a.changes.length === 3);
    b.presence.release(gone, 's1', { atOnce: true });
    await until('one to be offline', () => a.changes.length === 4);
    await sentinel.killMaster();
    const isOnline = async (userId: string) => (await a.presence.get([userId]))[0]?.online;
    await until('Redis', () => a.redis.ready() && b.redis.ready(), BACK_MS);
    await until('the third to be there too', () => isOnline(late));
    // The new master had it that this one was here, and gives them up as it does those of a node that died.
    await until('the one who left to be offline', async () => !(await isOnline(gone)), 3 * LEASE_MS);
    await a.pass(LEASE_MS);
    expect(a.changes.filter(({ userId, online }) => !online && userId !== gone)).toEqual([]);
    expect(await Promise.all([known, late].map(isOnline))).toEqual([true, true]);
    for (const userId of [known, late]) b.presence.release(userId, 's1', { atOnce: true });
    await until('both to be offline', async () => !(await isOnline(known)) && !(await isOnline(late)));
  }, 120_000);

  it('[RD4] sessions: those that it never heard of are resumed on another gateway, in their grace too, and the last move counts', async () => {
    const sentinel = await sentinelOf();
    // Longer than the test: what is learnt again is not learnt by the renewals that come anyway.
    const leases = { graceMs: 30_000, leaseMs: 600_000 };
    const [a, b] = [await joinSessions(sentinel.url, 'a', leases), await joinSessions(sentinel.url, 'b', leases)];
    const claim = (by: typeof a, sessionId: string) => by.claim(sessionId, 'ada').catch(() => ({ is: 'away' }) as const);
    a.open('moved', 'ada');
    await until('the session', async () => (await claim(a, 'moved')).is === 'alive');
    await until('the replica to have it', async () => (await sentinel.replica.ask('EXISTS', 'test:session:moved')) === 1);
    await sentinel.leaveBehind();
    const told: string[] = [];
    a.onMoved((sessionId) => told.push(sessionId));
    for (const sessionId of ['late', 'in-grace']) a.open(sessionId, 'ada');
    await until('the sessions', async () => (await claim(a, 'in-grace')).is === 'alive');
    a.release('in-grace');
    expect(await claim(b, 'moved')).toMatchObject({ is: 'alive', previousNodeId: 'a' });
    await until('the word that it moved', () => told.includes('moved'));
    await sentinel.killMaster();
    for (const sessionId of ['late', 'in-grace'])
      await until(`${sessionId} on the other`, async () => (await claim(b, sessionId)).is === 'alive', BACK_MS);
    // The new master had it on the first.
    const { master } = await sentinel.roles();
    await until('the last move to count', async () => (await master.ask('HGET', 'test:session:moved', 'node')) === 'b');
    expect(await claim(a, 'moved')).toMatchObject({ is: 'alive', previousNodeId: 'b' });
  }, 120_000);

  it('[RD5] rooms: each keeps its node, and one that it never heard of ends on exactly one', async () => {
    const sentinel = await sentinelOf();
    const rooms = { a: [] as { roomId: string; fence: number }[], b: [] as { roomId: string; fence: number }[] };
    const [a, b] = [await joinNode(sentinel.url, 'a', rooms.a), await joinNode(sentinel.url, 'b', rooms.b)];
    const gateways = [await joinGateway(sentinel.url), await joinGateway(sentinel.url), await joinGateway(sentinel.url)];
    // Both nodes answer the gateways all the time.
    const placeAll = (roomId: string) => Promise.all(gateways.map((gateway) => gateway.place(roomId, ['a', 'b'])));
    const opened = async (roomId: string) => {
      const [placed] = await placeAll(roomId);
      rooms[placed!.nodeId as 'a' | 'b'].push({ roomId, fence: placed!.fence });
      return placed!;
    };
    const known = randomUUID();
    const before = await opened(known);
    await until('the replica to have it', async () => (await sentinel.replica.ask('EXISTS', `test:{media}:room:${known}`)) === 1);
    await sentinel.leaveBehind();
    const late = Array.from({ length: 10 }, () => randomUUID());
    const lateBefore = await Promise.all(late.map(opened));
    await sentinel.killMaster();
    // All gateways ask at once, before and while the nodes say again what they have.
    const askUntilPlaced = async (roomId: string) => until('a placement', () => placeAll(roomId).catch(() => undefined), BACK_MS);
    for (const roomId of [known, ...late]) {
      const placed = await askUntilPlaced(roomId);
      expect(new Set(placed.map(({ nodeId, fence }) => `${nodeId} ${fence}`)).size).toBe(1);
    }
    expect((await placeAll(known))[0]).toEqual(before);
    // Some renewals go by, in which a node hears what it lost.
    await pause(2_500);
    for (const [index, roomId] of late.entries()) {
      const [placed] = await placeAll(roomId);
      const was = lateBefore[index]!;
      const lost = [...a.lost, ...b.lost].filter(([id]) => id === roomId);
      if (placed!.fence === was.fence) expect([placed!.nodeId, lost]).toEqual([was.nodeId, []]);
      // Placed anew in between: under a later fence, of which the node that had it was told.
      else if (placed!.nodeId !== was.nodeId) expect(lost).toContainEqual([roomId, placed!.fence]);
      expect(placed!.fence).toBeGreaterThanOrEqual(was.fence);
    }
    expect([a.registration.leased, b.registration.leased]).toEqual([true, true]);
  }, 120_000);
});

describe('two gateways behind Sentinel', () => {
  it.each([
    ['demoted', (sentinel: RedisSentinel) => sentinel.failOver()],
    ['killed', (sentinel: RedisSentinel) => sentinel.killMaster()],
  ] as const)(
    '[RD6] the master is %s: posts are acknowledged and read, nobody goes offline, sessions move, and nothing is restarted',
    async (_, failOver) => {
      const sentinel = await sentinelOf();
      const store = await openSqliteStore({ path: ':memory:' });
      cleanUps.push(() => store.close());
      const settings = {
        'redis.url': sentinel.url,
        'cluster.secret': 'a-cluster-secret-of-the-tests-with-32-chars',
        'store.databaseUrl': 'postgres://given/store',
        'session.heartbeatMs': 500,
        'presence.graceMs': 500,
        'presence.leaseMs': LEASE_MS,
        'session.requestBurst': 5_000,
      };
      const gateways = await Promise.all(
        [1, 2].map(() => startGateway(settings, { store: { ...store, close: async () => {} } })),
      );
      const [a, b] = gateways as [(typeof gateways)[0], (typeof gateways)[0]];
      for (const gateway of gateways) cleanUps.push(() => gateway.close());
      const areReady = async () =>
        (await Promise.all(gateways.map(async (gateway) => (await gateway.get('/readyz')).json()))).every(
          ({ status }) => status === 'ready',
        );
      await until('both', areReady);
      const threadId = await openThread(a);
      const sender = await a.signIn('client');
      const reader = await signInWithSdk(b.port, 'talent');
      cleanUps.push(() => reader.close());
      reader.thread(threadId).open();
      const watcher = await a.signIn('client');
      await watcher.request('session.watch', { threadIds: [], userIds: ['talent'] });
      const read = (): string[] =>
        reader
          .thread(threadId)
          .view.get()
          .items.flatMap((item) =>
            item.kind === 'event' && item.event.type === 'message.posted' ? [item.event.message.body ?? ''] : [],
          );
      let working = true;
      const bodies: string[] = [];
      const posting = (async () => {
        for (let index = 0; working; index += 1) {
          const body = `post-${index}`;
          await sender.request('message.post', { threadId, clientMessageId: `message-${index}`, body });
          bodies.push(body);
          await pause(20);
        }
      })();
      await pause(300);
      await failOver(sentinel);
      await until('both to have Redis', areReady, BACK_MS);
      working = false;
      await posting;
      await until('what was posted', () => bodies.every((body) => read().includes(body)));
      expect(read().filter((body) => bodies.includes(body))).toEqual(bodies);
      await until('typing to cross', async () => {
        await sender.request('typing.set', { threadId, typing: true });
        return reader.thread(threadId).view.get().typing.includes('client');
      });
      // A master that is demoted goes on for a while: a session that only it was told of is new to the other gateway until it is told again.
      await until('a session to move', async () => {
        const socket = await a.connect();
        const { sessionId, resumeToken } = await socket.request('session.open', { protocol: 1, token: a.token('client') });
        socket.terminate();
        const resume = { sessionId, resumeToken };
        const moved = await (await b.connect()).request('session.open', { protocol: 1, token: b.token('client'), resume });
        return moved.resumed;
      });
      await pause(LEASE_MS);
      expect(watcher.pushes('presence').filter(({ presence }) => !presence.online)).toEqual([]);
    },
    120_000,
  );
});
