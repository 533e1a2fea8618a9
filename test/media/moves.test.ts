import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { startNode, type TestNode } from './node.ts';
import type { RtcClient } from './rtc-client.ts';

describe('a room that moves', () => {
  let test: TestNode;
  afterEach(() => test.close());

  it('[MV4] who has not moved by the deadline loses the media, is told so, and joins again in the same epoch', async () => {
    test = await startNode({ workers: 2 });
    const roomId = randomUUID();
    const [ada, bob] = [test.client('ada', roomId), test.client('bob', roomId)] as [RtcClient, RtcClient];
    for (const client of [ada, bob]) {
      await client.join();
      await client.sendCamera();
    }
    await Promise.all([ada.decodes(bob.participantId, 5), bob.decodes(ada.participantId, 5)]);
    const { epoch } = bob.state;
    const pid = await test.busyPid();
    // Neither follows it: these clients know no moves.
    await test.node.request('drainWorker', { pid, draining: true, deadlineMs: 700 });
    await Promise.all([ada.event('room.moving'), bob.event('room.moving')]);
    await bob.decodes(ada.participantId, 5);
    for (const client of [ada, bob]) {
      await client.event('media.lost');
      await client.join();
      await client.sendCamera();
    }
    await Promise.all([ada.decodes(bob.participantId, 5), bob.decodes(ada.participantId, 5)]);
    expect(bob.state.epoch).toBe(epoch);
    expect(await test.busyPid()).not.toBe(pid);
    for (const client of [ada, bob]) expect(client.events('participant.left')).toEqual([]);
    const { workers } = await test.node.request('stats', {});
    expect(workers.find((worker) => worker.pid === pid)).toMatchObject({ rooms: 0 });
  });
});
