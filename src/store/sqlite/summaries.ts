/** Threads as one member's list shows them. */
import type {
  Contract,
  Message,
  ProposalSummary,
  ThreadId,
  ThreadKind,
  ThreadSummary,
  User,
  UserId,
} from '../../../protocol/index.ts';
import { TOP } from '../rules.ts';
import type { ThreadPage } from '../store.ts';
import type { Database } from './database.ts';
import { activeInterview } from './interviews.ts';
import { membership, membersOf } from './members.ts';
import { messageAt } from './messages.ts';
import { users } from './users.ts';

interface SummaryRow {
  readonly thread: number;
  readonly threadId: ThreadId;
  readonly kind: ThreadKind;
  readonly title: string;
  readonly proposal: string | null;
  readonly contracts: string;
  readonly head: number;
  readonly lastMessage: number | null;
  readonly openedAt: number;
  readonly unread: number;
  readonly activeAt: number;
}

const SELECT = `SELECT thread.thread, thread.thread_id AS threadId, thread.kind, thread.title, thread.proposal,
    thread.contracts, thread.head,
    thread.last_message AS lastMessage, thread.opened_at AS openedAt, mine.unread, mine.active_at AS activeAt
  FROM members mine JOIN threads thread USING (thread)`;

export const thread = (db: Database, userId: UserId, threadId: ThreadId): { thread: ThreadSummary; users: User[] } => {
  const { thread, user } = membership(db, threadId, userId);
  const row = db.get<SummaryRow>(`${SELECT} WHERE mine.thread = ? AND mine.user = ?`, thread, user)!;
  const summary = summarize(db, row);
  return { thread: summary, users: membersAmong(db, [summary]) };
};

const NEWEST = `${SELECT} WHERE mine.user = (SELECT user FROM users WHERE user_id = ?)
  AND (mine.active_at, mine.thread_id) < (?, ?)
  ORDER BY mine.active_at DESC, mine.thread_id DESC LIMIT ?`;

export const threads = (
  db: Database,
  userId: UserId,
  page: { before?: { activeAt: number; threadId: ThreadId } | undefined; limit: number },
): ThreadPage => {
  const { activeAt, threadId } = page.before ?? TOP;
  // One row too many tells whether there are more.
  const rows = db.all<SummaryRow>(NEWEST, userId, activeAt, threadId, page.limit + 1);
  const summaries = rows.slice(0, page.limit).map((row) => summarize(db, row));
  return { threads: summaries, users: membersAmong(db, summaries), more: rows.length > page.limit };
};

const summarize = (db: Database, row: SummaryRow): ThreadSummary => ({
  threadId: row.threadId,
  kind: row.kind,
  title: row.title,
  members: membersOf(db, row.thread),
  proposal: row.proposal === null ? null : (JSON.parse(row.proposal) as ProposalSummary),
  contracts: JSON.parse(row.contracts) as Contract[],
  head: row.head,
  lastMessage: lastMessage(db, row),
  unread: row.unread,
  interview: activeInterview(db, row.thread) ?? null,
  openedAt: row.openedAt,
  activeAt: row.activeAt,
});

const lastMessage = (db: Database, { thread, lastMessage }: SummaryRow): Message | null =>
  lastMessage === null ? null : messageAt(db, thread, lastMessage)!;

const membersAmong = (db: Database, summaries: readonly ThreadSummary[]): User[] =>
  users(db, [...new Set(summaries.flatMap(({ members }) => members.map(({ userId }) => userId)))]);
