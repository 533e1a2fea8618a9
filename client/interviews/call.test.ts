import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../test-support.ts';
import type { Call } from '../types.ts';
import {
  decodes,
  framesOf,
  framesOfTrack,
  hears,
  other,
  type Person,
  type Stage,
  setStage,
  standsStill,
  talk,
} from './test-stage.ts';

describe('a call between two people', () => {
  let stage: Stage;
  let caller: Person;
  let callee: Person;
  const calls: Call[] = [];

  beforeAll(async () => {
    stage = await setStage({ 'media.workers': 2 });
    caller = await stage.enter('client');
    callee = await stage.enter('talent');
  });
  afterEach(async () => {
    for (const { proxy, client } of [caller, callee]) {
      proxy.restore();
      client.reconnectNow();
      await until(() => client.connection.get().status === 'online', 'both online');
    }
    for (const call of calls.splice(0)) await call.endForAll().catch(() => call.leave());
    await until(
      () => [caller, callee].every(({ client }) => client.inbox.get().threads.every(({ interview }) => interview === null)),
      'the interview to be over',
    );
    for (const { said } of [caller, callee]) said.length = 0;
  });
  afterAll(() => stage.close());

  /** The media worker that carries the room, by its metrics. */
  const busyWorker = async (): Promise<number> => {
    const metrics = await (await stage.gateway.get('/metrics')).text();
    return Number(metrics.match(/^parley_media_rooms\{worker="(\d+)"\} 1$/m)![1]);
  };

  const start = async (send?: { microphone: boolean; camera: boolean }): Promise<[Call, Call]> => {
    const pair = await talk(stage, caller, callee, send);
    calls.push(...pair);
    return pair;
  };

  test('[CL40] two people see and hear each other, and know who is there', async () => {
    const [one, two] = await start();
    await Promise.all([decodes(one, 15), decodes(two, 15), hears(one), hears(two)]);
    const [self, peer] = one.view.get().participants;
    expect(one.view.get()).toMatchObject({ status: 'live', media: 'video' });
    expect(self).toMatchObject({ isSelf: true, userId: 'client', connected: true, muted: [] });
    expect(peer).toMatchObject({ isSelf: false, userId: 'talent', connected: true, muted: [] });
    expect(Object.keys(peer!.tracks).sort()).toEqual(['camera', 'microphone']);
    await until(() => one.view.get().speakerId !== null, 'somebody to be heard speaking');
  });

  test('[CL41] media takes two round trips: joining, then everything else in one flight', async () => {
    await callee.interviews.prepare();
    const { interviewId } = await caller.interviews.call(stage.threadId, 'video');
    await until(() => callee.interviews.incoming.get().length === 1, 'the call to ring');
    calls.push(await caller.interviews.join(interviewId, { microphone: caller.microphone(), camera: caller.camera() }));
    await until(() => caller.said.filter(({ type }) => type === 'producer.open').length === 2, 'the caller to send');
    callee.setLatency(400);
    callee.said.length = 0;
    const call = await callee.interviews.join(interviewId, { microphone: callee.microphone(), camera: callee.camera() });
    calls.push(call);
    await until(() => callee.said.length >= 5, 'the second flight');
    callee.setLatency(0);
    const [join, ...flight] = callee.said;
    expect(join?.type).toBe('room.join');
    expect(flight.map(({ type }) => type).sort()).toEqual([
      'consumer.resume',
      'producer.open',
      'producer.open',
      'transport.connect',
    ]);
    // No reply but that to joining had come in when the last of them left.
    expect(flight.map(({ replies }) => replies - join!.replies)).toEqual([1, 1, 1, 1]);
    expect(flight.find(({ type }) => type === 'producer.open')!.payload).toHaveProperty('dtlsParameters');
    expect(flight.find(({ type }) => type === 'consumer.resume')!.payload.consumerIds).toHaveLength(2);
    await Promise.all([decodes(call, 5), hears(call)]);
  });

  test('[CL42] a muted camera sends no frames, a muted microphone keeps its track, and both come back', async () => {
    const [one, two] = await start();
    await decodes(two, 5);
    // Held on to, for a muted track is not shown.
    const frames = framesOfTrack(other(two)!.tracks.camera!);
    await one.setMuted('camera', true);
    await one.setMuted('microphone', true);
    await until(() => other(two)?.muted.length === 2, 'the mutes to be seen');
    expect(other(two)?.tracks).toEqual({});
    expect(one.view.get().participants[0]).toMatchObject({ tracks: {}, muted: ['microphone', 'camera'] });
    const senders = () => caller.said.filter(({ type }) => type.startsWith('producer.')).map(({ type }) => type);
    expect(senders()).toEqual(['producer.open', 'producer.open', 'producer.pause', 'producer.pause']);
    await standsStill(frames, 'the frames to stop');
    await Promise.all([one.setMuted('camera', false), one.setMuted('microphone', false)]);
    await until(() => other(two)?.muted.length === 0, 'the end of the mutes to be seen');
    await Promise.all([decodes(two, 10), hears(two)]);
  });

  test('[CL43] a source is added, its track exchanged without a new negotiation, and removed; tracks that are let go are stopped', async () => {
    const [one, two] = await start({ microphone: true, camera: false });
    await hears(two);
    const first = one.view.get().participants[0]!;
    expect(Object.keys(first.tracks)).toEqual(['microphone']);
    const [front, back] = [caller.camera(), caller.camera()];
    await one.setTrack('camera', front);
    await decodes(two, 5);
    const opened = caller.said.filter(({ type }) => type === 'producer.open').length;
    await one.setTrack('camera', back);
    expect(front.readyState).toBe('ended');
    await decodes(two, 5);
    expect(caller.said.filter(({ type }) => type === 'producer.open')).toHaveLength(opened);
    await one.removeTrack('camera');
    expect(back.readyState).toBe('ended');
    await until(() => other(two)?.tracks.camera === undefined, 'the camera to go');
    expect(other(two)).toMatchObject({ muted: [] });
    await one.setTrack('camera', caller.camera());
    await decodes(two, 5);
    const picture = caller.camera();
    await expect(one.setTrack('screen-audio', picture)).rejects.toMatchObject({ code: 'invalid' });
    expect(picture.readyState).toBe('ended');
    expect(Object.keys(one.view.get().participants[0]!.tracks)).toEqual(['microphone', 'camera']);
    await decodes(two, 5);
  });

  test('[CL44] a lost socket leaves media alone: frames go on, the room is resumed and ICE is not restarted', async () => {
    const [one, two] = await start();
    await Promise.all([decodes(one, 5), decodes(two, 5)]);
    caller.proxy.cut();
    await until(() => one.view.get().status === 'reconnecting', 'the loss');
    await until(() => other(two)?.connected === false, 'the other to know');
    const muted = one.setMuted('microphone', true);
    await Promise.all([decodes(one, 15), decodes(two, 15)]);
    await two.setMuted('camera', true);
    caller.proxy.restore();
    caller.client.reconnectNow();
    await until(() => one.view.get().status === 'live', 'the way back');
    await until(() => other(one)?.muted.includes('camera') && other(two)?.connected, 'what happened meanwhile');
    await muted;
    await until(() => other(two)?.muted.includes('microphone'), 'what was done meanwhile');
    await two.setMuted('camera', false);
    await Promise.all([decodes(one, 10), decodes(two, 10)]);
    const types = caller.said.map(({ type }) => type);
    expect(types).toContain('room.resume');
    expect(types).not.toContain('transport.restart_ice');
    expect(types.filter((type) => type === 'room.join')).toHaveLength(1);
  });

  test('[CL45] after its worker was killed the room is joined again with the same tracks, and nobody vanishes meanwhile', async () => {
    const [one, two] = await start();
    await Promise.all([decodes(one, 5), decodes(two, 5)]);
    const tracks = one.view.get().participants[0]!.tracks;
    const seen: { status: string; participants: number }[] = [];
    const stop = one.view.subscribe(() => {
      const { status, participants } = one.view.get();
      seen.push({ status, participants: participants.length });
    });
    process.kill(await busyWorker(), 'SIGKILL');
    await until(() => seen.some(({ status }) => status === 'reconnecting'), 'the loss to be seen');
    await until(() => [one, two].every((call) => call.view.get().status === 'live'), 'both to be back', 15_000);
    await Promise.all([decodes(one, 10), decodes(two, 10), hears(one), hears(two)]);
    stop();
    expect(seen.map(({ participants }) => participants)).not.toContain(1);
    expect(one.view.get().participants[0]!.tracks).toEqual(tracks);
    expect(tracks.camera?.readyState).toBe('live');
    expect(other(one)?.connected).toBe(true);
  });

  test('[CL50] a transport whose ICE stays broken restarts ICE, alone, and media is back on the same transport', async () => {
    const walker = await stage.enter('client');
    const [one, two] = await talk(stage, walker, callee);
    calls.push(one, two);
    await Promise.all([decodes(one, 5), decodes(two, 5)]);
    const restarts = (of: Person) =>
      of.said.flatMap(({ type, payload }) => (type === 'transport.restart_ice' ? [payload.direction] : []));
    walker.udp.cut();
    // How soon a loss is noticed is the native library's affair, on a busy machine a slow one, and for each transport another: the first
    // that is noticed has to have restarts left when the last is.
    const asked = (): string =>
      `the wish to restart both transports; asked for: ${walker.said.map(({ type }) => type).join(', ')}`;
    await until(() => new Set(restarts(walker)).size === 2, asked, 60_000);
    walker.udp.restore();
    await Promise.all([decodes(one, 10), decodes(two, 10)]);
    expect(one.view.get().status).toBe('live');
    expect(walker.said.filter(({ type }) => type === 'room.join')).toHaveLength(1);
    expect(restarts(callee)).toEqual([]);
  }, 120_000);

  test('[CL46] leaving tells the others and stops the tracks; an interview that ends ends the call', async () => {
    const [one, two] = await start();
    await decodes(two, 5);
    const mine = Object.values(one.view.get().participants[0]!.tracks);
    await one.leave();
    expect(one.view.get().status).toBe('left');
    expect(caller.interviews.current.get()).toBeNull();
    expect(mine.map(({ readyState }) => readyState)).toEqual(['ended', 'ended']);
    await until(() => other(two) === undefined, 'the other to see it');
    const again = await caller.interviews.join(one.interviewId, { microphone: caller.microphone() });
    await until(() => other(again) !== undefined && other(two) !== undefined, 'both');
    await two.endForAll();
    await until(() => again.view.get().status === 'ended', 'the end');
    expect(two.view.get().status).toBe('ended');
    await expect(again.setTrack('camera', caller.camera())).rejects.toMatchObject({ code: 'gone' });
  });

  test('[CL46] signing out leaves the call', async () => {
    const guest = await stage.enter('client');
    const [one, two] = await talk(stage, guest, callee, { microphone: true, camera: false });
    calls.push(two);
    await hears(two);
    const { microphone } = one.view.get().participants[0]!.tracks;
    await guest.client.close();
    await until(() => one.view.get().status === 'left' && other(two) === undefined, 'the end');
    expect(microphone?.readyState).toBe('ended');
  });

  test('[CL47] joining from another device takes the call over there, and ends it here without a fight', async () => {
    const [one, two] = await start({ microphone: true, camera: false });
    await hears(two);
    const phone = await stage.enter('client');
    const there = await phone.interviews.join(one.interviewId, { microphone: phone.microphone() });
    calls.push(there);
    await until(() => one.view.get().status === 'left', 'the end here');
    await until(() => two.view.get().participants.length === 2, 'one of each');
    await hears(there);
    expect(there.view.get().status).toBe('live');
    expect(caller.said.filter(({ type }) => type === 'room.join')).toHaveLength(1);
  });

  test('[CL48] a tile chooses both layers after a moment, and one that is not on screen is paused', async () => {
    const [one, two] = await start();
    await decodes(two, 5);
    const peer = other(two)!.participantId;
    const told = () =>
      callee.said
        .filter(({ type }) => ['consumer.layers', 'consumer.pause', 'consumer.resume'].includes(type))
        .map(({ type, payload }) =>
          type === 'consumer.layers' ? `layers ${payload.spatialLayer} ${payload.temporalLayer}` : type,
        );
    callee.said.length = 0;
    for (let width = 1; width <= 160; width += 1) two.setTileSize(peer, { width, height: 90 });
    await until(() => told().length > 0, 'the layers');
    expect(told()).toEqual(['layers 0 2']);
    two.setTileSize(peer, { width: 1280, height: 720 });
    await until(() => told().length === 2, 'the higher layers');
    two.setTileSize(peer, null);
    await until(() => told().length === 3, 'the pause');
    await standsStill(() => framesOf(two), 'the frames to stop');
    await hears(two);
    two.setTileSize(peer, { width: 1280, height: 720 });
    await decodes(two, 5);
    expect(told()).toEqual(['layers 0 2', 'layers 2 2', 'consumer.pause', 'consumer.resume']);
    expect(one.view.get().status).toBe('live');
  });

  test("[CL49] a call rings on every device of the other, not on one's own, and stops everywhere once settled", async () => {
    const tablet = await stage.enter('talent');
    const { interviewId } = await caller.interviews.call(stage.threadId, 'audio');
    await until(() => [callee, tablet].every(({ interviews }) => interviews.incoming.get().length === 1), 'both to ring');
    expect(caller.interviews.incoming.get()).toEqual([]);
    expect(tablet.interviews.incoming.get()[0]).toMatchObject({ interviewId, media: 'audio', state: 'ringing' });
    const declined = callee.interviews.decline(interviewId);
    expect(callee.interviews.incoming.get()).toEqual([]);
    await declined;
    await until(() => tablet.interviews.incoming.get().length === 0, 'the other device to stop');
    await expect(caller.interviews.join(interviewId, {})).rejects.toMatchObject({ code: 'gone' });
    const next = await caller.interviews.call(stage.threadId, 'audio');
    await until(() => tablet.interviews.incoming.get().length === 1, 'the next call to ring');
    await caller.interviews.cancel(next.interviewId);
    await until(() => tablet.interviews.incoming.get().length === 0, 'the cancelled call to stop');
  });
});
