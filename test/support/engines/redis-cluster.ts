/** A Redis Cluster of the test's own: three masters, and a replica of each when the test asks for them. */
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../server-process.ts';
import { until } from '../until.ts';
import { askRedis } from './ask-redis.ts';
import { type EngineProcess, startEngine } from './engine.ts';

export interface RedisClusterNode {
  readonly port: number;
  start(): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Asks this node something. */
  ask(command: string, ...args: (string | number)[]): Promise<unknown>;
}

export interface RedisCluster {
  readonly url: string;
  readonly masters: readonly RedisClusterNode[];
  /** The replica of each master, in the masters' order; none unless asked for. */
  readonly replicas: readonly RedisClusterNode[];
  /**
   * Moves a slot with its keys to another master, as an operator does. `underWay` runs while the keys are where they were and new ones
   * go to the other already, `half` when the keys are there and nobody was told.
   */
  moveSlot(slot: number, steps?: { underWay?: () => Promise<void>; half?: () => Promise<void> }): Promise<void>;
  /** Kills every server, and starts them again, empty, with the slots that they had. */
  stop(): Promise<void>;
  start(): Promise<void>;
  flush(): Promise<void>;
  dispose(): Promise<void>;
}

const SLOTS = 16_384;
const MASTERS = 3;

const startNode = async (folder: string): Promise<RedisClusterNode> => {
  const port = await freePort();
  // The bus would be at port + 10,000, which may be no port at all.
  const busPort = await freePort();
  const own = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  const cluster = ['--cluster-enabled', 'yes', '--cluster-config-file', `nodes-${port}.conf`, '--cluster-port', `${busPort}`];
  const quick = ['--cluster-node-timeout', '1000', '--cluster-allow-replica-migration', 'no', '--repl-diskless-sync-delay', '0'];
  // It listens before it has its bus, without which it ends.
  const isReady = () =>
    askRedis(port, 'PING').then(
      () => true,
      () => false,
    );
  let engine: EngineProcess | undefined;
  const node: RedisClusterNode = {
    port,
    async start() {
      engine = await startEngine('redis-server', [...own, ...cluster, ...quick], { isReady });
    },
    stop: async (signal) => engine?.stop(signal),
    signal: (signal) => engine?.signal(signal),
    ask: (command, ...args) => askRedis(port, command, ...args),
  };
  await node.start();
  return Object.assign(node, { busPort });
};

/** The port of the master that has the slot. */
const ownerOf = async (node: RedisClusterNode, slot: number): Promise<number | undefined> => {
  const ranges = (await node.ask('CLUSTER', 'SLOTS')) as [number, number, [string, number]][];
  return ranges.find(([first, last]) => first <= slot && slot <= last)?.[2][1];
};

export const startRedisCluster = async ({ replicas: withReplicas = false } = {}): Promise<RedisCluster> => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-redis-cluster-'));
  const count = withReplicas ? 2 * MASTERS : MASTERS;
  const nodes = await Promise.all(Array.from({ length: count }, () => startNode(folder)));
  const masters = nodes.slice(0, MASTERS);
  const replicas = nodes.slice(MASTERS);
  const [first] = masters as [RedisClusterNode];
  for (const node of nodes) {
    const { port, busPort } = node as RedisClusterNode & { busPort: number };
    if (node !== first) await first.ask('CLUSTER', 'MEET', '127.0.0.1', port, busPort);
  }
  for (const [index, master] of masters.entries()) {
    const from = Math.floor((SLOTS * index) / MASTERS);
    await master.ask('CLUSTER', 'ADDSLOTSRANGE', from, Math.floor((SLOTS * (index + 1)) / MASTERS) - 1);
  }
  const sees = async (node: RedisClusterNode, what: string): Promise<boolean> =>
    `${await node.ask('CLUSTER', 'INFO')}`.includes(what);
  const all = (what: string) => async () => (await Promise.all(nodes.map((node) => sees(node, what)))).every(Boolean);
  await until('the nodes to know each other', all(`cluster_known_nodes:${count}`));
  for (const [index, replica] of replicas.entries()) {
    const masterId = await masters[index]?.ask('CLUSTER', 'MYID');
    await until('the replica to follow', () =>
      replica.ask('CLUSTER', 'REPLICATE', `${masterId}`).then(
        () => true,
        () => false,
      ),
    );
  }
  await until('the cluster to be whole', all('cluster_state:ok'));
  for (const replica of replicas) {
    await until('the replica to have its master', async () =>
      `${await replica.ask('INFO', 'replication')}`.includes('link_status:up'),
    );
  }
  return {
    url: `redis+cluster://${masters.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    masters,
    replicas,
    async moveSlot(slot, { underWay, half } = {}) {
      const owner = (await ownerOf(first, slot)) as number;
      const from = masters.find(({ port }) => port === owner) as RedisClusterNode;
      const to = masters.find((master) => master !== from) as RedisClusterNode;
      const [fromId, toId] = await Promise.all([from, to].map(async (node) => `${await node.ask('CLUSTER', 'MYID')}`));
      await to.ask('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId as string);
      await from.ask('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId as string);
      await underWay?.();
      const keys = (await from.ask('CLUSTER', 'GETKEYSINSLOT', slot, 1_000)) as string[];
      if (keys.length > 0) await from.ask('MIGRATE', '127.0.0.1', to.port, '', 0, 5_000, 'REPLACE', 'KEYS', ...keys);
      await half?.();
      for (const node of [to, from, ...masters]) await node.ask('CLUSTER', 'SETSLOT', slot, 'NODE', toId as string);
    },
    stop: async () => void (await Promise.all(nodes.map((node) => node.stop()))),
    async start() {
      await Promise.all(nodes.map((node) => node.start()));
      await until('the cluster to be whole', all('cluster_state:ok'), 30_000);
    },
    flush: async () => void (await Promise.all(masters.map((master) => master.ask('FLUSHALL')))),
    async dispose() {
      await Promise.all(nodes.map((node) => node.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
};
