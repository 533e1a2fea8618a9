/**
 * Redis, for the siblings of what is in memory by default: broker, presence, registry. It is never the source of truth: whatever
 * is kept there is a lease or a push, and may be lost at any time.
 */
import { Redis as Client } from 'ioredis';
import type { Logger } from 'pino';

export interface Redis {
  /** For commands and scripts; fails fast while Redis is away instead of queueing. */
  readonly client: Client;
  /** A key or channel of this deployment. */
  key(name: string): string;
  /** Whether the connection is there now. */
  ready(): boolean;
  /** Another connection of the same kind, for what blocks or subscribes. */
  connect(): Client;
  close(): Promise<void>;
}

/** How long a command may take; a Redis that hangs must not hold a request. */
const COMMAND_TIMEOUT_MS = 2_000;
const MAX_RETRY_DELAY_MS = 1_000;

/** Connects in the background: a Redis that is away at the start is reported, and waited for by what needs it. */
export const openRedis = ({ url, prefix, log }: { url: string; prefix: string; log: Logger }): Redis => {
  const connections = new Set<Client>();
  const connect = (): Client => {
    const client = new Client(url, {
      commandTimeout: COMMAND_TIMEOUT_MS,
      connectTimeout: COMMAND_TIMEOUT_MS,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (attempt) => Math.min(MAX_RETRY_DELAY_MS, 50 * attempt),
    });
    client.on('error', (error) => log.warn({ err: error }, 'Redis cannot be reached'));
    connections.add(client);
    return client;
  };
  const client = connect();
  return {
    client,
    key: (name) => `${prefix}${name}`,
    ready: () => client.status === 'ready',
    connect,
    async close() {
      for (const connection of connections) connection.disconnect();
      connections.clear();
    },
  };
};
