/** Profiles, and the store's own numbers for people. */
import type { User, UserId } from '../../../protocol/index.ts';
import { noSuchUser, pageFrom } from '../rules.ts';
import type { HostList, HostListPage } from '../store.ts';
import type { Database } from './database.ts';

/** The columns of `users` under the names a User has, in its order. */
export const USER_COLUMNS = `users.user_id AS userId, users.display_name AS displayName, users.headline,
  users.avatar_url AS avatarUrl, users.time_zone AS timeZone`;

export const users = (db: Database, userIds: readonly UserId[]): User[] =>
  db.all<User>(`SELECT ${USER_COLUMNS} FROM users WHERE user_id IN (SELECT value FROM json_each(?))`, JSON.stringify(userIds));

export const listUsers = (db: Database, { after = '', limit }: HostListPage): HostList<User> =>
  pageFrom(db.all<User>(`SELECT ${USER_COLUMNS} FROM users WHERE user_id > ? ORDER BY user_id LIMIT ?`, after, limit + 1), limit);

/** The numbers of these users, in their order; rejects with `not_found`. */
export const userNumbers = (db: Database, userIds: readonly UserId[]): number[] =>
  userIds.map((userId) => {
    const row = db.get<{ user: number }>('SELECT user FROM users WHERE user_id = ?', userId);
    if (row === undefined) throw noSuchUser(userId);
    return row.user;
  });
