/**
 * The broker on Redis pub/sub: classic on one server or behind Sentinel, sharded in a Cluster, where each topic lives on one master and the
 * node has a subscriber for each. Every second each subscriber is probed: the node publishes to a channel of its own, and when it does
 * not hear it in time, the connection is dead however alive it looks: it is given up and all is subscribed to again.
 */
import { randomBytes } from 'node:crypto';
import type { BrokerMetrics } from '../metrics.ts';
import type { Redis } from '../redis/redis.ts';
import type { Broker } from './broker.ts';
import { BUCKETS, bucketOf, channelOf, NODE_ID_LENGTH, tagOf, topicOf } from './channels.ts';
import { createRedisPublisher, type RedisPublisher } from './redis-publisher.ts';
import { createRedisSubscriber, type RedisSubscriber } from './redis-subscriber.ts';

/** What one server carries. */
interface Shard {
  readonly subscriber: RedisSubscriber;
  readonly publisher: RedisPublisher;
  readonly buckets: Set<number>;
  /** Set while a moved channel is waited for to arrive. */
  moving?: true;
  probe?: { readonly channel: string; sentAt?: number };
}

const MOVED_DELAY_MS = 250;

export const createRedisBroker = (options: {
  redis: Redis;
  metrics: BrokerMetrics;
  /** How often each subscriber is probed, and when a probe counts as lost. */
  probeMs?: number;
  probeTimeoutMs?: number;
}): Broker => {
  const { redis, metrics, probeMs = 1_000, probeTimeoutMs = 3_000 } = options;
  const nodeId = randomBytes(6).toString('base64url').slice(0, NODE_ID_LENGTH);
  const shards = new Map<string, Shard>();
  /** Topics of each bucket, with how often they are subscribed to; and which shard carries the bucket. */
  const topics = Array.from({ length: BUCKETS }, () => new Map<string, number>());
  const routes: (string | undefined)[] = Array.from({ length: BUCKETS });
  let onFrame: (topic: string, frame: string) => void = () => {};
  let onError: (error: Error) => void = () => {};
  let onGap: (topics: readonly string[]) => void = () => {};
  let closed = false;

  const receive = (shard: Shard, channel: string, frame: string): void => {
    if (frame.startsWith(nodeId)) {
      if (channel === shard.probe?.channel) probeHeard(shard.probe);
      return;
    }
    const topic = topicOf(channel);
    // It may have been given up while the frame was on its way.
    if (!topics[bucketOf(topic)]?.has(topic)) return;
    try {
      onFrame(topic, frame.slice(NODE_ID_LENGTH));
    } catch (error) {
      onError(error as Error);
    }
  };

  const gap = (channels: readonly string[]): void => {
    const missed = channels.map(topicOf).filter((topic) => topics[bucketOf(topic)]?.has(topic));
    if (missed.length > 0) onGap(missed);
  };

  const openShard = (name: string): Shard => {
    const shard: Shard = {
      buckets: new Set(),
      publisher: createRedisPublisher({
        redis,
        onDropped: (count) => metrics.dropped.inc(count),
        onError: (error) => onError(error),
      }),
      subscriber: createRedisSubscriber({
        connect: () => redis.connect(name),
        sharded: redis.isCluster,
        onFrame: (channel, frame) => receive(shard, channel, frame),
        onHeardAgain(channels) {
          metrics.resubscriptions.inc();
          gap(channels);
        },
        onMoved() {
          redis.refreshShards();
          if (shard.moving) return;
          shard.moving = true;
          // A slot that is on its way is in neither place for a moment.
          later(() => {
            delete shard.moving;
            route();
            if (shards.get(name) === shard) shard.subscriber.restart();
          }, MOVED_DELAY_MS);
        },
        onError: (error) => onError(error),
      }),
    };
    shards.set(name, shard);
    return shard;
  };

  const timers = new Set<NodeJS.Timeout>();
  const later = (run: () => void, delayMs: number): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      if (!closed) run();
    }, delayMs);
    timer.unref();
    timers.add(timer);
  };

  const shardFor = (bucket: number): Shard | undefined => {
    const name = routes[bucket];
    return name === undefined ? undefined : shards.get(name);
  };

  /** Follows buckets to the servers that have them now. */
  const route = (): void => {
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const name = redis.shardOf(redis.key(tagOf(bucket)));
      if (name === undefined || name === routes[bucket]) continue;
      const from = shardFor(bucket);
      const to = shards.get(name) ?? openShard(name);
      routes[bucket] = name;
      from?.buckets.delete(bucket);
      to.buckets.add(bucket);
      move(
        [...(topics[bucket]?.keys() ?? [])].map((topic) => redis.key(channelOf(topic))),
        from,
        to,
      );
    }
    for (const [name, shard] of shards) {
      if (shard.buckets.size > 0) continue;
      shards.delete(name);
      closeShard(shard);
    }
  };

  const move = (channels: readonly string[], from: Shard | undefined, to: Shard): void => {
    for (const channel of channels) from?.subscriber.unhear(channel);
    void Promise.all(channels.map((channel) => to.subscriber.hear(channel))).then(() => gap(channels));
  };

  const closeShard = ({ subscriber, publisher }: Shard): void => {
    subscriber.close();
    publisher.close();
  };

  const probeHeard = (probe: NonNullable<Shard['probe']>): void => {
    if (probe.sentAt !== undefined) metrics.probe.observe((performance.now() - probe.sentAt) / 1_000);
    delete probe.sentAt;
  };

  const probe = (shard: Shard): void => {
    const [bucket] = shard.buckets;
    if (bucket === undefined || !redis.ready() || !shard.subscriber.ready()) {
      delete shard.probe?.sentAt;
      return;
    }
    const channel = redis.key(`${tagOf(bucket)}probe:${nodeId}`);
    if (shard.probe?.channel !== channel) {
      if (shard.probe !== undefined) shard.subscriber.unhear(shard.probe.channel);
      void shard.subscriber.hear(channel);
      shard.probe = { channel };
    }
    const current = shard.probe;
    if (current.sentAt === undefined) sendProbe(shard, current);
    else if (performance.now() - current.sentAt > probeTimeoutMs) {
      delete current.sentAt;
      onError(new Error('A subscriber of Redis heard nothing of what it published; its connection is made anew.'));
      redis.refreshShards();
      shard.subscriber.restart();
    }
  };

  /** Sent at once, not behind the frames that wait; what Redis did not take says nothing about the subscriber. */
  const sendProbe = (shard: Shard, current: NonNullable<Shard['probe']>): void => {
    void shard.subscriber.hear(current.channel).then(async () => {
      if (closed || shard.probe !== current || current.sentAt !== undefined) return;
      const sentAt = performance.now();
      current.sentAt = sentAt;
      const { client } = redis;
      await (redis.isCluster ? client.spublish(current.channel, nodeId) : client.publish(current.channel, nodeId)).catch(() => {
        if (current.sentAt === sentAt) delete current.sentAt;
      });
    });
  };

  const tick = (): void => {
    route();
    for (const shard of shards.values()) probe(shard);
    later(tick, probeMs);
  };
  redis.onReady((ready) => {
    if (!ready || closed) return;
    route();
    // What others published meanwhile was let go, even where this node's subscribers never lost their connection.
    gap(topics.flatMap((counts) => [...counts.keys()].map(channelOf)));
  });
  tick();

  return {
    publish(topic, frame) {
      if (closed) return;
      const shard = shardFor(bucketOf(topic));
      if (shard === undefined) metrics.dropped.inc();
      else shard.publisher.publish(redis.key(channelOf(topic)), nodeId + frame);
    },
    async subscribe(topic) {
      const bucket = bucketOf(topic);
      const counts = topics[bucket] as Map<string, number>;
      counts.set(topic, (counts.get(topic) ?? 0) + 1);
      const heard = shardFor(bucket)?.subscriber.hear(redis.key(channelOf(topic)));
      // Nobody is kept waiting by a Redis that is known to be away.
      if (redis.ready()) await heard;
    },
    unsubscribe(topic) {
      const bucket = bucketOf(topic);
      const counts = topics[bucket] as Map<string, number>;
      const left = (counts.get(topic) ?? 0) - 1;
      if (left > 0) counts.set(topic, left);
      else if (counts.delete(topic)) shardFor(bucket)?.subscriber.unhear(redis.key(channelOf(topic)));
    },
    onFrame(listener) {
      onFrame = listener;
    },
    onGap(listener) {
      onGap = listener;
    },
    onError(listener) {
      onError = listener;
    },
    async close() {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
      for (const shard of shards.values()) closeShard(shard);
      shards.clear();
    },
  };
};
