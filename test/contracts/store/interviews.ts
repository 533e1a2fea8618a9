/** The contract for interviews: compare and set, one active in a thread. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Interview } from '../../../protocol/index.ts';
import type { Store } from '../../../src/store/store.ts';
import { type OpenStore, openGroup, people, rejected, ringing, tick, useStore } from './fixtures.ts';

const called = async (store: Store): Promise<{ caller: string; callee: string; threadId: string; interview: Interview }> => {
  const [caller, callee] = (await people(store, 2)) as [string, string];
  const threadId = await openGroup(store, [caller, callee]);
  const interview = ringing(threadId, caller, [callee]);
  await store.changeInterview({ interview, actorId: caller, at: tick() });
  return { caller, callee, threadId, interview };
};

const answered = (interview: Interview, answeredBy: string): Interview => ({
  ...interview,
  state: 'live',
  version: interview.version + 1,
  answeredBy,
  answeredAt: tick(),
});

const ended = (interview: Interview): Interview => ({
  ...interview,
  state: 'ended',
  version: interview.version + 1,
  endedAt: tick(),
});

export const interviewContract = (open: OpenStore): void => {
  describe('interviews', () => {
    const context = useStore(open);

    it('[ST60] a transition is stored, told to the members and shown in the thread while the interview is active', async () => {
      const { store } = context;
      const { caller, callee, threadId, interview } = await called(store);
      expect(await store.interview(interview.interviewId)).toEqual(interview);
      expect((await store.thread(callee, threadId)).thread).toMatchObject({ interview, head: 2, unread: 0 });
      const [live, at] = [answered(interview, callee), tick()];
      const { result, deliveries } = await store.changeInterview({ interview: live, actorId: callee, at });
      expect(result).toEqual({ interview: live });
      expect(deliveries.map(({ event }) => event)).toEqual([
        { type: 'interview.changed', threadId, offset: 3, at, actorId: callee, interview: live },
      ]);
      expect((await store.thread(caller, threadId)).thread).toMatchObject({ interview: live, activeAt: at });
      await store.changeInterview({ interview: ended(live), actorId: null, at: tick() });
      expect((await store.thread(caller, threadId)).thread.interview).toBeNull();
      expect((await store.interview(interview.interviewId))?.state).toBe('ended');
      expect(await store.interview(randomUUID())).toBeUndefined();
    });

    it('[ST61] a thread has one active interview; a second is a conflict that names the first', async () => {
      const { store } = context;
      const { caller, callee, threadId, interview } = await called(store);
      const second = ringing(threadId, callee, [caller]);
      const error = await rejected(store.changeInterview({ interview: second, actorId: callee, at: tick() }), 'conflict');
      expect(error.details.conflictsWith).toBe(interview.interviewId);
      await store.changeInterview({ interview: ended(interview), actorId: caller, at: tick() });
      await store.changeInterview({ interview: second, actorId: callee, at: tick() });
      expect((await store.thread(caller, threadId)).thread.interview).toEqual(second);
    });

    it('[ST61] of calls from both sides at the same moment, one rings', async () => {
      const { store } = context;
      const [one, two] = (await people(store, 2)) as [string, string];
      const threadId = await openGroup(store, [one, two]);
      const outcomes = await Promise.allSettled([
        store.changeInterview({ interview: ringing(threadId, one, [two]), actorId: one, at: tick() }),
        store.changeInterview({ interview: ringing(threadId, two, [one]), actorId: two, at: tick() }),
      ]);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    it('[ST62] creating an interview again by its starter returns it as it is now; by another it is a conflict', async () => {
      const { store } = context;
      const { caller, callee, interview } = await called(store);
      const live = answered(interview, callee);
      await store.changeInterview({ interview: live, actorId: callee, at: tick() });
      const again = await store.changeInterview({ interview, actorId: caller, at: tick() });
      expect(again).toEqual({ result: { interview: live }, deliveries: [] });
      const stolen = { ...interview, startedBy: callee };
      await rejected(store.changeInterview({ interview: stolen, actorId: callee, at: tick() }), 'conflict');
    });

    it('[ST63] a transition replaces exactly its predecessor: of several at once, one succeeds', async () => {
      const { store } = context;
      const { caller, callee, interview } = await called(store);
      const outcomes = await Promise.allSettled([
        store.changeInterview({ interview: answered(interview, callee), actorId: callee, at: tick() }),
        store.changeInterview({ interview: ended(interview), actorId: caller, at: tick() }),
        store.changeInterview({ interview: { ...ended(interview), state: 'missed' }, actorId: null, at: tick() }),
      ]);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const skipped = { ...ended(interview), version: 4 };
      await rejected(store.changeInterview({ interview: skipped, actorId: caller, at: tick() }), 'conflict');
    });

    it('[ST63] the same transition again changes nothing, and an interview that is over stays so', async () => {
      const { store } = context;
      const { caller, callee, interview } = await called(store);
      const over = ended(interview);
      await store.changeInterview({ interview: over, actorId: caller, at: tick() });
      const again = await store.changeInterview({ interview: over, actorId: caller, at: tick() });
      expect(again).toEqual({ result: { interview: over }, deliveries: [] });
      await rejected(store.changeInterview({ interview: answered(over, callee), actorId: callee, at: tick() }), 'conflict');
    });

    it('[ST64] an actor must be a member, and what is changed must exist', async () => {
      const { store } = context;
      const { threadId, caller, callee, interview } = await called(store);
      const [outsider] = (await people(store, 1)) as [string];
      const at = tick();
      await rejected(store.changeInterview({ interview: ended(interview), actorId: outsider, at }), 'not_member');
      const unknown = { ...ended(interview), interviewId: randomUUID() };
      await rejected(store.changeInterview({ interview: unknown, actorId: caller, at }), 'not_found');
      const nowhere = ringing(randomUUID(), caller, [callee]);
      await rejected(store.changeInterview({ interview: nowhere, actorId: caller, at }), 'not_member');
      await rejected(store.changeInterview({ interview: nowhere, actorId: null, at }), 'not_found');
      const elsewhere = await openGroup(store, [caller, callee]);
      const moved = { ...ended(interview), threadId: elsewhere };
      await rejected(store.changeInterview({ interview: moved, actorId: caller, at }), 'conflict');
      expect((await store.thread(caller, threadId)).thread.interview).toEqual(interview);
    });

    it('[ST65] the active interviews are those that ring or are live', async () => {
      const { store } = context;
      const calls = await Promise.all(Array.from({ length: 3 }, () => called(store)));
      const [rung, talking, over] = calls as [(typeof calls)[0], (typeof calls)[0], (typeof calls)[0]];
      const live = answered(talking.interview, talking.callee);
      await store.changeInterview({ interview: live, actorId: talking.callee, at: tick() });
      await store.changeInterview({ interview: ended(over.interview), actorId: null, at: tick() });
      const active = await store.activeInterviews();
      expect(active).toEqual(expect.arrayContaining([rung.interview, live]));
      expect(active.map(({ interviewId }) => interviewId)).not.toContain(over.interview.interviewId);
    });
  });
};
