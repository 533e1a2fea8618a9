import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, symlink, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workerBin as defaultWorkerBin } from 'mediasoup';
import { afterEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../support/fake-clock.ts';
import { until } from '../support/until.ts';
import { codeOf, startNode, type TestNode } from './node.ts';
import type { RtcClient } from './rtc-client.ts';

describe('losing a media worker', () => {
  let test: TestNode;
  afterEach(() => test.close());

  const talking = async (workers: number, settings = {}): Promise<[RtcClient, RtcClient]> => {
    test = await startNode({ workers, ...settings });
    const roomId = randomUUID();
    const [ada, bob] = [test.client('ada', roomId), test.client('bob', roomId)];
    await Promise.all([ada.join(), bob.join()]);
    for (const client of [ada, bob]) await client.sendCamera();
    await Promise.all([ada.decodes(bob.participantId, 5), bob.decodes(ada.participantId, 5)]);
    return [ada, bob];
  };

  /** What a client does by itself: joins again as the same participant and sends what it sent. */
  const comesBack = async (client: RtcClient): Promise<void> => {
    await client.event('room.reopened');
    await client.join();
    await client.sendCamera();
  };

  it('[ME20] a killed worker’s room reopens on another, and the same participants have media again', async () => {
    const [ada, bob] = await talking(2);
    const { epoch } = ada.state;
    const people = ({ state }: RtcClient) =>
      state.participants.map(({ participantId, joinedAt }) => ({ participantId, joinedAt }));
    // They joined at the same time: who came second found both.
    const before = people([ada, bob].find(({ state }) => state.participants.length === 2)!);
    const pid = await test.busyPid();
    const killedAt = performance.now();
    process.kill(pid, 'SIGKILL');
    await Promise.all([comesBack(ada), comesBack(bob)]);
    await Promise.all([ada.decodes(bob.participantId, 1), bob.decodes(ada.participantId, 1)]);
    console.info(`Media was back ${Math.round(performance.now() - killedAt)} ms after the worker was killed.`);
    await Promise.all([ada.decodes(bob.participantId, 10), bob.decodes(ada.participantId, 10)]);

    expect(ada.state.epoch).toBeGreaterThan(epoch);
    expect(people(ada)).toEqual(before);
    const reopened = ada.pushes.find(({ event }) => event.type === 'room.reopened')!;
    expect(reopened).toMatchObject({ epoch: ada.state.epoch, seq: 1 });
    expect(ada.events('participant.left')).toEqual([]);
    expect(await test.busyPid()).not.toBe(pid);
    expect(test.events).toContainEqual({ type: 'worker.died', pid, reopenedRoomIds: [ada.interviewId], closedRoomIds: [] });
    await until('a new worker in its place', async () => (await test.node.request('stats', {})).workers.length === 2);
    // Who was away meanwhile hears of the new epoch by asking.
    const at = { roomId: ada.interviewId, participantId: bob.participantId };
    expect(await test.node.request('replay', { ...at, epoch, seq: 3 })).toMatchObject({
      recovered: false,
      state: { epoch: ada.state.epoch },
    });
  });

  it('[ME20] with no other worker the room waits for the new one, and whoever joins meanwhile waits too', async () => {
    const [ada, bob] = await talking(1);
    const pid = await test.busyPid();
    process.kill(pid, 'SIGKILL');
    await until('the death to be noticed', () => !test.node.ready());
    const late = test.client('cleo', ada.interviewId);
    await Promise.all([comesBack(ada), comesBack(bob), late.join()]);
    await Promise.all([ada.decodes(bob.participantId, 10), late.decodes(ada.participantId, 10)]);
    expect(await test.busyPid()).not.toBe(pid);
    expect(test.node.ready()).toBe(true);
  });

  it('[ME20] commands for what the worker took with it say that the room is to be joined again', async () => {
    const [ada] = await talking(1);
    const at = { roomId: ada.interviewId, participantId: ada.participantId };
    const inFlight = codeOf(test.node.request('restartIce', { ...at, direction: 'send' }));
    process.kill(await test.busyPid(), 'SIGKILL');
    await ada.event('room.reopened');
    expect(['gone', undefined]).toContain(await inFlight);
    await expect(test.node.request('restartIce', { ...at, direction: 'send' })).rejects.toMatchObject({ code: 'gone' });
    expect(await test.node.request('closeProducer', { ...at, producerId: ada.producerId('camera') })).toEqual({});
  });

  it('[ME21] a worker that hangs is killed and its rooms reopen', async () => {
    const [ada, bob] = await talking(2, { workerTimeoutMs: 1_500 });
    const pid = await test.busyPid();
    process.kill(pid, 'SIGSTOP');
    await Promise.all([comesBack(ada), comesBack(bob)]);
    await Promise.all([ada.decodes(bob.participantId, 10), bob.decodes(ada.participantId, 10)]);
    expect(await test.busyPid()).not.toBe(pid);
  });

  it('[ME20] workers that die again and again are replaced, and a room lives through it', async () => {
    const [ada, bob] = await talking(2);
    for (let round = 0; round < 3; round += 1) {
      const before = ada.events('room.reopened').length;
      process.kill(await test.busyPid(), 'SIGKILL');
      await until('the room to reopen', () => ada.events('room.reopened').length > before);
      await ada.join();
    }
    await comesBack(bob);
    await ada.decodes(bob.participantId, 10);
  });

  it('[ME27] a room that finds no worker for half a minute is closed, and the node takes rooms again when one can be started', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-worker-'));
    const workerBin = join(folder, 'mediasoup-worker');
    const real = process.env.MEDIASOUP_WORKER_BIN ?? defaultWorkerBin;
    await symlink(real, workerBin);
    const clock = createFakeClock();
    test = await startNode({ workers: 1, workerBin }, clock);
    const [roomId, participantId] = [randomUUID(), randomUUID()];
    await test.join(roomId, participantId);
    const pid = await test.busyPid();
    await unlink(workerBin);
    process.kill(pid, 'SIGKILL');
    await until('the death to be noticed', () => !test.node.ready());
    const late = codeOf(test.join(roomId));
    const closed = () => test.events.some((event) => event.type === 'worker.died' && event.closedRoomIds.includes(roomId));
    await until('the room to be given up', () => {
      clock.advance(1_000);
      return closed();
    });
    expect(await late).toBe('gone');
    const told = test.events.flatMap((event) => (event.type === 'participant' ? [event.event.type] : []));
    expect(told).toEqual(['room.reopened', 'room.closed']);
    expect(await codeOf(test.node.request('replay', { roomId, participantId, epoch: 1, seq: 0 }))).toBe('gone');

    await symlink(real, workerBin);
    await until('a worker to be there again', () => {
      clock.advance(1_000);
      return test.node.ready();
    });
    expect((await test.join(roomId, participantId)).state.participants).toHaveLength(1);
    await rm(folder, { recursive: true });
  });
});
