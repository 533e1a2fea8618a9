import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { presenceContract } from '../../test/contracts/presence.ts';
import { type RedisServer, startRedis } from '../../test/support/engines/redis.ts';
import { type RedisCluster, startRedisCluster } from '../../test/support/engines/redis-cluster.ts';
import { createLastSeen, GRACE_MS, joinPresence, LEASE_MS } from '../../test/support/redis-presence.ts';
import { startTcpProxy } from '../../test/support/tcp-proxy.ts';
import { until } from '../../test/support/until.ts';

const HOLDER = fileURLToPath(new URL('../../test/support/presence-holder.fixture.ts', import.meta.url));

let prefixes = 0;
const newPrefix = (): string => `test-${process.pid}-${++prefixes}:`;

describe('a Redis Cluster', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster.dispose());
  presenceContract('Redis Cluster', () => joinPresence(cluster.url, newPrefix()));
});

describe('one Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  presenceContract('Redis', () => joinPresence(server.url, newPrefix()));

  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((node) => node.close()));
  });
  const nodes = async (count: number) => {
    const [prefix, store] = [newPrefix(), createLastSeen()];
    const joined = await Promise.all(Array.from({ length: count }, () => joinPresence(server.url, prefix, store)));
    open.push(...joined);
    return { prefix, joined: joined as [(typeof joined)[number], (typeof joined)[number]] };
  };

  it('[PR1] [PR5] devices on two nodes are one person, and a change is heard once by each node', async () => {
    const { joined } = await nodes(2);
    const [a, b] = joined;
    await Promise.all(joined.map((node) => node.watch('ada')));
    a.presence.hold('ada', 'phone');
    b.presence.hold('ada', 'laptop');
    await until('online', () => joined.every(({ changes }) => changes.length > 0));
    a.presence.release('ada', 'phone', { atOnce: true });
    // The same session on the other node holds a lease of its own: this node's late release is not its own.
    b.presence.hold('ada', 'phone');
    a.presence.release('ada', 'phone', { atOnce: true });
    b.presence.release('ada', 'laptop', { atOnce: true });
    await a.pass(2 * LEASE_MS);
    expect((await a.presence.get(['ada']))[0]?.online).toBe(true);
    b.presence.release('ada', 'phone', { atOnce: true });
    await until('offline', () => joined.every(({ changes }) => changes.at(-1)?.online === false));
    for (const { changes } of joined) expect(changes.map(({ online }) => online)).toEqual([true, false]);
  });

  it('[PR6] people of a node that is killed are offline after lease, grace and a sweep, told once, last seen when it last renewed', async () => {
    const { prefix, joined } = await nodes(2);
    const [a] = joined;
    const users = Array.from({ length: 20 }, (_, index) => `user-${index}`);
    for (const node of joined) for (const userId of users) await node.watch(userId);
    const holder = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', HOLDER, server.url, prefix, ...users], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    a.presence.hold('user-0', 'here');
    // It renews: nobody goes while it lives, however long.
    await a.pass(3 * (LEASE_MS + GRACE_MS));
    expect(a.changes.filter(({ online }) => !online)).toEqual([]);
    const killedAt = Date.now();
    holder.kill('SIGKILL');
    await until('all but one to be offline', () => joined.every(({ changes }) => changes.length === 2 * users.length - 1));
    const off = a.changes.filter(({ online }) => !online);
    for (const { lastSeenAt } of off) {
      expect(lastSeenAt).toBeLessThanOrEqual(killedAt + 50);
      expect(lastSeenAt).toBeGreaterThan(killedAt - LEASE_MS);
    }
    await a.pass(LEASE_MS);
    for (const { changes } of joined) {
      expect(
        changes
          .filter(({ online }) => !online)
          .map(({ userId }) => userId)
          .sort(),
      ).toEqual(users.slice(1).sort());
    }
    expect((await a.presence.get(['user-0', 'user-1'])).map(({ online }) => online)).toEqual([true, false]);
    await until('the store to know', () => a.seen.size === users.length - 1);
  });

  it('[PR8] a change that a node could not hear is told there once it hears again', async () => {
    const { prefix, joined } = await nodes(2);
    const [, b] = joined;
    const proxy = await startTcpProxy(server.port);
    const a = await joinPresence(server.url, prefix, createLastSeen(), `redis://127.0.0.1:${proxy.port}`);
    open.push(a, proxy);
    for (const node of [a, b]) await node.watch('ada');
    b.presence.hold('ada', 's1');
    await until('online', () => a.changes.length === 1);
    proxy.loseAnswers();
    b.presence.release('ada', 's1', { atOnce: true });
    await until('the others to hear', () => b.changes.at(-1)?.online === false);
    expect(a.changes).toHaveLength(1);
    await until('offline', () => a.changes.length === 2);
    expect(a.changes[1]).toEqual(b.changes[1]);
  });

  it('[PR7] a Redis that was emptied knows within a renewal who is here, and nobody goes offline on the way', async () => {
    const { joined } = await nodes(2);
    const [a, b] = joined;
    await Promise.all(joined.map((node) => node.watch('ada')));
    b.presence.hold('ada', 's1');
    await until('online', () => a.changes.length === 1);
    await a.redis.client.flushall();
    await until('online again', async () => (await a.presence.get(['ada']))[0]?.online);
    await a.pass(2 * (LEASE_MS + GRACE_MS));
    expect(a.changes.filter(({ online }) => !online)).toEqual([]);
    b.presence.release('ada', 's1', { atOnce: false });
    await until('offline', () => a.changes.at(-1)?.online === false);
  });

  it('[PR7] while Redis is away nobody goes offline; who left meanwhile is offline when it is back', async () => {
    const { joined } = await nodes(2);
    const [a, b] = joined;
    await Promise.all(joined.map((node) => Promise.all(['ada', 'bob'].map((userId) => node.watch(userId)))));
    for (const userId of ['ada', 'bob']) b.presence.hold(userId, 's1');
    await until('online', () => a.changes.length === 2);
    await server.stop();
    await until('it to be missed', () => !a.redis.ready() && !b.redis.ready());
    b.presence.release('bob', 's1', { atOnce: false });
    const leftAt = Date.now();
    expect((await b.presence.get(['ada']))[0]).toEqual({ userId: 'ada', online: true, lastSeenAt: null });
    await a.pass(2 * LEASE_MS);
    await server.start();
    const bob = await until('bob to be offline', () => a.changes.find(({ userId, online }) => userId === 'bob' && !online));
    expect(Math.abs((bob.lastSeenAt as number) - leftAt)).toBeLessThan(500);
    await until('ada to be online', async () => (await a.presence.get(['ada']))[0]?.online);
    expect(a.changes.filter(({ userId, online }) => userId === 'ada' && !online)).toEqual([]);
  });

  it('[PR7] a Redis that hung for longer than a lease gives nobody up who is still here', async () => {
    const { joined } = await nodes(2);
    const [a, b] = joined;
    await Promise.all(joined.map((node) => node.watch('ada')));
    b.presence.hold('ada', 's1');
    await until('online', () => a.changes.length === 1);
    server.signal('SIGSTOP');
    await a.pass(3 * LEASE_MS);
    server.signal('SIGCONT');
    await until('Redis', () => a.redis.ready() && b.redis.ready());
    await a.pass(2 * LEASE_MS);
    expect(a.changes.filter(({ online }) => !online)).toEqual([]);
    expect((await a.presence.get(['ada']))[0]?.online).toBe(true);
  });
});
