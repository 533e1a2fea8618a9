import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countersContract } from '../../test/contracts/counters.ts';
import { type RedisServer, startRedis } from '../../test/support/engines/redis.ts';
import { type RedisCluster, startRedisCluster } from '../../test/support/engines/redis-cluster.ts';
import { until } from '../../test/support/until.ts';
import { systemClock } from '../clock.ts';
import { createLog } from '../log.ts';
import { openRedis, type Redis } from '../redis/redis.ts';
import type { Counters } from './counters.ts';
import { createMemoryCounters } from './memory-counters.ts';
import { createRedisCounters } from './redis-counters.ts';

const shared = createMemoryCounters(systemClock);
countersContract('memory', async () => shared);

const connections: Redis[] = [];
afterAll(async () => {
  for (const redis of connections) await redis.close();
});
const joinAt = async (url: string): Promise<Counters> => {
  const redis = openRedis({ url, prefix: 'test:', log: createLog({ level: 'silent', pretty: false }) });
  connections.push(redis);
  await until('Redis', () => redis.ready());
  return createRedisCounters({ redis, alone: createMemoryCounters(systemClock) });
};

describe('on Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  countersContract('Redis', () => joinAt(server.url));

  it('[LI5] with Redis away each gateway counts for itself, and nobody waits', async () => {
    const counters = await joinAt(server.url);
    const window = { limit: 2, windowMs: 60_000 };
    expect(await counters.take('away', window, randomUUID())).toBe(0);
    await server.stop();
    const startedAt = performance.now();
    const waits = [];
    for (let index = 0; index < 4; index += 1) waits.push(await counters.take('away', window, randomUUID()));
    expect(waits.map((wait) => wait > 0)).toEqual([false, false, true, true]);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(await counters.gather('away', 'a', 1_000)).toBe(1);
  });
});

describe('on a Redis Cluster', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster.dispose());
  countersContract('Redis Cluster', () => joinAt(cluster.url));
});
