/**
 * The inbox: a user's own ordered log of what happened in all their threads. Every durable event takes the next position
 * in each member's inbox, in the transaction that stores it. Values of which only the last counts take a new position and
 * give up the old one, so a replay may skip positions; live pushes do not.
 */
import { z } from 'zod';
import { Epoch, OffsetOrZero, Position, ThreadId, Timestamp, UserId } from './ids.ts';
import { Marks } from './marks.ts';
import { ProposalSummary, ThreadEvent, ThreadSummary, User } from './threads.ts';

/** A read cursor moved. Only the last one of a thread and user counts. */
export const CursorMoved = z.object({
  type: z.literal('cursor.moved'),
  threadId: ThreadId,
  userId: UserId,
  readOffset: OffsetOrZero,
  /** What this user still has unread in the thread. */
  unread: z.int().min(0),
  at: Timestamp,
});

/** The host platform changed a person's profile. Only the last one of a user counts. */
export const UserChanged = z.object({ type: z.literal('user.changed'), user: User, at: Timestamp });

/** One's own marks of a thread changed, on whichever device; told to nobody else. Only the last one of a thread counts. */
export const MarksChanged = z.object({ type: z.literal('marks.changed'), threadId: ThreadId, marks: Marks, at: Timestamp });

/**
 * A proposal whose thread is not open yet came, or has a new status or manager: for lists of proposals. Only the last one of a proposal
 * counts. Once the thread is there its `thread.opened` and `proposal.changed` say the same.
 */
export const ProposalListed = z.object({ type: z.literal('proposal.listed'), proposal: ProposalSummary, at: Timestamp });

export const InboxEvent = z.discriminatedUnion('type', [
  ...ThreadEvent.options,
  CursorMoved,
  UserChanged,
  MarksChanged,
  ProposalListed,
]);
export const InboxEntry = z.object({ position: Position, event: InboxEvent });

/** All that a client needs to begin: the first page of the thread list and the people in it. */
export const InboxSnapshot = z.object({
  threads: z.array(ThreadSummary),
  users: z.array(User),
  /** There are older threads: ask `thread.list`. */
  more: z.boolean(),
});

/** Everything missed, or a fresh snapshot; never a part. `position` is where the client stands afterwards. */
export const InboxRecovery = z.discriminatedUnion('recovered', [
  z.object({ recovered: z.literal(true), epoch: Epoch, position: Position, entries: z.array(InboxEntry) }),
  z.object({ recovered: z.literal(false), epoch: Epoch, position: Position, snapshot: InboxSnapshot }),
]);

export type CursorMoved = z.infer<typeof CursorMoved>;
export type UserChanged = z.infer<typeof UserChanged>;
export type MarksChanged = z.infer<typeof MarksChanged>;
export type ProposalListed = z.infer<typeof ProposalListed>;
export type InboxEvent = z.infer<typeof InboxEvent>;
export type InboxEntry = z.infer<typeof InboxEntry>;
export type InboxSnapshot = z.infer<typeof InboxSnapshot>;
export type InboxRecovery = z.infer<typeof InboxRecovery>;
