/**
 * Redis, for the siblings of what is in memory by default: broker, presence, registry. It is never the source of truth: whatever
 * is kept there is a lease or a push, and may be lost at any time.
 *
 * Promised: commands fail fast while Redis is away and never queue without bound; the connection comes back by itself, for ever;
 * an outage is one warning in the log and one line when it is over. `ready` is asked of Redis every second, not of the socket:
 * a server that hangs, or that became a read-only replica, is away.
 */
import { createHash } from 'node:crypto';
import { type Redis as Client, Cluster } from 'ioredis';
import type { Logger } from 'pino';
import { openCluster, openServer, openShard } from './connections.ts';
import { refusalOf } from './refusal.ts';
import { readSettings } from './settings.ts';
import { slotOf } from './slot.ts';

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

const CHECK_MS = 1_000;
/** Where there is one server or one master. */
const ONLY_SHARD = 'redis';

export interface RedisOptions {
  readonly url: string;
  readonly prefix: string;
  /** Certificates of the authorities that sign Redis's own, when the system does not know them. */
  readonly caFile?: string | undefined;
  readonly log: Logger;
}

/**
 * Connects in the background: a Redis that is away at the start is reported, and waited for by what needs it. So is one that refuses
 * our settings, which may be put right there. Throws a ConfigError at a bad URL and at a file that cannot be read.
 */
export const openRedis = ({ url, prefix, caFile, log }: RedisOptions): Redis => {
  const settings = readSettings(url, caFile);
  const connections = new Set<Client>();
  const listeners = new Set<(ready: boolean) => void>();
  const key = (name: string): string => `${prefix}${name}`;
  const isCluster = settings.target.kind === 'cluster';
  const client = isCluster ? openCluster(settings) : openServer(settings);

  // Connecting is not an outage yet.
  let isReady = false;
  let awaySince: number | undefined = performance.now();
  let warned = false;
  let refusal: string | undefined;
  let closed = false;

  /** Each outage once, and each reason that somebody has to see to. */
  const tell = (error: unknown): void => {
    const refused = refusalOf(error);
    if (refused !== undefined && refused !== refusal) log.error({ err: error }, `${refused}; it is tried again`);
    else if (!warned) log.warn({ err: error }, 'Redis is away; posts go on, pushes to other nodes and presence wait');
    refusal = refused ?? refusal;
    warned = true;
  };
  const lost = (error: unknown): void => {
    const wasReady = isReady;
    isReady = false;
    awaySince ??= performance.now();
    if (!closed) tell(error);
    if (wasReady) for (const listener of listeners) listener(false);
  };
  const found = (): void => {
    if (isReady || closed) return;
    isReady = true;
    if (warned) log.info({ awayMs: Math.round(performance.now() - (awaySince ?? 0)) }, 'Redis is back');
    awaySince = undefined;
    refusal = undefined;
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
      const onGivenUp = (): void => void connections.delete(connection);
      const connection: Client =
        isCluster && at !== undefined ? openShard(settings, at, onGivenUp) : openServer(settings, onGivenUp);
      // What goes wrong there is known from `ready` and from the commands that fail.
      connection.on('error', () => {});
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
