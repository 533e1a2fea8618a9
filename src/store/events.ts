/**
 * A thread's log, whatever keeps it. A writer builds an event as the wire has it; a store keeps what cannot be composed
 * later, and the functions here make the event again: messages and profiles in their present state, all else as it was.
 */
import {
  heirOf,
  type Member,
  type Message,
  type ThreadEvent,
  type ThreadEventOf,
  type ThreadId,
  type User,
  type UserId,
} from '../../protocol/index.ts';

/** Events that are not about a message. */
export type KeptEvent = Exclude<ThreadEvent, { message: Message }>;

/** What of an event is kept as it was. */
export const payloadOf = (event: KeptEvent): object => {
  switch (event.type) {
    case 'thread.opened':
      return {
        kind: event.kind,
        title: event.title,
        members: event.members,
        proposal: event.proposal,
        contracts: event.contracts,
      };
    case 'member.joined':
      return { member: event.member };
    case 'member.left':
      return { userId: event.userId, ...(event.ownerId !== undefined && { ownerId: event.ownerId }) };
    case 'proposal.changed':
      return { proposal: event.proposal };
    case 'contract.changed':
      return { contract: event.contract };
    case 'interview.changed':
      return { interview: event.interview };
  }
};

/** A kept event without its profiles. */
export interface EventRow {
  readonly type: KeptEvent['type'];
  readonly threadId: ThreadId;
  readonly offset: number;
  readonly at: number;
  readonly actorId: UserId | null;
  readonly payload: object;
}

/** `usersOf` gives the present profiles of these users. */
export const composeEvent = ({ payload, ...common }: EventRow, usersOf: (userIds: readonly UserId[]) => User[]): ThreadEvent => {
  const event = { ...common, ...payload } as KeptEvent;
  switch (event.type) {
    case 'thread.opened':
      return { ...event, users: usersOf(event.members.map(({ userId }) => userId)) };
    case 'member.joined':
      return { ...event, user: usersOf([event.member.userId])[0]! };
    default:
      return event;
  }
};

export const postedEvent = (message: Message): ThreadEventOf<'message.posted'> => ({
  type: 'message.posted',
  threadId: message.threadId,
  offset: message.offset,
  at: message.postedAt,
  actorId: message.senderId,
  message,
});

/** `members` are those before it. Whoever writes it also makes `ownerId` the owner. */
export const leftEvent = (
  common: Pick<ThreadEventOf<'member.left'>, 'threadId' | 'offset' | 'at' | 'actorId' | 'userId'>,
  members: readonly Member[],
): ThreadEventOf<'member.left'> => {
  const ownerId = heirOf(members, common.userId);
  return { type: 'member.left', ...common, ...(ownerId !== undefined && { ownerId }) };
};

export type AmendmentType = 'message.edited' | 'message.deleted' | 'message.released';

/** An edit or delete, which only the sender can make, or a release, which nobody in the thread does. */
export const amendedEvent = (type: AmendmentType, offset: number, at: number, message: Message): ThreadEvent => ({
  type,
  threadId: message.threadId,
  offset,
  at,
  actorId: type === 'message.released' ? null : message.senderId,
  message,
});

/** A page of one thread's messages and other events, each asked for a page and one, which tells whether there are more. */
export const pageOf = (
  found: readonly ThreadEvent[],
  { direction, limit }: { direction: 'forward' | 'backward'; limit: number },
): { events: ThreadEvent[]; more: boolean } => {
  const sorted = found.toSorted((one, other) => one.offset - other.offset);
  const events = direction === 'forward' ? sorted.slice(0, limit) : sorted.slice(-limit);
  return { events, more: sorted.length > limit };
};
