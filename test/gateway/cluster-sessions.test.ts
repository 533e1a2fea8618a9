/** Sessions that move between gateways of one process, which share a store, and a memory bus or a Redis. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../client/index.ts';
import { CLOSE_CODES } from '../../protocol/index.ts';
import type { Backends } from '../../src/backends.ts';
import { createMemoryBus } from '../../src/broker/memory-broker.ts';
import { systemClock } from '../../src/clock.ts';
import { createLog } from '../../src/log.ts';
import { openRedis } from '../../src/redis/redis.ts';
import { createMemorySessionBus } from '../../src/session/memory-session-registry.ts';
import { openSqliteStore } from '../../src/store/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { type RedisServer, startRedis } from '../support/engines/redis.ts';
import { openThread, startGateway, type TestGateway } from '../support/gateway.ts';
import { recording } from '../support/recording-socket.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

const log = createLog({ level: 'silent', pretty: false });
const leases = { graceMs: 30_000, leaseMs: 30_000 };
const SETTINGS = { 'cluster.secret': 'a-secret-of-the-cluster-with-32-characters' };

describe.each(['memory', 'Redis'])('sessions on two gateways, over %s', (kind) => {
  let dataDir: string;
  let store: Store;
  let redisServer: RedisServer | undefined;
  let gateways: [TestGateway, TestGateway];
  let threadId: string;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'parley-cluster-'));
    store = await openSqliteStore({
      path: join(dataDir, 'parley.sqlite'),
      replayLimit: 1_000,
      inboxKeep: 10_000,
      log,
      onFatal: (error) => {
        throw error;
      },
    });
    redisServer = kind === 'Redis' ? await startRedis() : undefined;
    const broker = createMemoryBus();
    const sessions = createMemorySessionBus({ clock: systemClock, leases });
    const start = async (nodeId: string): Promise<TestGateway> => {
      const shared: Partial<Backends> = { store: { ...store, close: async () => {} }, broker: broker.join() };
      if (redisServer === undefined) return startGateway(SETTINGS, { ...shared, registry: sessions.join(nodeId) });
      // As configured, but for the store.
      const engines = { 'redis.url': redisServer.url, 'store.databaseUrl': 'postgres://instead-of-it-the-tests-own/store' };
      return startGateway({ ...SETTINGS, ...engines }, shared);
    };
    gateways = [await start('a'), await start('b')];
    if (redisServer !== undefined) await bothListen(redisServer);
    threadId = await openThread(gateways[0]);
  });
  afterAll(async () => {
    for (const gateway of gateways) await gateway.close();
    await redisServer?.stop();
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  const open = async (
    gateway: TestGateway,
    userId: string,
    more: Record<string, unknown> = {},
    token = gateway.token(userId),
  ) => {
    const socket = await gateway.connect();
    const opened = await socket.request('session.open', { protocol: 1, token, ...more });
    return { socket, opened, resume: { sessionId: opened.sessionId, resumeToken: opened.resumeToken } };
  };

  it('[SE24] [SE9] a session moves to another gateway, which closes its old socket, and back', async () => {
    const [a, b] = gateways;
    const first = await open(a, 'client');
    const moved = await open(b, 'client', { resume: first.resume });
    expect(moved.opened).toMatchObject({ resumed: true, ...first.resume });
    expect((await first.socket.whenClosed()).code).toBe(CLOSE_CODES.superseded);
    const back = await open(a, 'client', { resume: first.resume });
    expect(back.opened.resumed).toBe(true);
    expect((await moved.socket.whenClosed()).code).toBe(CLOSE_CODES.superseded);
    await back.socket.request('thread.list', {});
    back.socket.terminate();
  });

  it('[SE25] signing out ends the session on every gateway; another user or a forged token takes none', async () => {
    const [a, b] = gateways;
    const first = await open(a, 'client');
    expect((await open(b, 'talent', { resume: first.resume })).opened.resumed).toBe(false);
    const forged = { ...first.resume, resumeToken: Buffer.alloc(32).toString('base64url') };
    expect((await open(b, 'client', { resume: forged })).opened.resumed).toBe(false);
    expect(first.socket.closed).toBeUndefined();
    await first.socket.request('session.close', {});
    await first.socket.whenClosed();
    expect((await open(b, 'client', { resume: first.resume })).opened.resumed).toBe(false);
  });

  it('[SE10] [SE24] the token of a session that moved is refreshed in place', async () => {
    const [a, b] = gateways;
    const first = await open(a, 'client', {}, a.token('client', 60));
    const { socket, opened } = await open(b, 'client', { resume: first.resume }, b.token('client', 90));
    const { tokenExpiresAt } = await socket.request('session.refresh', { token: b.token('client', 600) });
    expect(tokenExpiresAt).toBeGreaterThan(opened.tokenExpiresAt ?? 0);
    socket.terminate();
  });

  it('[SE24] [CL38] a client whose gateway vanishes resumes on the next address and misses nothing', async () => {
    const [a, b] = gateways;
    const proxy = await startTcpProxy(a.port);
    const resumed: boolean[] = [];
    const client = createClient(
      {
        url: [`ws://127.0.0.1:${proxy.port}/v1/socket`, b.socketUrl],
        token: () => a.token('talent'),
        WebSocket: recording(resumed),
      },
      { random: () => 0 },
    );
    try {
      client.connect();
      await until('the client', () => client.inbox.get().ready);
      const release = client.thread(threadId).open();
      await until('the thread', () => client.thread(threadId).view.get().status === 'ready');
      const poster = await a.signIn('client');
      const post = (index: number) =>
        poster.request('message.post', { threadId, clientMessageId: `moving-${kind}-${index}`, body: `${index}` });
      for (let index = 0; index < 20; index++) {
        await post(index);
        if (index === 10) proxy.cut();
      }
      const bodies = () =>
        client
          .thread(threadId)
          .view.get()
          .items.flatMap(({ event }: any) => (event?.type === 'message.posted' ? [event.message.body] : []));
      await until('all messages', () => bodies().includes('19'));
      expect(bodies().filter((body) => /^\d+$/.test(body))).toEqual(Array.from({ length: 20 }, (_, index) => `${index}`));
      expect(resumed).toEqual([false, true]);
      release();
    } finally {
      await client.close();
      await proxy.close();
    }
  });

  if (kind === 'Redis')
    it('[SE26] with Redis away a session resumes where it was, and anew elsewhere', async () => {
      const [a, b] = gateways;
      const first = await open(a, 'client');
      await redisServer?.stop();
      expect((await open(a, 'client', { resume: first.resume })).opened.resumed).toBe(true);
      const elsewhere = await open(b, 'client', { resume: first.resume });
      expect(elsewhere.opened.resumed).toBe(false);
      await elsewhere.socket.request('thread.list', {});
      await redisServer?.start();
    });
});

/** Gateways connect to Redis in the background. */
const bothListen = async ({ url }: RedisServer): Promise<void> => {
  const redis = openRedis({ url, prefix: '', log });
  try {
    await until('both gateways to listen', async () => {
      const channels = await redis.client.pubsub('CHANNELS', '*sessions:moved:*').catch(() => []);
      return (channels as string[]).length === 2;
    });
  } finally {
    await redis.close();
  }
};
