/** The words of messages, and the messages that have them. */
import type { ClientBase } from 'pg';
import {
  type Message,
  type Offset,
  type SearchPlace,
  type ThreadId,
  type UserId,
  type WordQuery,
  wordsOf,
} from '../../../protocol/index.ts';
import { endOfPrefix, leadOf, notMember, SEARCH_BOUNDS, TOP } from '../rules.ts';
import { MESSAGE_JOINS, MESSAGE_JSON } from './columns.ts';
import type { Database } from './database.ts';

/** As the functions take them; no word has a space in it. */
export const wordList = (body: string): string => wordsOf(body).join(' ');

interface FoundRow {
  readonly messages: Message[];
  readonly looked_into: number | null;
  readonly last_thread_id: ThreadId | null;
  readonly last_active_at: number | null;
  readonly last_before: Offset | null;
}

const SEARCH = `WITH found AS MATERIALIZED (
    SELECT s.* FROM users u CROSS JOIN LATERAL search_messages(u.user, $2::text[], $3, $4, $5, $6, $7, $8, $9, $10, $11) s WHERE u.user_id = $1
  )
  SELECT found.looked_into, found.last_thread_id, found.last_active_at, found.last_before,
    (SELECT coalesce(json_agg(${MESSAGE_JSON} ORDER BY hit.place), '[]')
     FROM unnest(found.found_threads, found.found_offsets) WITH ORDINALITY AS hit (thread, at_offset, place)
     JOIN messages m ON m.thread = hit.thread AND m.offset = hit.at_offset ${MESSAGE_JOINS}) AS messages
  FROM found`;

const PLACE = `SELECT me.active_at AS "activeAt" FROM members me JOIN threads t ON t.thread = me.thread
  WHERE t.thread_id = $1 AND me.user = (SELECT u.user FROM users u WHERE u.user_id = $2)`;

export const search = async (
  db: Database,
  userId: UserId,
  search: { query: WordQuery; threadId?: ThreadId | undefined; after?: SearchPlace | undefined; limit: number },
): Promise<{ messages: Message[]; next: SearchPlace | null }> => {
  const { threadId, after, limit } = search;
  const { lead, others } = leadOf(search.query.words);
  const { prefix } = search.query;
  const from = threadId === undefined ? (after ?? TOP) : await placeIn(db, userId, threadId);
  const row = await db.get<FoundRow>(
    SEARCH,
    userId,
    lead === undefined ? [] : [lead, ...others],
    prefix,
    prefix === null ? null : endOfPrefix(prefix),
    from.activeAt,
    from.threadId,
    after?.before ?? BEYOND,
    threadId === undefined ? SEARCH_BOUNDS.threads : 1,
    SEARCH_BOUNDS.candidates,
    SEARCH_BOUNDS.beginnings,
    limit,
  );
  const messages = row?.messages ?? [];
  const last = row?.last_thread_id ?? null;
  if (row === undefined || last === null) return { messages, next: null };
  const isThrough = row.last_before === 1;
  const isEnd = isThrough && (threadId !== undefined || row.looked_into! < SEARCH_BOUNDS.threads);
  return { messages, next: isEnd ? null : { activeAt: row.last_active_at!, threadId: last, before: row.last_before! } };
};

/** Behind every offset. */
const BEYOND = 2 ** 31 - 1;

const placeIn = async (db: Database, userId: UserId, threadId: ThreadId): Promise<{ activeAt: number; threadId: ThreadId }> => {
  const place = await db.get<{ activeAt: number }>(PLACE, threadId, userId);
  if (place === undefined) throw notMember();
  return { ...place, threadId };
};

interface Bodies {
  readonly thread: number;
  readonly offset: Offset;
  readonly body: string;
}

/** Messages read at a time, and written. */
const BATCH = 1_000;

/** Remembers the words of messages that were stored without. */
export const indexMessages = async (client: ClientBase): Promise<void> => {
  let last: Pick<Bodies, 'thread' | 'offset'> = { thread: 0, offset: 0 };
  for (;;) {
    const { rows } = await client.query<Bodies>(
      `SELECT m.thread, m.offset, m.body FROM messages m
       WHERE (m.thread, m.offset) > ($1, $2) AND m.deleted_at IS NULL ORDER BY m.thread, m.offset LIMIT $3`,
      [last.thread, last.offset, BATCH],
    );
    await addAllWords(client, rows);
    if (rows.length < BATCH) return;
    last = rows.at(-1)!;
  }
};

export const addAllWords = async (client: ClientBase, messages: readonly Bodies[]): Promise<void> => {
  await client.query(
    `WITH given AS (
       SELECT * FROM unnest($1::integer[], $2::integer[], $3::text[]) AS g (thread, at_offset, words)
     ), kept AS (
       UPDATE messages m SET words = given.words FROM given WHERE m.thread = given.thread AND m.offset = given.at_offset
     )
     INSERT INTO words (thread, word, "offset")
     SELECT given.thread, word, given.at_offset FROM given CROSS JOIN LATERAL string_to_table(given.words, ' ') AS word WHERE word <> ''`,
    [messages.map(({ thread }) => thread), messages.map(({ offset }) => offset), messages.map(({ body }) => wordList(body))],
  );
};
