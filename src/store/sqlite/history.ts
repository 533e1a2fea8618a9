/** Pages of a conversation: what the other tables of the log hold is folded into its messages. */
import type { ThreadEvent, ThreadId, UserId } from '../../../protocol/index.ts';
import { pageOf, postedEvent } from '../events.ts';
import type { Database } from './database.ts';
import { compose, EVENT_COLUMNS, EVENT_JOINS, type StoredEvent } from './events.ts';
import { membership } from './members.ts';
import { type MessageRow, SELECT_MESSAGE, toMessage } from './messages.ts';

interface Page {
  readonly threadId: ThreadId;
  readonly before?: number | undefined;
  readonly after?: number | undefined;
  readonly limit: number;
}

const SELECT_EVENT = `SELECT ${EVENT_COLUMNS} FROM events event ${EVENT_JOINS}`;

/** One range of a table of the log. */
const range = (select: string, row: string, direction: 'forward' | 'backward'): string =>
  direction === 'forward'
    ? `${select} WHERE ${row}.thread = ? AND ${row}.offset > ? ORDER BY ${row}.offset LIMIT ?`
    : `${select} WHERE ${row}.thread = ? AND ${row}.offset < ? ORDER BY ${row}.offset DESC LIMIT ?`;

const RANGES = {
  forward: { messages: range(SELECT_MESSAGE, 'message', 'forward'), events: range(SELECT_EVENT, 'event', 'forward') },
  backward: { messages: range(SELECT_MESSAGE, 'message', 'backward'), events: range(SELECT_EVENT, 'event', 'backward') },
};

export const history = (db: Database, userId: UserId, page: Page): { events: ThreadEvent[]; more: boolean } => {
  const { thread } = membership(db, page.threadId, userId);
  const direction = page.after === undefined ? 'backward' : 'forward';
  const ranges = RANGES[direction];
  const bound = page.after ?? page.before ?? Number.MAX_SAFE_INTEGER;
  const found = [
    ...db.all<MessageRow>(ranges.messages, thread, bound, page.limit + 1).map((row) => postedEvent(toMessage(row))),
    ...db.all<StoredEvent>(ranges.events, thread, bound, page.limit + 1).map((row) => compose(db, row)),
  ];
  return pageOf(found, { direction, limit: page.limit });
};
