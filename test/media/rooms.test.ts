import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RoomEvent } from '../../protocol/index.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { until } from '../support/until.ts';
import { startNode, type TestNode } from './node.ts';
import type { RtcClient } from './rtc-client.ts';
import { openStage, requestsFor, SETTINGS, type Stage, type TestSession } from './stage.ts';

describe('rooms', () => {
  let node: TestNode;
  let clock: FakeClock;
  let stage: Stage;
  let interviewId: string;
  let [ada, bob] = [] as unknown as TestSession[] as [TestSession, TestSession];

  /** Ada and Bob are in a live interview; Cleo could be. */
  beforeEach(async () => {
    node.events.length = 0;
    clock = createFakeClock();
    stage = await openStage({ mediaNode: node.node, clock });
    const threadId = await stage.thread('ada', 'bob', 'cleo');
    [ada, bob] = [stage.session('ada'), stage.session('bob')];
    interviewId = randomUUID();
    await ada.request('interview.call', { threadId, interviewId, media: 'video' });
    await bob.request('interview.answer', { interviewId });
  });
  beforeAll(async () => {
    node = await startNode({ workers: 1 });
  });
  afterEach(() => stage.close());
  afterAll(() => node.close());

  const talking = async (): Promise<[RtcClient, RtcClient]> => {
    const clients = [ada.client(interviewId), bob.client(interviewId)] as [RtcClient, RtcClient];
    for (const client of clients) {
      await client.join();
      await client.sendCamera();
    }
    await Promise.all([clients[0].decodes(clients[1].participantId, 5), clients[1].decodes(clients[0].participantId, 5)]);
    return clients;
  };
  const join = (session: TestSession, participantId: string = randomUUID(), participantToken?: string) =>
    session.request('room.join', { interviewId, participantId, ...(participantToken === undefined ? {} : { participantToken }) });
  const heard = (session: TestSession, type: RoomEvent['type']) =>
    session.pushes.map(({ event }) => event).filter((event) => event.type === type);
  const hears = (session: TestSession, type: RoomEvent['type'], part: object) =>
    until(`${type} for ${session.userId}`, () =>
      heard(session, type).find((event) => expect.objectContaining(part).asymmetricMatch(event)),
    );

  it('[IN13] a participant is spoken for by the session that holds it, and by nobody else', async () => {
    const { participantId } = await join(ada);
    const insiders = [bob, stage.session('cleo'), stage.session('ada')];
    for (const [type, payload] of requestsFor(interviewId, participantId)) {
      for (const session of [...insiders, stage.session('outsider')]) {
        expect([type, session.userId, await session.refused(type, payload)]).toEqual([type, session.userId, 'forbidden']);
      }
    }
    expect(await node.node.request('replay', { roomId: interviewId, participantId, epoch: 1, seq: 0 })).toMatchObject({
      state: { participants: [{ participantId, userId: 'ada' }] },
    });
  });

  it('[IN13] a participant that is in another room, or in none, is gone', async () => {
    const { participantId } = await join(ada);
    for (const [type, payload] of requestsFor(interviewId, randomUUID())) {
      if (type === 'room.join') continue;
      expect([type, await ada.refused(type, payload)]).toEqual([type, type === 'room.leave' ? undefined : 'gone']);
    }
    expect(await ada.refused('transport.restart_ice', { interviewId: randomUUID(), participantId, direction: 'send' })).toBe(
      'gone',
    );
  });

  it('[IN14] a forged token resumes nothing, and neither does the right one in the hands of somebody else', async () => {
    const { participantId, participantToken, state } = await join(ada);
    const at = { interviewId, participantId, epoch: state.epoch, seq: state.seq };
    for (const token of ['', 'forged', `${participantToken}x`, participantToken.slice(1)]) {
      expect(await stage.session('ada').refused('room.resume', { ...at, participantToken: token })).toBe('forbidden');
      expect(await stage.session('ada').refused('room.join', { interviewId, participantId, participantToken: token })).toBe(
        'forbidden',
      );
    }
    expect(await bob.refused('room.resume', { ...at, participantToken })).toBe('forbidden');
    expect(await bob.refused('room.join', { interviewId, participantId, participantToken })).toBe('forbidden');
    const { participantToken: other } = await join(bob);
    expect(other).not.toBe(participantToken);
    expect(await stage.session('ada').refused('room.resume', { ...at, participantToken })).toBeUndefined();
  });

  it('[IN15] a lost socket leaves the media alone, and resuming gives exactly what was missed, without an ICE restart', async () => {
    const [first, second] = await talking();
    const { participantId, joined } = first;
    const states = first.states.length;
    const last = ada.pushes.at(-1)!;
    ada.detach();
    await hears(bob, 'participant.connection', { participantId, connected: false });
    const { participantId: late } = await join(stage.session('cleo'));
    await Promise.all([first.decodes(second.participantId, 15), second.decodes(participantId, 15)]);
    clock.advance(SETTINGS.graceMs - 1);
    expect(ada.pushes.at(-1)).toBe(last);

    const phone = stage.session('ada');
    const { participantToken } = joined!;
    const recovery = await phone.request('room.resume', {
      interviewId,
      participantId,
      participantToken,
      epoch: last.epoch,
      seq: last.seq,
    });
    expect(recovery).toEqual({
      recovered: true,
      epoch: last.epoch,
      seq: last.seq + 2,
      events: [
        { seq: last.seq + 1, event: { type: 'participant.connection', participantId, connected: false } },
        {
          seq: last.seq + 2,
          event: { type: 'participant.joined', participant: expect.objectContaining({ participantId: late }) },
        },
      ],
    });
    await hears(bob, 'participant.connection', { participantId, connected: true });
    await until('events to come to the new session', () => phone.pushes.at(-1)?.seq === last.seq + 3);
    clock.advance(SETTINGS.graceMs * 2);
    await Promise.all([first.decodes(second.participantId, 15), second.decodes(participantId, 15)]);
    expect(first.states.slice(states)).toEqual([]);
    expect(heard(bob, 'participant.left')).toEqual([]);
  });

  it('[IN15] a session that has its socket back has its participant back, without a word', async () => {
    const { participantId } = await join(ada);
    await join(bob);
    ada.detach();
    await hears(bob, 'participant.connection', { participantId, connected: false });
    ada.attach();
    await hears(bob, 'participant.connection', { participantId, connected: true });
    clock.advance(SETTINGS.graceMs * 2);
    expect(await ada.refused('transport.restart_ice', { interviewId, participantId, direction: 'send' })).toBeUndefined();
  });

  it('[IN16] a participant whose grace is over is lost, and may come again', async () => {
    const { participantId } = await join(ada);
    await join(bob);
    ada.detach();
    clock.advance(SETTINGS.graceMs - 1);
    expect(heard(bob, 'participant.left')).toEqual([]);
    clock.advance(1);
    await hears(bob, 'participant.left', { participantId, reason: 'lost' });
    ada.attach();
    expect(await ada.refused('transport.restart_ice', { interviewId, participantId, direction: 'send' })).toBe('gone');
    await join(ada, participantId);
    await hears(bob, 'participant.joined', { participant: expect.objectContaining({ participantId, connected: true }) });
  });

  it('[IN16] a session that is forgotten while its participant’s grace runs does not shorten it', async () => {
    const { participantId, participantToken, state } = await join(ada);
    await join(bob);
    ada.detach();
    ada.end();
    clock.advance(SETTINGS.graceMs - 1);
    const at = { interviewId, participantId, participantToken, epoch: state.epoch, seq: state.seq };
    expect(await stage.session('ada').request('room.resume', at)).toMatchObject({ recovered: true });
    expect(heard(bob, 'participant.left')).toEqual([]);
  });

  it('[IN16] who signs out leaves at once', async () => {
    const { participantId } = await join(ada);
    await join(bob);
    ada.end();
    await hears(bob, 'participant.left', { participantId, reason: 'left' });
  });

  it('[IN16] a socket that breaks during the joining begins the grace', async () => {
    await join(bob);
    const participantId = randomUUID();
    const joining = join(ada, participantId);
    ada.detach();
    await joining;
    await hears(bob, 'participant.connection', { participantId, connected: false });
    clock.advance(SETTINGS.graceMs);
    await hears(bob, 'participant.left', { participantId, reason: 'lost' });
  });

  it('[IN17] a person is in a room once: the newest device has the call, and the older one is told', async () => {
    const { participantId } = await join(ada);
    await join(bob);
    const phone = stage.session('ada');
    const { state } = await join(phone);
    expect(state.participants.map(({ userId }) => userId)).toEqual(['bob', 'ada']);
    for (const session of [ada, bob]) await hears(session, 'participant.left', { participantId, reason: 'superseded' });
    expect(heard(phone, 'participant.left')).toEqual([]);
  });

  it('[IN17] a superseded device that did not hear it is told when it comes back, and takes nothing away', async () => {
    const { participantId, participantToken, state } = await join(ada);
    ada.detach();
    const phone = stage.session('ada');
    const { participantId: newer } = await join(phone);
    ada.attach();
    for (const [type, payload] of requestsFor(interviewId, participantId)) {
      expect([type, await ada.refused(type, payload)]).toEqual([type, type === 'room.leave' ? undefined : 'conflict']);
    }
    expect(await ada.refused('room.resume', { interviewId, participantId, participantToken, epoch: state.epoch, seq: 0 })).toBe(
      'conflict',
    );
    expect(
      await phone.refused('transport.restart_ice', { interviewId, participantId: newer, direction: 'send' }),
    ).toBeUndefined();
    // A person who wants the call back on the old device joins anew.
    await join(ada);
    await hears(phone, 'participant.left', { participantId: newer, reason: 'superseded' });
  });

  it('[IN17] of devices that join at once exactly one stays', async () => {
    const devices = Array.from({ length: 5 }, () => stage.session('ada'));
    await Promise.all(devices.map((device) => join(device).catch((error) => expect(error).toMatchObject({ code: 'conflict' }))));
    const { state } = await join(bob);
    expect(state.participants.map(({ userId }) => userId).toSorted()).toEqual(['ada', 'bob']);
  });

  it('[IN17] joining again proves itself by session or token, keeps the participant, and moves it to the session that asks', async () => {
    const { participantId, participantToken } = await join(ada);
    await join(bob);
    expect((await join(ada, participantId)).participantToken).toBe(participantToken);
    const phone = stage.session('ada');
    await join(phone, participantId, participantToken);
    expect(heard(bob, 'participant.left')).toEqual([]);
    expect(await ada.refused('transport.restart_ice', { interviewId, participantId, direction: 'send' })).toBe('forbidden');
    expect(await phone.refused('transport.restart_ice', { interviewId, participantId, direction: 'send' })).toBeUndefined();
    // What becomes of the old session no longer matters.
    ada.end();
    clock.advance(SETTINGS.graceMs);
    expect(await phone.refused('transport.restart_ice', { interviewId, participantId, direction: 'send' })).toBeUndefined();
  });

  it('[IN18] after a worker died the participants join again by themselves, with the same token and place', async () => {
    const [first, second] = await talking();
    process.kill(await node.busyPid(), 'SIGKILL');
    for (const client of [first, second]) {
      await client.event('room.reopened');
      const { participantToken } = client.joined!;
      expect((await client.join({ participantToken })).participantToken).toBe(participantToken);
      await client.sendCamera();
    }
    await Promise.all([first.decodes(second.participantId, 10), second.decodes(first.participantId, 10)]);
    expect((await stage.store.interview(interviewId))?.state).toBe('live');
    expect(second.state.participants).toHaveLength(2);
  });

  it('[IN18] a participant that was away when the worker died learns it by resuming', async () => {
    const { participantId, participantToken, state } = await join(ada);
    ada.detach();
    process.kill(await node.busyPid(), 'SIGKILL');
    await until('the room to move', () => node.events.some(({ type }) => type === 'worker.died'));
    ada.attach();
    const at = { interviewId, participantId, participantToken, epoch: state.epoch, seq: state.seq };
    const recovery = await ada.request('room.resume', at);
    expect(recovery).toMatchObject({ recovered: false, state: { participants: [{ participantId }], consumers: [] } });
    expect(recovery.recovered === false && recovery.state.epoch).toBeGreaterThan(state.epoch);
    expect((await join(ada, participantId, participantToken)).state.epoch).toBeGreaterThan(state.epoch);
  });
});
