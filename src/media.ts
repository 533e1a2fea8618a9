/**
 * Media, as a process has it: the node in it, if it has that role, and the fleet of nodes its gateway uses. Alone it is one node in
 * memory; with Redis the node is registered for all gateways, and the gateway reaches every node there is.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { Config } from '../config/index.ts';
import { createEvacuation } from '../media/evacuation.ts';
import { createLocalLink } from '../media/local-link.ts';
import { createLocalNode, type LocalNode } from '../media/local-node.ts';
import { createNeighbours, noNeighbours } from '../media/neighbours.ts';
import { type Lease, memoryLease } from '../signaling/lease.ts';
import { createMediaFleet, type MediaFleet } from '../signaling/media-fleet.ts';
import type { LinkListener, MediaLink, MediaStats } from '../signaling/media-link.ts';
import type { MediaNode } from '../signaling/media-node.ts';
import type { MediaNodes, Registration } from '../signaling/media-nodes.ts';
import { createMemoryMediaNodes } from '../signaling/memory-media-nodes.ts';
import { createRedisLease, createRedisMediaNodes, registerMediaNode } from '../signaling/redis-media-nodes.ts';
import type { Clock } from './clock.ts';
import { startControlServer } from './link/control-server.ts';
import { createLinkClient } from './link/link-client.ts';
import type { Redis } from './redis/redis.ts';
import { whenReady } from './redis/when-ready.ts';

/** Whoever watches the clocks of all interviews renews that every 5 s. */
const SWEEP_LEASE_MS = 12_000;
const REDIS_WAIT_MS = 2_000;

export interface RegisteredNode {
  readonly nodeId: string;
  readonly bootId: string;
  readonly local: LocalNode;
  /** Undefined without Redis. */
  readonly registration: Registration | undefined;
  close(): Promise<void>;
}

interface Options {
  readonly config: Config;
  readonly log: Logger;
  readonly clock: Clock;
  /** Closed by whoever opened it. */
  readonly redis: Redis | undefined;
}

const secretOf = ({ cluster }: Config): string => {
  if (cluster.secret === undefined) throw new Error('Nodes that are joined by Redis need the secret of the cluster.');
  return cluster.secret;
};

/** The media node of this process; with Redis, where gateways of other processes find it. */
export const openMediaNode = async ({
  config,
  log,
  clock,
  redis,
}: Options & { redis: Redis | undefined }): Promise<RegisteredNode> => {
  const bootId = randomUUID();
  let registration: Registration | undefined;
  // Media must outlive a lost socket for as long as its participant does.
  const iceConsentTimeoutMs = config.interview.graceMs + 15_000;
  // The registry is asked for them when a room is larger than this node, and not before.
  const neighbours =
    redis === undefined
      ? noNeighbours
      : createNeighbours({
          bootId,
          list: createRedisMediaNodes({ redis, clock, random: Math.random }).list,
          connect: (node, listener) =>
            createLinkClient({ ...node, gatewayId: bootId, secret: secretOf(config), listener, clock, log }),
          clock,
          log,
        });
  const local = await createLocalNode({
    neighbours,
    settings: { ...config.media, iceConsentTimeoutMs },
    log,
    mayOpen: () => redis === undefined || registration?.leased === true,
  });
  const { node, authority } = local;
  if (redis === undefined) return { nodeId: 'local', bootId, local, registration, close: local.close };

  const { controlHost, controlPort, controlUrl } = config.media;
  const { nodeId: named } = config.cluster;
  // The port may be any free one, and the name has it in it.
  const nodeId = named ?? `${hostname()}:${controlPort === 0 ? bootId.slice(0, 8) : controlPort}`;
  const secret = secretOf(config);
  const at = { host: controlHost, port: controlPort };
  const server = await startControlServer({ ...at, secret, nodeId, bootId, authority, clock, log });
  const workers = (await node.request('stats', {})).workers.length;
  // A Redis that is away now is waited for by the lease.
  await whenReady(redis, REDIS_WAIT_MS).catch(() => {});
  const nodes = createRedisMediaNodes({ redis, clock, random: Math.random });
  const evacuation = createEvacuation({
    rooms: authority.rooms,
    move: nodes.move,
    depart: authority.depart,
    withinMs: config.media.moveMs,
    clock,
    log,
  });
  registration = await registerMediaNode(redis, {
    nodeId,
    bootId,
    url: controlUrl ?? `ws://${controlHost.includes(':') ? `[${controlHost}]` : controlHost}:${server.port}`,
    workers,
    async load() {
      const stats = (await node.request('stats', {})).workers;
      const cpu = stats.reduce((sum, worker) => sum + worker.cpu, 0) / Math.max(1, stats.length);
      return { cpu, rooms: stats.reduce((sum, worker) => sum + worker.rooms, 0) };
    },
    rooms: authority.rooms,
    onLost: authority.lose,
    onDraining(draining) {
      evacuation.setDraining(draining);
      local.lender.setDraining(draining, config.media.moveMs);
    },
    clock,
    log,
  });
  log.info({ nodeId, port: server.port, workers }, 'media node registered');
  return {
    nodeId,
    bootId,
    local,
    registration,
    async close() {
      evacuation.close();
      await registration?.close();
      await server.close();
      await local.close();
    },
  };
};

export interface Media {
  readonly fleet: MediaFleet;
  readonly lease: Lease;
  /** The node in this process; undefined for a gateway alone. */
  readonly node: MediaNode | undefined;
  /** Of the node in this process. */
  stats(): Promise<MediaStats>;
  /** Of the node in this process, where others find it too. */
  readonly registration: Registration | undefined;
  /** What a readiness probe should hear of; a gateway without a node of its own takes traffic for chat whatever happens to media. */
  waitingFor(): string[];
  close(): Promise<void>;
}

/** Media for a gateway. */
export const openMedia = async (options: Options): Promise<Media> => {
  const { config, log, clock, redis } = options;
  const gatewayId = randomUUID();
  const own = config.roles === 'gateway' ? undefined : await openMediaNode(options);
  const connect = (node: { nodeId: string; url: string; bootId: string }, listener: LinkListener): MediaLink =>
    own !== undefined && node.bootId === own.bootId
      ? createLocalLink(own.local.authority, gatewayId, listener)
      : createLinkClient({ ...node, gatewayId, secret: secretOf(config), listener, clock, log });
  const nodes: MediaNodes =
    redis === undefined
      ? createMemoryMediaNodes({ nodeId: 'local', bootId: own?.bootId ?? '', workers: 1, clock })
      : createRedisMediaNodes({ redis, clock, random: Math.random });
  const fleet = createMediaFleet({ nodes, connect, clock, log });
  return {
    fleet,
    lease: redis === undefined ? memoryLease : createRedisLease(redis, 'interviews', gatewayId, SWEEP_LEASE_MS),
    node: own?.local.node,
    registration: own?.registration,
    stats: async () => (own === undefined ? { workers: [] } : own.local.node.request('stats', {})),
    waitingFor: () => (own === undefined || own.local.node.ready() ? [] : ['media node']),
    async close() {
      fleet.close();
      await own?.close();
    },
  };
};
