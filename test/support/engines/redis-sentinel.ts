/** A master, its replica and a Sentinel (quorum 1) that promotes the replica within about a second. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../server-process.ts';
import { until } from '../until.ts';
import { askRedis } from './ask-redis.ts';
import { answers, startEngine } from './engine.ts';
import { type RedisServer, startRedis } from './redis.ts';

export interface RedisSentinel {
  readonly url: string;
  /** The Sentinel's own. */
  readonly port: number;
  /** As they began. */
  readonly master: RedisServer;
  readonly replica: RedisServer;
  /** The port of the master as the Sentinel knows it. */
  masterPort(): Promise<number>;
  /** Who is which now, as the Sentinel knows it. */
  roles(): Promise<{ readonly master: RedisServer; readonly replica: RedisServer }>;
  /** Has the Sentinel promote the replica while the master lives; resolves when it has, which demotes the other some ten seconds later. */
  failOver(): Promise<void>;
  /** Kills the master; resolves when the replica is promoted. */
  killMaster(): Promise<void>;
  /** Starts what was killed: the master of now, and the other as its replica. */
  startAll(): Promise<void>;
  /** Resolves when the replica follows its master, so that it could take over. */
  whole(): Promise<void>;
  /** The replica gets nothing more from its master, so that what is written from now on is lost when that is killed. */
  leaveBehind(): Promise<void>;
  dispose(): Promise<void>;
}

const MASTER_NAME = 'parley';
const PATIENCE_MS = 40_000;
const AS_MASTER = ['--repl-diskless-sync-delay', '0'] as const;
const behind = (port: number): string[] => [...AS_MASTER, '--replicaof', '127.0.0.1', `${port}`];

export const startSentinel = async (): Promise<RedisSentinel> => {
  const master = await startRedis(AS_MASTER);
  const replica = await startRedis(behind(master.port));
  const folder = mkdtempSync(join(tmpdir(), 'parley-sentinel-'));
  const port = await freePort();
  const file = join(folder, 'sentinel.conf');
  writeFileSync(
    file,
    `port ${port}
bind 127.0.0.1
dir ${folder}
sentinel monitor ${MASTER_NAME} 127.0.0.1 ${master.port} 1
sentinel down-after-milliseconds ${MASTER_NAME} 1000
sentinel failover-timeout ${MASTER_NAME} 5000
`,
  );
  const engine = await startEngine('redis-server', [file, '--sentinel'], { isReady: () => answers(port) });
  const ask = (...args: string[]): Promise<unknown> => askRedis(port, 'SENTINEL', ...args);
  const inform = async (server: RedisServer): Promise<string> => `${await server.ask('INFO', 'replication').catch(() => '')}`;

  const sentinel: RedisSentinel = {
    url: `redis+sentinel://127.0.0.1:${port}/${MASTER_NAME}`,
    port,
    master,
    replica,
    async masterPort() {
      const [, at] = (await ask('GET-MASTER-ADDR-BY-NAME', MASTER_NAME)) as [string, string];
      return Number(at);
    },
    async roles() {
      const isFirst = (await sentinel.masterPort()) === master.port;
      return isFirst ? { master, replica } : { master: replica, replica: master };
    },
    async failOver() {
      const { master: before } = await sentinel.roles();
      const begin = (): Promise<boolean> =>
        ask('FAILOVER', MASTER_NAME).then(
          () => true,
          () => false,
        );
      await until('the Sentinel to begin', begin, PATIENCE_MS);
      await until('another master', async () => (await sentinel.masterPort()) !== before.port, PATIENCE_MS);
    },
    async killMaster() {
      const { master: before } = await sentinel.roles();
      await before.stop();
      await until('another master', async () => (await sentinel.masterPort()) !== before.port, PATIENCE_MS);
      // When it is a replica again, it is one that may follow.
      await (await sentinel.roles()).master.ask('CONFIG', 'SET', 'masterauth', '');
    },
    async startAll() {
      const now = await sentinel.roles();
      if (!(await answers(now.master.port))) await now.master.start(AS_MASTER);
      if (!(await answers(now.replica.port))) await now.replica.start(behind(now.master.port));
    },
    async whole() {
      const isWhole = async (): Promise<boolean> => {
        const now = await sentinel.roles();
        const [of, to] = await Promise.all([inform(now.master), inform(now.replica)]);
        if (!of.includes('role:master') || !to.includes(`master_port:${now.master.port}`)) return false;
        const [known] = (await ask('REPLICAS', MASTER_NAME)) as string[][];
        return to.includes('master_link_status:up') && known?.[known.indexOf('flags') + 1] === 'slave';
      };
      await until('the replica to follow its master', isWhole, PATIENCE_MS);
    },
    async leaveBehind() {
      const { replica: left } = await sentinel.roles();
      // A password that its master does not ask for is refused there.
      await left.ask('CONFIG', 'SET', 'masterauth', 'of-nobody');
      await left.ask('CLIENT', 'KILL', 'TYPE', 'master');
      await until('the replica to be behind', async () => (await inform(left)).includes('master_link_status:down'));
    },
    async dispose() {
      await Promise.all([engine.stop(), master.stop(), replica.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
  await sentinel.whole();
  return sentinel;
};
