/**
 * A whole Parley of real processes to test against: `single` is one process on SQLite and memory; `cluster` is two gateways and
 * two media nodes on a Redis and a PostgreSQL of its own. Whatever can break stands behind a proxy or is a process to be killed.
 */

import type { DeployedRedis, RedisLine } from './deployed-redis.ts';
import type { PostgresServer } from './engines/postgres.ts';
import { API_KEY, JWT_SECRET, OPEN_POLICY, SEAL_KEY } from './gateway.ts';
import type { ServerProcess } from './server-process.ts';
import type { TcpProxy } from './tcp-proxy.ts';

export type Topology = 'single' | 'cluster';

/** How a cluster is made. */
export interface ClusterOptions {
  /** Redis is a master and a replica behind a Sentinel, so that it can fail over. */
  readonly sentinel?: boolean;
}

export interface GatewayNode {
  readonly name: string;
  readonly server: ServerProcess;
  /** Where clients come in. */
  readonly front: TcpProxy;
  /** What it reaches Redis and PostgreSQL over; in a cluster alone. */
  readonly back: { readonly redis?: RedisLine; readonly postgres?: TcpProxy };
}

export interface Deployment {
  readonly topology: Topology;
  readonly gateways: readonly GatewayNode[];
  /** Processes of media alone; in a cluster. */
  readonly mediaNodes: readonly ServerProcess[];
  readonly redis?: DeployedRedis;
  readonly postgres?: PostgresServer;
  /** A REST call of the host platform, to a gateway that runs. */
  host(
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    path: string,
    body?: unknown,
    key?: string,
  ): Promise<{ status: number; body: any }>;
  /** All that the processes printed. */
  output(): string;
  close(): Promise<void>;
}

/** Environment variables of every process, over short times that suit tests. */
export const FAST: Readonly<Record<string, string>> = {
  PARLEY_LOG_LEVEL: process.env.PARLEY_LOG_LEVEL ?? 'warn',
  PARLEY_JWT_SECRET: JWT_SECRET,
  PARLEY_HOST_API_KEY: API_KEY,
  PARLEY_SEAL_KEYS: JSON.stringify([SEAL_KEY]),
  PARLEY_SAFETY_POLICY: JSON.stringify(OPEN_POLICY),
  PARLEY_HEARTBEAT_MS: '500',
  PARLEY_SESSION_GRACE_MS: '5000',
  PARLEY_PRESENCE_GRACE_MS: '1000',
  PARLEY_PRESENCE_LEASE_MS: '6000',
  PARLEY_RING_MS: '1500',
  // Longer than it takes to place a room in a new registry, or anew after its node was lost: those are empty rooms, too.
  PARLEY_ROOM_EMPTY_MS: '6000',
  PARLEY_PARTICIPANT_GRACE_MS: '4000',
  PARLEY_REPLAY_LIMIT: '150',
};

/** Asks the first of these that answers. */
export const hostOf =
  (servers: readonly ServerProcess[]): Deployment['host'] =>
  async (method, path, body, key = API_KEY) => {
    let failure: unknown;
    for (const { port } of servers) {
      try {
        const response = await fetch(`http://127.0.0.1:${port}${path}`, {
          method,
          headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
          ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        });
        return { status: response.status, body: await response.json() };
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  };
