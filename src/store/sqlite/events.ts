/** Appending to a thread's log and composing its events again; see ../events.ts. */
import { ACTIVITY_TYPES, type ThreadEvent } from '../../../protocol/index.ts';
import { composeEvent, type EventRow, payloadOf } from '../events.ts';
import type { Delivery } from '../store.ts';
import type { Database } from './database.ts';
import { keepDue } from './due.ts';
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
      'UPDATE members SET active_at = ?1, unread = unread + iif(user = ?2, 0, ?3), hidden = iif(?3, 0, hidden) WHERE thread = ?4',
      at,
      actor,
      isPost ? 1 : 0,
      thread,
    );
  }
  keep(db, thread, actor, event);
  if (db.settings.outbox.includes(type)) keepDue(db, thread, event);
  return deliverEvent(db, thread, event);
};

const keep = (db: Database, thread: number, actor: number | null, event: ThreadEvent): void => {
  const { type, offset, at } = event;
  switch (event.type) {
    case 'message.posted':
      return;
    case 'message.edited':
    case 'message.deleted':
    case 'message.released':
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

/** A row of an event, from `events event` and EVENT_JOINS. */
export const EVENT_COLUMNS = `event.type, thread.thread_id AS threadId, event.offset, event.at, actor.user_id AS actorId,
  event.payload`;
export const EVENT_JOINS = `
  JOIN threads thread ON thread.thread = event.thread
  LEFT JOIN users actor ON actor.user = event.actor`;

export type StoredEvent = Omit<EventRow, 'payload'> & { readonly payload: string };

export const compose = (db: Database, { payload, ...common }: StoredEvent): ThreadEvent =>
  composeEvent({ ...common, payload: JSON.parse(payload) as object }, (userIds) => users(db, userIds));
