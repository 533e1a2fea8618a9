/** What `PARLEY_GATEWAYS=2` starts, for real: a supervisor, two gateways on one port, and a media process, on Redis and PostgreSQL. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../client/index.ts';
import { CLOSE_CODES } from '../../protocol/index.ts';
import { mintToken } from '../../src/identity/tokens.ts';
import { linkToSocket } from '../media/links.ts';
import { RtcClient } from '../media/rtc-client.ts';
import { hostOf } from '../support/deployment.ts';
import { answers } from '../support/engines/engine.ts';
import { type PostgresServer, startPostgres } from '../support/engines/postgres.ts';
import { type RedisServer, startRedis } from '../support/engines/redis.ts';
import { JWT_SECRET, openThread } from '../support/gateway.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { freePort, type ServerProcess, startServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';

const PROCESSES = ['gateway-1', 'gateway-2', 'media'];

describe('a supervised pair of gateways and their media process', () => {
  let redis: RedisServer;
  let postgres: PostgresServer;
  let server: ServerProcess;
  let operations: number;
  let threadId: string;

  beforeAll(async () => {
    [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
    operations = await portsInARow(PROCESSES.length);
    server = await startServer({
      PARLEY_GATEWAYS: '2',
      PARLEY_LOG_LEVEL: 'info',
      PARLEY_OPERATIONS_PORT: `${operations}`,
      PARLEY_CLUSTER_SECRET: 'a-cluster-secret-of-the-tests-with-32-chars',
      PARLEY_DRAIN_MS: '5000',
      PARLEY_MEDIA_DRAIN_MS: '4000',
      REDIS_URL: redis.url,
      DATABASE_URL: await postgres.createDatabase(),
    });
    for (const name of PROCESSES)
      await until(`${name} to be ready`, async () => (await ask(name, '/readyz')).startsWith('200'), 30_000);
    threadId = await openThread({ host: hostOf([server]) });
  });
  afterAll(async () => {
    await server?.dispose();
    await Promise.all([redis?.stop(), postgres?.dispose()]);
  });

  /** Status and body of an operator's question to one of the processes. */
  const ask = async (name: string, path: string): Promise<string> => {
    const port = operations + PROCESSES.indexOf(name);
    const response = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
    return response === undefined ? 'none' : `${response.status} ${await response.text()}`;
  };
  const socketsOn = async (name: string): Promise<number> =>
    Number(/^parley_sockets (\d+)/m.exec(await ask(name, '/metrics'))?.[1]);
  const pidOf = (name: string): number => {
    const lines = server
      .output()
      .split('\n')
      .filter((line) => line.includes('process started'));
    const started = lines.map((line) => JSON.parse(line)).filter((line) => line.process === name);
    return started.at(-1).childPid;
  };
  const token = (userId: string): string => mintToken(JWT_SECRET, userId, { ttlSeconds: 3_600 });
  const signIn = async (userId: string): Promise<RawSocket> => {
    const socket = await RawSocket.connect(server.socketUrl);
    await socket.request('session.open', { protocol: 1, token: token(userId) });
    return socket;
  };

  it('[GW6] each process answers health, readiness and metrics on a port of its own, and the shared port does not', async () => {
    for (const name of PROCESSES) {
      expect(await ask(name, '/healthz')).toBe('200 {"status":"ok"}');
      expect(await ask(name, '/metrics')).toMatch(/^process_resident_memory_bytes /m);
    }
    expect(await ask('media', '/metrics')).toMatch(/^parley_media_rooms\{worker="\d+"\} 0$/m);
    for (const name of ['gateway-1', 'gateway-2']) {
      await until('its link', async () => /^parley_media_link_up\{node="[^"]+"\} 1$/m.test(await ask(name, '/metrics')));
    }
    expect((await fetch(`http://127.0.0.1:${server.port}/metrics`)).status).toBe(404);
  });

  it('[GW6] a call of two goes through the media process of the host', async () => {
    const interviewId = randomUUID();
    const sockets = [await signIn('client'), await signIn('talent')] as const;
    await sockets[0].request('interview.call', { threadId, interviewId, media: 'video' });
    const [ada, bob] = sockets.map((socket) => new RtcClient(linkToSocket(socket), interviewId)) as [RtcClient, RtcClient];
    for (const rtc of [ada, bob]) {
      await rtc.join();
      await rtc.sendCamera();
    }
    await Promise.all([ada.decodes(bob.participantId, 20), bob.decodes(ada.participantId, 20)]);
    expect(await ask('media', '/metrics')).toMatch(/^parley_media_rooms\{worker="\d+"\} 1$/m);
    expect(await ask('gateway-1', '/metrics')).not.toMatch(/^parley_media_rooms\{/m);
    await sockets[0].request('interview.end', { interviewId });
    for (const rtc of [ada, bob]) rtc.close();
    for (const socket of sockets) socket.terminate();
  });

  it('[GW6] [GW1] both gateways take connections of the shared port; one that is killed is started again, and its clients come back', async () => {
    const clients = Array.from({ length: 24 }, () => {
      const client = createClient({ url: server.socketUrl, token: () => token('talent') });
      client.connect();
      return client;
    });
    const online = (): boolean =>
      clients.every((client) => client.connection.get().status === 'online' && client.inbox.get().ready);
    try {
      await until('all clients', online, 20_000);
      const counts = await Promise.all([socketsOn('gateway-1'), socketsOn('gateway-2')]);
      expect(Math.min(...counts)).toBeGreaterThan(0);
      expect(counts[0]! + counts[1]!).toBe(clients.length);
      const killed = pidOf('gateway-1');
      process.kill(killed, 'SIGKILL');
      await until('gateway-1 to be started again', () => pidOf('gateway-1') !== killed, 20_000);
      await until('gateway-1 to be ready', async () => (await ask('gateway-1', '/readyz')).startsWith('200'), 30_000);
      const poster = await signIn('client');
      await poster.request('message.post', { threadId, clientMessageId: 'after-the-kill', body: 'Are you all there?' });
      const heads = clients.map((client) => client.thread(threadId));
      const releases = heads.map((thread) => thread.open());
      await until(
        'all clients to have the message',
        () =>
          online() &&
          heads.every((thread) =>
            thread.view
              .get()
              .items.some(
                (item) =>
                  item.kind === 'event' &&
                  item.event.type === 'message.posted' &&
                  item.event.message.body === 'Are you all there?',
              ),
          ),
        30_000,
      );
      for (const release of releases) release();
      poster.terminate();
    } finally {
      await Promise.all(clients.map((client) => client.close()));
    }
  });

  it('[GW1] [GW5] SIGTERM drains all: people are asked back with a delay, and the whole ends with 0', async () => {
    const people = await Promise.all(Array.from({ length: 8 }, () => signIn('talent')));
    const ended = server.stop('SIGTERM');
    for (const person of people) {
      const { code, reason } = await person.whenClosed();
      expect(code).toBe(CLOSE_CODES.draining);
      expect(JSON.parse(reason).delayMs).toBeGreaterThanOrEqual(0);
    }
    expect(await ended).toBe(0);
    for (const name of PROCESSES) expect(await ask(name, '/healthz')).toBe('none');
  });
});

/** A port that is free together with those after it. */
const portsInARow = async (count: number): Promise<number> => {
  for (;;) {
    const first = await freePort();
    const following = Array.from({ length: count - 1 }, (_, index) => answers(first + 1 + index));
    if (!(await Promise.all(following)).some(Boolean)) return first;
  }
};
