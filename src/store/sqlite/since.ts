/** What a user missed: the inbox entries after a position, or a snapshot. */
import type {
  Epoch,
  InboxEntry,
  InboxRecovery,
  Position,
  ProposalSummary,
  ThreadId,
  User,
  UserId,
} from '../../../protocol/index.ts';
import { type AmendmentType, amendedEvent, postedEvent } from '../events.ts';
import { SNAPSHOT_THREADS } from '../rules.ts';
import type { Database } from './database.ts';
import { compose, EVENT_COLUMNS, EVENT_JOINS, type StoredEvent } from './events.ts';
import { type Inbox, inboxOf } from './inbox.ts';
import { MARKS_COLUMNS, type MarksRow, marksOf } from './marks.ts';
import { MESSAGE_COLUMNS, MESSAGE_JOINS, type MessageRow, toMessage } from './messages.ts';
import { SUMMARY_COLUMNS, SUMMARY_JOINS } from './proposals.ts';
import { threads } from './summaries.ts';
import { USER_COLUMNS } from './users.ts';

/** Of a user whom the store does not know. */
const EMPTY: Inbox = { user: 0, head: 0, floor: 0 };

export const since = (db: Database, userId: UserId, from: { epoch: Epoch; position: Position } | undefined): InboxRecovery => {
  const { epoch } = db;
  const inbox = inboxOf(db, userId) ?? EMPTY;
  const position = inbox.head;
  if (from?.epoch === epoch && isKept(db, inbox, from.position)) {
    return { recovered: true, epoch, position, entries: entriesAfter(db, inbox.user, userId, from.position) };
  }
  return { recovered: false, epoch, position, snapshot: threads(db, userId, { limit: SNAPSHOT_THREADS }) };
};

const isKept = (db: Database, { head, floor }: Inbox, position: Position): boolean =>
  position >= floor && position <= head && head - position <= db.settings.replayLimit;

/**
 * Entries are composed from the present state. Of a thread that one has left only the leaving is told, and of another person
 * with whom one no longer shares a thread nothing: what changed afterwards is not theirs to see.
 */
const entriesAfter = (db: Database, user: number, userId: UserId, position: Position): InboxEntry[] =>
  [
    ...messagesAfter(db, user, position),
    ...amendmentsAfter(db, user, position),
    ...eventsAfter(db, user, userId, position),
    ...cursorsAfter(db, user, position),
    ...profilesAfter(db, user, position),
    ...marksAfter(db, user, position),
    ...listedAfter(db, user, position),
  ].sort((one, other) => one.position - other.position);

const AFTER = 'inbox.user = ? AND inbox.position > ?';
const STILL_A_MEMBER = 'JOIN members mine ON mine.thread = inbox.thread AND mine.user = inbox.user';

interface Positioned {
  readonly position: Position;
}

const messagesAfter = (db: Database, user: number, after: Position): InboxEntry[] =>
  db
    .all<MessageRow & Positioned>(
      `SELECT inbox.position, ${MESSAGE_COLUMNS}
       FROM inbox ${STILL_A_MEMBER}
       JOIN messages message ON message.thread = inbox.thread AND message.offset = inbox.offset ${MESSAGE_JOINS}
       WHERE ${AFTER}`,
      user,
      after,
    )
    .map(({ position, ...message }) => ({ position, event: postedEvent(toMessage(message)) }));

interface AmendmentRow extends MessageRow, Positioned {
  readonly type: AmendmentType;
  readonly eventOffset: number;
  readonly at: number;
}

const amendmentsAfter = (db: Database, user: number, after: Position): InboxEntry[] =>
  db
    .all<AmendmentRow>(
      `SELECT inbox.position, amendment.type, amendment.offset AS eventOffset, amendment.at, ${MESSAGE_COLUMNS}
       FROM inbox ${STILL_A_MEMBER}
       JOIN amendments amendment ON amendment.thread = inbox.thread AND amendment.offset = inbox.offset
       JOIN messages message ON message.thread = amendment.thread AND message.offset = amendment.message ${MESSAGE_JOINS}
       WHERE ${AFTER}`,
      user,
      after,
    )
    .map(({ position, type, eventOffset, at, ...message }) => ({
      position,
      event: amendedEvent(type, eventOffset, at, toMessage(message)),
    }));

const eventsAfter = (db: Database, user: number, userId: UserId, after: Position): InboxEntry[] =>
  db
    .all<StoredEvent & Positioned>(
      `SELECT inbox.position, ${EVENT_COLUMNS}
       FROM inbox LEFT ${STILL_A_MEMBER}
       JOIN events event ON event.thread = inbox.thread AND event.offset = inbox.offset ${EVENT_JOINS}
       WHERE ${AFTER} AND (mine.user IS NOT NULL OR (event.type = 'member.left' AND event.payload ->> 'userId' = ?))`,
      user,
      after,
      userId,
    )
    .map(({ position, ...row }) => ({ position, event: compose(db, row) }));

interface CursorRow extends Positioned {
  readonly threadId: string;
  readonly userId: UserId;
  readonly readOffset: number;
  readonly unread: number;
  readonly at: number;
}

const cursorsAfter = (db: Database, user: number, after: Position): InboxEntry[] =>
  db
    .all<CursorRow>(
      `SELECT inbox.position, member.thread_id AS threadId, users.user_id AS userId, member.read_offset AS readOffset,
         member.cursor_unread AS unread, member.cursor_at AS at
       FROM inbox ${STILL_A_MEMBER}
       JOIN members member ON member.thread = inbox.thread AND member.user = inbox.about
       JOIN users ON users.user = inbox.about
       WHERE ${AFTER} AND member.cursor_at IS NOT NULL`,
      user,
      after,
    )
    .map(({ position, ...cursor }) => ({ position, event: { type: 'cursor.moved', ...cursor } }));

const profilesAfter = (db: Database, user: number, after: Position): InboxEntry[] =>
  db
    .all<User & Positioned & { at: number }>(
      `SELECT inbox.position, users.changed_at AS at, ${USER_COLUMNS}
       FROM inbox JOIN users ON users.user = inbox.about
       WHERE ${AFTER} AND inbox.thread IS NULL
         AND (inbox.about = inbox.user
           OR EXISTS (SELECT 1 FROM members mine JOIN members other USING (thread)
                      WHERE mine.user = inbox.user AND other.user = inbox.about))`,
      user,
      after,
    )
    .map(({ position, at, ...user }) => ({ position, event: { type: 'user.changed', user, at } }));

/** Who came back as a member has no marks of before. */
const marksAfter = (db: Database, user: number, after: Position): InboxEntry[] =>
  db
    .all<MarksRow & Positioned & { threadId: ThreadId; at: number }>(
      `SELECT inbox.position, mine.thread_id AS threadId, mine.marks_at AS at, ${MARKS_COLUMNS}
       FROM inbox ${STILL_A_MEMBER}
       WHERE ${AFTER} AND inbox.offset IS NULL AND inbox.about IS NULL AND mine.marks_at IS NOT NULL`,
      user,
      after,
    )
    .map(({ position, threadId, at, ...row }) => ({
      position,
      event: { type: 'marks.changed', threadId, marks: marksOf(row), at },
    }));

/** A manager who was replaced hears no more of it. */
const listedAfter = (db: Database, user: number, after: Position): InboxEntry[] =>
  db
    .all<ProposalSummary & Positioned & { at: number }>(
      `SELECT inbox.position, proposal.listed_at AS at, ${SUMMARY_COLUMNS}
       FROM inbox JOIN proposals proposal ON proposal.proposal = inbox.offset ${SUMMARY_JOINS}
       WHERE ${AFTER} AND inbox.thread IS NULL AND inbox.about IS NULL
         AND inbox.user IN (proposal.client, proposal.freelancer, proposal.manager)`,
      user,
      after,
    )
    .map(({ position, at, ...proposal }) => ({ position, event: { type: 'proposal.listed', proposal, at } }));
