/**
 * Redis, for the siblings of what is in memory by default: broker, presence, registry. It is never the source of truth: whatever
 * is kept there is a lease or a push, and may be lost at any time.
 *
 * Promised: commands fail fast while Redis is away and never queue without bound; the connection comes back by itself, for ever;
 * an outage is one warning in the log and one line when it is over. `ready` is asked of Redis every second, not of the socket:
 * a server that hangs, or that became a read-only replica, is away.
 */
import { createHash } from 'node:crypto';
import { Redis as Client, Cluster } from 'ioredis';
import type { Logger } from 'pino';
import { slotOf } from './slot.ts';
import { parseRedisUrl, type RedisTarget } from './url.ts';

/** A connection to one server; what subscribes has one of its own. */
export type RedisConnection = Client;

export interface Redis {
  /** For commands and scripts; fails fast while Redis is away instead of queueing. */
  readonly client: Client | Cluster;
  /** Whether keys live on several servers: then keys used together share a hash tag, and pub/sub is sharded (Redis 7). */
  readonly isCluster: boolean;
  /** A key or channel of this deployment. */
  key(name: string): string;
  /** Runs a script atomically, by its digest where the server knows it. In a Cluster all keys share a hash tag. */
  run(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown>;
  /** Whether Redis takes commands, as of a second ago. */
  ready(): boolean;
  /** Hears when Redis comes (true) and goes (false), from now on. */
  onReady(listener: (ready: boolean) => void): void;
  /** Which server has a key now: the master's `host:port` in a Cluster, undefined while that is unknown. */
  shardOf(key: string): string | undefined;
  /** Looks again which server has what, after a sign that it changed. */
  refreshShards(): void;
  /** Another connection of the same kind, for what blocks or subscribes; in a Cluster to that shard. Disconnect it when done. */
  connect(shard?: string): RedisConnection;
  close(): Promise<void>;
}

export interface Script {
  readonly lua: string;
  readonly digest: string;
}

export const script = (lua: string): Script => ({ lua, digest: createHash('sha1').update(lua).digest('hex') });

/** How long a command may take; a Redis that hangs must not hold a request. */
const COMMAND_TIMEOUT_MS = 2_000;
/** A connection that owes an answer and says nothing for this long is given up and made anew. */
const SOCKET_TIMEOUT_MS = 4_000;
const CHECK_MS = 1_000;
const MAX_RETRY_DELAY_MS = 1_000;
/** Where there is one server or one master. */
const ONLY_SHARD = 'redis';

/** Doubles up to a second; jitter after the cap, so that nodes do not come back as one. */
const retryDelay = (attempt: number): number =>
  Math.min(MAX_RETRY_DELAY_MS, 25 * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random());

/** Connects in the background: a Redis that is away at the start is reported, and waited for by what needs it. Throws at a bad URL. */
export const openRedis = ({ url, prefix, log }: { url: string; prefix: string; log: Logger }): Redis => {
  const target = parseRedisUrl(url);
  const connections = new Set<Client>();
  const listeners = new Set<(ready: boolean) => void>();
  const key = (name: string): string => `${prefix}${name}`;
  const isCluster = target.kind === 'cluster';
  const client = isCluster ? openCluster(target) : new Client(serverOptions(target));

  // Connecting is not an outage yet.
  let isReady = false;
  let awaySince: number | undefined = performance.now();
  let warned = false;
  let closed = false;

  const lost = (error: unknown): void => {
    const wasReady = isReady;
    isReady = false;
    awaySince ??= performance.now();
    if (!warned && !closed) log.warn({ err: error }, 'Redis is away; posts go on, pushes to other nodes and presence wait');
    warned = true;
    if (wasReady) for (const listener of listeners) listener(false);
  };
  const found = (): void => {
    if (isReady || closed) return;
    isReady = true;
    if (warned) log.info({ awayMs: Math.round(performance.now() - (awaySince ?? 0)) }, 'Redis is back');
    awaySince = undefined;
    warned = false;
    for (const listener of listeners) listener(true);
  };

  /** Asks for what we need: every master to answer, and one to take a write. */
  const ask = async (): Promise<void> => {
    if (client.status !== 'ready') throw new Error(`The connection is ${client.status}.`);
    if (client instanceof Cluster) await Promise.all(client.nodes('master').map((node) => node.ping()));
    else await client.set(key('alive'), '', 'PX', 60_000);
  };
  let timer: NodeJS.Timeout | undefined;
  let asking = false;
  const check = async (): Promise<void> => {
    if (asking || closed) return;
    asking = true;
    clearTimeout(timer);
    await ask().then(found, lost);
    asking = false;
    if (closed) return;
    timer = setTimeout(check, CHECK_MS);
    timer.unref();
  };
  timer = setTimeout(check, CHECK_MS);
  timer.unref();
  client.on('ready', check);
  client.on('error', lost);
  client.on('close', () => lost(new Error('The connection closed.')));
  client.on('node error', () => void check());

  return {
    client,
    isCluster,
    key,
    async run({ lua, digest }, keys, args) {
      try {
        return await client.evalsha(digest, keys.length, ...keys, ...args);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
        return client.eval(lua, keys.length, ...keys, ...args);
      }
    },
    ready: () => isReady,
    onReady: (listener) => void listeners.add(listener),
    shardOf: (name) => (client instanceof Cluster ? client.slots[slotOf(name)]?.[0] : ONLY_SHARD),
    refreshShards() {
      if (client instanceof Cluster) client.refreshSlotsCache();
    },
    connect(shard) {
      const at = shard ?? (client instanceof Cluster ? client.slots.find((nodes) => nodes?.[0] !== undefined)?.[0] : undefined);
      const connection = new Client(
        isCluster && at !== undefined ? { ...commonOptions(target), ...hostOf(at) } : serverOptions(target),
      );
      // What goes wrong there is known from `ready` and from the commands that fail.
      connection.on('error', () => {});
      connection.once('end', () => connections.delete(connection));
      connections.add(connection);
      return connection;
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      for (const connection of connections) connection.disconnect();
      client.disconnect();
    },
  };
};

const hostOf = (address: string): { host: string; port: number } => {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
};

const commonOptions = ({ username, password, db, tls }: RedisTarget) => ({
  ...(username === undefined ? {} : { username }),
  ...(password === undefined ? {} : { password }),
  ...(tls ? { tls: {} } : {}),
  db,
  commandTimeout: COMMAND_TIMEOUT_MS,
  connectTimeout: COMMAND_TIMEOUT_MS,
  socketTimeout: SOCKET_TIMEOUT_MS,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  // Whoever subscribes does that in batches and knows when it is done.
  autoResubscribe: false,
  retryStrategy: retryDelay,
  // After a failover the server may be a replica: then there is another master to be found.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
});

const serverOptions = (target: RedisTarget) => {
  const common = commonOptions(target);
  const { hosts, tls, masterName, sentinelUsername, sentinelPassword } = target;
  if (target.kind !== 'sentinel') return { ...common, ...hosts[0] };
  return {
    ...common,
    name: masterName as string,
    sentinels: [...hosts],
    sentinelRetryStrategy: retryDelay,
    failoverDetector: true,
    ...(tls ? { enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
    ...(sentinelUsername === undefined ? {} : { sentinelUsername }),
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
  };
};

const openCluster = (target: RedisTarget): Cluster => {
  const { retryStrategy: _, enableOfflineQueue: __, ...redisOptions } = commonOptions(target);
  return new Cluster([...target.hosts], {
    redisOptions,
    enableOfflineQueue: false,
    clusterRetryStrategy: retryDelay,
    clusterNodeRetryStrategy: retryDelay,
    slotsRefreshInterval: 2_000,
    // Managed clusters hand out names that their certificates are made for.
    ...(target.tls ? { dnsLookup: (address, done) => done(null, address) } : {}),
  });
};
