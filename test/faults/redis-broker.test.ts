import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { channelOf } from '../../src/broker/channels.ts';
import { createRedisBroker } from '../../src/broker/redis-broker.ts';
import { createBrokerMetrics, createMetrics } from '../../src/metrics.ts';
import { openRedis, type Redis } from '../../src/redis/redis.ts';
import { slotOf } from '../../src/redis/slot.ts';
import { startRedis } from '../support/engines/redis.ts';
import { startRedisCluster } from '../support/engines/redis-cluster.ts';
import { startSentinel } from '../support/engines/redis-sentinel.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const open = async (url: string): Promise<Redis> => {
  const redis = openRedis({ url, prefix: 'test:', log: pino({ level: 'silent' }) });
  cleanUps.push(() => redis.close());
  await until('Redis', () => redis.ready());
  return redis;
};

/** Whether a write goes through now; `ready` may be a second old, and then the connection to the old master is just closing. */
const writes = (redis: Redis): Promise<boolean> =>
  redis.client.set('test:written', '1').then(
    () => redis.ready(),
    () => false,
  );

const join = async (redis: Redis) => {
  const metrics = createMetrics();
  const broker = createRedisBroker({ redis, metrics: createBrokerMetrics(metrics), probeMs: 100, probeTimeoutMs: 500 });
  cleanUps.push(() => broker.close());
  const heard = new Set<string>();
  const errors: Error[] = [];
  const gaps: string[] = [];
  broker.onFrame((topic) => heard.add(topic));
  broker.onError((error) => errors.push(error));
  broker.onGap((topics) => gaps.push(...topics));
  const metric = async (name: string): Promise<number> => {
    const line = (await metrics.registry.metrics()).split('\n').find((text) => text.startsWith(`${name} `));
    return Number(line?.split(' ')[1]);
  };
  return { broker, heard, errors, gaps, metric };
};

const TOPICS = Array.from({ length: 2_000 }, (_, index) => `inbox:user-${index}`);

/** Two nodes of which the second hears all topics. */
const pair = async (url: string, hearing?: Redis) => {
  const [a, b] = [await join(await open(url)), await join(hearing ?? (await open(url)))];
  await Promise.all(TOPICS.map((topic) => b.broker.subscribe(topic)));
  /** Publishes to every topic until each was heard anew. */
  const allHeard = async (): Promise<void> => {
    b.heard.clear();
    await until(
      'every topic to be heard',
      async () => {
        for (const topic of TOPICS) if (!b.heard.has(topic)) a.broker.publish(topic, 'x');
        await new Promise((resolve) => setTimeout(resolve, 100));
        return b.heard.size === TOPICS.length;
      },
      30_000,
    );
  };
  await allHeard();
  return { a, b, allHeard };
};

describe('the broker when Redis fails', () => {
  it('[BR3] a subscriber whose connection is killed subscribes to all again by itself, and tells which topics had a gap', async () => {
    const server = await startRedis();
    cleanUps.push(() => server.stop());
    const { b, allHeard } = await pair(server.url);
    await server.ask('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await until('the gap', () => new Set(b.gaps).size === TOPICS.length);
    await allHeard();
    expect(await b.metric('parley_broker_resubscriptions_total')).toBe(1);
  });

  it('[BR4] a subscriber that looks alive and hears nothing is found by the probe, and is made anew', async () => {
    const server = await startRedis();
    cleanUps.push(() => server.stop());
    const proxy = await startTcpProxy(server.port);
    cleanUps.push(() => proxy.close());
    const [direct, proxied] = [await open(server.url), await open(`redis://127.0.0.1:${proxy.port}`)];
    const { b, allHeard } = await pair(server.url, { ...direct, connect: proxied.connect });
    await until('probes', async () => (await b.metric('parley_broker_probe_seconds_count')) > 0);
    expect(b.errors).toEqual([]);
    proxy.loseAnswers();
    await until('the error', () => b.errors.length > 0);
    expect(b.errors[0]?.message).toContain('heard nothing');
    await allHeard();
    expect(new Set(b.gaps).size).toBe(TOPICS.length);
    expect(b.errors).toHaveLength(1);
  });

  it('[BR5] while Redis is away frames are let go instead of kept, nothing throws, and all is heard again without a restart', async () => {
    const server = await startRedis();
    cleanUps.push(() => server.stop());
    const redis = await open(server.url);
    const { a, allHeard } = await pair(server.url);
    await server.stop();
    for (let index = 0; index < 200_000; index++) a.broker.publish(`inbox:user-${index % 1_000}`, 'x'.repeat(100));
    await until('it to be missed', () => !redis.ready());
    a.broker.publish('inbox:user-1', 'x');
    await until('all to be let go', async () => (await a.metric('parley_broker_dropped_frames_total')) === 200_001);
    // Nobody who signs in meanwhile is kept waiting.
    await a.broker.subscribe('inbox:new');
    await server.start();
    await allHeard();
    // One error an outage, not one a frame.
    expect(a.errors.length).toBeLessThanOrEqual(1);
  });

  it('[BR5] a Redis that hangs for three seconds is away for that long, and all is heard again', async () => {
    const server = await startRedis();
    cleanUps.push(() => server.stop());
    const { a, allHeard } = await pair(server.url);
    server.signal('SIGSTOP');
    const stopped = performance.now();
    await until('three seconds', () => {
      for (const topic of TOPICS.slice(0, 10)) a.broker.publish(topic, 'x');
      return performance.now() - stopped > 3_000;
    });
    server.signal('SIGCONT');
    await allHeard();
  });

  it('[BR6] behind Sentinel: when the master is demoted, and when it is killed, all is heard on the new one without a restart', async () => {
    const sentinel = await startSentinel();
    cleanUps.push(() => sentinel.dispose());
    const redis = await open(sentinel.url);
    const { allHeard } = await pair(sentinel.url);
    await sentinel.failOver();
    expect(await sentinel.masterPort()).toBe(sentinel.replica.port);
    await allHeard();
    await until('a write', () => writes(redis), 30_000);
    // And back, with the master of now killed.
    await sentinel.whole();
    await sentinel.killMaster();
    expect(await sentinel.masterPort()).toBe(sentinel.master.port);
    await allHeard();
    await until('a write', () => writes(redis), 30_000);
  }, 120_000);

  it('[BR6] in a Cluster: topics of a slot that moves to another master are heard there', async () => {
    const cluster = await startRedisCluster();
    cleanUps.push(() => cluster.dispose());
    const { b, allHeard } = await pair(cluster.url);
    const redis = await open(cluster.url);
    const slot = slotOf(channelOf('inbox:user-0'));
    const from = redis.shardOf(channelOf('inbox:user-0'));
    const to = cluster.masters.find(({ port }) => !from?.endsWith(`:${port}`));
    const toId = await to?.ask('CLUSTER', 'MYID');
    b.gaps.length = 0;
    for (const master of cluster.masters) await master.ask('CLUSTER', 'SETSLOT', slot, 'NODE', `${toId}`);
    await until('the gap', () => b.gaps.includes('inbox:user-0'));
    await allHeard();
  });

  it('[BR6] in a Cluster: topics of a master that is killed are heard on the replica that takes its place', async () => {
    const cluster = await startRedisCluster({ replicas: true });
    cleanUps.push(() => cluster.dispose());
    const redis = await open(cluster.url);
    const { b, allHeard } = await pair(cluster.url);
    b.gaps.length = 0;
    await cluster.masters[0]?.stop();
    await until('it to be missed', () => !redis.ready());
    await until('Redis', () => redis.ready(), 40_000);
    await allHeard();
    expect(new Set(b.gaps).size).toBeGreaterThan(TOPICS.length / 6);
  }, 120_000);
});
