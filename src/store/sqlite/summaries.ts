/** Threads as one member's list shows them. */
import type {
  Contract,
  Mark,
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
import { MARKS_COLUMNS, type MarksRow, marksOf } from './marks.ts';
import { membership, membersOf } from './members.ts';
import { messageAt } from './messages.ts';
import { users } from './users.ts';

interface SummaryRow extends MarksRow {
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

const selectFrom = (members: string): string => `SELECT thread.thread, thread.thread_id AS threadId, thread.kind, thread.title,
    thread.proposal, thread.contracts, thread.head, thread.last_message AS lastMessage, thread.opened_at AS openedAt,
    mine.unread, mine.active_at AS activeAt, ${MARKS_COLUMNS}
  FROM ${members} JOIN threads thread USING (thread)`;
const SELECT = selectFrom('members mine');

export const thread = (db: Database, userId: UserId, threadId: ThreadId): { thread: ThreadSummary; users: User[] } => {
  const { thread, user } = membership(db, threadId, userId);
  const row = db.get<SummaryRow>(`${SELECT} WHERE mine.thread = ? AND mine.user = ?`, thread, user)!;
  const summary = summarize(db, row);
  return { thread: summary, users: membersAmong(db, [summary]) };
};

const newest = (select: string, condition = ''): string => `${select} WHERE mine.user = (SELECT user FROM users WHERE user_id = ?)
  AND (mine.active_at, mine.thread_id) < (?, ?) ${condition}
  ORDER BY mine.active_at DESC, mine.thread_id DESC LIMIT ?`;
const NEWEST = newest(SELECT);
/** By an index that holds those with the mark alone. */
const newestMarked = (mark: Mark): string =>
  newest(selectFrom(`members mine INDEXED BY members_${mark}`), `AND mine.${mark} = 1`);
const MARKED: Readonly<Record<Mark, string>> = {
  archived: newestMarked('archived'),
  favourite: newestMarked('favourite'),
  hidden: newestMarked('hidden'),
};

export const threads = (
  db: Database,
  userId: UserId,
  page: { before?: { activeAt: number; threadId: ThreadId } | undefined; marked?: Mark | undefined; limit: number },
): ThreadPage => {
  const { activeAt, threadId } = page.before ?? TOP;
  // One row too many tells whether there are more.
  const rows = db.all<SummaryRow>(
    page.marked === undefined ? NEWEST : MARKED[page.marked],
    userId,
    activeAt,
    threadId,
    page.limit + 1,
  );
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
  marks: marksOf(row),
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
