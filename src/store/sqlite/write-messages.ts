/** Posting, editing and deleting messages. */
import type { Message, Offset, ThreadId, UserId } from '../../../protocol/index.ts';
import { type AmendmentType, amendedEvent, postedEvent } from '../events.ts';
import { messageGone, noSuchMessage, notSender, replayOf, requireWritable, type StoredMessage, sha256 } from '../rules.ts';
import type { Delivery, Guarded, NewMessage, Written } from '../store.ts';
import type { Database } from './database.ts';
import { appendEvent } from './events.ts';
import { type Membership, membership } from './members.ts';
import { MESSAGE_COLUMNS, MESSAGE_JOINS, type MessageRow, toMessage } from './messages.ts';
import { requireUnblocked } from './moderation.ts';
import { makeDueIfBegun } from './releases.ts';
import { addWords, removeWords } from './search.ts';

type Posted = Written<{ message: Message; replayed: boolean }>;

export const postMessage = (db: Database, post: NewMessage & { threadId: ThreadId }): Posted =>
  postAs(db, membership(db, post.threadId, post.senderId), post);

/** Posts as a member whose standing was read in this transaction. The unique key decides whether the message is new. */
export const postAs = (db: Database, member: Membership, post: NewMessage): Posted => {
  const { thread, threadId, user, userId } = member;
  const { clientMessageId, body, at, guarded } = post;
  const offset = member.head + 1;
  const inserted = db.run(
    `INSERT INTO messages (thread, offset, sender, client_message_id, posted_at, body, original_hash, masked, seal)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (thread, sender, client_message_id) DO NOTHING`,
    thread,
    offset,
    user,
    clientMessageId,
    at,
    body,
    ...guardedColumns(guarded),
  );
  // What was posted before may be asked again; throwing undoes what is new.
  if (inserted > 0) {
    requireWritable(member);
    requireUnblocked(db, member);
  }
  if (inserted === 0) return { result: { message: replay(db, member, post), replayed: true }, deliveries: [] };
  addWords(db, thread, offset, body);
  const posted = { threadId, offset, senderId: userId, clientMessageId, body, postedAt: at, editedAt: null, deletedAt: null };
  const message: Message = guarded === undefined ? posted : { ...posted, masked: guarded.masked };
  if (guarded !== undefined) makeDueIfBegun(db, thread);
  return { result: { message, replayed: false }, deliveries: [appendEvent(db, thread, user, postedEvent(message))] };
};

const SELECT = `SELECT message.original_hash AS originalHash, ${MESSAGE_COLUMNS} FROM messages message ${MESSAGE_JOINS}`;

type StoredRow = MessageRow & Pick<StoredMessage, 'originalHash'>;

const replay = (db: Database, { thread, user }: Membership, post: NewMessage): Message =>
  replayOf(
    toMessage(
      db.get<StoredRow>(
        `${SELECT} WHERE message.thread = ? AND message.sender = ? AND message.client_message_id = ?`,
        thread,
        user,
        post.clientMessageId,
      )!,
    ),
    post,
  );

/** original_hash, masked and seal. */
const guardedColumns = (guarded: Guarded | undefined): [Uint8Array | null, string | null, Uint8Array | null] =>
  guarded === undefined ? [null, null, null] : [guarded.originalHash, JSON.stringify(guarded.masked), guarded.seal];

interface Target {
  readonly threadId: ThreadId;
  readonly offset: Offset;
  readonly actorId: UserId;
  readonly at: number;
}

export const editMessage = (
  db: Database,
  edit: Target & { body: string; guarded?: Guarded | undefined },
): Written<{ message: Message }> => {
  const { member, stored, originalHash } = ownMessage(db, edit);
  if (stored.deletedAt !== null) throw messageGone();
  const { guarded } = edit;
  // The same marks may have something else under them.
  if (stored.body === edit.body && guarded === undefined) return { result: { message: stored }, deliveries: [] };
  requireWritable(member);
  requireUnblocked(db, member);
  const { masked: _, ...before } = stored;
  const edited = { ...before, body: edit.body, editedAt: edit.at };
  const message: Message = guarded === undefined ? edited : { ...edited, masked: guarded.masked };
  const [, masked, seal] = guardedColumns(guarded);
  db.run(
    'UPDATE messages SET body = ?, edited_at = ?, original_hash = ?, masked = ?, seal = ? WHERE thread = ? AND offset = ?',
    message.body,
    message.editedAt,
    originalHash ?? sha256(stored.body),
    masked,
    seal,
    member.thread,
    message.offset,
  );
  if (guarded !== undefined) makeDueIfBegun(db, member.thread);
  removeWords(db, member.thread, message.offset, stored.body);
  addWords(db, member.thread, message.offset, message.body);
  return { result: { message }, deliveries: [amend(db, member, 'message.edited', edit.at, message)] };
};

export const deleteMessage = (db: Database, remove: Target): Written<{ message: Message }> => {
  const { member, stored } = ownMessage(db, remove);
  if (stored.deletedAt !== null) return { result: { message: stored }, deliveries: [] };
  requireWritable(member);
  const { masked: _, ...before } = stored;
  const message: Message = { ...before, body: '', deletedAt: remove.at };
  db.run(
    "UPDATE messages SET body = '', original_hash = NULL, masked = NULL, seal = NULL, deleted_at = ? WHERE thread = ? AND offset = ?",
    message.deletedAt,
    member.thread,
    message.offset,
  );
  removeWords(db, member.thread, message.offset, stored.body);
  db.run(
    'UPDATE members SET unread = unread - 1 WHERE thread = ? AND user <> ? AND read_offset < ?',
    member.thread,
    member.user,
    message.offset,
  );
  return { result: { message }, deliveries: [amend(db, member, 'message.deleted', remove.at, message)] };
};

interface OwnMessage {
  readonly member: Membership;
  readonly stored: Message;
  readonly originalHash: Uint8Array | null;
}

/** The message an author wants to change, or the reason why not. */
const ownMessage = (db: Database, { threadId, offset, actorId }: Target): OwnMessage => {
  const member = membership(db, threadId, actorId);
  const found = db.get<StoredRow>(`${SELECT} WHERE message.thread = ? AND message.offset = ?`, member.thread, offset);
  if (found === undefined) throw noSuchMessage(offset);
  if (found.senderId !== actorId) throw notSender();
  const { originalHash, ...stored } = toMessage(found);
  return { member, stored, originalHash };
};

const amend = (db: Database, { thread, user, head }: Membership, type: AmendmentType, at: number, message: Message): Delivery =>
  appendEvent(db, thread, user, amendedEvent(type, head + 1, at, message));
