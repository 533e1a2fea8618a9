import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { createLoudest } from '../../media/loudest.ts';
import { isBusy, isWorthAPlace } from '../../media/placement.ts';
import { until } from '../support/until.ts';
import { startNode, type TestNode } from './node.ts';
import type { RtcClient } from './rtc-client.ts';

describe('a room larger than a worker', () => {
  let test: TestNode;
  afterEach(() => test.close());

  const workers = async () => (await test.node.request('stats', {})).workers;
  const spread = async (people: number, settings = {}): Promise<RtcClient[]> => {
    test = await startNode({ workers: 2, consumersPerWorker: 8, ...settings });
    const roomId = randomUUID();
    const clients = Array.from({ length: people }, (_, at) => test.client(`user-${at}`, roomId));
    for (const client of clients) await client.join();
    return clients;
  };
  /** Everybody decodes everybody else. */
  const allDecode = (clients: readonly RtcClient[], frames = 5) =>
    Promise.all(
      clients.flatMap((client) =>
        clients.filter((other) => other !== client).map((other) => client.decodes(other.participantId, frames)),
      ),
    );

  it('[ME30] people beyond what a worker carries are put on another, and all see and hear each other', async () => {
    const clients = await spread(4);
    for (const client of clients) {
      await client.sendCamera();
      await client.sendMicrophone();
    }
    await allDecode(clients);
    await Promise.all(clients.map((client) => client.hears(clients.find((other) => other !== client)!.participantId)));
    const carried = await workers();
    expect(carried.map(({ rooms }) => rooms)).toEqual([1, 1]);
    for (const { producers, consumers } of carried) {
      // What is sent there, and what the other place pipes in once, whoever receives it.
      expect(producers).toBe(8);
      expect(consumers).toBeGreaterThan(0);
    }
    // Four people's views of two tracks of three others, and each track piped once.
    expect(carried.reduce((sum, { consumers }) => sum + consumers, 0)).toBe(4 * 3 * 2 + 8);
  });

  it('[ME30] muting, closing and leaving reach the people on another worker, and what is piped goes with its track', async () => {
    const clients = await spread(4);
    const [ada] = clients as [RtcClient];
    for (const client of clients) await client.sendCamera();
    await allDecode(clients);
    const far = clients[3]!;
    const producerId = ada.producerId('camera');
    await ada.link.request('producer.pause', { ...ada.as, producerId });
    await far.event('producer.paused', ({ paused }) => paused);
    const heard = far.from(ada.participantId, 'camera')!;
    let last = -1;
    await until('the frames to stop', async () => {
      const before = heard.frames;
      await new Promise((resolve) => setTimeout(resolve, 300));
      last = heard.frames - before;
      return last === 0;
    });
    await ada.link.request('producer.resume', { ...ada.as, producerId });
    await far.decodes(ada.participantId, 5);
    await ada.link.request('room.leave', ada.as);
    await far.event('participant.left', ({ participantId }) => participantId === ada.participantId);
    await until('the piped track to go', async () => {
      const carried = await workers();
      return carried.every(({ producers }) => producers === 3);
    });
  });

  it('[ME31] who speaks is known on every worker', async () => {
    const clients = await spread(4);
    const far = clients[3]!;
    await far.sendMicrophone();
    await Promise.all(
      clients.map((client) => client.event('speaker.changed', ({ participantId }) => participantId === far.participantId)),
    );
  });

  it('[ME32] when one of its workers dies only the people there lose media and are told to join again, in the same epoch', async () => {
    const clients = await spread(4);
    for (const client of clients) await client.sendCamera();
    await allDecode(clients);
    const { epoch } = clients[0]!.state;
    const [first] = await workers();
    process.kill(first!.pid, 'SIGKILL');
    await until('somebody to be told', () => clients.some((client) => client.events('media.lost').length > 0));
    const lost = clients.filter((client) => client.events('media.lost').length > 0);
    const kept = clients.filter((client) => !lost.includes(client));
    expect([lost.length, kept.length].sort()).not.toContain(0);
    await allDecode(kept);
    for (const client of lost) {
      await client.join();
      await client.sendCamera();
    }
    await allDecode(clients);
    for (const client of clients) {
      expect(client.state.epoch).toBe(epoch);
      expect(client.events('participant.left')).toEqual([]);
      expect(client.events('room.reopened')).toEqual([]);
    }
  });

  it('[ME33] a place that nobody uses any more closes', async () => {
    const clients = await spread(4);
    await until('two places', async () => (await workers()).every(({ rooms }) => rooms === 1));
    for (const client of clients.slice(1)) await client.link.request('room.leave', client.as);
    await until('one place', async () => (await workers()).reduce((sum, { rooms }) => sum + rooms, 0) === 1);
  });
});

describe('when a room spreads', () => {
  it('[ME34] a place is full above a limit and stays so until it is well below', () => {
    expect(isBusy(false, 0.95, 0.5)).toBe(false);
    expect(isBusy(false, 1.01, 0.5)).toBe(true);
    expect(isBusy(true, 0.95, 0.5)).toBe(true);
    expect(isBusy(true, 0.79, 0.5)).toBe(false);
    expect(isBusy(false, 0.1, 0.9)).toBe(true);
    expect(isBusy(true, 0.1, 0.75)).toBe(true);
  });

  it('[ME34] it does not spread to a worker that is no less busy', () => {
    const at = (cpu: number, consumers: number) => ({ cpu, consumers });
    expect(isWorthAPlace(at(0.2, 0), at(0.9, 500))).toBe(true);
    expect(isWorthAPlace(at(0.9, 500), at(0.9, 500))).toBe(false);
    expect(isWorthAPlace(at(0.95, 100), at(0.9, 500))).toBe(false);
  });

  it('[ME35] up to twelve people everybody is heard; beyond, the six who were heard last', () => {
    let people = 12;
    const loudest = createLoudest(() => people);
    const names = Array.from({ length: 20 }, (_, at) => `p${at}`);
    expect(loudest.isForwarded('p19')).toBe(true);
    people = 13;
    expect(loudest.isForwarded('p19')).toBe(false);
    expect(loudest.hear(['p0', 'p1'])).toBe(true);
    expect(loudest.hear(['p1', 'p0'])).toBe(false);
    for (const name of names.slice(2, 6)) loudest.hear([name]);
    expect(names.filter(loudest.isForwarded)).toEqual(names.slice(0, 6));
    // Who was silent longest makes way; who speaks on stays.
    expect(loudest.hear(['p19', 'p0'])).toBe(true);
    expect(names.filter(loudest.isForwarded)).toEqual(['p0', 'p2', 'p3', 'p4', 'p5', 'p19']);
  });
});
