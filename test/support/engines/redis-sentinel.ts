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
  readonly master: RedisServer;
  readonly replica: RedisServer;
  /** The port of the master as the Sentinel knows it. */
  masterPort(): Promise<number>;
  /** Has the Sentinel promote the replica while the master lives. */
  failover(): Promise<void>;
  dispose(): Promise<void>;
}

const MASTER_NAME = 'parley';

export const startSentinel = async (): Promise<RedisSentinel> => {
  const master = await startRedis(['--repl-diskless-sync-delay', '0']);
  const replica = await startRedis(['--replicaof', '127.0.0.1', `${master.port}`]);
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
  const sentinel = await startEngine('redis-server', [file, '--sentinel'], { isReady: () => answers(port) });
  const ask = (...args: string[]): Promise<unknown> => askRedis(port, 'SENTINEL', ...args);
  await until(
    'the Sentinel to know the replica',
    async () => ((await ask('REPLICAS', MASTER_NAME)) as unknown[]).length > 0,
    30_000,
  );
  return {
    url: `redis+sentinel://127.0.0.1:${port}/${MASTER_NAME}`,
    master,
    replica,
    async masterPort() {
      const [, at] = (await ask('GET-MASTER-ADDR-BY-NAME', MASTER_NAME)) as [string, string];
      return Number(at);
    },
    async failover() {
      await ask('FAILOVER', MASTER_NAME);
    },
    async dispose() {
      await Promise.all([sentinel.stop(), master.stop(), replica.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
};
