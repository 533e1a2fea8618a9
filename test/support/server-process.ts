/** The real program in a process of its own, so that a test can kill it and start it again on the same data. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { API_KEY, JWT_SECRET, OPEN_POLICY, SEAL_KEY } from './gateway.ts';
import type { Namespace } from './namespaces.ts';
import { until } from './until.ts';

export const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface ServerProcess {
  readonly port: number;
  readonly socketUrl: string;
  readonly dataDir: string;
  readonly pid: () => number;
  /** All it printed so far, over all its lives. */
  output(): string;
  start(): Promise<void>;
  /** Ends this life; resolves when the process is gone. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
  /** Stops it and removes its data. */
  dispose(): Promise<void>;
}

/** Those that a test did not end, end with its process. */
const alive = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/**
 * Below those that the system gives to outgoing connections: one of them could take the port before its server has it, or while the
 * server that a test killed is to be started again on it.
 */
const PORTS = { first: 10_000, last: 32_000 } as const;

const given = new Set<number>();
const MOST_WORKERS = 16;
const WORKER = Number(process.env.VITEST_POOL_ID ?? 0) % MOST_WORKERS;

export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = PORTS.first + Math.floor(Math.random() * (PORTS.last - PORTS.first));
    // What was given and is not listened on yet looks free; other workers of the run have ports of their own.
    if (given.has(port) || port % MOST_WORKERS !== WORKER) continue;
    const isFree = await new Promise<boolean>((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (!isFree) continue;
    given.add(port);
    return port;
  }
};

const FROM_SOURCES = [process.execPath, '--disable-warning=ExperimentalWarning', MAIN] as const;

/** Asks it with `parley health` where fetch does not get to: in another network namespace. */
const isReadyWithin = (namespace: Namespace, env: NodeJS.ProcessEnv): Promise<boolean> => {
  const [command, ...args] = [...namespace.within, ...FROM_SOURCES, 'health', '--ready'] as const;
  return new Promise((resolve) => {
    execFile(command as string, args, { env }, (error) => resolve(error === null));
  });
};

/**
 * Starts `parley serve` with these environment variables over the tests' defaults; `program` is another copy of Parley. In a network
 * namespace it listens on the namespace's address, for sockets and for media.
 */
export const startServer = async (
  env: Record<string, string> = {},
  args: readonly string[] = ['serve'],
  program: readonly [string, ...string[]] = FROM_SOURCES,
  namespace?: Namespace,
): Promise<ServerProcess> => {
  const address = namespace?.address ?? '127.0.0.1';
  const port = await freePort();
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-server-'));
  let child: ChildProcess | undefined;
  let printed = '';

  const server: ServerProcess = {
    port,
    socketUrl: `ws://${address}:${port}/v1/socket`,
    dataDir,
    pid: () => child?.pid ?? -1,
    output: () => printed,
    async start() {
      const whole = {
        ...process.env,
        PARLEY_PORT: String(port),
        PARLEY_DATA_DIR: dataDir,
        PARLEY_JWT_SECRET: JWT_SECRET,
        PARLEY_HOST_API_KEY: API_KEY,
        PARLEY_SEAL_KEYS: JSON.stringify([SEAL_KEY]),
        PARLEY_SAFETY_POLICY: JSON.stringify(OPEN_POLICY),
        PARLEY_MEDIA_WORKERS: '1',
        PARLEY_HOST: address,
        PARLEY_MEDIA_LISTEN_IP: address,
        // Tests write faster than people.
        PARLEY_LIMIT_MESSAGES: '0',
        PARLEY_LIMIT_THREAD_MESSAGES: '0',
        PARLEY_LIMIT_THREADS: '0',
        ...env,
      };
      const [command, ...itsArgs] = [...(namespace?.within ?? []), ...program] as [string, ...string[]];
      const started = spawn(command, [...itsArgs, ...args], { env: whole, stdio: ['ignore', 'pipe', 'pipe'] });
      child = started;
      alive.add(started);
      started.once('exit', () => alive.delete(started));
      const keep = (chunk: Buffer): void => {
        printed += chunk.toString();
      };
      started.stdout.on('data', keep);
      started.stderr.on('data', keep);
      await until(
        'the server to be ready',
        async () => {
          if (started.exitCode !== null) throw new Error(`The server ended with ${started.exitCode}:\n${printed}`);
          if (namespace !== undefined) return isReadyWithin(namespace, whole);
          const probe = `http://127.0.0.1:${env.PARLEY_OPERATIONS_PORT ?? port}/readyz`;
          // A look that is not answered is no reason to stop looking.
          return fetch(probe, { signal: AbortSignal.timeout(2_000) }).then(
            (response) => response.ok,
            () => false,
          );
        },
        60_000,
      );
    },
    async stop(signal) {
      const running = child;
      if (running === undefined || running.exitCode !== null || running.signalCode !== null) return running?.exitCode ?? null;
      const gone = new Promise<number | null>((resolve) => running.once('exit', resolve));
      running.kill(signal);
      return gone;
    },
    async dispose() {
      await server.stop('SIGKILL');
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
};
