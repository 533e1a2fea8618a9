/** A Redis of the test's own. What it knows is in memory: stopped and started again it is empty. */
import { freePort } from '../server-process.ts';
import { askRedis } from './ask-redis.ts';
import { answers, type EngineProcess, startEngine } from './engine.ts';

export interface RedisServer {
  readonly port: number;
  readonly url: string;
  /** Starts it again on the same port after `stop`; with other arguments, when they are given. */
  start(args?: readonly string[]): Promise<void>;
  /** SIGKILL, unless another signal is given: SIGSTOP makes it hang and SIGCONT lets it go on. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  ask(command: string, ...args: (string | number)[]): Promise<unknown>;
}

export const startRedis = async (args: readonly string[] = []): Promise<RedisServer> => {
  const port = await freePort();
  let engine: EngineProcess | undefined;
  const server: RedisServer = {
    port,
    url: `redis://127.0.0.1:${port}`,
    async start(others = args) {
      const own = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', '/tmp'];
      engine = await startEngine('redis-server', [...own, ...others], { isReady: () => answers(port) });
    },
    stop: async (signal) => engine?.stop(signal),
    signal: (signal) => engine?.signal(signal),
    ask: (command, ...args) => askRedis(port, command, ...args),
  };
  await server.start();
  return server;
};
