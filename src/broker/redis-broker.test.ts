import { pino } from 'pino';
import { afterAll, beforeAll, describe } from 'vitest';
import { brokerContract } from '../../test/contracts/broker.ts';
import { type RedisServer, startRedis } from '../../test/support/engines/redis.ts';
import { type RedisCluster, startRedisCluster } from '../../test/support/engines/redis-cluster.ts';
import { until } from '../../test/support/until.ts';
import { createBrokerMetrics, createMetrics } from '../metrics.ts';
import { openRedis } from '../redis/redis.ts';
import { createRedisBroker } from './redis-broker.ts';

const join = async (url: string) => {
  const redis = openRedis({ url, prefix: `test-${process.pid}:`, log: pino({ level: 'silent' }) });
  await until('Redis', () => redis.ready());
  const broker = createRedisBroker({ redis, metrics: createBrokerMetrics(createMetrics()) });
  return {
    ...broker,
    async close() {
      await broker.close();
      await redis.close();
    },
  };
};

describe('one Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  brokerContract('Redis', () => join(server.url));
});

describe('a Redis Cluster', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster.dispose());
  brokerContract('Redis Cluster', () => join(cluster.url));
});
