/** Profiles. */
import type { User, UserId } from '../../../protocol/index.ts';
import { isSameProfile, noSuchUser, pageFrom } from '../rules.ts';
import type { HostList, HostListPage, Written } from '../store.ts';
import type { Database, Queryable } from './database.ts';

export const USER_COLUMNS = `u.user_id AS "userId", u.display_name AS "displayName", u.headline, u.avatar_url AS "avatarUrl",
  u.time_zone AS "timeZone"`;

export const users = (db: Queryable, userIds: readonly UserId[]): Promise<User[]> =>
  db.all<User>(`SELECT ${USER_COLUMNS} FROM users u WHERE u.user_id = ANY ($1::text[])`, userIds);

export const listUsers = async (db: Database, { after = '', limit }: HostListPage): Promise<HostList<User>> => {
  const sql = `SELECT ${USER_COLUMNS} FROM users u WHERE u.user_id > $1 ORDER BY u.user_id LIMIT $2`;
  return pageFrom(await db.all<User>(sql, after, limit + 1), limit);
};

/** `users` in the order of the ids. */
export const profilesFrom = (users: readonly User[]): ((userIds: readonly UserId[]) => User[]) => {
  const byId = new Map(users.map((user) => [user.userId, user]));
  return (userIds) => userIds.map((userId) => byId.get(userId)!);
};

/**
 * The numbers of these users, in their order, whose profiles then cannot change until the commit: who joins a thread and who
 * changes a profile see each other. Rejects with `not_found`.
 */
export const lockUsers = async (db: Queryable, userIds: readonly UserId[]): Promise<number[]> => {
  const rows = await db.all<{ user: number; userId: UserId }>(
    'SELECT u.user, u.user_id AS "userId" FROM users u WHERE u.user_id = ANY ($1::text[]) ORDER BY u.user FOR SHARE',
    userIds,
  );
  const numbers = new Map(rows.map(({ user, userId }) => [userId, user]));
  return userIds.map((userId) => {
    const number = numbers.get(userId);
    if (number === undefined) throw noSuchUser(userId);
    return number;
  });
};

export const putUser = (db: Database, user: User, at: number, createdAt?: number): Promise<Written<{ created: boolean }>> =>
  db.transaction(async (tx) => {
    const { userId, displayName, headline, avatarUrl, timeZone } = user;
    const inserted = await tx.get(
      `WITH created AS (
         INSERT INTO users (user_id, display_name, headline, avatar_url, time_zone, changed_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (user_id) DO NOTHING RETURNING "user"
       ) INSERT INTO inboxes ("user") SELECT created.user FROM created RETURNING inboxes.user`,
      userId,
      displayName,
      headline,
      avatarUrl,
      timeZone,
      at,
      createdAt ?? null,
    );
    if (inserted !== undefined) return { result: { created: true }, deliveries: [] };
    const stored = (await tx.get<User & { user: number }>(
      `SELECT u.user, ${USER_COLUMNS} FROM users u WHERE u.user_id = $1 FOR NO KEY UPDATE`,
      userId,
    ))!;
    if (createdAt !== undefined) await tx.get('UPDATE users u SET created_at = $2 WHERE u.user = $1', stored.user, createdAt);
    if (isSameProfile(stored, user)) return { result: { created: false }, deliveries: [] };
    await tx.get(
      'UPDATE users u SET display_name = $2, headline = $3, avatar_url = $4, time_zone = $5, changed_at = $6 WHERE u.user = $1',
      stored.user,
      displayName,
      headline,
      avatarUrl,
      timeZone,
      at,
    );
    const { positions } = (await tx.get<{ positions: [UserId, number][] }>(
      `SELECT deliver(ARRAY(
         SELECT other.user FROM members mine JOIN members other ON other.thread = mine.thread WHERE mine.user = $1
         UNION SELECT $1 ORDER BY 1), NULL, NULL, $1, $2) AS positions`,
      stored.user,
      db.settings.inboxKeep,
    ))!;
    return { result: { created: false }, deliveries: [{ event: { type: 'user.changed', user, at }, positions }] };
  });
