/** Blocks between people, and what a moderator sees of a conversation. */
import type { Blocks, Contract, Message, Offset, ThreadId, ThreadKind, UserId } from '../../../protocol/index.ts';
import { contractStateOf } from '../../../protocol/index.ts';
import { blockEntry, requireAnother } from '../blocks.ts';
import type { Conversation } from '../moderation-store.ts';
import { appendTo } from './audit.ts';
import { MESSAGE_JOINS, MESSAGE_JSON } from './columns.ts';
import type { Database, Queryable } from './database.ts';
import { lockUsers } from './users.ts';

export const setBlock = (
  db: Database,
  block: { userId: UserId; otherId: UserId; blocked: boolean; at: number },
): Promise<{ changed: boolean }> =>
  db.transaction(async (tx) => {
    requireAnother(block);
    const [blocker, blocked] = (await lockUsers(tx, [block.userId, block.otherId])) as [number, number];
    const rows = block.blocked
      ? await tx.all(
          'INSERT INTO blocks (blocker, blocked, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING at',
          blocker,
          blocked,
          block.at,
        )
      : await tx.all('DELETE FROM blocks b WHERE b.blocker = $1 AND b.blocked = $2 RETURNING b.at', blocker, blocked);
    if (rows.length > 0) await appendTo(tx, blockEntry(block));
    return { changed: rows.length > 0 };
  });

export const blocksOf = async (db: Queryable, userId: UserId): Promise<Blocks> => {
  const ids = async (mine: string, theirs: string): Promise<UserId[]> => {
    const rows = await db.all<{ userId: UserId }>(
      `SELECT other.user_id AS "userId" FROM users me JOIN blocks b ON b.${mine} = me.user JOIN users other ON other.user = b.${theirs}
       WHERE me.user_id = $1`,
      userId,
    );
    return rows.map((row) => row.userId).toSorted();
  };
  return { blocked: await ids('blocker', 'blocked'), blockedBy: await ids('blocked', 'blocker') };
};

export const isApart = async (db: Queryable, userId: UserId, threadId: ThreadId): Promise<boolean> => {
  const row = await db.get<{ apart: boolean }>(
    `SELECT t.kind IN ('direct', 'proposal') AND (
       EXISTS (SELECT 1 FROM blocks b JOIN members m ON m.thread = t.thread AND m.user = b.blocker WHERE b.blocked = u.user)
       OR EXISTS (SELECT 1 FROM blocks b JOIN members m ON m.thread = t.thread AND m.user = b.blocked WHERE b.blocker = u.user)) AS apart
     FROM threads t CROSS JOIN users u WHERE t.thread_id = $1 AND u.user_id = $2`,
    threadId,
    userId,
  );
  return row?.apart ?? false;
};

export const conversation = async (
  db: Queryable,
  { threadId, offset, limit }: { threadId: ThreadId; offset: Offset | null; limit: number },
): Promise<Conversation | undefined> => {
  const found = await db.get<{ thread: number; kind: ThreadKind; title: string; contracts: Contract[] }>(
    'SELECT t.thread, t.kind, t.title, t.contracts FROM threads t WHERE t.thread_id = $1',
    threadId,
  );
  if (found === undefined) return undefined;
  const { thread, kind, title, contracts } = found;
  const after = offset === null ? 0 : Math.floor(limit / 2);
  const part = async (condition: string, most: number): Promise<Message[]> => {
    const rows = await db.all<{ message: Message }>(
      `SELECT ${MESSAGE_JSON} AS message FROM messages m ${MESSAGE_JOINS} WHERE m.thread = $1 AND m.offset ${condition} LIMIT $3`,
      thread,
      offset ?? Number.MAX_SAFE_INTEGER,
      most,
    );
    return rows.map(({ message }) => message);
  };
  const before = await part('<= $2::bigint ORDER BY m.offset DESC', limit - after);
  const behind = await part('> $2::bigint ORDER BY m.offset', after);
  return {
    thread: { threadId, kind, title, contract: contractStateOf(contracts) },
    messages: [...before.toReversed(), ...behind],
  };
};

export const accountCreatedAt = async (db: Queryable, userId: UserId): Promise<number | null> => {
  const row = await db.get<{ createdAt: number | null }>(
    'SELECT u.created_at AS "createdAt" FROM users u WHERE u.user_id = $1',
    userId,
  );
  return row?.createdAt ?? null;
};
