/** Blocks between people, and what a moderator sees of a conversation. */
import type { Blocks, Contract, Offset, ThreadId, ThreadKind, UserId } from '../../../protocol/index.ts';
import { contractStateOf } from '../../../protocol/index.ts';
import { blockEntry, cannotReach, keepsApart, requireAnother } from '../blocks.ts';
import type { Conversation } from '../moderation-store.ts';
import { appendAudit } from './audit.ts';
import type { Database } from './database.ts';
import { type MessageRow, SELECT_MESSAGE, toMessage } from './messages.ts';
import { userNumbers } from './users.ts';

interface SetBlock {
  readonly userId: UserId;
  readonly otherId: UserId;
  readonly blocked: boolean;
  readonly at: number;
}

export const setBlock = (db: Database, block: SetBlock): { changed: boolean } => {
  requireAnother(block);
  const [blocker, blocked] = userNumbers(db, [block.userId, block.otherId]) as [number, number];
  const rows = block.blocked
    ? db.run('INSERT INTO blocks (blocker, blocked, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING', blocker, blocked, block.at)
    : db.run('DELETE FROM blocks WHERE blocker = ? AND blocked = ?', blocker, blocked);
  if (rows > 0) appendAudit(db, blockEntry(block));
  return { changed: rows > 0 };
};

export const blocksOf = (db: Database, userId: UserId): Blocks => {
  const ids = (mine: string, theirs: string): UserId[] =>
    db
      .all<{ userId: UserId }>(
        `SELECT other.user_id AS userId FROM users me JOIN blocks ON blocks.${mine} = me.user JOIN users other ON other.user = blocks.${theirs}
         WHERE me.user_id = ?`,
        userId,
      )
      .map((row) => row.userId)
      .toSorted();
  return { blocked: ids('blocker', 'blocked'), blockedBy: ids('blocked', 'blocker') };
};

/** Whether another member has blocked this one. */
const isBlockedIn = (db: Database, { thread, user }: { thread: number; user: number }): boolean =>
  db.get(
    `SELECT 1 FROM blocks JOIN members other ON other.thread = ? AND other.user = blocks.blocker WHERE blocks.blocked = ? LIMIT 1`,
    thread,
    user,
  ) !== undefined;

export const requireUnblocked = (db: Database, member: { thread: number; user: number; kind: ThreadKind }): void => {
  if (keepsApart(member.kind) && isBlockedIn(db, member)) throw cannotReach();
};

export const isApart = (db: Database, userId: UserId, threadId: ThreadId): boolean => {
  const found = db.get<{ thread: number; user: number; kind: ThreadKind }>(
    'SELECT thread.thread, thread.kind, users.user FROM threads thread, users WHERE thread.thread_id = ? AND users.user_id = ?',
    threadId,
    userId,
  );
  if (found === undefined || !keepsApart(found.kind)) return false;
  if (isBlockedIn(db, found)) return true;
  return (
    db.get(
      `SELECT 1 FROM blocks JOIN members other ON other.thread = ? AND other.user = blocks.blocked WHERE blocks.blocker = ? LIMIT 1`,
      found.thread,
      found.user,
    ) !== undefined
  );
};

export const conversation = (
  db: Database,
  { threadId, offset, limit }: { threadId: ThreadId; offset: Offset | null; limit: number },
): Conversation | undefined => {
  const found = db.get<{ thread: number; kind: ThreadKind; title: string; contracts: string }>(
    'SELECT thread, kind, title, contracts FROM threads WHERE thread_id = ?',
    threadId,
  );
  if (found === undefined) return undefined;
  const { thread, kind, title } = found;
  const after = offset === null ? 0 : Math.floor(limit / 2);
  const before = db.all<MessageRow>(
    `${SELECT_MESSAGE} WHERE message.thread = ? AND message.offset <= ? ORDER BY message.offset DESC LIMIT ?`,
    thread,
    offset ?? Number.MAX_SAFE_INTEGER,
    limit - after,
  );
  const behind = db.all<MessageRow>(
    `${SELECT_MESSAGE} WHERE message.thread = ? AND message.offset > ? ORDER BY message.offset LIMIT ?`,
    thread,
    offset ?? Number.MAX_SAFE_INTEGER,
    after,
  );
  return {
    thread: { threadId, kind, title, contract: contractStateOf(JSON.parse(found.contracts) as Contract[]) },
    messages: [...before.toReversed(), ...behind].map(toMessage),
  };
};

export const accountCreatedAt = (db: Database, userId: UserId): number | null =>
  db.get<{ createdAt: number | null }>('SELECT created_at AS createdAt FROM users WHERE user_id = ?', userId)?.createdAt ?? null;
