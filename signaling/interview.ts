/**
 * The interview as a state machine, pure: ringing -> live -> ended, or ringing -> declined, missed, cancelled. An action that
 * changes nothing returns the same object, so that a repeated request, or one that came second, stores nothing and is told
 * how things stand.
 */
import {
  type Interview,
  type InterviewMedia,
  type MemberRole,
  ProtocolError,
  type ThreadId,
  type UserId,
} from '../protocol/index.ts';

export type InterviewAction =
  | { readonly type: 'answer'; readonly userId: UserId }
  | { readonly type: 'decline'; readonly userId: UserId }
  | { readonly type: 'cancel'; readonly userId: UserId }
  /** The clock: nobody answered. */
  | { readonly type: 'miss' }
  /** For all. By the clock (`userId` null) when the room stayed empty. */
  | { readonly type: 'end'; readonly userId: UserId; readonly role: MemberRole }
  | { readonly type: 'end'; readonly userId: null };

/** A call that begins to ring. */
export const ring = (call: {
  interviewId: string;
  threadId: ThreadId;
  media: InterviewMedia;
  startedBy: UserId;
  invitedIds: readonly UserId[];
  ringMs: number;
  now: number;
}): Interview => ({
  interviewId: call.interviewId,
  threadId: call.threadId,
  media: call.media,
  state: 'ringing',
  version: 1,
  startedBy: call.startedBy,
  startedAt: call.now,
  invitedIds: [...call.invitedIds],
  declinedIds: [],
  ringsUntil: call.now + call.ringMs,
  answeredBy: null,
  answeredAt: null,
  endedBy: null,
  endedAt: null,
});

const next = (interview: Interview, change: Partial<Interview>): Interview => ({
  ...interview,
  ...change,
  version: interview.version + 1,
});

const over = (interview: Interview, state: Interview['state'], endedBy: UserId | null, endedAt: number): Interview =>
  next(interview, { state, endedBy, endedAt });

const requireInvited = (interview: Interview, userId: UserId): void => {
  if (!interview.invitedIds.includes(userId)) throw new ProtocolError('forbidden', 'The call is not for this person.');
};
const requireStarter = (interview: Interview, userId: UserId): void => {
  if (interview.startedBy !== userId) throw new ProtocolError('forbidden', 'Only who called can take the call back.');
};

const decline = (interview: Interview, userId: UserId, now: number): Interview => {
  if (interview.declinedIds.includes(userId)) return interview;
  const declinedIds = [...interview.declinedIds, userId];
  const isLast = interview.invitedIds.every((invitedId) => declinedIds.includes(invitedId));
  return isLast ? over({ ...interview, declinedIds }, 'declined', userId, now) : next(interview, { declinedIds });
};

const whileRinging = (interview: Interview, action: InterviewAction, now: number): Interview => {
  switch (action.type) {
    case 'answer':
      requireInvited(interview, action.userId);
      return next(interview, {
        state: 'live',
        answeredBy: action.userId,
        answeredAt: now,
        // Who declined may think better of it while it still rings for others.
        declinedIds: interview.declinedIds.filter((userId) => userId !== action.userId),
      });
    case 'decline':
      requireInvited(interview, action.userId);
      return decline(interview, action.userId, now);
    case 'cancel':
      requireStarter(interview, action.userId);
      return over(interview, 'cancelled', action.userId, now);
    case 'miss':
      return now >= interview.ringsUntil ? over(interview, 'missed', null, now) : interview;
    case 'end':
      if (action.userId === null) return interview;
      if (action.userId !== interview.startedBy)
        throw new ProtocolError('conflict', 'The call was not answered; decline it instead.');
      return over(interview, 'cancelled', action.userId, now);
  }
};

/** Anybody ends a call between two; in a larger one, who started it and who runs the thread. */
const mayEndForAll = (interview: Interview, userId: UserId, role: MemberRole): boolean =>
  interview.invitedIds.length === 1 || userId === interview.startedBy || role !== 'member';

const whileLive = (interview: Interview, action: InterviewAction, now: number): Interview => {
  switch (action.type) {
    case 'answer':
      requireInvited(interview, action.userId);
      return interview;
    case 'decline':
      requireInvited(interview, action.userId);
      throw new ProtocolError('conflict', 'The call was answered.');
    case 'cancel':
      requireStarter(interview, action.userId);
      throw new ProtocolError('conflict', 'The call was answered; end it instead.');
    case 'miss':
      return interview;
    case 'end':
      if (action.userId === null) return over(interview, 'ended', null, now);
      if (!mayEndForAll(interview, action.userId, action.role)) {
        throw new ProtocolError(
          'forbidden',
          'Only who started the interview, or who runs the thread, ends it for all; leave it instead.',
        );
      }
      return over(interview, 'ended', action.userId, now);
  }
};

/** Whatever would have stopped it finds it stopped. */
const whenOver = (interview: Interview, action: InterviewAction): Interview => {
  switch (action.type) {
    case 'answer':
      requireInvited(interview, action.userId);
      throw new ProtocolError('gone', `The interview is ${interview.state}.`);
    case 'decline':
      requireInvited(interview, action.userId);
      return interview;
    case 'cancel':
      requireStarter(interview, action.userId);
      return interview;
    case 'miss':
    case 'end':
      return interview;
  }
};

/** The interview after an action of a thread's member, or of the clock. Throws `forbidden`, `conflict` or `gone`. */
export const transition = (interview: Interview, action: InterviewAction, now: number): Interview => {
  switch (interview.state) {
    case 'ringing':
      return whileRinging(interview, action, now);
    case 'live':
      return whileLive(interview, action, now);
    case 'ended':
    case 'declined':
    case 'missed':
    case 'cancelled':
      return whenOver(interview, action);
  }
};
