/** Pages of a conversation: what the other tables of the log hold is folded into its messages. */
import type { Message, ThreadEvent, ThreadId, User, UserId } from '../../../protocol/index.ts';
import { composeEvent, type EventRow, pageOf, postedEvent } from '../events.ts';
import { notMember } from '../rules.ts';
import { EVENT_JOINS, EVENT_JSON, MESSAGE_JOINS, MESSAGE_JSON, usersShownIn } from './columns.ts';
import type { Database } from './database.ts';
import { profilesFrom } from './users.ts';

interface Page {
  readonly threadId: ThreadId;
  readonly before?: number | undefined;
  readonly after?: number | undefined;
  readonly limit: number;
}

interface HistoryRow {
  readonly member: boolean;
  readonly messages: Message[];
  readonly events: EventRow[];
  readonly users: User[];
}

/** Thread, user, exclusive bound, and one more than the page. */
const select = (direction: 'forward' | 'backward'): string => {
  const range = (row: string) =>
    direction === 'forward'
      ? `${row}.offset > $3::bigint ORDER BY ${row}.offset LIMIT $4`
      : `${row}.offset < $3::bigint ORDER BY ${row}.offset DESC LIMIT $4`;
  return `WITH mine AS MATERIALIZED (
    SELECT me.thread FROM threads t JOIN members me ON me.thread = t.thread
    WHERE t.thread_id = $1 AND me.user = (SELECT u.user FROM users u WHERE u.user_id = $2)
  ), page_messages AS (
    SELECT page.* FROM mine CROSS JOIN LATERAL (SELECT m.* FROM messages m WHERE m.thread = mine.thread AND ${range('m')}) page
  ), page_events AS MATERIALIZED (
    SELECT page.* FROM mine CROSS JOIN LATERAL (SELECT e.* FROM events e WHERE e.thread = mine.thread AND ${range('e')}) page
  )
  SELECT EXISTS (SELECT 1 FROM mine) AS member,
    (SELECT coalesce(json_agg(${MESSAGE_JSON}), '[]') FROM page_messages m ${MESSAGE_JOINS}) AS messages,
    (SELECT coalesce(json_agg(${EVENT_JSON}), '[]') FROM page_events e ${EVENT_JOINS}) AS events,
    ${usersShownIn('page_events')} AS users`;
};

const SELECT = { forward: select('forward'), backward: select('backward') };

export const history = async (db: Database, userId: UserId, page: Page): Promise<{ events: ThreadEvent[]; more: boolean }> => {
  const direction = page.after === undefined ? 'backward' : 'forward';
  const bound = page.after ?? page.before ?? Number.MAX_SAFE_INTEGER;
  const row = (await db.get<HistoryRow>(SELECT[direction], page.threadId, userId, bound, page.limit + 1))!;
  if (!row.member) throw notMember();
  const usersOf = profilesFrom(row.users);
  const found = [...row.messages.map(postedEvent), ...row.events.map((event) => composeEvent(event, usersOf))];
  return pageOf(found, { direction, limit: page.limit });
};
