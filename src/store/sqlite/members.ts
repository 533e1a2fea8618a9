/** Who is in a thread. Members are in the order in which they were named at the opening, then in that of their joining. */
import type {
  Contract,
  Member,
  MemberRole,
  Offset,
  ProposalStatus,
  ProposalSummary,
  ThreadId,
  ThreadKind,
  UserId,
} from '../../../protocol/index.ts';
import { notMember, type Subject } from '../rules.ts';
import type { Database } from './database.ts';

/** A thread as one of its members stands to it. */
export interface Membership {
  readonly thread: number;
  readonly threadId: ThreadId;
  readonly kind: ThreadKind;
  readonly head: Offset;
  readonly user: number;
  readonly userId: UserId;
  readonly role: MemberRole;
  readonly readOffset: number;
  readonly unread: number;
  /** Of the thread's proposal, if it has one. */
  readonly proposalStatus: ProposalStatus | null;
}

/** Rejects with `not_member` for outsiders and for threads that do not exist alike, so that nobody can probe for threads. */
export const membership = (db: Database, threadId: ThreadId, userId: UserId): Membership => {
  const found = db.get<Membership>(
    `SELECT thread.thread, thread.thread_id AS threadId, thread.kind, thread.head, users.user, users.user_id AS userId,
       member.role, member.read_offset AS readOffset, member.unread, thread.proposal ->> 'status' AS proposalStatus
     FROM threads thread, users
     JOIN members member ON member.thread = thread.thread AND member.user = users.user
     WHERE thread.thread_id = ? AND users.user_id = ?`,
    threadId,
    userId,
  );
  if (found === undefined) throw notMember();
  return found;
};

/** What a thread is about; of a group, what the thread whose contracts it follows is. */
export const subjectOf = (db: Database, thread: number): Subject => {
  const row = db.get<{ proposal: string | null; contracts: string }>(
    `SELECT coalesce(thread.proposal, followed.proposal) AS proposal, thread.contracts
     FROM threads thread LEFT JOIN threads followed ON followed.thread = thread.beside WHERE thread.thread = ?`,
    thread,
  )!;
  return {
    proposal: row.proposal === null ? null : (JSON.parse(row.proposal) as ProposalSummary),
    contracts: JSON.parse(row.contracts) as Contract[],
  };
};

export const membersOf = (db: Database, thread: number): Member[] =>
  db.all<Member>(
    `SELECT users.user_id AS userId, role, read_offset AS readOffset, joined_at AS joinedAt
     FROM members JOIN users USING (user) WHERE thread = ? ORDER BY ordinal`,
    thread,
  );

/** Adds a member behind the present ones; their unread count starts at 0. */
export const insertMember = (db: Database, thread: number, user: number, member: Member): void => {
  db.run(
    `INSERT INTO members (thread, user, ordinal, role, joined_at, read_offset, unread, active_at, thread_id)
     SELECT thread, ?, (SELECT coalesce(max(ordinal), 0) + 1 FROM members WHERE thread = threads.thread), ?, ?, ?, 0, ?, thread_id
     FROM threads WHERE thread = ?`,
    user,
    member.role,
    member.joinedAt,
    member.readOffset,
    member.joinedAt,
    thread,
  );
};

export const memberIds = (db: Database, threadId: ThreadId): UserId[] => {
  const row = db.get<{ thread: number }>('SELECT thread FROM threads WHERE thread_id = ?', threadId);
  return row === undefined ? [] : membersOf(db, row.thread).map(({ userId }) => userId);
};

export const threadsAmong = (db: Database, userId: UserId, threadIds: readonly ThreadId[]): ThreadId[] =>
  db
    .all<{ threadId: ThreadId }>(
      `SELECT thread.thread_id AS threadId
       FROM threads thread
       JOIN members member ON member.thread = thread.thread
         AND member.user = (SELECT user FROM users WHERE user_id = ?)
       WHERE thread.thread_id IN (SELECT value FROM json_each(?))`,
      userId,
      JSON.stringify(threadIds),
    )
    .map(({ threadId }) => threadId);

/** Walks the asker's threads, since most have two members; the unary plus keeps SQLite from probing each for everyone asked. */
export const contactsAmong = (db: Database, userId: UserId, userIds: readonly UserId[]): UserId[] =>
  db
    .all<{ userId: UserId }>(
      `SELECT DISTINCT users.user_id AS userId
       FROM users me
       JOIN members mine ON mine.user = me.user
       JOIN members other ON other.thread = mine.thread AND other.user <> me.user
       JOIN users ON users.user = other.user
       WHERE me.user_id = ?
         AND +other.user IN (SELECT user FROM users WHERE user_id IN (SELECT value FROM json_each(?)))
         AND NOT EXISTS (SELECT 1 FROM blocks WHERE blocker = me.user AND blocked = other.user)
         AND NOT EXISTS (SELECT 1 FROM blocks WHERE blocker = other.user AND blocked = me.user)`,
      userId,
      JSON.stringify(userIds),
    )
    .map((contact) => contact.userId);
