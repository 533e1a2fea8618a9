/** The Redis of a deployment: one server, or a master and its replica behind a Sentinel. And the lines to it, which can be cut. */
import { type RedisServer, startRedis } from './engines/redis.ts';
import { type RedisSentinel, startSentinel } from './engines/redis-sentinel.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

export interface DeployedRedis {
  /** Past every line. */
  readonly url: string;
  /** All of it, also where it is two servers. What was in memory is gone. */
  stop(): Promise<void>;
  start(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Asks the master. */
  ask(command: string, ...args: (string | number)[]): Promise<unknown>;
  /** What fails over; where there is a Sentinel. */
  readonly sentinel?: RedisSentinel;
  /** A line of one node to all of it. */
  openLine(): Promise<RedisLine>;
  dispose(): Promise<void>;
}

export interface RedisLine {
  readonly url: string;
  cut(): void;
  restore(): void;
  close(): Promise<void>;
}

const lineOver = (url: string, proxies: readonly TcpProxy[]): RedisLine => ({
  url,
  cut() {
    for (const proxy of proxies) proxy.cut();
  },
  restore() {
    for (const proxy of proxies) proxy.restore();
  },
  close: async () => void (await Promise.all(proxies.map((proxy) => proxy.close()))),
});

export const deployRedis = async (): Promise<DeployedRedis> => {
  const server = await startRedis();
  return {
    ...server,
    async openLine() {
      const proxy = await startTcpProxy(server.port);
      return lineOver(`redis://127.0.0.1:${proxy.port}`, [proxy]);
    },
    dispose: () => server.stop(),
  };
};

export const deploySentinel = async (): Promise<DeployedRedis> => {
  const sentinel = await startSentinel();
  const servers: readonly RedisServer[] = [sentinel.master, sentinel.replica];
  return {
    url: sentinel.url,
    sentinel,
    stop: async () => void (await Promise.all(servers.map((server) => server.stop()))),
    start: sentinel.startAll,
    signal(signal) {
      for (const server of servers) server.signal(signal);
    },
    async ask(command, ...args) {
      return (await sentinel.roles()).master.ask(command, ...args);
    },
    async openLine() {
      const proxies = await Promise.all(servers.map(({ port }) => startTcpProxy(port)));
      const lines = new Map(servers.map(({ port }, index) => [`${port}`, `${proxies[index]?.port}`]));
      const names = new RegExp([...lines.keys()].join('|'), 'g');
      // Where the Sentinel names a server, the line to it is named. All ports have five digits, so no length in the answer changes.
      const renamed = (answer: Buffer): Buffer =>
        Buffer.from(
          answer.toString('latin1').replace(names, (port) => lines.get(port) ?? port),
          'latin1',
        );
      const proxy = await startTcpProxy(sentinel.port, renamed);
      return lineOver(sentinel.url.replace(`${sentinel.port}`, `${proxy.port}`), [proxy, ...proxies]);
    },
    dispose: sentinel.dispose,
  };
};
