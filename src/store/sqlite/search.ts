/** The words of messages, and the messages that have them. */
import {
  type Message,
  type Offset,
  type SearchPlace,
  type ThreadId,
  type UserId,
  type WordQuery,
  wordsOf,
} from '../../../protocol/index.ts';
import { endOfPrefix, leadOf, SEARCH_BOUNDS, TOP } from '../rules.ts';
import type { Database } from './database.ts';
import { membership } from './members.ts';
import { messageAt } from './messages.ts';

/** Remembers the words of a body. */
export const addWords = (db: Database, thread: number, offset: Offset, body: string): void => {
  db.run('INSERT INTO words SELECT ?, value, ? FROM json_each(?)', thread, offset, JSON.stringify(wordsOf(body)));
};

/** Forgets the words of a body that is replaced or erased. */
export const removeWords = (db: Database, thread: number, offset: Offset, body: string): void => {
  db.run(
    'DELETE FROM words WHERE thread = ? AND offset = ? AND word IN (SELECT value FROM json_each(?))',
    thread,
    offset,
    JSON.stringify(wordsOf(body)),
  );
};

interface Place {
  readonly thread: number;
  readonly threadId: ThreadId;
  readonly activeAt: number;
}

const SELECT_PLACE = 'SELECT mine.thread, mine.thread_id AS threadId, mine.active_at AS activeAt FROM members mine';
/** The place to go on from is among them. */
const PLACES = `${SELECT_PLACE} WHERE mine.user = (SELECT user FROM users WHERE user_id = ?)
  AND (mine.active_at, mine.thread_id) <= (?, ?) ORDER BY mine.active_at DESC, mine.thread_id DESC LIMIT ?`;

const NEWEST_WITH = 'SELECT offset FROM words WHERE thread = ? AND word = ? AND offset < ? ORDER BY offset DESC LIMIT ?';
const HAS = 'SELECT 1 FROM words WHERE thread = ? AND word = ? AND offset = ?';
const NEXT_WORD = 'SELECT word FROM words WHERE thread = ? AND word > ? AND word < ? ORDER BY word LIMIT 1';

interface Search {
  readonly query: WordQuery;
  readonly threadId?: ThreadId | undefined;
  readonly after?: SearchPlace | undefined;
  readonly limit: number;
}

export const search = (db: Database, userId: UserId, search: Search): { messages: Message[]; next: SearchPlace | null } => {
  const { after, limit } = search;
  const places = placesOf(db, userId, search);
  const messages: Message[] = [];
  for (const { thread, threadId, activeAt } of places) {
    const before = threadId === after?.threadId ? after.before : Number.MAX_SAFE_INTEGER;
    const { offsets, rest } = lookInto(db, thread, search.query, before, limit - messages.length);
    messages.push(...offsets.map((offset) => messageAt(db, thread, offset)!));
    if (rest !== null) return { messages, next: { activeAt, threadId, before: rest } };
  }
  const last = places.at(-1);
  const isEnd = last === undefined || search.threadId !== undefined || places.length < SEARCH_BOUNDS.threads;
  return { messages, next: isEnd ? null : { activeAt: last.activeAt, threadId: last.threadId, before: 1 } };
};

const placesOf = (db: Database, userId: UserId, { threadId, after }: Search): Place[] => {
  if (threadId === undefined) {
    const from = after ?? TOP;
    return db.all<Place>(PLACES, userId, from.activeAt, from.threadId, SEARCH_BOUNDS.threads);
  }
  const { thread, user } = membership(db, threadId, userId);
  return db.all<Place>(`${SELECT_PLACE} WHERE mine.thread = ? AND mine.user = ?`, thread, user);
};

/** The newest matches before an offset; `rest` is where to go on when there may be more. */
const lookInto = (
  db: Database,
  thread: number,
  { words, prefix }: WordQuery,
  before: number,
  limit: number,
): { offsets: Offset[]; rest: Offset | null } => {
  const newestWith = (word: string, count: number): Offset[] =>
    db.all<{ offset: Offset }>(NEWEST_WITH, thread, word, before, count).map(({ offset }) => offset);
  const has = (word: string, offset: Offset): boolean => db.get(HAS, thread, word, offset) !== undefined;
  const beginnings = prefix === null ? null : wordsFrom(db, thread, prefix);
  const { lead, others } = leadOf(words);
  if (lead === undefined) {
    const newest = new Set((beginnings ?? []).flatMap((word) => newestWith(word, limit)));
    const offsets = [...newest].sort((one, other) => other - one).slice(0, limit);
    return { offsets, rest: offsets.length === limit ? offsets.at(-1)! : null };
  }
  const candidates = newestWith(lead, SEARCH_BOUNDS.candidates);
  const offsets: Offset[] = [];
  for (const offset of candidates) {
    const matches = others.every((word) => has(word, offset)) && (beginnings?.some((word) => has(word, offset)) ?? true);
    if (matches) offsets.push(offset);
    if (offsets.length === limit) return { offsets, rest: offset };
  }
  return { offsets, rest: candidates.length === SEARCH_BOUNDS.candidates ? candidates.at(-1)! : null };
};

/** The different words of a thread that begin so: a step of the index each, however often they occur. */
const wordsFrom = (db: Database, thread: number, prefix: string): string[] => {
  const words = db.get(NEWEST_WITH, thread, prefix, Number.MAX_SAFE_INTEGER, 1) === undefined ? [] : [prefix];
  while (words.length < SEARCH_BOUNDS.beginnings) {
    const next = db.get<{ word: string }>(NEXT_WORD, thread, words.at(-1) ?? prefix, endOfPrefix(prefix));
    if (next === undefined) break;
    words.push(next.word);
  }
  return words;
};
