/** Heads of inboxes, and when people were last online. */
import type { Position, UserId } from '../../../protocol/index.ts';
import type { Database } from './database.ts';

export const heads = async (db: Database, userIds: readonly UserId[]): Promise<Map<UserId, Position>> => {
  const rows = await db.all<{ userId: UserId; head: Position }>(
    `SELECT u.user_id AS "userId", i.head FROM users u JOIN inboxes i ON i.user = u.user WHERE u.user_id = ANY ($1::text[])`,
    userIds,
  );
  const found = new Map(rows.map(({ userId, head }) => [userId, head]));
  return new Map(userIds.map((userId) => [userId, found.get(userId) ?? 0]));
};

export const setLastSeen = async (db: Database, userId: UserId, at: number): Promise<void> => {
  await db.all(
    `INSERT INTO last_seen (user_id, at) VALUES ($1, $2)
     ON CONFLICT (user_id) DO UPDATE SET at = excluded.at WHERE excluded.at > last_seen.at`,
    userId,
    at,
  );
};

export const lastSeen = async (db: Database, userIds: readonly UserId[]): Promise<Map<UserId, number>> => {
  const rows = await db.all<{ userId: UserId; at: number }>(
    'SELECT user_id AS "userId", at FROM last_seen WHERE user_id = ANY ($1::text[])',
    userIds,
  );
  return new Map(rows.map(({ userId, at }) => [userId, at]));
};
