import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Interview, isActive, type MemberRole, ProtocolError } from '../../protocol/index.ts';
import { type InterviewAction, ring, transition } from '../../signaling/interview.ts';
import { testSeed } from './seed.ts';

const seed = testSeed();
const NOW = 1_800_000_000_000;
const RING_MS = 45_000;

const ringing = (invitedIds: string[] = ['bob']): Interview =>
  ring({
    interviewId: '8c9ac3cc-0f5a-4a9e-9d2a-3f2d6b3e7a11',
    threadId: 'thread',
    media: 'video',
    startedBy: 'ada',
    invitedIds,
    ringMs: RING_MS,
    now: NOW,
  });

const by = (type: 'answer' | 'decline' | 'cancel', userId: string): InterviewAction => ({ type, userId });
const end = (userId: string, role: MemberRole = 'member'): InterviewAction => ({ type: 'end', userId, role });
const acted = (interview: Interview, ...actions: InterviewAction[]): Interview =>
  actions.reduce((state, action) => transition(state, action, NOW + 1_000), interview);
const refusal = (interview: Interview, action: InterviewAction): string | undefined => {
  try {
    transition(interview, action, NOW);
    return undefined;
  } catch (error) {
    return error instanceof ProtocolError ? error.code : String(error);
  }
};

describe('the interview as a state machine', () => {
  it('[IN1] a call rings for everyone else until its time is over', () => {
    expect(ringing(['bob', 'cleo'])).toEqual({
      interviewId: '8c9ac3cc-0f5a-4a9e-9d2a-3f2d6b3e7a11',
      threadId: 'thread',
      media: 'video',
      state: 'ringing',
      version: 1,
      startedBy: 'ada',
      startedAt: NOW,
      invitedIds: ['bob', 'cleo'],
      declinedIds: [],
      ringsUntil: NOW + RING_MS,
      answeredBy: null,
      answeredAt: null,
      endedBy: null,
      endedAt: null,
    });
  });

  it('[IN2] the first answer makes it live; a second one changes nothing', () => {
    const live = acted(ringing(['bob', 'cleo']), by('answer', 'bob'));
    expect(live).toMatchObject({ state: 'live', version: 2, answeredBy: 'bob', answeredAt: NOW + 1_000 });
    for (const userId of ['bob', 'cleo']) expect(acted(live, by('answer', userId))).toBe(live);
  });

  it('[IN3] it is declined once everyone who was called has declined', () => {
    const one = acted(ringing(['bob', 'cleo']), by('decline', 'bob'));
    expect(one).toMatchObject({ state: 'ringing', version: 2, declinedIds: ['bob'] });
    expect(acted(one, by('decline', 'bob'))).toBe(one);
    expect(acted(one, by('decline', 'cleo'))).toMatchObject({
      state: 'declined',
      version: 3,
      declinedIds: ['bob', 'cleo'],
      endedBy: 'cleo',
    });
    // While it rings for others, one may think better of it.
    expect(acted(one, by('answer', 'bob'))).toMatchObject({ state: 'live', answeredBy: 'bob', declinedIds: [] });
  });

  it('[IN4] only who called takes the call back, by cancelling or by ending it', () => {
    for (const action of [by('cancel', 'ada'), end('ada')]) {
      expect(acted(ringing(), action)).toMatchObject({ state: 'cancelled', endedBy: 'ada', endedAt: NOW + 1_000 });
    }
    expect(refusal(ringing(), by('cancel', 'bob'))).toBe('forbidden');
    expect(refusal(ringing(), end('bob'))).toBe('conflict');
  });

  it('[IN4] only those who were called answer or decline', () => {
    for (const userId of ['ada', 'outsider']) {
      expect([refusal(ringing(), by('answer', userId)), refusal(ringing(), by('decline', userId))]).toEqual([
        'forbidden',
        'forbidden',
      ]);
    }
  });

  it('[IN5] it is missed when its time is over and not before', () => {
    const call = ringing();
    expect(transition(call, { type: 'miss' }, call.ringsUntil - 1)).toBe(call);
    expect(transition(call, { type: 'miss' }, call.ringsUntil)).toMatchObject({
      state: 'missed',
      endedBy: null,
      endedAt: call.ringsUntil,
    });
    const live = acted(call, by('answer', 'bob'));
    expect(transition(live, { type: 'miss' }, call.ringsUntil)).toBe(live);
  });

  it('[IN6] anyone ends an interview of two; a larger one only who started it, and owners and admins', () => {
    const two = acted(ringing(), by('answer', 'bob'));
    for (const userId of ['ada', 'bob']) expect(acted(two, end(userId))).toMatchObject({ state: 'ended', endedBy: userId });
    const three = acted(ringing(['bob', 'cleo']), by('answer', 'bob'));
    expect(refusal(three, end('bob'))).toBe('forbidden');
    expect(acted(three, end('ada'))).toMatchObject({ state: 'ended', endedBy: 'ada' });
    for (const role of ['owner', 'admin'] as const)
      expect(acted(three, end('cleo', role))).toMatchObject({ state: 'ended', endedBy: 'cleo' });
  });

  it('[IN6] an answered call is no longer declined or cancelled', () => {
    const live = acted(ringing(), by('answer', 'bob'));
    expect([refusal(live, by('decline', 'bob')), refusal(live, by('cancel', 'ada'))]).toEqual(['conflict', 'conflict']);
  });

  it('[IN7] what is over stays as it is, and can no longer be answered', () => {
    const over = [
      acted(ringing(), by('decline', 'bob')),
      acted(ringing(), by('cancel', 'ada')),
      acted(ringing(), by('answer', 'bob'), end('bob')),
      transition(ringing(), { type: 'miss' }, NOW + RING_MS),
    ];
    expect(over.map(({ state }) => state)).toEqual(['declined', 'cancelled', 'ended', 'missed']);
    for (const interview of over) {
      expect(refusal(interview, by('answer', 'bob'))).toBe('gone');
      for (const action of [by('decline', 'bob'), by('cancel', 'ada'), end('ada'), { type: 'miss' } as const]) {
        expect(acted(interview, action)).toBe(interview);
      }
    }
  });

  it('[IN8] whatever is done in whatever order, versions count up by one and an interview that is over never comes back', () => {
    const userIds = fc.constantFrom('ada', 'bob', 'cleo', 'outsider');
    const actions: fc.Arbitrary<InterviewAction> = fc.oneof(
      fc.record({ type: fc.constantFrom('answer' as const, 'decline' as const, 'cancel' as const), userId: userIds }),
      fc.record({
        type: fc.constant('end' as const),
        userId: userIds,
        role: fc.constantFrom('owner' as const, 'member' as const),
      }),
      fc.constantFrom<InterviewAction>({ type: 'miss' }, { type: 'end', userId: null }),
    );
    const steps = fc.array(fc.record({ action: actions, waitMs: fc.integer({ min: 0, max: 20_000 }) }), { maxLength: 20 });
    fc.assert(
      fc.property(steps, (taken) => {
        let interview = ringing(['bob', 'cleo']);
        let now = NOW;
        for (const { action, waitMs } of taken) {
          now += waitMs;
          const before = interview;
          try {
            interview = transition(before, action, now);
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError);
          }
          if (interview === before) continue;
          expect(isActive(before)).toBe(true);
          expect(interview.version).toBe(before.version + 1);
          expect(Interview.parse(interview)).toEqual(interview);
          expect(interview.endedAt === null).toBe(isActive(interview));
          expect(interview.answeredAt !== null).toBe(['live', 'ended'].includes(interview.state));
        }
      }),
      { seed, numRuns: 2_000 },
    );
  });
});
