/** One node's presence on Redis, with a broker that hears its changes; what a gateway has of it, and no more. */
import { pino } from 'pino';
import type { Presence, UserId } from '../../protocol/index.ts';
import { createRedisBroker } from '../../src/broker/redis-broker.ts';
import { presenceOf, topics } from '../../src/hub.ts';
import { createBrokerMetrics, createMetrics } from '../../src/metrics.ts';
import { createRedisPresence } from '../../src/presence/redis-presence.ts';
import { openRedis } from '../../src/redis/redis.ts';
import type { PresenceStore } from '../../src/store/store.ts';
import { until } from './until.ts';

export const GRACE_MS = 200;
export const LEASE_MS = 900;

export const createLastSeen = (): PresenceStore & { seen: Map<UserId, number> } => {
  const seen = new Map<UserId, number>();
  return {
    seen,
    setLastSeen: async (userId, at) => void seen.set(userId, Math.max(at, seen.get(userId) ?? 0)),
    lastSeen: async (userIds) => new Map([...seen].filter(([userId]) => userIds.includes(userId))),
  };
};

/** `hearingUrl`: what subscribes goes another way to the same Redis. */
export const joinPresence = async (
  url: string,
  prefix: string,
  store = createLastSeen(),
  hearingUrl = url,
  leaseMs = LEASE_MS,
) => {
  const open = (at: string) => openRedis({ url: at, prefix, log: pino({ level: 'silent' }) });
  const redis = open(url);
  const hearing = hearingUrl === url ? redis : open(hearingUrl);
  await until('Redis', () => redis.ready() && hearing.ready());
  const broker = createRedisBroker({
    redis: { ...redis, connect: hearing.connect },
    metrics: createBrokerMetrics(createMetrics()),
    probeMs: 100,
    probeTimeoutMs: 500,
  });
  const changes: Presence[] = [];
  const errors: Error[] = [];
  broker.onFrame((_, frame) => changes.push(JSON.parse(frame)));
  const presence = createRedisPresence({
    redis,
    leaseMs,
    graceMs: GRACE_MS,
    store,
    topicOf: topics.presence,
    frameOf: (value) => JSON.stringify(value),
    tellHere: (value) => changes.push(value),
    onError: (error) => errors.push(error),
  });
  broker.onGap((missed) => presence.doubt(missed.map(presenceOf).filter((userId) => userId !== undefined)));
  return {
    redis,
    broker,
    presence,
    graceMs: GRACE_MS,
    changes,
    errors,
    seen: store.seen,
    watch: (userId: UserId) => broker.subscribe(topics.presence(userId)),
    now: Date.now,
    pass: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
    async close() {
      await presence.close();
      await broker.close();
      await redis.close();
      await hearing.close();
    },
  };
};
