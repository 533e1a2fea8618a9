/**
 * A thread's log. A writer builds an event as the wire has it; `appendEvent` keeps what cannot be composed later, and the
 * others make the event again: messages and profiles in their present state, all else as it was.
 */
import {
  ACTIVITY_TYPES,
  type Message,
  type ThreadEvent,
  type ThreadEventOf,
  type ThreadId,
  type UserId,
} from '../../../protocol/index.ts';
import type { Delivery } from '../store.ts';
import type { Database } from './database.ts';
import { deliverEvent } from './inbox.ts';
import { users } from './users.ts';

const ACTIVITY: ReadonlySet<string> = new Set(ACTIVITY_TYPES);

/**
 * Moves the thread's head to the event's offset, which the caller has counted, keeps the event and delivers it to those who
 * are members now. A posted message must have been inserted.
 */
export const appendEvent = (db: Database, thread: number, actor: number | null, event: ThreadEvent): Delivery => {
  const { type, offset, at } = event;
  const isPost = type === 'message.posted';
  db.run(
    'UPDATE threads SET head = ?, last_message = coalesce(?, last_message) WHERE thread = ?',
    offset,
    isPost ? offset : null,
    thread,
  );
  if (ACTIVITY.has(type)) {
    db.run(
      'UPDATE members SET active_at = ?, unread = unread + iif(user = ?, 0, ?) WHERE thread = ?',
      at,
      actor,
      isPost ? 1 : 0,
      thread,
    );
  }
  keep(db, thread, actor, event);
  return deliverEvent(db, thread, event);
};

const keep = (db: Database, thread: number, actor: number | null, event: ThreadEvent): void => {
  const { type, offset, at } = event;
  switch (event.type) {
    case 'message.posted':
      return;
    case 'message.edited':
    case 'message.deleted':
      db.run(
        'INSERT INTO amendments (thread, offset, type, at, message) VALUES (?, ?, ?, ?, ?)',
        thread,
        offset,
        type,
        at,
        event.message.offset,
      );
      return;
    default:
      db.run(
        'INSERT INTO events (thread, offset, type, at, actor, payload) VALUES (?, ?, ?, ?, ?, ?)',
        thread,
        offset,
        type,
        at,
        actor,
        JSON.stringify(payloadOf(event)),
      );
  }
};

/** Events that are not about a message. */
type KeptEvent = Exclude<ThreadEvent, { message: Message }>;

/** What of an event is kept as it was. */
const payloadOf = (event: KeptEvent): object => {
  switch (event.type) {
    case 'thread.opened':
      return { kind: event.kind, title: event.title, members: event.members, proposal: event.proposal };
    case 'member.joined':
      return { member: event.member };
    case 'member.left':
      return { userId: event.userId };
    case 'proposal.changed':
      return { proposal: event.proposal };
    case 'interview.changed':
      return { interview: event.interview };
  }
};

/** An EventRow, from `events event` and EVENT_JOINS. */
export const EVENT_COLUMNS = `event.type, thread.thread_id AS threadId, event.offset, event.at, actor.user_id AS actorId,
  event.payload`;
export const EVENT_JOINS = `
  JOIN threads thread ON thread.thread = event.thread
  LEFT JOIN users actor ON actor.user = event.actor`;

export interface EventRow {
  readonly type: KeptEvent['type'];
  readonly threadId: ThreadId;
  readonly offset: number;
  readonly at: number;
  readonly actorId: UserId | null;
  readonly payload: string;
}

export const composeEvent = (db: Database, { payload, ...common }: EventRow): ThreadEvent => {
  const event = { ...common, ...JSON.parse(payload) } as KeptEvent;
  switch (event.type) {
    case 'thread.opened':
      return {
        ...event,
        users: users(
          db,
          event.members.map(({ userId }) => userId),
        ),
      };
    case 'member.joined':
      return { ...event, user: users(db, [event.member.userId])[0]! };
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

/** An edit or delete, which only the sender can make. */
export const amendedEvent = (
  type: 'message.edited' | 'message.deleted',
  offset: number,
  at: number,
  message: Message,
): ThreadEvent => ({ type, threadId: message.threadId, offset, at, actorId: message.senderId, message });
