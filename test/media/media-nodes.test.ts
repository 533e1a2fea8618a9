import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { MediaNodes, Registration, RegistrationOptions } from '../../signaling/media-nodes.ts';
import { createRedisLease, createRedisMediaNodes, registerMediaNode } from '../../signaling/redis-media-nodes.ts';
import { systemClock } from '../../src/clock.ts';
import { openRedis, type Redis } from '../../src/redis/redis.ts';
import { slotOf } from '../../src/redis/slot.ts';
import { startRedis } from '../support/engines/redis.ts';
import { startRedisCluster } from '../support/engines/redis-cluster.ts';
import { until } from '../support/until.ts';
import { testLog } from './node.ts';

/** What the registry is on here. */
interface Engine {
  readonly url: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  flush(): Promise<unknown>;
  dispose(): Promise<void>;
}

const oneServer = async (): Promise<Engine> => {
  const server = await startRedis();
  return { ...server, flush: () => server.ask('FLUSHALL'), dispose: () => server.stop() };
};

describe.each([
  ['one Redis', oneServer],
  ['a Redis Cluster', (): Promise<Engine> => startRedisCluster()],
] as const)('the registry of media nodes on %s', (_, startEngine) => {
  let server: Engine;
  const closings: (() => unknown)[] = [];

  beforeAll(async () => {
    server = await startEngine();
  });
  afterEach(async () => {
    for (const close of closings.splice(0).reverse()) await close();
    await server.flush();
  });
  afterAll(() => server.dispose());

  const connected = async (): Promise<Redis> => {
    const redis = openRedis({ url: server.url, prefix: 'test:', log: testLog });
    await until('Redis to be connected', () => redis.ready());
    return redis;
  };
  const gateway = async (): Promise<MediaNodes> => {
    const redis = await connected();
    closings.push(() => redis.close());
    return createRedisMediaNodes({ redis, clock: systemClock, random: Math.random });
  };
  const node = async (nodeId: string, options: Partial<RegistrationOptions> = {}): Promise<Registration & { bootId: string }> => {
    const redis = await connected();
    const bootId = randomUUID();
    const registration = await registerMediaNode(redis, {
      nodeId,
      bootId,
      url: `ws://${nodeId}`,
      workers: 2,
      load: async () => ({ cpu: 0, rooms: 0 }),
      rooms: () => [],
      onLost: () => {},
      onDraining: () => {},
      clock: systemClock,
      log: testLog,
      ...options,
    });
    closings.push(async () => {
      await registration.close();
      await redis.close();
    });
    return Object.assign(registration, { bootId });
  };
  const settled = (nodes: MediaNodes) => nodes.place(randomUUID(), []);
  const raw = async (work: (redis: Redis) => Promise<unknown>): Promise<void> => {
    const redis = await connected();
    await work(redis);
    await redis.close();
  };

  it('[CT1] 200 first joins at once over three gateways get one node and one fence, twenty times over', async () => {
    const gateways = [await gateway(), await gateway(), await gateway()];
    for (const nodeId of ['a', 'b', 'c']) await node(nodeId);
    await settled(gateways[0]!);
    for (let round = 0; round < 20; round += 1) {
      const roomId = randomUUID();
      const placed = await Promise.all(Array.from({ length: 200 }, (_, at) => gateways[at % 3]!.place(roomId, [])));
      expect(new Set(placed.map(({ nodeId, fence }) => `${nodeId} ${fence}`)).size).toBe(1);
    }
  });

  it('[CT2] rooms go to nodes with less load, and a rush is spread before it can be measured', async () => {
    const nodes = await gateway();
    await node('busy', { load: async () => ({ cpu: 0.9, rooms: 5 }) });
    await node('idle-1');
    await node('idle-2');
    await settled(nodes);
    const counts = new Map<string, number>();
    for (let at = 0; at < 30; at += 1) {
      const { nodeId } = await nodes.place(randomUUID(), []);
      counts.set(nodeId, (counts.get(nodeId) ?? 0) + 1);
    }
    expect(counts.get('idle-1') ?? 0).toBeGreaterThanOrEqual(8);
    expect(counts.get('idle-2') ?? 0).toBeGreaterThanOrEqual(8);
    expect(counts.get('busy') ?? 0).toBeLessThan(8);
  });

  it('[CT3] a room whose node is gone is placed anew under a larger fence; one whose node answers the asker stays', async () => {
    const nodes = await gateway();
    const registration = await node('a');
    await settled(nodes);
    const roomId = randomUUID();
    const first = await nodes.place(roomId, []);
    await registration.close();
    expect(await nodes.find(roomId, [])).toBeUndefined();
    expect(await nodes.find(roomId, ['a'])).toEqual(first);
    await node('b');
    const second = await nodes.place(roomId, []);
    expect(second.nodeId).toBe('b');
    expect(second.fence).toBeGreaterThan(first.fence);
  });

  it('[CT3] a node that came back under another life does not have the rooms of the one before', async () => {
    const nodes = await gateway();
    const before = await node('a');
    await settled(nodes);
    const roomId = randomUUID();
    const first = await nodes.place(roomId, []);
    const after = await node('a');
    const second = await nodes.place(roomId, []);
    expect([first.bootId, second.bootId]).toEqual([before.bootId, after.bootId]);
    expect(second.fence).toBeGreaterThan(first.fence);
  });

  it('[CT4] after Redis was flushed no living room is placed twice, and fences go on', async () => {
    const nodes = await gateway();
    const rooms: { roomId: string; fence: number }[] = [];
    await node('a', { rooms: () => rooms });
    await settled(nodes);
    const roomId = randomUUID();
    const first = await nodes.place(roomId, []);
    rooms.push({ roomId, fence: first.fence });
    await node('b');
    for (let round = 0; round < 3; round += 1) {
      await server.flush();
      expect(await nodes.place(roomId, [])).toEqual(first);
    }
    expect((await nodes.place(randomUUID(), [])).fence).toBeGreaterThan(first.fence);
  });

  it('[CT5] a node that was suspected keeps its lease when it lives, and loses it soon when it does not', async () => {
    const nodes = await gateway();
    await node('a');
    await nodes.suspect('a');
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect((await nodes.list()).map(({ nodeId }) => nodeId)).toEqual(['a']);
    await raw(({ client, key }) => client.set(key('{media}:node:dead'), '{"nodeId":"dead"}', 'PX', 60_000));
    await nodes.suspect('dead');
    await raw(async ({ client, key }) => expect(await client.pttl(key('{media}:node:dead'))).toBeLessThanOrEqual(1_500));
  });

  it('[CT6] a node whose room was placed elsewhere meanwhile is told so', async () => {
    const nodes = await gateway();
    const roomId = randomUUID();
    const lost: [string, number][] = [];
    await node('a', { rooms: () => [{ roomId, fence: 1 }], onLost: (id, fence) => lost.push([id, fence]) });
    const fence = 2 ** 50;
    await raw(({ client, key }) =>
      client.hset(key(`{media}:room:${roomId}`), { node: 'b', boot: 'x', url: 'ws://b', fence: String(fence) }),
    );
    await until('the loss to be told', () => lost.length > 0);
    expect(lost[0]).toEqual([roomId, fence]);
    expect(await nodes.find(roomId, ['b'])).toMatchObject({ nodeId: 'b', fence });
  });

  it('[CT7] a node that drains gets no new rooms and keeps its own, until the drain is called off', async () => {
    const nodes = await gateway();
    const told: boolean[] = [];
    const registration = await node('a', { onDraining: (draining) => told.push(draining) });
    await settled(nodes);
    const roomId = randomUUID();
    const placed = await nodes.place(roomId, []);
    await registration.drain(true);
    await expect(nodes.place(randomUUID(), [])).rejects.toMatchObject({ code: 'unavailable' });
    expect(await nodes.place(roomId, [])).toEqual(placed);
    await nodes.drain('a', false);
    await until('the drain to be called off', () => told.at(-1) === false);
    expect((await nodes.place(randomUUID(), [])).nodeId).toBe('a');
    expect(told).toEqual([true, false]);
  });

  it('[CT8] a room is given to another node while the first still has it, once', async () => {
    const nodes = await gateway();
    const lost: string[] = [];
    const rooms: { roomId: string; fence: number }[] = [];
    await node('a', { rooms: () => rooms, onLost: (id) => lost.push(id) });
    await settled(nodes);
    const roomId = randomUUID();
    const { fence } = await nodes.place(roomId, []);
    rooms.push({ roomId, fence });
    await nodes.drain('a', true);
    expect(await nodes.move(roomId, fence)).toBeUndefined();
    await node('b');
    await nodes.drain('a', false);
    expect(await nodes.move(roomId, fence)).toBeUndefined();
    await nodes.drain('a', true);
    const moved = await nodes.move(roomId, fence);
    expect(moved).toMatchObject({ nodeId: 'b' });
    expect(moved!.fence).toBeGreaterThan(fence);
    expect(moved!.from).toMatchObject({ nodeId: 'a', url: 'ws://a', fence });
    expect(await nodes.place(roomId, [])).toEqual(moved);
    expect(await nodes.find(roomId, [])).toEqual(moved);
    expect(await nodes.move(roomId, fence)).toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(lost).toEqual([]);
  });

  it('[CT9] without Redis a question is unavailable, and the node takes no new rooms once its lease is over', async () => {
    const nodes = await gateway();
    const registration = await node('a');
    expect(registration.leased).toBe(true);
    await server.stop();
    await expect(nodes.place(randomUUID(), [])).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    await until('the lease to be over', () => !registration.leased);
    await server.start();
    await until('the lease to be there again', () => registration.leased);
    const answers = (): Promise<boolean> =>
      nodes.list().then(
        () => true,
        () => false,
      );
    await until('the registry', answers);
    expect((await nodes.place(randomUUID(), [])).nodeId).toBe('a');
  });

  it('[CT10] a duty is had by one gateway at a time, and by another once that one is gone', async () => {
    const redis = await connected();
    closings.push(() => redis.close());
    const leases = ['g1', 'g2', 'g3'].map((owner) => createRedisLease(redis, 'duty', owner, 300));
    const had = await Promise.all(leases.map((lease) => lease.isMine()));
    expect(had.filter(Boolean)).toHaveLength(1);
    expect(await leases[had.indexOf(true)]!.isMine()).toBe(true);
    const others = leases.filter((_, at) => !had[at]);
    await until('another to have it', async () => (await Promise.all(others.map((lease) => lease.isMine()))).some(Boolean));
  });
});

describe('the registry of media nodes while its slot moves', () => {
  it('[RD7] rooms keep their node and new ones are placed, on the way and after', async () => {
    const cluster = await startRedisCluster();
    const redis = openRedis({ url: cluster.url, prefix: 'test:', log: testLog });
    await until('Redis to be connected', () => redis.ready());
    const nodes = createRedisMediaNodes({ redis, clock: systemClock, random: Math.random });
    const rooms: { roomId: string; fence: number }[] = [];
    const lost: string[] = [];
    const registration = await registerMediaNode(redis, {
      nodeId: 'a',
      bootId: randomUUID(),
      url: 'ws://a',
      workers: 1,
      load: async () => ({ cpu: 0, rooms: rooms.length }),
      rooms: () => rooms,
      onLost: (roomId) => lost.push(roomId),
      onDraining: () => {},
      clock: systemClock,
      log: testLog,
    });
    const roomId = randomUUID();
    const first = await nodes.place(roomId, []);
    rooms.push({ roomId, fence: first.fence });
    const isKept = async (): Promise<void> => {
      expect(await nodes.place(roomId, [])).toEqual(first);
      expect((await nodes.place(randomUUID(), [])).nodeId).toBe('a');
      expect(registration.leased).toBe(true);
    };
    await cluster.moveSlot(slotOf('test:{media}:'), { underWay: isKept, half: isKept });
    await isKept();
    // Some renewals go by.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await isKept();
    expect(lost).toEqual([]);
    await registration.close();
    await redis.close();
    await cluster.dispose();
  });
});
