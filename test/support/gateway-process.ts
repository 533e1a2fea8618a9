/** A gateway in a process of its own, asked as one in the test's process is; and it can be killed. */
import { mintToken } from '../../src/identity/tokens.ts';
import { hostOf } from './deployment.ts';
import { JWT_SECRET, type TestGateway } from './gateway.ts';
import { RawSocket } from './raw-socket.ts';
import { startServer } from './server-process.ts';

export interface GatewayProcess extends Omit<TestGateway, 'gateway' | 'dataDir'> {
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again on its port. */
  start(): Promise<void>;
  output(): string;
}

export const startGatewayProcess = async (env: Record<string, string>): Promise<GatewayProcess> => {
  const server = await startServer({ PARLEY_ROLES: 'gateway', ...env });
  const { port, socketUrl } = server;
  const sockets: RawSocket[] = [];
  const token: TestGateway['token'] = (userId, ttlSeconds = 3_600) => mintToken(JWT_SECRET, userId, { ttlSeconds });
  const connect: TestGateway['connect'] = async ({ headers } = {}) => {
    const socket = await RawSocket.connect(socketUrl, headers);
    sockets.push(socket);
    return socket;
  };
  return {
    port,
    socketUrl,
    token,
    connect,
    host: hostOf([server]),
    get: (path) => fetch(`http://127.0.0.1:${port}${path}`),
    async signIn(userId, open = {}) {
      const socket = await connect();
      await socket.request('session.open', { protocol: 1, token: token(userId), ...open });
      return socket;
    },
    kill: async () => void (await server.stop('SIGKILL')),
    start: server.start,
    output: server.output,
    async close() {
      for (const socket of sockets) socket.terminate();
      await server.dispose();
    },
  };
};
