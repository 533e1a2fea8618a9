/** Delivery: whatever happens takes the next position in the inbox of everyone who is to hear of it. */
import type { InboxEvent, Position, ThreadEvent, UserId } from '../../../protocol/index.ts';
import type { Delivery } from '../store.ts';
import type { Database } from './database.ts';

interface Recipient {
  readonly user: number;
  readonly userId: UserId;
  readonly head: Position;
}

/** What an inbox row points to; see schema.ts. */
interface Entry {
  readonly thread: number | null;
  readonly offset: number | null;
  readonly about: number | null;
}

/** The last position in the inbox of the `users` row at hand. */
const HEAD = 'coalesce((SELECT max(position) FROM inbox WHERE inbox.user = users.user), 0)';

/** Delivers an event of a thread to its members. */
export const deliverEvent = (db: Database, thread: number, event: ThreadEvent): Delivery =>
  deliver(db, event, recipientsIn(db, thread), { thread, offset: event.offset, about: null });

/** Tells the members where one's cursor is now; takes the place of the entry that told it before. */
export const deliverCursor = (db: Database, thread: number, user: number, event: InboxEvent): Delivery =>
  deliver(db, event, recipientsIn(db, thread), { thread, offset: null, about: user });

/** Tells everyone who shares a thread with a user, and that user, of the new profile; takes the place of the entry before. */
export const deliverProfile = (db: Database, user: number, event: InboxEvent): Delivery =>
  deliver(db, event, contactsOf(db, user), { thread: null, offset: null, about: user });

/** Tells a member's own devices of their marks of a thread; takes the place of the entry that told them before. */
export const deliverMarks = (db: Database, thread: number, user: number, event: InboxEvent): Delivery =>
  deliver(db, event, recipientsAmong(db, [user]), { thread, offset: null, about: null });

/** Tells these people of a proposal that has no thread; takes the place of the entry that told of it before. */
export const deliverListed = (db: Database, proposal: number, users: readonly number[], event: InboxEvent): Delivery =>
  deliver(db, event, recipientsAmong(db, users), { thread: null, offset: proposal, about: null });

const recipientsAmong = (db: Database, users: readonly number[]): Recipient[] =>
  db.all<Recipient>(
    `SELECT users.user, users.user_id AS userId, ${HEAD} AS head FROM users WHERE users.user IN (SELECT value FROM json_each(?))`,
    JSON.stringify(users),
  );

const recipientsIn = (db: Database, thread: number): Recipient[] =>
  db.all<Recipient>(
    `SELECT users.user, users.user_id AS userId, ${HEAD} AS head
     FROM members JOIN users USING (user) WHERE members.thread = ?`,
    thread,
  );

const contactsOf = (db: Database, user: number): Recipient[] =>
  db.all<Recipient>(
    `SELECT users.user, users.user_id AS userId, ${HEAD} AS head FROM users WHERE users.user IN
       (SELECT other.user FROM members mine JOIN members other USING (thread) WHERE mine.user = ?1 UNION SELECT ?1)`,
    user,
  );

const deliver = (db: Database, event: InboxEvent, recipients: readonly Recipient[], entry: Entry): Delivery => {
  const positions = recipients.map(({ user, userId, head }) => {
    const position = head + 1;
    db.run(
      'INSERT OR REPLACE INTO inbox (user, position, thread, offset, about) VALUES (?, ?, ?, ?, ?)',
      user,
      position,
      entry.thread,
      entry.offset,
      entry.about,
    );
    trim(db, user, position);
    return [userId, position] as const;
  });
  return { event, positions };
};

/**
 * Lets a tenth of what may be kept go at once, so that it costs two statements in many deliveries. The last entry stays, since
 * it says where the head is.
 */
const trim = (db: Database, user: number, head: Position): void => {
  const { inboxKeep } = db.settings;
  const batch = Math.ceil(inboxKeep / 10);
  const floor = Math.min(head - inboxKeep + batch, head - 1);
  if (head % batch !== 0 || floor <= 0) return;
  db.run('DELETE FROM inbox WHERE user = ? AND position <= ?', user, floor);
  db.run('INSERT OR REPLACE INTO inbox_floors (user, floor) VALUES (?, ?)', user, floor);
};

export interface Inbox {
  readonly user: number;
  readonly head: Position;
  /** The last position that is no longer kept. */
  readonly floor: Position;
}

/** Undefined for a user whom the store does not know. */
export const inboxOf = (db: Database, userId: UserId): Inbox | undefined =>
  db.get<Inbox>(
    `SELECT users.user, ${HEAD} AS head, coalesce(floor, 0) AS floor
     FROM users LEFT JOIN inbox_floors USING (user) WHERE users.user_id = ?`,
    userId,
  );

export const heads = (db: Database, userIds: readonly UserId[]): Map<UserId, Position> => {
  const rows = db.all<{ userId: UserId; head: Position }>(
    `SELECT user_id AS userId, ${HEAD} AS head FROM users WHERE user_id IN (SELECT value FROM json_each(?))`,
    JSON.stringify(userIds),
  );
  const found = new Map(rows.map(({ userId, head }) => [userId, head]));
  return new Map(userIds.map((userId) => [userId, found.get(userId) ?? 0]));
};
