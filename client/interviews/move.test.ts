import wrtc from '@roamhq/wrtc';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until as untilAsync } from '../../test/support/until.ts';
import { until } from '../test-support.ts';
import type { Call } from '../types.ts';
import { decodes, hears, other, type Person, type Stage, setStage, talk } from './test-stage.ts';

const { RTCVideoSink } = wrtc.nonstandard;

/** The longest time between two frames of what is shown of the other's camera, whichever track that is. */
const watchFrames = (call: Call) => {
  const sinks = new Map<MediaStreamTrack, { stop(): void }>();
  let last = performance.now();
  let longest = 0;
  let frames = 0;
  const follow = (): void => {
    const track = other(call)?.tracks.camera;
    if (track === undefined || sinks.has(track)) return;
    const sink = new RTCVideoSink(track);
    sinks.set(track, sink);
    sink.onframe = () => {
      if (other(call)?.tracks.camera !== track) return;
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
      frames += 1;
    };
  };
  follow();
  const stop = call.view.subscribe(follow);
  return {
    tracks: () => sinks.size,
    frames: () => frames,
    longest: () => longest,
    stop() {
      stop();
      for (const sink of sinks.values()) sink.stop();
    },
  };
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
    await Promise.all([decodes(one, 20), decodes(two, 20), hears(one), hears(two)]);
    const [from] = (await carriers()) as [number];
    const seen: { participants: number; connected: boolean; status: string; camera: boolean }[] = [];
    const stops = [one, two].map((call) =>
      call.view.subscribe(() => {
        const { status, participants } = call.view.get();
        const peer = other(call);
        seen.push({
          status,
          participants: participants.length,
          connected: peer?.connected === true,
          camera: peer?.tracks.camera !== undefined,
        });
      }),
    );
    const watches = [one, two].map(watchFrames);
    const mediaNode = stage.gateway.gateway.mediaNode!;
    await mediaNode.request('drainWorker', { pid: from, draining: true, deadlineMs: 20_000 });
    await untilAsync('the old place to close', async () => !(await carriers()).includes(from), 20_000);
    await Promise.all([decodes(one, 20), decodes(two, 20), hears(one), hears(two)]);
    for (const stop of stops) stop();
    const gaps = watches.map((watch) => Math.round(watch.longest()));
    console.info(
      `The longest times without a frame while the room moved: ${gaps.join(' and ')} ms (a frame is due every 50 ms).`,
    );
    expect(watches.map((watch) => watch.tracks()).every((count) => count >= 2)).toBe(true);
    for (const watch of watches) watch.stop();
    expect(seen.length).toBeGreaterThan(0);
    expect(
      seen.every(({ participants, connected, status, camera }) => participants === 2 && connected && status === 'live' && camera),
    ).toBe(true);
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
});
