import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { startNeighbours, type TestNeighbour, type TestNeighbours } from './neighbours.ts';
import type { RtcClient } from './rtc-client.ts';

describe('a room larger than its node', () => {
  let test: TestNeighbours;
  afterEach(() => test.close());

  /** On nodes of one worker each, which two people fill. */
  const spread = async (people: number, nodes = 2, settings = {}): Promise<RtcClient[]> => {
    test = await startNeighbours(nodes, { consumersPerWorker: 8, ...settings });
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
  const roomsOn = async (node: TestNeighbour): Promise<number> => (await node.stats()).reduce((sum, { rooms }) => sum + rooms, 0);
  const lostMedia = (clients: readonly RtcClient[]) => clients.filter((client) => client.events('media.lost').length > 0);
  /** Some had media at the place that was lost: they are told, join again, and all is as before, in the same epoch. */
  const recovers = async (clients: readonly RtcClient[]): Promise<void> => {
    await until('somebody to be told', () => lostMedia(clients).length > 0, 15_000);
    const lost = lostMedia(clients);
    const kept = clients.filter((client) => !lost.includes(client));
    expect(kept.length).toBeGreaterThan(0);
    await allDecode(kept);
    for (const client of lost) {
      const { epoch } = client.state;
      await client.join();
      await client.sendCamera();
      expect(client.state.epoch).toBe(epoch);
    }
    await allDecode(clients);
    for (const client of clients) {
      expect(client.events('participant.left')).toEqual([]);
      expect(client.events('room.reopened')).toEqual([]);
    }
  };

  it('[ME60] people beyond what a node carries are put on another, and all see, hear and know who speaks', async () => {
    const clients = await spread(4);
    for (const client of clients) {
      await client.sendCamera();
      await client.sendMicrophone();
    }
    await allDecode(clients);
    await Promise.all(clients.map((client) => client.hears(clients.find((other) => other !== client)!.participantId)));
    expect(await Promise.all(test.nodes.map(roomsOn))).toEqual([1, 1]);
    const carried = await Promise.all(test.nodes.map(async (node) => (await node.stats())[0]!));
    // What is sent there, and what the other node sends over, once, whoever receives it.
    for (const { producers } of carried) expect(producers).toBe(8);
    expect(carried.reduce((sum, { consumers }) => sum + consumers, 0)).toBe(4 * 3 * 2 + 8);
    const far = clients[3]!;
    await Promise.all(clients.map((client) => client.event('speaker.changed', ({ participantId }) => participantId !== null)));
    expect(far.state.epoch).toBe(clients[0]!.state.epoch);
    // Only the room's node has people, whatever is lent.
    expect(test.nodes[1]!.authority.rooms()).toEqual([]);
  });

  it('[ME61] muting, closing, restarting ICE and leaving reach the people on another node', async () => {
    const clients = await spread(4);
    const [ada, , , far] = clients as [RtcClient, RtcClient, RtcClient, RtcClient];
    for (const client of clients) await client.sendCamera();
    await allDecode(clients);
    for (const [one, other] of [
      [ada, far],
      [far, ada],
    ] as const) {
      const producerId = one.producerId('camera');
      await one.link.request('producer.pause', { ...one.as, producerId });
      await other.event('producer.paused', ({ paused, participantId }) => paused && participantId === one.participantId);
      const heard = other.from(one.participantId, 'camera')!;
      await until('the frames to stop', async () => {
        const before = heard.frames;
        await new Promise((resolve) => setTimeout(resolve, 300));
        return heard.frames === before;
      });
      await one.link.request('producer.resume', { ...one.as, producerId });
      await other.decodes(one.participantId, 5);
    }
    const { iceParameters } = await far.link.request('transport.restart_ice', { ...far.as, direction: 'receive' });
    expect(iceParameters.usernameFragment).not.toBe('');
    await ada.link.request('producer.close', { ...ada.as, producerId: ada.producerId('camera') });
    await far.event('producer.closed', ({ participantId }) => participantId === ada.participantId);
    await far.link.request('room.leave', far.as);
    await ada.event('participant.left', ({ participantId }) => participantId === far.participantId);
    await clients[2]!.link.request('room.leave', clients[2]!.as);
    await until('the lent place to be given back', () => test.nodes[1]!.lender.isEmpty());
    expect(await roomsOn(test.nodes[1]!)).toBe(0);
  });

  it('[ME60] a room spreads over three nodes, and over two workers of a neighbour', async () => {
    const clients = await spread(6, 3);
    for (const client of clients) await client.sendCamera();
    await allDecode(clients);
    expect((await Promise.all(test.nodes.map(roomsOn))).every((rooms) => rooms > 0)).toBe(true);
    await test.close();
    const more = await spread(6, 2, { workers: 2, consumersPerWorker: 4 });
    for (const client of more) await client.sendCamera();
    await allDecode(more);
    expect(await Promise.all(test.nodes.map(roomsOn))).toEqual([2, 2]);
  });

  it('[ME63] when the worker of a lent place dies only the people there lose media and join again, in the same epoch', async () => {
    const clients = await spread(4);
    for (const client of clients) await client.sendCamera();
    await allDecode(clients);
    const [worker] = await test.nodes[1]!.stats();
    process.kill(worker!.pid, 'SIGKILL');
    await recovers(clients);
  });

  it('[ME63] when the link between the nodes breaks only the people on the other one join again, and the lender lets go', async () => {
    const clients = await spread(4);
    for (const client of clients) await client.sendCamera();
    await allDecode(clients);
    test.nodes[1]!.proxy.cut();
    await recovers(clients);
    test.nodes[1]!.proxy.restore();
    await until('the lender to let go', () => test.nodes[1]!.lender.isEmpty(), 10_000);
  });

  it("[ME63] when the room's own worker dies those on the other node keep what they have, and the room its ear", async () => {
    const clients = await spread(4);
    for (const client of clients) await client.sendCamera();
    await allDecode(clients);
    const [worker] = await test.nodes[0]!.stats();
    process.kill(worker!.pid, 'SIGKILL');
    await recovers(clients);
    const far = clients[3]!;
    await far.sendMicrophone();
    const speaks = ({ participantId }: { participantId: string | null }) => participantId === far.participantId;
    await Promise.all(clients.map((client) => client.event('speaker.changed', speaks)));
  });

  it('[ME62] a node that drains lends nothing and has its lent places left, make before break, until that is called off', async () => {
    const clients = await spread(4);
    for (const client of clients) await client.sendCamera();
    await allDecode(clients);
    const [, lending] = test.nodes as [TestNeighbour, TestNeighbour];
    lending.lender.setDraining(true, 20_000);
    await until('somebody to be asked', () => clients.some((client) => client.events('room.moving').length > 0));
    const asked = clients.filter((client) => client.events('room.moving').length > 0);
    expect(asked.length).toBeLessThan(clients.length);
    lending.lender.setDraining(false, 0);
    expect(lending.lender.isEmpty()).toBe(false);
    lending.lender.setDraining(true, 500);
    await until('the time to be over', () => lostMedia(clients).length === asked.length, 10_000);
    await until('the lender to be free', () => lending.lender.isEmpty());
    for (const client of lostMedia(clients)) {
      await client.join();
      await client.sendCamera();
    }
    await allDecode(clients);
    expect(await roomsOn(lending)).toBe(0);
  });

  it('[ME66] where no media comes through between two nodes, the place is given up, and that node is not asked again', async () => {
    // What is sent there goes nowhere.
    test = await startNeighbours(2, { consumersPerWorker: 8 }, { 1: { bridgeAddress: '192.0.2.1' } });
    const roomId = randomUUID();
    const clients = Array.from({ length: 4 }, (_, at) => test.client(`user-${at}`, roomId));
    for (const client of clients) await client.join();
    expect(test.nodes[1]!.lender.isEmpty()).toBe(false);
    for (const client of clients) await client.sendCamera();
    await recovers(clients);
    expect(test.nodes[1]!.lender.isEmpty()).toBe(true);
  }, 40_000);

  it('[ME64] a room that closes, or whose node is gone, gives its places back', async () => {
    await spread(4);
    const [own, lending] = test.nodes as [TestNeighbour, TestNeighbour];
    expect(lending.lender.isEmpty()).toBe(false);
    await own.close();
    await until('the lender to be free', () => lending.lender.isEmpty(), 10_000);
    expect(await roomsOn(lending)).toBe(0);
  });
});
