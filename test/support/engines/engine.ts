/** A server of a third party that a test starts for itself: in a folder of its own, on a free port, gone with the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { until } from '../until.ts';

export interface EngineProcess {
  readonly pid: number;
  /** What it printed so far. */
  output(): string;
  /** Sends a signal; SIGSTOP makes it hang, SIGCONT lets it go on. */
  signal(signal: NodeJS.Signals): void;
  /** Ends it; resolves when it is gone. A stopped one is ended too. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Those that a test did not end, end with its process. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts a program and waits until `isReady`. Rejects with what it printed when it ends before that. */
export const startEngine = async (
  command: string,
  args: readonly string[],
  options: { isReady: () => Promise<boolean>; uid?: number; gid?: number; cwd?: string; env?: NodeJS.ProcessEnv },
): Promise<EngineProcess> => {
  const { isReady, ...spawnOptions } = options;
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...spawnOptions });
  let printed = '';
  let failure: Error | undefined;
  const keep = (chunk: Buffer): void => {
    printed = (printed + chunk.toString()).slice(-20_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.once('error', (error) => {
    failure = error;
  });
  running.add(child);
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => {
      running.delete(child);
      resolve();
    });
  });
  await until(`${command} to be ready`, async () => {
    if (failure !== undefined) throw failure;
    if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}:\n${printed}`);
    return isReady();
  });
  return {
    pid: child.pid ?? -1,
    output: () => printed,
    signal: (signal) => void child.kill(signal),
    async stop(signal = 'SIGKILL') {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      if (signal !== 'SIGKILL') child.kill('SIGCONT');
      await gone;
    },
  };
};

/** Whether something answers a TCP connection there. */
export const answers = async (port: number): Promise<boolean> => {
  const { connect } = await import('node:net');
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
};
