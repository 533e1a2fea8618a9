/** A PostgreSQL of the test's own: a cluster in a temporary folder, on a free port, without a password on loopback. */
import { spawnSync } from 'node:child_process';
import { chownSync, globSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { freePort } from '../server-process.ts';
import { type EngineProcess, startEngine } from './engine.ts';

export interface PostgresServer {
  readonly port: number;
  /** An empty database of a name nobody else has; its URL. */
  createDatabase(): Promise<string>;
  /** Starts it again on the same data after `stop`. */
  start(): Promise<void>;
  /** SIGKILL, unless another signal is given: SIGINT is PostgreSQL's fast shutdown, SIGQUIT leaves it to crash recovery. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Stops it and removes its data. */
  dispose(): Promise<void>;
}

/** Debian keeps the server's programs out of PATH, by version; the newest serves. */
const binaries = (): string => {
  const [newest] = globSync('/usr/lib/postgresql/*/bin/initdb').sort((a, b) => Number(b.split('/')[4]) - Number(a.split('/')[4]));
  return newest === undefined ? '' : `${dirname(newest)}/`;
};

/** PostgreSQL refuses to run as root; then it runs as the user that its package made. */
export const postgresOwner = (): { uid?: number; gid?: number } => {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string): number => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
  return { uid: idOf('-u'), gid: idOf('-g') };
};

/**
 * `settings` are PostgreSQL's own (`{ max_connections: '50' }`). Commits are not forced to disk, unless `fsync` says so: the
 * operating system keeps what a killed server wrote.
 */
export const startPostgres = async (settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> => {
  const bin = binaries();
  const user = postgresOwner();
  const folder = mkdtempSync(join(tmpdir(), 'parley-postgres-'));
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const env = { ...process.env, LC_ALL: 'C.UTF-8' };
  const made = spawnSync(`${bin}initdb`, ['-D', data, '-U', 'parley', '-A', 'trust', '-E', 'UTF8', '--no-sync'], {
    ...user,
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.error?.message ?? ''}${made.stdout}${made.stderr}`);
  const port = await freePort();
  const urlOf = (database: string): string => `postgres://parley@127.0.0.1:${port}/${database}`;
  let engine: EngineProcess | undefined;
  let databases = 0;

  const asAdmin = async <Value>(work: (client: pg.Client) => Promise<Value>): Promise<Value> => {
    const client = new pg.Client({ connectionString: urlOf('postgres') });
    client.on('error', () => {});
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    fsync: 'off',
    max_connections: '100',
    ...settings,
  };
  const args = ['-D', data, '-p', `${port}`, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];

  const server: PostgresServer = {
    port,
    async createDatabase() {
      databases += 1;
      const name = `parley_${process.pid}_${databases}`;
      await asAdmin((client) => client.query(`CREATE DATABASE ${name}`));
      return urlOf(name);
    },
    async start() {
      engine = await startEngine(`${bin}postgres`, args, {
        ...user,
        cwd: folder,
        env,
        isReady: () =>
          asAdmin((client) => client.query('SELECT 1')).then(
            () => true,
            () => false,
          ),
      });
    },
    stop: async (signal) => engine?.stop(signal),
    signal: (signal) => engine?.signal(signal),
    async dispose() {
      await engine?.stop('SIGINT');
      await rm(folder, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
};
