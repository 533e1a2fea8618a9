/** Connections to what a Redis URL names: bounded in time, never queueing, and back by themselves whatever their driver gives up. */
import { Redis as Client, Cluster } from 'ioredis';
import type { RedisSettings } from './settings.ts';

/** How long a command may take; a Redis that hangs must not hold a request. */
const COMMAND_TIMEOUT_MS = 2_000;
/** A connection that owes an answer and says nothing for this long is given up and made anew. */
const SOCKET_TIMEOUT_MS = 4_000;
const MAX_RETRY_DELAY_MS = 1_000;

/** Doubles up to a second; jitter after the cap, so that nodes do not come back as one. */
const retryDelay = (attempt: number): number =>
  Math.min(MAX_RETRY_DELAY_MS, 25 * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random());

const commonOptions = ({ target: { username, password, db, tls }, ca }: RedisSettings) => ({
  ...(username === undefined ? {} : { username }),
  ...(password === undefined ? {} : { password }),
  ...(tls ? { tls: tlsOptions(ca) } : {}),
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

const tlsOptions = (ca: string | undefined) => (ca === undefined ? {} : { ca });

const serverOptions = (settings: RedisSettings) => {
  const common = commonOptions(settings);
  const { kind, hosts, tls, masterName, sentinelUsername, sentinelPassword } = settings.target;
  if (kind !== 'sentinel') return { ...common, ...hosts[0] };
  return {
    ...common,
    name: masterName as string,
    sentinels: [...hosts],
    sentinelRetryStrategy: retryDelay,
    // One that hangs would be asked for ever.
    sentinelCommandTimeout: COMMAND_TIMEOUT_MS,
    failoverDetector: true,
    ...(tls ? { enableTLSForSentinelMode: true, sentinelTLS: tlsOptions(settings.ca) } : {}),
    ...(sentinelUsername === undefined ? {} : { sentinelUsername }),
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
  };
};

/**
 * The driver ends a connection for good when Sentinel tells of a failover in the moment in which the connection looks for the
 * master. So it is made again, unless we gave it up.
 */
const keepConnecting = (client: Client, onGivenUp: () => void): Client => {
  let givenUp = false;
  const disconnect = client.disconnect.bind(client);
  client.disconnect = (reconnect = false) => {
    givenUp ||= !reconnect;
    disconnect(reconnect);
  };
  const connect = (): void => {
    if (!givenUp) client.connect().catch(() => {});
  };
  client.on('end', () => {
    if (givenUp) onGivenUp();
    else setTimeout(connect, retryDelay(1)).unref();
  });
  return client;
};

/** To the only server, or to the master that the Sentinels know. */
export const openServer = (settings: RedisSettings, onGivenUp = (): void => {}): Client =>
  keepConnecting(new Client(serverOptions(settings)), onGivenUp);

const hostOf = (address: string): { host: string; port: number } => {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
};

/** To one server of a Cluster. */
export const openShard = (settings: RedisSettings, address: string, onGivenUp: () => void): Client =>
  keepConnecting(new Client({ ...commonOptions(settings), ...hostOf(address) }), onGivenUp);

export const openCluster = (settings: RedisSettings): Cluster => {
  const { retryStrategy: _, enableOfflineQueue: __, ...redisOptions } = commonOptions(settings);
  const { hosts, tls } = settings.target;
  const cluster = new Cluster([...hosts], {
    redisOptions,
    enableOfflineQueue: false,
    clusterRetryStrategy: retryDelay,
    clusterNodeRetryStrategy: retryDelay,
    slotsRefreshInterval: 2_000,
    // Managed clusters hand out names that their certificates are made for.
    ...(tls ? { dnsLookup: (address, done) => done(null, address) } : {}),
  });
  cluster.on('+node', hearAsking);
  return cluster;
};

/** Following a slot that moves, the driver asks with a command whose failure it leaves to nobody; the one behind it fails too and is heard. */
const hearAsking = (node: Client): void => {
  const asking = node.asking.bind(node) as () => Promise<'OK'>;
  node.asking = () => {
    const asked = asking();
    asked.catch(() => {});
    return asked;
  };
};
