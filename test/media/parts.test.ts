import { networkInterfaces } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDepartures } from '../../media/departures.ts';
import { createEvacuation } from '../../media/evacuation.ts';
import { createEventRing } from '../../media/event-ring.ts';
import { listenInfosOf } from '../../media/listen-infos.ts';
import { leastBusy } from '../../media/placement.ts';
import { priorityOf } from '../../media/priority.ts';
import { createQualityMeter, qualityOf } from '../../media/quality.ts';
import type { Quality, RoomEvent } from '../../protocol/index.ts';
import { createSerialQueues } from '../../src/serial-queues.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { TEST_SETTINGS, testLog } from './node.ts';
import { testSeed } from './seed.ts';

const seed = testSeed();
const event = (participantId: string): RoomEvent => ({ type: 'speaker.changed', participantId });

describe('the parts of the media node', () => {
  it('[MV13] rooms are given away sixteen at a time, again when nobody took them, and none after the drain was called off', async () => {
    const clock = createFakeClock();
    const here = new Map(Array.from({ length: 40 }, (_, at) => [`room-${at}`, 1]));
    const departing: { roomId: string; end: () => void }[] = [];
    let isAnotherThere = false;
    const evacuation = createEvacuation({
      rooms: () => [...here].map(([roomId, fence]) => ({ roomId, fence })),
      move: async () => (isAnotherThere ? { nodeId: 'b', url: '', bootId: '', fence: 2 } : undefined),
      depart: (roomId) => {
        here.delete(roomId);
        return new Promise((end) => departing.push({ roomId, end }));
      },
      withinMs: 20_000,
      clock,
      log: testLog,
    });
    const pass = async (): Promise<void> => {
      clock.advance(500);
      await new Promise((resolve) => setImmediate(resolve));
    };
    evacuation.setDraining(true);
    await pass();
    expect(departing).toHaveLength(0);
    isAnotherThere = true;
    for (let round = 0; round < 3; round += 1) await pass();
    expect(departing).toHaveLength(16);
    for (const { end } of departing.slice(0, 4)) end();
    await pass();
    await pass();
    expect(departing).toHaveLength(20);
    evacuation.setDraining(false);
    for (const { end } of departing) end();
    for (let round = 0; round < 3; round += 1) await pass();
    expect([departing.length, here.size]).toEqual([20, 20]);
    evacuation.close();
  });

  it('[MV11] [MV12] a room stays where it was until everyone in it has arrived elsewhere or left, and no longer than its time', async () => {
    const clock = createFakeClock();
    const present = new Map([
      ['one', new Set(['ada', 'bob', 'cy'])],
      ['two', new Set(['ada'])],
    ]);
    const said: string[] = [];
    const departures = createDepartures({
      clock,
      present: (roomId) => [...(present.get(roomId) ?? [])],
      announce: (roomId, withinMs) => said.push(`${roomId} moves within ${withinMs}`),
      onOver: (roomId, fence) => said.push(`${roomId} is over at ${fence}`),
    });
    void departures.begin('one', 7, 10_000);
    const ada = departures.arrived('one', 'ada');
    clock.advance(5_000);
    expect(await ada).toBe(false);
    const again = departures.arrived('one', 'ada');
    departures.remind('one');
    present.get('one')!.delete('cy');
    departures.look('one');
    expect(departures.successorOf('one')).toBe(7);
    expect(await departures.arrived('one', 'bob')).toBe(true);
    expect(await again).toBe(true);
    expect(departures.successorOf('one')).toBeUndefined();
    void departures.begin('two', 8, 10_000);
    clock.advance(10_000);
    expect(await departures.arrived('two', 'ada')).toBe(true);
    void departures.begin('two', 9, 10_000);
    departures.overtake('two', 9);
    expect(departures.successorOf('two')).toBe(9);
    departures.overtake('two', 10);
    expect(said).toEqual([
      'one moves within 10000',
      'one moves within 5000',
      'one is over at 7',
      'two moves within 10000',
      'two is over at 8',
      'two moves within 10000',
      'two is over at 9',
    ]);
  });

  it('[ME12] a ring gives exactly the events after a number, or nothing when it no longer has them all', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 0, max: 35 }),
        (capacity, count, seq) => {
          const ring = createEventRing(capacity);
          const all = Array.from({ length: count }, (_, at) => ({ seq: ring.push(event(`p${at}`)), event: event(`p${at}`) }));
          expect(ring.head).toBe(count);
          const isKept = seq <= count && count - seq <= capacity;
          expect(ring.after(seq)).toEqual(isKept ? all.slice(seq) : undefined);
          ring.forget();
          expect([ring.head, ring.after(count), ring.after(count - 1)]).toEqual([count, [], undefined]);
          expect(ring.push(event('next'))).toBe(count + 1);
        },
      ),
      { seed },
    );
  });

  it('[ME15] a queue carries out one thing after the other, whatever becomes of each, and an idle one begins at once', async () => {
    const queues = createSerialQueues();
    const steps: string[] = [];
    const step =
      (name: string, fails = false) =>
      async () => {
        steps.push(`${name} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        steps.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      };
    const first = queues.run('one', step('first', true));
    expect(steps).toEqual(['first begins']);
    const second = queues.run('one', step('second'));
    const other = queues.run('two', step('other'));
    await expect(first).rejects.toThrow('first');
    expect(await Promise.all([second, other])).toEqual(['second', 'other']);
    expect(steps.filter((line) => !line.startsWith('other'))).toEqual([
      'first begins',
      'first ends',
      'second begins',
      'second ends',
    ]);
    expect(steps.indexOf('other begins')).toBe(1);
  });

  it('[ME18] a room goes to the least busy worker, and among equals to the one with the fewest rooms', () => {
    const worker = (name: string, cpu: number, rooms: number, placed = 0) => ({ name, cpu, placed, carries: { rooms } });
    expect(leastBusy([worker('a', 0.7, 1), worker('b', 0.2, 9)])?.name).toBe('b');
    expect(leastBusy([worker('a', 0.21, 3), worker('b', 0.2, 4)])?.name).toBe('a');
    // What was placed since the last measurement counts, so that a rush does not go to one worker.
    expect(leastBusy([worker('a', 0, 6, 6), worker('b', 0.2, 1)])?.name).toBe('b');
    expect(leastBusy([])).toBeUndefined();
  });

  it('[ME10] a change of quality is told once, and only when it has held', () => {
    const clock = createFakeClock();
    const told: Quality[] = [];
    const meter = createQualityMeter({ clock, settleMs: 2_000, onChange: (quality) => told.push(quality) });
    const observe = (quality: Quality, forMs: number): void => {
      meter.observe(quality);
      clock.advance(forMs);
    };
    observe('good', 10_000);
    observe('bad', 1_999);
    observe('good', 10_000);
    expect(told).toEqual([]);
    observe('bad', 1_000);
    observe('bad', 1_000);
    observe('bad', 10_000);
    expect(told).toEqual(['bad']);
    observe('poor', 1_000);
    observe('good', 2_000);
    expect(told).toEqual(['bad', 'good']);
    observe('poor', 1_000);
    meter.close();
    clock.advance(10_000);
    expect(told).toEqual(['bad', 'good']);
    expect([[], [10, 7], [9, 6], [10, 4], [10, 3], [0]].map(qualityOf)).toEqual(['good', 'good', 'poor', 'poor', 'bad', 'bad']);
  });

  it('[ME24] a narrow link carries a shared screen first, then who speaks, then the others', () => {
    const order = [priorityOf('screen', false), priorityOf('camera', true), priorityOf('camera', false)];
    expect(order).toEqual(order.toSorted((a, b) => b - a));
    expect(new Set(order).size).toBe(3);
  });

  it('[ME25] media is received on the address that was set, or on every address of the host, loopback last', () => {
    const addresses = (settings: object) => listenInfosOf({ ...TEST_SETTINGS, ...settings }, 1);
    expect(addresses({ listenIp: '127.0.0.1' })).toEqual([
      { protocol: 'udp', ip: '127.0.0.1' },
      { protocol: 'tcp', ip: '127.0.0.1' },
    ]);
    const own = Object.values(networkInterfaces())
      .flatMap((some) => some ?? [])
      .filter(({ family }) => family === 'IPv4');
    for (const listenIp of [undefined, '0.0.0.0']) {
      const ips = addresses({ listenIp }).map(({ ip }) => ip);
      expect(new Set(ips)).toEqual(new Set(own.map(({ address }) => address)));
      expect(ips.at(-1)).toBe('127.0.0.1');
    }
    const announced = { announcedAddress: 'media.example.com', port: 40_001 };
    expect(addresses({ listenIp: undefined, portBase: 40_000, announcedAddress: 'media.example.com' })).toEqual([
      { protocol: 'udp', ip: '0.0.0.0', ...announced },
      { protocol: 'tcp', ip: '0.0.0.0', ...announced },
    ]);
  });
});
