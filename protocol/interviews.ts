/** The interview: the appointment, a state machine in the thread's own log. Its live call is a room (rooms.ts). */
import { z } from 'zod';
import { InterviewId, ThreadId, Timestamp, UserId } from './ids.ts';

export const InterviewMedia = z.enum(['audio', 'video']);

/** ringing -> live -> ended, or ringing -> declined, missed, cancelled. */
export const InterviewState = z.enum(['ringing', 'live', 'ended', 'declined', 'missed', 'cancelled']);

export const Interview = z.object({
  interviewId: InterviewId,
  threadId: ThreadId,
  media: InterviewMedia,
  state: InterviewState,
  /** Counts transitions: 1, 2, 3 …; a transition from an older version is refused. */
  version: z.int().min(1),
  startedBy: UserId,
  startedAt: Timestamp,
  /** Who it rings for. */
  invitedIds: z.array(UserId),
  declinedIds: z.array(UserId),
  /** When ringing gives up and the interview is missed. */
  ringsUntil: Timestamp,
  answeredBy: UserId.nullable(),
  answeredAt: Timestamp.nullable(),
  /** Who ended, declined last or cancelled it; null when the clock did. */
  endedBy: UserId.nullable(),
  endedAt: Timestamp.nullable(),
});

export type InterviewMedia = z.infer<typeof InterviewMedia>;
export type InterviewState = z.infer<typeof InterviewState>;
export type Interview = z.infer<typeof Interview>;

/** Whether the interview still rings or is live. */
export const isActive = (interview: Interview): boolean => interview.state === 'ringing' || interview.state === 'live';
