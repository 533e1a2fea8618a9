/** Read cursors, and the unread counts that follow from them. */
import type { CursorMoved, ThreadId, UserId } from '../../../protocol/index.ts';
import type { Written } from '../store.ts';
import type { Database } from './database.ts';
import { deliverCursor } from './inbox.ts';
import { type Membership, membership } from './members.ts';

export const moveCursor = (
  db: Database,
  move: { threadId: ThreadId; userId: UserId; readOffset: number; at: number },
): Written<{ readOffset: number; unread: number }> => {
  const { threadId, userId, readOffset, at } = move;
  const member = membership(db, threadId, userId);
  if (readOffset <= member.readOffset || readOffset > member.head) {
    return { result: { readOffset: member.readOffset, unread: member.unread }, deliveries: [] };
  }
  const unread = unreadAfter(db, member, readOffset);
  db.run(
    'UPDATE members SET read_offset = ?, unread = ?, cursor_unread = ?, cursor_at = ? WHERE thread = ? AND user = ?',
    readOffset,
    unread,
    unread,
    at,
    member.thread,
    member.user,
  );
  const event: CursorMoved = { type: 'cursor.moved', threadId, userId, readOffset, unread, at };
  return { result: { readOffset, unread }, deliveries: [deliverCursor(db, member.thread, member.user, event)] };
};

/** Counts what is left to read, which for most readers is nothing. */
const unreadAfter = (db: Database, { thread, user }: Membership, readOffset: number): number =>
  db.get<{ unread: number }>(
    'SELECT count(*) AS unread FROM messages WHERE thread = ? AND offset > ? AND sender <> ? AND deleted_at IS NULL',
    thread,
    readOffset,
    user,
  )!.unread;
