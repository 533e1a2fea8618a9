import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite-store.ts';
import { startRedis } from '../support/engines/redis.ts';
import { openThread, startGateway } from '../support/gateway.ts';
import { startServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';

const SECRET = 'a secret of the cluster, for the tests alone';

describe('the roles of a process', () => {
  const closings: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closings.splice(0).reverse()) await close();
  });

  it('[CT24] a gateway without a media node is ready for chat, and joining a call is unavailable', async () => {
    const redis = await startRedis();
    closings.push(() => redis.stop());
    const store = await openSqliteStore({ path: ':memory:' });
    const gateway = await startGateway({ roles: 'gateway', 'redis.url': redis.url, 'cluster.secret': SECRET }, { store });
    closings.push(() => gateway.close());
    const threadId = await openThread(gateway);
    await until('the gateway to be ready', async () => (await gateway.get('/readyz')).status === 200);
    const socket = await gateway.signIn('client');
    const interviewId = randomUUID();
    await socket.request('interview.call', { threadId, interviewId, media: 'audio' });
    const refusal = await socket.refused('room.join', { interviewId, participantId: randomUUID() });
    expect(refusal).toMatchObject({ code: 'unavailable', retryable: true });
    const history = await socket.request('thread.history', { threadId, limit: 10 });
    expect(history.events.length).toBeGreaterThan(0);
  });

  it('[CT24] [CF5] [OP40] a media node alone has no store, no user sockets and no secret of identity, is ready while its lease lives, and says so', async () => {
    const redis = await startRedis();
    closings.push(() => redis.stop());
    const server = await startServer({
      PARLEY_ROLES: 'media',
      REDIS_URL: redis.url,
      PARLEY_CLUSTER_SECRET: SECRET,
      PARLEY_JWT_SECRET: '',
      PARLEY_HOST_API_KEY: '',
    });
    closings.push(() => server.dispose());
    const get = async (path: string): Promise<[number, string]> => {
      const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
      return [response.status, await response.text()];
    };
    expect((await get('/v1/users/ada'))[0]).toBe(404);
    const place = async (): Promise<number[]> => {
      const [, metrics] = await get('/metrics');
      const names = ['parley_redis_up', 'parley_media_node_available', 'parley_media_node_draining'];
      return names.map((name) => Number(new RegExp(`^${name} (.*)$`, 'm').exec(metrics)?.[1]));
    };
    expect((await get('/metrics'))[1]).toContain('parley_media_worker_cpu');
    expect(await place()).toEqual([1, 1, 0]);
    await redis.stop();
    await until('it to wait for the registry', async () => (await get('/readyz'))[1].includes('registry'));
    expect(await place()).toEqual([0, 0, 0]);
    expect((await get('/healthz'))[0]).toBe(200);
    await redis.start();
    await until('it to be ready again', async () => (await get('/readyz'))[0] === 200);
  });
});
