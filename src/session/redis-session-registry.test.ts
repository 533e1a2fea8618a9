import { Cluster } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTRACT_LEASES, sessionRegistryContract } from '../../test/contracts/session-registry.ts';
import { type RedisServer, startRedis } from '../../test/support/engines/redis.ts';
import { type RedisCluster, startRedisCluster } from '../../test/support/engines/redis-cluster.ts';
import { until } from '../../test/support/until.ts';
import { systemClock } from '../clock.ts';
import { createLog } from '../log.ts';
import { openRedis, type Redis } from '../redis/redis.ts';
import { slotOf } from '../redis/slot.ts';
import { createRedisSessionRegistry } from './redis-session-registry.ts';
import type { Leases } from './session-registry.ts';

const log = createLog({ level: 'silent', pretty: false });
const connections: Redis[] = [];

const joinAt = async (url: string, nodeId: string, leases: Leases = CONTRACT_LEASES) => {
  const redis = openRedis({ url, prefix: 'test:', log });
  connections.push(redis);
  const registry = createRedisSessionRegistry({ redis, nodeId, leases, clock: systemClock, log });
  await until('Redis', () => redis.ready());
  // In a Cluster it listens on one of the servers, and hears what is published on any.
  const servers = redis.client instanceof Cluster ? redis.client.nodes('master') : [redis.client];
  await until('the node to listen', async () => {
    const counts = await Promise.all(servers.map((server) => server.pubsub('NUMSUB', redis.key(`sessions:moved:${nodeId}`))));
    return counts.some((answer) => Number(answer[1]) > 0);
  });
  return registry;
};

afterAll(async () => {
  for (const redis of connections) await redis.close();
});

describe('on a Redis Cluster', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster.dispose());
  sessionRegistryContract('Redis Cluster', (nodeId) => joinAt(cluster.url, nodeId));

  it('[RD7] a session is claimed, renewed and ended while its slot moves from one server to another, and after', async () => {
    const leases = { graceMs: 5_000, leaseMs: 300 };
    const [a, b] = [await joinAt(cluster.url, 'moving-a', leases), await joinAt(cluster.url, 'moving-b', leases)];
    a.open('in-a-slot-that-moves', 'ada');
    const claim = (by: typeof a) => by.claim('in-a-slot-that-moves', 'ada');
    await until('the session', async () => (await claim(b)).is === 'alive');
    await cluster.moveSlot(slotOf('test:session:in-a-slot-that-moves'), {
      async underWay() {
        expect(await claim(a)).toMatchObject({ is: 'alive', previousNodeId: 'moving-b' });
        // Some renewals go by.
        await new Promise((resolve) => setTimeout(resolve, 400));
      },
      async half() {
        expect(await claim(b)).toMatchObject({ is: 'alive', previousNodeId: 'moving-a' });
      },
    });
    expect(await claim(a)).toMatchObject({ is: 'alive', previousNodeId: 'moving-b' });
    expect(await a.end('in-a-slot-that-moves')).toBe(true);
    expect(await claim(b)).toEqual({ is: 'ended' });
  });
});

let server: RedisServer;
const join = (nodeId: string, leases?: Leases) => joinAt(server.url, nodeId, leases);

beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

sessionRegistryContract('Redis', (nodeId) => join(nodeId));

describe('the session registry on Redis', () => {
  const isAlive = async (registry: Awaited<ReturnType<typeof join>>, sessionId: string): Promise<boolean> =>
    (await registry.claim(sessionId, 'ada').catch(() => ({ is: 'unknown' }))).is === 'alive';

  it('[SE24] a session of a node that died lives for its lease and grace, on the clock of Redis', async () => {
    const dying = await join('dying', { graceMs: 400, leaseMs: 60_000 });
    dying.open('left-behind', 'ada');
    const other = await join('other', { graceMs: 200, leaseMs: 300 });
    await until('the session', () => isAlive(other, 'left-behind'));
    // Nobody renews what the other node claimed once it is closed without having released it.
    await other.close();
    const third = await join('third', { graceMs: 200, leaseMs: 300 });
    await until('lease and grace to end', async () => (await third.claim('left-behind', 'eve')).is === 'unknown');
  });

  it('[SE24] a lease is renewed while the node has the session', async () => {
    const leases = { graceMs: 100, leaseMs: 300 };
    const [a, b] = [await join('renewing', leases), await join('asking', leases)];
    a.open('renewed', 'ada');
    for (let index = 0; index < 12; index++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect((await b.claim('renewed', 'eve')).is).toBe('ended');
    }
  });

  it('[SE26] a Redis that was flushed learns of the sessions anew, and one that was away harms none', async () => {
    const leases = { graceMs: 5_000, leaseMs: 300 };
    const [a, b] = [await join('flushed-a', leases), await join('flushed-b', leases)];
    a.open('kept', 'ada');
    await until('the session', () => isAlive(a, 'kept'));
    await server.stop();
    await expect(b.claim('kept', 'ada')).rejects.toThrow();
    a.open('born-without-redis', 'ada');
    expect(await a.end('no-such-session')).toBe(true);
    await server.start();
    for (const sessionId of ['kept', 'born-without-redis'])
      await until(`${sessionId} on the other node`, () => isAlive(b, sessionId), 20_000);
  });

  it('[SE26] a Redis that was emptied learns at once of the sessions in their grace too, and for no longer than that', async () => {
    const leases = { graceMs: 2_500, leaseMs: 60_000 };
    const [a, b] = [await join('emptied-a', leases), await join('emptied-b', leases)];
    a.open('with-socket', 'ada');
    a.open('in-its-grace', 'ada');
    await until('the sessions', async () => (await isAlive(a, 'with-socket')) && (await isAlive(a, 'in-its-grace')));
    a.release('in-its-grace');
    const releasedAt = performance.now();
    await server.stop();
    await server.start();
    // Another user's claim tells whether it is there, and leaves it as it is.
    const isThere = async (sessionId: string) => (await b.claim(sessionId, 'eve').catch(() => undefined))?.is === 'ended';
    await until('the one with a socket', () => isThere('with-socket'));
    await until('the one in its grace', () => isThere('in-its-grace'), 1_000);
    await until('its grace to end', async () => !(await isThere('in-its-grace')));
    expect(performance.now() - releasedAt).toBeLessThan(leases.graceMs + 1_000);
    expect(await isThere('with-socket')).toBe(true);
  });

  it('[SE24] a node that missed the word hears with its next renewal that a session moved', async () => {
    const leases = { graceMs: 5_000, leaseMs: 600 };
    const [deaf, b] = [await join('deaf', leases), await join('taking', leases)];
    const moved: string[] = [];
    deaf.onMoved((sessionId) => moved.push(sessionId));
    deaf.open('missed', 'ada');
    await until('the session', () => isAlive(deaf, 'missed'));
    const [redis] = connections.slice(-1);
    await redis?.client.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await b.claim('missed', 'ada');
    await until('the word', () => moved.includes('missed'));
  });
});
