import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MediaCluster, startMediaCluster } from '../../test/support/media-cluster.ts';
import { until as untilAsync } from '../../test/support/until.ts';
import { until } from '../test-support.ts';
import type { Call } from '../types.ts';
import {
  decodes,
  hears,
  other,
  type Person,
  type Stage,
  setStage,
  stageOn,
  talk,
  watchFrames,
  watchPresence,
} from './test-stage.ts';

/** Both hear and see each other. */
const flows = (one: Call, two: Call, frames = 20): Promise<unknown> =>
  Promise.all([decodes(one, frames), decodes(two, frames), hears(one), hears(two)]);

/** Does something that moves the room, and sees that nobody notices. */
const unnoticed = async (one: Call, two: Call, work: () => Promise<unknown>): Promise<void> => {
  const presences = [one, two].map(watchPresence);
  const frames = [one, two].map(watchFrames);
  await work();
  await flows(one, two);
  for (const watch of [...presences, ...frames]) watch.stop();
  const gaps = frames.map((watch) => Math.round(watch.longest()));
  console.info(`The longest times without a frame while the room moved: ${gaps.join(' and ')} ms (a frame is due every 50 ms).`);
  expect(presences.flatMap(({ amiss }) => amiss)).toEqual([]);
  expect(frames.every((watch) => watch.tracks() >= 2)).toBe(true);
};

describe('a room that moves', () => {
  let stage: Stage;
  let caller: Person;
  let callee: Person;

  beforeAll(async () => {
    stage = await setStage({ 'media.workers': 2 });
    caller = await stage.enter('client');
    callee = await stage.enter('talent');
  });
  afterAll(() => stage.close());

  const workers = async () => (await stage.gateway.gateway.mediaNode!.request('stats', {})).workers;
  const carriers = async (): Promise<number[]> => (await workers()).flatMap(({ pid, rooms }) => (rooms > 0 ? [pid] : []));

  test('[MV1] [MV2] [MV3] a drained worker’s call goes on while it moves: frames keep coming, nobody is seen leaving, the old place closes', async () => {
    const [one, two] = await talk(stage, caller, callee);
    await flows(one, two);
    const [from] = (await carriers()) as [number];
    const mediaNode = stage.gateway.gateway.mediaNode!;
    await unnoticed(one, two, async () => {
      await mediaNode.request('drainWorker', { pid: from, draining: true, deadlineMs: 20_000 });
      await untilAsync('the old place to close', async () => !(await carriers()).includes(from), 20_000);
    });
    expect(caller.said.map(({ type }) => type)).toContain('room.settled');
    expect(one.view.get().participants[0]!.tracks.camera?.readyState).toBe('live');

    // And back again: the drain is called off, and the other worker drained.
    await mediaNode.request('drainWorker', { pid: from, draining: false, deadlineMs: 0 });
    const [now] = (await carriers()) as [number];
    await mediaNode.request('drainWorker', { pid: now, draining: true, deadlineMs: 20_000 });
    await untilAsync('the place to close', async () => !(await carriers()).includes(now), 20_000);
    await Promise.all([decodes(one, 10), decodes(two, 10)]);
    await mediaNode.request('drainWorker', { pid: now, draining: false, deadlineMs: 0 });
    await one.endForAll();
    await until(() => two.view.get().status === 'ended', 'the end');
  }, 90_000);

  test('[MV5] when the new worker dies before anybody is there, everyone keeps what they have and moves to the next one', async () => {
    const [one, two] = await talk(stage, caller, callee);
    await Promise.all([decodes(one, 20), decodes(two, 20)]);
    const [from] = (await carriers()) as [number];
    const to = (await workers()).find(({ pid }) => pid !== from)!.pid;
    const mediaNode = stage.gateway.gateway.mediaNode!;
    const stopHearing = mediaNode.onEvent((event) => {
      if (event.type !== 'participant' || event.event.type !== 'room.moving') return;
      stopHearing();
      process.kill(to, 'SIGKILL');
    });
    await unnoticed(one, two, async () => {
      await mediaNode.request('drainWorker', { pid: from, draining: true, deadlineMs: 30_000 });
      await untilAsync('the old place to close', async () => !(await carriers()).includes(from), 30_000);
    });
    expect((await workers()).map(({ pid }) => pid)).not.toContain(to);
    await mediaNode.request('drainWorker', { pid: from, draining: false, deadlineMs: 0 });
    await one.endForAll();
    await until(() => two.view.get().status === 'ended', 'the end');
  }, 90_000);

  test('[MV6] what is muted, unmuted, exchanged or added while the room moves is so afterwards', async () => {
    const [one, two] = await talk(stage, caller, callee);
    await Promise.all([decodes(one, 10), decodes(two, 10), hears(one), hears(two)]);
    await two.setMuted('microphone', true);
    const [from] = (await carriers()) as [number];
    const mediaNode = stage.gateway.gateway.mediaNode!;
    const camera = caller.camera();
    const changes: Promise<unknown>[] = [];
    const stopHearing = mediaNode.onEvent((event) => {
      if (event.type !== 'participant' || event.event.type !== 'room.moving') return;
      stopHearing();
      changes.push(
        one.setTrack('camera', camera),
        one.setMuted('microphone', true),
        two.setMuted('microphone', false),
        two.setMuted('camera', true).then(() => two.setMuted('camera', false)),
        two.setTrack('screen', callee.camera()),
      );
    });
    await mediaNode.request('drainWorker', { pid: from, draining: true, deadlineMs: 30_000 });
    await untilAsync('the old place to close', async () => !(await carriers()).includes(from), 30_000);
    await Promise.all(changes);
    await until(() => other(two)?.muted.join() === 'microphone' && other(one)?.muted.length === 0, 'the mutes to be seen');
    await until(() => other(one)?.tracks.screen !== undefined, 'the screen to be seen');
    await Promise.all([decodes(one, 10), decodes(two, 10), hears(one)]);
    expect(one.view.get().participants[0]!.tracks.camera).toBe(camera);
    expect([one, two].map((call) => call.view.get().participants.length)).toEqual([2, 2]);
    await mediaNode.request('drainWorker', { pid: from, draining: false, deadlineMs: 0 });
    await one.endForAll();
    await until(() => two.view.get().status === 'ended', 'the end');
  }, 90_000);
});

describe('a room that moves to another node', () => {
  let cluster: MediaCluster;
  let stage: Stage;
  let caller: Person;
  let callee: Person;

  beforeAll(async () => {
    cluster = await startMediaCluster();
    stage = stageOn(cluster);
    caller = await stage.enter('client');
    callee = await stage.enter('talent');
  }, 60_000);
  afterAll(() => stage.close());

  const drained = async (nodeId: string): Promise<void> => {
    await cluster.drain(nodeId, true);
    await untilAsync(
      'the room to be on the other node alone',
      async () => (await cluster.carriers()).every((id) => id !== nodeId),
      25_000,
    );
  };

  test('[MV11] [MV14] who moves sees and is seen by one who cannot be reached, and who moves as soon as their socket is back', async () => {
    const [one, two] = await talk(stage, caller, callee);
    await flows(one, two);
    const [from] = (await cluster.carriers()) as [string];
    const watches = [one, two].map(watchFrames);
    callee.proxy.cut();
    await cluster.drain(from, true);
    await until(() => caller.said.some(({ type }) => type === 'room.settled'), 'the caller to have moved', 10_000);
    await flows(one, two, 40);
    expect(await cluster.carriers()).toHaveLength(2);
    callee.proxy.restore();
    await drained(from);
    await flows(one, two);
    const gaps = watches.map((watch) => Math.round(watch.longest()));
    for (const watch of watches) watch.stop();
    console.info(`The longest times without a frame while one was away: ${gaps.join(' and ')} ms.`);
    expect(watches.every((watch) => watch.tracks() === 2)).toBe(true);
    expect(callee.said.filter(({ type }) => type === 'room.join').map(({ payload }) => payload.move)).toEqual([false, true]);
    await cluster.drain(from, false);
    await one.endForAll();
    await until(() => two.view.get().status === 'ended', 'the end');
    for (const { said } of [caller, callee]) said.length = 0;
  }, 60_000);

  test('[MV10] [MV11] [CT22] a drained node’s call goes on while it moves: frames keep coming, nobody is seen leaving, the old node is empty, and ends when told to', async () => {
    const [one, two] = await talk(stage, caller, callee);
    await flows(one, two);
    const [from] = (await cluster.carriers()) as [string];
    await unnoticed(one, two, () => drained(from));
    const [to] = (await cluster.carriers()) as [string];
    expect(to).not.toBe(from);

    // And back again, while one of them is slow, by ending the process.
    await cluster.drain(from, false);
    callee.setLatency(400);
    const { server } = cluster.nodes.find(({ nodeId }) => nodeId === to)!;
    await unnoticed(one, two, async () => expect(await server.stop('SIGTERM')).toBe(0));
    callee.setLatency(0);
    expect(await cluster.carriers()).toEqual([from]);
    const joins = [caller, callee].map(({ said }) =>
      said.filter(({ type }) => type === 'room.join').map(({ payload }) => payload.move),
    );
    expect(joins).toEqual([
      [false, true, true],
      [false, true, true],
    ]);
    await one.endForAll();
    await until(() => two.view.get().status === 'ended', 'the end');
  }, 120_000);
});
