import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Interview } from '../../protocol/index.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { until } from '../support/until.ts';
import { startNode, type TestNode } from './node.ts';
import { openStage, SETTINGS, type Stage, type TestSession } from './stage.ts';

describe('interviews', () => {
  let node: TestNode;
  let clock: FakeClock;
  let stage: Stage;
  let threadId: string;
  let [ada, bob, cleo, outsider] = [] as unknown as TestSession[] as [TestSession, TestSession, TestSession, TestSession];

  const seat = (): void => {
    [ada, bob, cleo, outsider] = ['ada', 'bob', 'cleo', 'outsider'].map((userId) => stage.session(userId)) as [
      TestSession,
      TestSession,
      TestSession,
      TestSession,
    ];
  };
  const call = async (thread = threadId): Promise<Interview> => {
    const { interview } = await ada.request('interview.call', { threadId: thread, interviewId: randomUUID(), media: 'video' });
    return interview;
  };
  const join = (session: TestSession, interviewId: string) =>
    session.request('room.join', { interviewId, participantId: randomUUID() });

  beforeAll(async () => {
    node = await startNode({ workers: 1 });
  });
  beforeEach(async () => {
    clock = createFakeClock();
    stage = await openStage({ mediaNode: node.node, clock });
    threadId = await stage.thread('ada', 'bob', 'cleo');
    seat();
  });
  afterEach(() => stage.close());
  afterAll(() => node.close());

  it('[IN1] a call is an event for every member, and the same id again is the same call', async () => {
    const interview = await call();
    expect(interview).toMatchObject({ state: 'ringing', startedBy: 'ada', ringsUntil: clock.now() + SETTINGS.ringMs });
    expect(interview.invitedIds.toSorted()).toEqual(['bob', 'cleo']);
    expect(stage.hearers(interview.interviewId).toSorted()).toEqual(['ada', 'bob', 'cleo']);
    const again = await ada.request('interview.call', { threadId, interviewId: interview.interviewId, media: 'video' });
    expect(again.interview).toEqual(interview);
    expect(stage.heard(interview.interviewId)).toHaveLength(1);
  });

  it('[IN1] a thread has one call at a time', async () => {
    const { interviewId } = await call();
    await expect(call()).rejects.toMatchObject({ code: 'conflict', details: { conflictsWith: interviewId } });
    await ada.request('interview.cancel', { interviewId });
    expect((await call()).state).toBe('ringing');
  });

  it('[IN1] who is alone in a thread has nobody to call', async () => {
    await stage.store.removeMember({ threadId, actorId: 'ada', userId: 'bob', at: clock.now() });
    await stage.store.removeMember({ threadId, actorId: 'ada', userId: 'cleo', at: clock.now() });
    expect(await ada.refused('interview.call', { threadId, interviewId: randomUUID(), media: 'audio' })).toBe('invalid');
  });

  it('[IN2] of answers that come at once one counts, and all are told the same', async () => {
    const { interviewId } = await call();
    const answers = await Promise.all(
      [bob, cleo, stage.session('bob'), stage.session('cleo')].map((session) =>
        session.request('interview.answer', { interviewId }),
      ),
    );
    const [first] = answers;
    expect(first!.interview).toMatchObject({ state: 'live', version: 2 });
    for (const { interview } of answers) expect(interview).toEqual(first!.interview);
    expect(stage.heard(interviewId).map(({ version }) => version)).toEqual([1, 2]);
  });

  it('[IN2] an answer and a cancellation at once leave one of the two', async () => {
    const { interviewId } = await call();
    const [answer, cancel] = await Promise.all([
      bob.refused('interview.answer', { interviewId }),
      ada.refused('interview.cancel', { interviewId }),
    ]);
    expect([
      [undefined, 'conflict'],
      ['gone', undefined],
    ]).toContainEqual([answer, cancel]);
    expect(stage.heard(interviewId)).toHaveLength(2);
  });

  it('[IN3] each decline is told, and the last one ends it', async () => {
    const { interviewId } = await call();
    await Promise.all([bob, cleo].map((session) => session.request('interview.decline', { interviewId })));
    expect(stage.heard(interviewId).map(({ state, declinedIds }) => [state, declinedIds.length])).toEqual([
      ['ringing', 0],
      ['ringing', 1],
      ['declined', 2],
    ]);
  });

  it('[IN5] a call that nobody answers is missed when its time is over', async () => {
    const { interviewId } = await call();
    clock.advance(SETTINGS.ringMs - 1);
    expect((await stage.store.interview(interviewId))?.state).toBe('ringing');
    clock.advance(1);
    expect(await stage.told(interviewId, 'missed')).toMatchObject({ endedBy: null, endedAt: clock.now(), version: 2 });
    expect(await bob.refused('interview.answer', { interviewId })).toBe('gone');
  });

  it('[IN5] a timer that fires a moment early does not let a call ring for ever', async () => {
    // As Node's do, now and then, by a millisecond of `Date.now()`.
    let early = 1;
    const hasty = { now: clock.now, after: (ms: number, run: () => void) => clock.after(ms - early, run) };
    const other = await openStage({ mediaNode: node.node, clock: hasty });
    const thread = await other.thread('ada', 'bob');
    const caller = other.session('ada');
    const payload = { threadId: thread, interviewId: randomUUID(), media: 'audio' } as const;
    await caller.request('interview.call', payload);
    clock.advance(SETTINGS.ringMs - 1);
    early = 0;
    // The store answers in turn: what the timer asked has been answered too.
    expect((await other.store.interview(payload.interviewId))?.state).toBe('ringing');
    await until('it to be missed', async () => {
      clock.advance(1);
      return (await other.store.interview(payload.interviewId))?.state === 'missed';
    });
    await other.close();
  });

  it('[IN5] an answered call is not missed', async () => {
    const { interviewId } = await call();
    await join(bob, interviewId);
    clock.advance(SETTINGS.ringMs * 2);
    expect((await bob.request('interview.answer', { interviewId })).interview.state).toBe('live');
  });

  it('[IN6] in a larger thread a member leaves but does not end it for all', async () => {
    const { interviewId } = await call();
    await bob.request('interview.answer', { interviewId });
    expect(await bob.refused('interview.end', { interviewId })).toBe('forbidden');
    expect((await ada.request('interview.end', { interviewId })).interview).toMatchObject({ state: 'ended', endedBy: 'ada' });
  });

  it('[IN9] people who are not in the thread are refused, and so is an interview that is not there', async () => {
    const { interviewId } = await call();
    const verbs = ['interview.answer', 'interview.decline', 'interview.cancel', 'interview.end'] as const;
    for (const verb of verbs) {
      expect([verb, await outsider.refused(verb, { interviewId })]).toEqual([verb, 'not_member']);
      expect([verb, await bob.refused(verb, { interviewId: randomUUID() })]).toEqual([verb, 'not_found']);
    }
    expect(await outsider.refused('interview.call', { threadId, interviewId: randomUUID(), media: 'audio' })).toBe('not_member');
    expect(await outsider.refused('room.join', { interviewId, participantId: randomUUID() })).toBe('not_member');
    expect(await bob.refused('room.join', { interviewId: randomUUID(), participantId: randomUUID() })).toBe('not_found');
    expect(stage.heard(interviewId)).toHaveLength(1);
  });

  it('[IN10] a live interview whose room stays empty ends, and not before', async () => {
    const { interviewId } = await call();
    await bob.request('interview.answer', { interviewId });
    clock.advance(SETTINGS.emptyMs - 1);
    const { participantId } = await join(bob, interviewId);
    clock.advance(SETTINGS.emptyMs * 10);
    expect((await stage.store.interview(interviewId))?.state).toBe('live');
    await bob.request('room.leave', { interviewId, participantId });
    clock.advance(SETTINGS.emptyMs - 1);
    expect((await stage.store.interview(interviewId))?.state).toBe('live');
    clock.advance(1);
    expect(await stage.told(interviewId, 'ended')).toMatchObject({ endedBy: null, endedAt: clock.now() });
  });

  it('[IN11] after a restart a call rings on until its time is over', async () => {
    const { interviewId, ringsUntil } = await call();
    clock.advance(SETTINGS.ringMs - 5_000);
    stage = await stage.restart();
    seat();
    clock.advance(4_999);
    expect((await stage.store.interview(interviewId))?.state).toBe('ringing');
    clock.advance(1);
    expect(await stage.told(interviewId, 'missed')).toMatchObject({ endedAt: ringsUntil });
  });

  it('[IN11] after a restart a call whose time went by meanwhile is missed at once', async () => {
    const { interviewId } = await call();
    const restarting = stage.restart();
    clock.advance(SETTINGS.ringMs * 3);
    stage = await restarting;
    seat();
    clock.advance(0);
    await stage.told(interviewId, 'missed');
  });

  it('[IN11] after a restart a live interview waits for people to come back, and ends when none does', async () => {
    const other = await stage.thread('ada', 'bob');
    const [kept, lost] = [await call(), await call(other)];
    for (const { interviewId } of [kept, lost]) await bob.request('interview.answer', { interviewId });
    stage = await stage.restart();
    seat();
    await join(bob, kept.interviewId);
    clock.advance(SETTINGS.emptyMs);
    await stage.told(lost.interviewId, 'ended');
    expect((await stage.store.interview(kept.interviewId))?.state).toBe('live');
  });

  it('[IN12] [TN3] joining a call that rings answers it; the caller waits in the room', async () => {
    const { interviewId } = await call();
    await join(ada, interviewId);
    expect((await stage.store.interview(interviewId))?.state).toBe('ringing');
    const joined = await join(bob, interviewId);
    expect(await stage.told(interviewId, 'live')).toMatchObject({ answeredBy: 'bob' });
    expect(joined.state.participants.map(({ userId }) => userId)).toEqual(['ada', 'bob']);
    const minted = { urls: ['turns:turn.example.com:443?transport=tcp'], username: expect.stringMatching(/^\d+:bob$/) };
    expect(joined).toMatchObject({ graceMs: SETTINGS.graceMs, iceServers: [{ urls: ['stun:stun.example.com'] }, minted] });
    const again = await bob.request('transport.restart_ice', {
      interviewId,
      participantId: joined.participantId,
      direction: 'send',
    });
    expect(again.iceServers).toMatchObject([{ urls: ['stun:stun.example.com'] }, minted]);
  });

  it('[IN12] the room of an interview that is over is gone, for those in it and for those who come', async () => {
    const { interviewId } = await call();
    const { participantId } = await join(bob, interviewId);
    await join(ada, interviewId);
    await ada.request('interview.end', { interviewId });
    for (const session of [ada, bob]) {
      await until('the room to be closed', () => session.pushes.some(({ event }) => event.type === 'room.closed'));
    }
    expect(await bob.refused('producer.close', { interviewId, participantId, producerId: randomUUID() })).toBe('gone');
    expect(await bob.refused('room.join', { interviewId, participantId })).toBe('gone');
    expect((await node.node.request('stats', {})).workers.map(({ rooms }) => rooms)).toEqual([0]);
  });

  it('[IN12] whoever joins while it ends leaves no room behind', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { interviewId } = await call();
      await bob.request('interview.answer', { interviewId });
      const [joining, ending] = await Promise.all([
        cleo.refused('room.join', { interviewId, participantId: randomUUID() }),
        ada.refused('interview.end', { interviewId }),
      ]);
      expect([undefined, 'gone']).toContain(joining);
      expect(ending).toBeUndefined();
      await until('the room to be gone', async () => (await node.node.request('stats', {})).workers[0]?.rooms === 0);
    }
  });

  it('[RB7] a call that another device answers just while a block declines it ends all the same', async () => {
    const { store, signaling } = stage;
    const threadKey = randomUUID();
    const two = (['ada', 'bob'] as const).map((userId) => ({ userId, role: 'member' as const }));
    const opened = { threadKey, threadId: threadKey, kind: 'direct', title: '', members: two, at: clock.now() } as const;
    const { result } = await store.openThread(opened);
    const { interviewId } = await call(result.threadId);
    await store.setBlock({ userId: 'bob', otherId: 'ada', blocked: true, at: clock.now() });
    const interviewOf = store.interview;
    let isAnswered = false;
    store.interview = async (id) => {
      const found = await interviewOf(id);
      // It still rang when it was looked at.
      if (!isAnswered) {
        isAnswered = true;
        await bob.request('interview.answer', { interviewId });
      }
      return found;
    };
    signaling.parted('bob', 'ada');
    expect(await stage.told(interviewId, 'ended')).toMatchObject({ answeredAt: expect.any(Number) });
    expect(stage.heard(interviewId).map(({ state }) => state)).toEqual(['ringing', 'live', 'ended']);
  });
});
