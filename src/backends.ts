/** What stands behind the gateway's interfaces: SQLite and memory, PostgreSQL and Redis. The configuration chooses, here and nowhere else. */
import type { Logger } from 'pino';
import type { Config } from '../config/index.ts';
import type { Presence } from '../protocol/index.ts';
import type { Broker } from './broker/broker.ts';
import { createMemoryBus } from './broker/memory-broker.ts';
import { createRedisBroker } from './broker/redis-broker.ts';
import type { Clock } from './clock.ts';
import { topics } from './hub.ts';
import { type Media, openMedia } from './media.ts';
import { createBrokerMetrics, type Metrics, observeRedis } from './metrics.ts';
import { createMemoryPresence } from './presence/memory-presence.ts';
import type { PresenceTracker } from './presence/presence.ts';
import { createRedisPresence } from './presence/redis-presence.ts';
import { openRedis, type Redis } from './redis/redis.ts';
import type { Counters } from './safety/counters.ts';
import { createMemoryCounters } from './safety/memory-counters.ts';
import { createRedisCounters } from './safety/redis-counters.ts';
import { encodePush } from './session/frame.ts';
import { createMemorySessionBus } from './session/memory-session-registry.ts';
import { createRedisSessionRegistry } from './session/redis-session-registry.ts';
import type { SessionRegistry } from './session/session-registry.ts';
import { openStore } from './store/open-store.ts';
import type { Store } from './store/store.ts';

export interface Backends {
  readonly store: Store;
  readonly broker: Broker;
  readonly presence: PresenceTracker;
  readonly registry: SessionRegistry;
  readonly media: Media;
  readonly counters: Counters;
  /** What joins this gateway with others, when it is configured; behind broker, presence and registry. */
  readonly redis?: Redis;
}

/** How presence reaches those who listen: everybody, or those on this node. */
export interface PresenceAudience {
  tell(presence: Presence): void;
  tellHere(presence: Presence): void;
}

export const presenceFrame = (presence: Presence): string => encodePush({ push: 'presence', presence });

/** Opens what the configuration chooses, but for what is `given`. */
export const openBackends = async (options: {
  config: Config;
  given: Partial<Backends>;
  /** This gateway's name among those that share the Redis. */
  nodeId: string;
  audience: PresenceAudience;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  /** The store is lost for good. */
  onFatal: (error: Error) => void;
}): Promise<Backends> => {
  const { config, given, nodeId, audience, clock, log, metrics, onFatal } = options;
  const store = given.store ?? (await openStore(config, log, onFatal));
  const { url, ...shared } = config.redis;
  const redis = url === undefined ? undefined : openRedis({ url, ...shared, log });
  if (redis !== undefined) observeRedis(metrics, redis.ready);
  const broker = given.broker ?? openBroker(redis, metrics);
  const presence = given.presence ?? openPresence(redis, config.presence, { store, clock, log, audience });
  const registry = given.registry ?? openSessionRegistry(redis, config, { log, clock, nodeId });
  const media = given.media ?? (await openMedia({ config, log, clock, redis }));
  const counters = given.counters ?? openCounters(redis, clock);
  return { store, broker, presence, registry, media, counters, ...(redis === undefined ? {} : { redis }) };
};

const openBroker = (redis: Redis | undefined, metrics: Metrics): Broker =>
  redis === undefined ? createMemoryBus().join() : createRedisBroker({ redis, metrics: createBrokerMetrics(metrics) });

const openCounters = (redis: Redis | undefined, clock: Clock): Counters => {
  const alone = createMemoryCounters(clock);
  return redis === undefined ? alone : createRedisCounters({ redis, alone });
};

const openPresence = (
  redis: Redis | undefined,
  { graceMs, leaseMs }: Config['presence'],
  { store, clock, log, audience }: { store: Store; clock: Clock; log: Logger; audience: PresenceAudience },
): PresenceTracker => {
  const onError = (error: Error): void => log.error({ err: error }, 'presence failed');
  if (redis === undefined) return createMemoryPresence({ graceMs, clock, store, tell: audience.tell, onError });
  const { tellHere } = audience;
  const { presence: topicOf } = topics;
  return createRedisPresence({ redis, leaseMs, graceMs, store, topicOf, frameOf: presenceFrame, tellHere, onError });
};

const openSessionRegistry = (
  redis: Redis | undefined,
  { session }: Config,
  { log, clock, nodeId }: { log: Logger; clock: Clock; nodeId: string },
): SessionRegistry => {
  const leases = { graceMs: session.graceMs, leaseMs: SESSION_LEASE_MS };
  if (redis === undefined) return createMemorySessionBus({ clock, leases }).join(nodeId);
  return createRedisSessionRegistry({ redis, nodeId, leases, clock, log });
};

/** A session is still held to have its socket so long after the last word of its gateway; a gateway that died leaves it that and the grace. */
const SESSION_LEASE_MS = 30_000;
