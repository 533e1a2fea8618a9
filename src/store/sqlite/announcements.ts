/** Announcements of the operator, for whom they are, and who has put them away. */
import { isDeepStrictEqual } from 'node:util';
import type { Audience, PutAnnouncement, StoredAnnouncement, UserId } from '../../../protocol/index.ts';
import {
  ANNOUNCEMENT_KEEP_MS,
  type AnnouncementContent,
  announcementOf,
  nextAnnouncement,
  requireMayDismiss,
  rowOf,
} from '../announcement-rules.ts';
import type { Database } from './database.ts';
import { userNumbers } from './users.ts';

interface Row {
  readonly announcement: number;
  readonly announcementId: string;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly content: string;
}

const COLUMNS = 'announcement, announcement_id AS announcementId, starts_at AS startsAt, ends_at AS endsAt, content';

const read = (row: Row): StoredAnnouncement =>
  announcementOf({ ...row, content: JSON.parse(row.content) as AnnouncementContent });

const rowAt = (db: Database, announcementId: string): Row | undefined =>
  db.get<Row>(`SELECT ${COLUMNS} FROM announcements WHERE announcement_id = ?`, announcementId);

export const setAudience = (db: Database, userId: UserId, { country, kind }: Audience): { changed: boolean } => {
  const [user] = userNumbers(db, [userId]) as [number];
  const changed = db.run(
    'UPDATE users SET country = ?, kind = ? WHERE user = ? AND (country IS NOT ? OR kind IS NOT ?)',
    country,
    kind,
    user,
    country,
    kind,
  );
  return { changed: changed > 0 };
};

export const audienceOf = (db: Database, userId: UserId): Audience & { dismissed: string[] } => {
  const stored = db.get<Audience & { user: number }>('SELECT user, country, kind FROM users WHERE user_id = ?', userId);
  if (stored === undefined) return { country: null, kind: null, dismissed: [] };
  const { user, country, kind } = stored;
  const dismissed = db.all<{ announcementId: string }>(
    'SELECT announcement_id AS announcementId FROM dismissals JOIN announcements USING (announcement) WHERE user = ?',
    user,
  );
  return { country, kind, dismissed: dismissed.map(({ announcementId }) => announcementId) };
};

export const putAnnouncement = (
  db: Database,
  announcementId: string,
  put: PutAnnouncement,
  at: number,
): { announcement: StoredAnnouncement; created: boolean; changed: boolean } => {
  db.run('DELETE FROM announcements WHERE ends_at < ?', at - ANNOUNCEMENT_KEEP_MS);
  const row = rowAt(db, announcementId);
  const stored = row && read(row);
  const { pending } = db.get<{ pending: number }>(
    'SELECT count(*) AS pending FROM announcements WHERE ends_at > ? AND announcement_id <> ?',
    at,
    announcementId,
  )!;
  const announcement = nextAnnouncement(announcementId, put, { stored, pending, now: at });
  const changed = !isDeepStrictEqual(stored, announcement);
  if (changed) {
    const { startsAt, endsAt, content } = rowOf(announcement);
    db.run(
      `INSERT INTO announcements (announcement_id, starts_at, ends_at, content) VALUES (?, ?, ?, ?)
       ON CONFLICT (announcement_id) DO UPDATE SET starts_at = excluded.starts_at, ends_at = excluded.ends_at, content = excluded.content`,
      announcementId,
      startsAt,
      endsAt,
      JSON.stringify(content),
    );
  }
  return { announcement, created: stored === undefined, changed };
};

export const deleteAnnouncement = (db: Database, announcementId: string): { withdrawn: boolean } => ({
  withdrawn: db.run('DELETE FROM announcements WHERE announcement_id = ?', announcementId) > 0,
});

export const announcement = (db: Database, announcementId: string): StoredAnnouncement | undefined => {
  const row = rowAt(db, announcementId);
  return row && read(row);
};

export const announcements = (db: Database, { after, limit }: { after: string; limit: number }): StoredAnnouncement[] =>
  db
    .all<Row>(`SELECT ${COLUMNS} FROM announcements WHERE announcement_id > ? ORDER BY announcement_id LIMIT ?`, after, limit)
    .map(read);

export const pendingAnnouncements = (db: Database, at: number): { now: number; announcements: StoredAnnouncement[] } => {
  const rows = db.all<Row>(`SELECT ${COLUMNS} FROM announcements WHERE ends_at > ?`, at);
  const inOrder = rows.toSorted((one, other) => one.startsAt - other.startsAt || one.announcement - other.announcement);
  return { now: at, announcements: inOrder.map(read) };
};

export const dismissAnnouncement = (
  db: Database,
  { userId, announcementId, at }: { userId: UserId; announcementId: string; at: number },
): { changed: boolean } => {
  const [user] = userNumbers(db, [userId]) as [number];
  const row = rowAt(db, announcementId);
  requireMayDismiss(row && read(row), audienceOf(db, userId));
  // Of those that are no more there is nothing to remember.
  db.run(
    `DELETE FROM dismissals WHERE user = ? AND NOT EXISTS (SELECT 1 FROM announcements WHERE announcements.announcement = dismissals.announcement)`,
    user,
  );
  const changed = db.run(
    'INSERT INTO dismissals (user, announcement, at) VALUES (?, ?, ?) ON CONFLICT (user, announcement) DO NOTHING',
    user,
    row!.announcement,
    at,
  );
  return { changed: changed > 0 };
};
