/** When people were last online. */
import type { UserId } from '../../../protocol/index.ts';
import type { Database } from './database.ts';

export const setLastSeen = (db: Database, userId: UserId, at: number): void => {
  db.run(
    `INSERT INTO last_seen (user_id, at) VALUES (?, ?)
     ON CONFLICT (user_id) DO UPDATE SET at = excluded.at WHERE excluded.at > last_seen.at`,
    userId,
    at,
  );
};

export const lastSeen = (db: Database, userIds: readonly UserId[]): Map<UserId, number> => {
  const rows = db.all<{ userId: UserId; at: number }>(
    'SELECT user_id AS userId, at FROM last_seen WHERE user_id IN (SELECT value FROM json_each(?))',
    JSON.stringify(userIds),
  );
  return new Map(rows.map(({ userId, at }) => [userId, at]));
};
