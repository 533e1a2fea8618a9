/** Threads as one member's list shows them. */
import type { Mark, ThreadId, ThreadSummary, User, UserId } from '../../../protocol/index.ts';
import { notMember, TOP } from '../rules.ts';
import type { ThreadPage } from '../store.ts';
import { MARKS_JSON, MEMBERS_JSON, MESSAGE_JOINS, MESSAGE_JSON, USER_JSON } from './columns.ts';
import type { Database } from './database.ts';

/** A ThreadSummary, from `threads t` and the `mine` of who looks. */
const SUMMARY_JSON = `json_build_object('threadId', t.thread_id, 'kind', t.kind, 'title', t.title, 'members', ${MEMBERS_JSON},
  'proposal', t.proposal, 'contracts', t.contracts, 'marks', ${MARKS_JSON}, 'head', t.head,
  'lastMessage', (SELECT ${MESSAGE_JSON} FROM messages m ${MESSAGE_JOINS} WHERE m.thread = t.thread AND m.offset = t.last_message),
  'unread', mine.unread, 'interview', (SELECT i.interview FROM interviews i WHERE i.thread = t.thread AND i.active),
  'openedAt', t.opened_at, 'activeAt', mine.active_at)`;

const LISTED_COLUMNS = `mine.thread, mine.unread, mine.active_at, mine.thread_id, mine.archived, mine.favourite, mine.hidden,
    mine.marks_version`;

/** Threads, profiles of their members, and whether there are more, of a CTE `listed` (LISTED_COLUMNS). */
const PAGE_COLUMNS = (limit: string): string => `
  (SELECT coalesce(json_agg(${SUMMARY_JSON} ORDER BY mine.active_at DESC, mine.thread_id DESC), '[]')
   FROM (SELECT * FROM listed LIMIT ${limit}) mine JOIN threads t ON t.thread = mine.thread) AS threads,
  (SELECT coalesce(json_agg(${USER_JSON}), '[]') FROM users u WHERE u.user IN (
     SELECT other.user FROM (SELECT * FROM listed LIMIT ${limit}) mine JOIN members other ON other.thread = mine.thread)) AS users,
  (SELECT count(*) FROM listed) > ${limit} AS more`;

interface PageRow {
  readonly threads: ThreadSummary[];
  readonly users: User[];
  readonly more: boolean;
}

/** User, where to begin, and the size of the page; one row too many tells whether there are more. */
const listed = (
  condition = '',
): string => `WITH me AS MATERIALIZED (SELECT u.user FROM users u WHERE u.user_id = $1), listed AS MATERIALIZED (
    SELECT ${LISTED_COLUMNS} FROM members mine
    WHERE mine.user = (SELECT me.user FROM me) AND (mine.active_at, mine.thread_id) < ($2, $3) ${condition}
    ORDER BY mine.active_at DESC, mine.thread_id DESC LIMIT $4::bigint + 1)`;
const LISTED = listed();
const MARKED: Readonly<Record<Mark, string>> = {
  archived: listed('AND mine.archived'),
  favourite: listed('AND mine.favourite'),
  hidden: listed('AND mine.hidden'),
};

export const threads = async (
  db: Database,
  userId: UserId,
  page: { before?: { activeAt: number; threadId: ThreadId } | undefined; marked?: Mark | undefined; limit: number },
): Promise<ThreadPage> => {
  const { activeAt, threadId } = page.before ?? TOP;
  const from = page.marked === undefined ? LISTED : MARKED[page.marked];
  return (await db.get<PageRow>(`${from} SELECT ${PAGE_COLUMNS('$4')}`, userId, activeAt, threadId, page.limit))!;
};

/** The list as it begins, and the head of the inbox at the same instant. */
export const snapshot = async (db: Database, userId: UserId, limit: number): Promise<{ head: number; page: ThreadPage }> => {
  const { head, ...page } = (await db.get<PageRow & { head: number }>(
    `${LISTED} SELECT coalesce((SELECT i.head FROM inboxes i WHERE i.user = (SELECT me.user FROM me)), 0) AS head,
       ${PAGE_COLUMNS('$4')}`,
    userId,
    TOP.activeAt,
    TOP.threadId,
    limit,
  ))!;
  return { head, page };
};

const ONE = `WITH listed AS MATERIALIZED (
    SELECT ${LISTED_COLUMNS} FROM threads t JOIN members mine ON mine.thread = t.thread
    WHERE t.thread_id = $2 AND mine.user = (SELECT u.user FROM users u WHERE u.user_id = $1))
  SELECT ${PAGE_COLUMNS('1')}`;

export const thread = async (
  db: Database,
  userId: UserId,
  threadId: ThreadId,
): Promise<{ thread: ThreadSummary; users: User[] }> => {
  const { threads, users } = (await db.get<PageRow>(ONE, userId, threadId))!;
  const [summary] = threads;
  if (summary === undefined) throw notMember();
  return { thread: summary, users };
};
