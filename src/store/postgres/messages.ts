/** Posting, editing and deleting messages, and moving the read cursor: a function of the database each. */
import type { CursorMoved, MaskedSpan, Message, Offset, ThreadId, UserId } from '../../../protocol/index.ts';
import { cannotReach } from '../blocks.ts';
import { amendedEvent, postedEvent } from '../events.ts';
import { messageGone, noSuchMessage, notMember, notSender, readOnly, replayOf } from '../rules.ts';
import type { Delivery, Guarded, NewMessage, Written } from '../store.ts';
import type { Database, Queryable, Settings } from './database.ts';
import type { Positions } from './events.ts';
import { wordList } from './search.ts';

export type Posted = Written<{ message: Message; replayed: boolean }>;

interface PostRow {
  readonly outcome: 'posted' | 'replayed' | 'not_member' | 'read_only' | 'blocked';
  readonly at_offset: Offset;
  readonly positions: Positions | null;
  readonly body: string;
  readonly posted_at: number;
  readonly edited_at: number | null;
  readonly deleted_at: number | null;
  readonly original_hash: Uint8Array | null;
  readonly masked: MaskedSpan[] | null;
}

export const postMessage = (db: Database, post: NewMessage & { threadId: ThreadId }): Promise<Posted> => postWith(db, db, post);

/** Posts on the connection of a transaction. */
export const postWith = async (
  on: Queryable,
  { settings, again }: Pick<Database, 'settings' | 'again'>,
  post: NewMessage & { threadId: ThreadId },
): Promise<Posted> => {
  const { threadId, senderId, clientMessageId, body, at, guarded } = post;
  const row = (await on.get<PostRow>(
    'SELECT * FROM post_message($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)',
    threadId,
    senderId,
    clientMessageId,
    body,
    wordList(body),
    at,
    settings.inboxKeep,
    again,
    bytes(guarded?.originalHash),
    guarded === undefined ? null : JSON.stringify(guarded.masked),
    bytes(guarded?.seal),
  ))!;
  if (row.outcome === 'not_member') throw notMember();
  if (row.outcome === 'read_only') throw readOnly();
  if (row.outcome === 'blocked') throw cannotReach();
  const common = { threadId, offset: row.at_offset, senderId, clientMessageId };
  if (row.outcome === 'posted') {
    const message = withMarks({ ...common, body, postedAt: at, editedAt: null, deletedAt: null }, guarded?.masked);
    return { result: { message, replayed: false }, deliveries: [{ event: postedEvent(message), positions: row.positions! }] };
  }
  const stored = withMarks(
    { ...common, body: row.body, postedAt: row.posted_at, editedAt: row.edited_at, deletedAt: row.deleted_at },
    row.masked,
  );
  const message = replayOf({ ...stored, originalHash: row.original_hash }, post);
  const untold: Delivery[] = row.positions === null ? [] : [{ event: postedEvent(message), positions: row.positions }];
  return { result: { message, replayed: true }, deliveries: untold };
};

const withMarks = (message: Message, masked: MaskedSpan[] | null | undefined): Message =>
  masked === null || masked === undefined ? message : { ...message, masked };

/** Posts what the guard let through into different threads, all in one transaction: undefined for each that `postMessage` has to answer. */
export const postTogether = async (
  on: Queryable,
  settings: Pick<Settings, 'inboxKeep'>,
  posts: readonly (NewMessage & { threadId: ThreadId })[],
): Promise<(Posted | undefined)[]> => {
  const { answer } = (await on.get<{ answer: [ThreadId, Offset, Positions][] }>(
    'SELECT post_messages($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7) AS answer',
    posts.map(({ threadId }) => threadId),
    posts.map(({ senderId }) => senderId),
    posts.map(({ clientMessageId }) => clientMessageId),
    posts.map(({ body }) => body),
    posts.map(({ body }) => wordList(body)),
    posts.map(({ at }) => at),
    settings.inboxKeep,
  ))!;
  const posted = new Map(answer.map(([threadId, offset, positions]) => [threadId, { offset, positions }]));
  return posts.map(({ threadId, senderId, clientMessageId, body, at }) => {
    const found = posted.get(threadId);
    if (found === undefined) return undefined;
    const { offset, positions } = found;
    const message: Message = { threadId, offset, senderId, clientMessageId, body, postedAt: at, editedAt: null, deletedAt: null };
    return { result: { message, replayed: false }, deliveries: [{ event: postedEvent(message), positions }] };
  });
};

const bytes = (value: Uint8Array | undefined): Buffer | null => (value === undefined ? null : Buffer.from(value));

interface Target {
  readonly threadId: ThreadId;
  readonly offset: Offset;
  readonly actorId: UserId;
  readonly at: number;
}

interface AmendRow {
  readonly outcome: 'changed' | 'unchanged' | 'not_member' | 'not_found' | 'forbidden' | 'gone' | 'read_only' | 'blocked';
  readonly at_offset: Offset;
  readonly positions: Positions;
  readonly client_message_id: string;
  readonly body: string;
  readonly posted_at: number;
  readonly edited_at: number | null;
  readonly deleted_at: number | null;
  readonly masked: MaskedSpan[] | null;
}

export const editMessage = (
  db: Database,
  edit: Target & { body: string; guarded?: Guarded | undefined },
): Promise<Written<{ message: Message }>> => amend(db, edit, edit.body, edit.guarded);

export const deleteMessage = (db: Database, remove: Target): Promise<Written<{ message: Message }>> => amend(db, remove, null);

const amend = async (
  db: Database,
  target: Target,
  body: string | null,
  guarded?: Guarded,
): Promise<Written<{ message: Message }>> => {
  const { threadId, offset, actorId, at } = target;
  const row = (await db.get<AmendRow>(
    'SELECT * FROM amend_message($1, $2, $3, $4, $5, $6, $7, $8, $9)',
    threadId,
    actorId,
    offset,
    body,
    wordList(body ?? ''),
    at,
    db.settings.inboxKeep,
    guarded === undefined ? null : JSON.stringify(guarded.masked),
    bytes(guarded?.seal),
  ))!;
  switch (row.outcome) {
    case 'not_member':
      throw notMember();
    case 'not_found':
      throw noSuchMessage(offset);
    case 'forbidden':
      throw notSender();
    case 'gone':
      throw messageGone();
    case 'read_only':
      throw readOnly();
    case 'blocked':
      throw cannotReach();
  }
  const message = withMarks(
    {
      threadId,
      offset,
      senderId: actorId,
      clientMessageId: row.client_message_id,
      body: row.body,
      postedAt: row.posted_at,
      editedAt: row.edited_at,
      deletedAt: row.deleted_at,
    },
    row.masked,
  );
  if (row.outcome === 'unchanged') return { result: { message }, deliveries: [] };
  const type = body === null ? 'message.deleted' : 'message.edited';
  return {
    result: { message },
    deliveries: [{ event: amendedEvent(type, row.at_offset, at, message), positions: row.positions }],
  };
};

interface CursorRow {
  readonly read_offset: number;
  readonly unread: number;
  readonly positions: Positions | null;
}

export const moveCursor = async (
  db: Database,
  move: { threadId: ThreadId; userId: UserId; readOffset: number; at: number },
): Promise<Written<{ readOffset: number; unread: number }>> => {
  const { threadId, userId, readOffset, at } = move;
  const row = await db.get<CursorRow>(
    'SELECT * FROM move_cursor($1, $2, $3, $4, $5)',
    threadId,
    userId,
    readOffset,
    at,
    db.settings.inboxKeep,
  );
  if (row === undefined) throw notMember();
  const result = { readOffset: row.read_offset, unread: row.unread };
  if (row.positions === null) return { result, deliveries: [] };
  const event: CursorMoved = { type: 'cursor.moved', threadId, userId, ...result, at };
  return { result, deliveries: [{ event, positions: row.positions }] };
};
