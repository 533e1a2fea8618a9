import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTRACT_LEASES, sessionRegistryContract } from '../../test/contracts/session-registry.ts';
import { type RedisServer, startRedis } from '../../test/support/engines/redis.ts';
import { until } from '../../test/support/until.ts';
import { systemClock } from '../clock.ts';
import { createLog } from '../log.ts';
import { openRedis, type Redis } from '../redis/redis.ts';
import { createRedisSessionRegistry } from './redis-session-registry.ts';
import type { Leases } from './session-registry.ts';

const log = createLog({ level: 'silent', pretty: false });
let server: RedisServer;
const connections: Redis[] = [];

const join = async (nodeId: string, leases: Leases = CONTRACT_LEASES) => {
  const redis = openRedis({ url: server.url, prefix: 'test:', log });
  connections.push(redis);
  const registry = createRedisSessionRegistry({ redis, nodeId, leases, clock: systemClock, log });
  await until('Redis', () => redis.ready());
  await until('the node to listen', async () => {
    const [, count] = (await redis.client.pubsub('NUMSUB', redis.key(`sessions:moved:${nodeId}`))) as [string, number];
    return count > 0;
  });
  return registry;
};

beforeAll(async () => {
  server = await startRedis();
});
afterAll(async () => {
  for (const redis of connections) await redis.close();
  await server.stop();
});

sessionRegistryContract('Redis', (nodeId) => join(nodeId));

describe('the session registry on Redis', () => {
  const isAlive = async (registry: Awaited<ReturnType<typeof join>>, sessionId: string): Promise<boolean> =>
    (await registry.claim(sessionId, 'ada').catch(() => ({ is: 'unknown' }))).is === 'alive';

  it('[SE24] a session of a node that died lives for its lease and grace, on the clock of Redis', async () => {
    const dying = await join('dying', { graceMs: 400, leaseMs: 60_000 });
    dying.open('left-behind', 'ada');
    const other = await join('other', { graceMs: 200, leaseMs: 300 });
    await until('the session', () => isAlive(other, 'left-behind'));
    // Nobody renews what the other node claimed once it is closed without having released it.
    await other.close();
    const third = await join('third', { graceMs: 200, leaseMs: 300 });
    await until('lease and grace to end', async () => (await third.claim('left-behind', 'eve')).is === 'unknown');
  });

  it('[SE24] a lease is renewed while the node has the session', async () => {
    const leases = { graceMs: 100, leaseMs: 300 };
    const [a, b] = [await join('renewing', leases), await join('asking', leases)];
    a.open('renewed', 'ada');
    for (let index = 0; index < 12; index++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect((await b.claim('renewed', 'eve')).is).toBe('ended');
    }
  });

  it('[SE26] a Redis that was flushed learns of the sessions anew, and one that was away harms none', async () => {
    const leases = { graceMs: 5_000, leaseMs: 300 };
    const [a, b] = [await join('flushed-a', leases), await join('flushed-b', leases)];
    a.open('kept', 'ada');
    await until('the session', () => isAlive(a, 'kept'));
    await server.stop();
    await expect(b.claim('kept', 'ada')).rejects.toThrow();
    a.open('born-without-redis', 'ada');
    expect(await a.end('no-such-session')).toBe(true);
    await server.start();
    for (const sessionId of ['kept', 'born-without-redis'])
      await until(`${sessionId} on the other node`, () => isAlive(b, sessionId), 20_000);
  });

  it('[SE24] a node that missed the word hears with its next renewal that a session moved', async () => {
    const leases = { graceMs: 5_000, leaseMs: 600 };
    const [deaf, b] = [await join('deaf', leases), await join('taking', leases)];
    const moved: string[] = [];
    deaf.onMoved((sessionId) => moved.push(sessionId));
    deaf.open('missed', 'ada');
    await until('the session', () => isAlive(deaf, 'missed'));
    const [redis] = connections.slice(-1);
    await redis?.client.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await b.claim('missed', 'ada');
    await until('the word', () => moved.includes('missed'));
  });
});
