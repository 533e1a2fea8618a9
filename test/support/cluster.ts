/** A cluster of real processes: two gateways and two media nodes on a Redis and a PostgreSQL of its own. */
import { deployRedis, deploySentinel } from './deployed-redis.ts';
import { type ClusterOptions, type Deployment, type GatewayNode, hostOf } from './deployment.ts';
import { startPostgres } from './engines/postgres.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { startTcpProxy } from './tcp-proxy.ts';

const CLUSTER_SECRET = 'a-cluster-secret-of-the-tests-with-32-chars';
const GATEWAYS = 2;
const MEDIA_NODES = 2;

export const startCluster = async (env: Record<string, string>, { sentinel = false }: ClusterOptions): Promise<Deployment> => {
  const [redis, postgres] = await Promise.all([sentinel ? deploySentinel() : deployRedis(), startPostgres()]);
  const database = await postgres.createDatabase();
  const closers: (() => Promise<void>)[] = [() => redis.dispose(), () => postgres.dispose()];
  const close = async (): Promise<void> => {
    for (const each of closers.reverse()) await each();
  };
  const shared = { ...env, PARLEY_CLUSTER_SECRET: CLUSTER_SECRET };

  const startMediaNode = async (): Promise<ServerProcess> => {
    const server = await startServer({ ...shared, PARLEY_ROLES: 'media', REDIS_URL: redis.url, PARLEY_MEDIA_WORKERS: '1' });
    closers.push(() => server.dispose());
    return server;
  };
  const startGatewayNode = async (index: number): Promise<GatewayNode> => {
    const [redisLine, postgresLine] = await Promise.all([redis.openLine(), startTcpProxy(postgres.port)]);
    const server = await startServer({
      ...shared,
      PARLEY_ROLES: 'gateway',
      REDIS_URL: redisLine.url,
      DATABASE_URL: database.replace(`:${postgres.port}/`, `:${postgresLine.port}/`),
    });
    const front = await startTcpProxy(server.port);
    closers.push(async () => {
      await front.close();
      await server.dispose();
      await Promise.all([redisLine.close(), postgresLine.close()]);
    });
    return { name: `gateway-${index + 1}`, server, front, back: { redis: redisLine, postgres: postgresLine } };
  };

  try {
    // At once, as a rollout does: whichever gateway is first migrates the database.
    const [mediaNodes, gateways] = await Promise.all([
      Promise.all(Array.from({ length: MEDIA_NODES }, startMediaNode)),
      Promise.all(Array.from({ length: GATEWAYS }, (_, index) => startGatewayNode(index))),
    ]);
    const servers = [...gateways.map(({ server }) => server), ...mediaNodes];
    return {
      topology: 'cluster',
      gateways,
      mediaNodes,
      redis,
      postgres,
      host: hostOf(gateways.map(({ server }) => server)),
      output: () => servers.map((server) => server.output()).join(''),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};
