/** Creating and replacing profiles. */
import type { User } from '../../../protocol/index.ts';
import { isSameProfile } from '../rules.ts';
import type { Written } from '../store.ts';
import type { Database } from './database.ts';
import { deliverProfile } from './inbox.ts';
import { USER_COLUMNS } from './users.ts';

export const putUser = (db: Database, user: User, at: number, createdAt?: number): Written<{ created: boolean }> => {
  const stored = db.get<User & { user: number }>(`SELECT user, ${USER_COLUMNS} FROM users WHERE user_id = ?`, user.userId);
  if (stored === undefined) {
    db.run(
      'INSERT INTO users (user_id, display_name, headline, avatar_url, time_zone, changed_at, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      user.userId,
      user.displayName,
      user.headline,
      user.avatarUrl,
      user.timeZone,
      at,
      createdAt ?? null,
    );
    return { result: { created: true }, deliveries: [] };
  }
  if (createdAt !== undefined) db.run('UPDATE users SET created_at = ? WHERE user = ?', createdAt, stored.user);
  if (isSameProfile(stored, user)) return { result: { created: false }, deliveries: [] };
  db.run(
    'UPDATE users SET display_name = ?, headline = ?, avatar_url = ?, time_zone = ?, changed_at = ? WHERE user = ?',
    user.displayName,
    user.headline,
    user.avatarUrl,
    user.timeZone,
    at,
    stored.user,
  );
  const delivery = deliverProfile(db, stored.user, { type: 'user.changed', user, at });
  return { result: { created: false }, deliveries: delivery.positions.length === 0 ? [] : [delivery] };
};
