/** Announcements of the operator, for whom they are, and who has put them away. */
import { isDeepStrictEqual } from 'node:util';
import type { Audience, PutAnnouncement, StoredAnnouncement, UserId } from '../../../protocol/index.ts';
import {
  ANNOUNCEMENT_KEEP_MS,
  type AnnouncementRow,
  announcementOf,
  nextAnnouncement,
  noSuchAnnouncement,
  requireMayDismiss,
  rowOf,
} from '../announcement-rules.ts';
import { noSuchUser } from '../rules.ts';
import type { Database, Queryable } from './database.ts';

type Row = AnnouncementRow & { readonly announcement: number };

const COLUMNS = `a.announcement, a.announcement_id AS "announcementId", a.starts_at AS "startsAt", a.ends_at AS "endsAt", a.content`;

/** Of all gateways alike, whatever their own clocks say. */
const NOW = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint';

const rowAt = (db: Queryable, announcementId: string): Promise<Row | undefined> =>
  db.get<Row>(`SELECT ${COLUMNS} FROM announcements a WHERE a.announcement_id = $1`, announcementId);

export const setAudience = async (db: Database, userId: UserId, { country, kind }: Audience): Promise<{ changed: boolean }> => {
  const row = await db.get<{ changed: boolean }>(
    `WITH known AS (SELECT u.user FROM users u WHERE u.user_id = $1), changed AS (
       UPDATE users u SET country = $2::text, kind = $3::text FROM known
       WHERE u.user = known.user AND (u.country, u.kind) IS DISTINCT FROM ($2::text, $3::text) RETURNING 1
     ) SELECT EXISTS (SELECT 1 FROM changed) AS changed FROM known`,
    userId,
    country,
    kind,
  );
  if (row === undefined) throw noSuchUser(userId);
  return row;
};

export const audienceOf = async (db: Queryable, userId: UserId): Promise<Audience & { dismissed: string[] }> => {
  const row = await db.get<Audience & { dismissed: string[] }>(
    `SELECT u.country, u.kind, ARRAY(
       SELECT a.announcement_id FROM dismissals d JOIN announcements a ON a.announcement = d.announcement WHERE d.user = u.user) AS dismissed
     FROM users u WHERE u.user_id = $1`,
    userId,
  );
  return row ?? { country: null, kind: null, dismissed: [] };
};

export const putAnnouncement = (
  db: Database,
  announcementId: string,
  put: PutAnnouncement,
): Promise<{ announcement: StoredAnnouncement; created: boolean; changed: boolean }> =>
  db.transaction(async (tx) => {
    // One at a time, so that two cannot both be the last that there is room for.
    const { now } = (await tx.get<{ now: number }>(
      `SELECT ${NOW} AS now FROM (SELECT pg_advisory_xact_lock(hashtext('parley.announcements'))) AS locked`,
    ))!;
    await tx.all('DELETE FROM announcements a WHERE a.ends_at < $1', now - ANNOUNCEMENT_KEEP_MS);
    const row = await rowAt(tx, announcementId);
    const stored = row && announcementOf(row);
    const { pending } = (await tx.get<{ pending: number }>(
      'SELECT count(*) AS pending FROM announcements a WHERE a.ends_at > $1 AND a.announcement_id <> $2',
      now,
      announcementId,
    ))!;
    const announcement = nextAnnouncement(announcementId, put, { stored, pending, now });
    const changed = !isDeepStrictEqual(stored, announcement);
    if (changed) {
      const { startsAt, endsAt, content } = rowOf(announcement);
      await tx.all(
        `INSERT INTO announcements (announcement_id, starts_at, ends_at, content) VALUES ($1, $2, $3, $4)
         ON CONFLICT (announcement_id) DO UPDATE SET starts_at = excluded.starts_at, ends_at = excluded.ends_at, content = excluded.content`,
        announcementId,
        startsAt,
        endsAt,
        JSON.stringify(content),
      );
    }
    return { announcement, created: stored === undefined, changed };
  });

export const deleteAnnouncement = async (db: Database, announcementId: string): Promise<{ withdrawn: boolean }> => {
  const gone = await db.all('DELETE FROM announcements a WHERE a.announcement_id = $1 RETURNING 1', announcementId);
  // The same call whose answer was lost withdrew it.
  return { withdrawn: gone.length > 0 || db.again };
};

export const announcement = async (db: Database, announcementId: string): Promise<StoredAnnouncement | undefined> => {
  const row = await rowAt(db, announcementId);
  return row && announcementOf(row);
};

export const announcements = async (
  db: Database,
  { after, limit }: { after: string; limit: number },
): Promise<StoredAnnouncement[]> => {
  const rows = await db.all<Row>(
    `SELECT ${COLUMNS} FROM announcements a WHERE a.announcement_id > $1 ORDER BY a.announcement_id LIMIT $2`,
    after,
    limit,
  );
  return rows.map(announcementOf);
};

export const pendingAnnouncements = async (db: Database): Promise<{ now: number; announcements: StoredAnnouncement[] }> => {
  const { now, rows } = (await db.get<{ now: number; rows: Row[] }>(
    `SELECT clock.now, coalesce((SELECT json_agg(json_build_object('announcementId', a.announcement_id, 'startsAt', a.starts_at,
         'endsAt', a.ends_at, 'content', a.content) ORDER BY a.starts_at, a.announcement)
       FROM announcements a WHERE a.ends_at > clock.now), '[]') AS rows
     FROM (SELECT ${NOW} AS now) AS clock`,
  ))!;
  return { now, announcements: rows.map(announcementOf) };
};

export const dismissAnnouncement = (
  db: Database,
  { userId, announcementId, at }: { userId: UserId; announcementId: string; at: number },
): Promise<{ changed: boolean }> =>
  db.transaction(async (tx) => {
    const row = await rowAt(tx, announcementId);
    requireMayDismiss(row && announcementOf(row), await audienceOf(tx, userId));
    const user = await tx.get<{ user: number }>('SELECT u.user FROM users u WHERE u.user_id = $1', userId);
    if (row === undefined || user === undefined) throw noSuchAnnouncement();
    // Of those that are no more there is nothing to remember.
    await tx.all(
      `DELETE FROM dismissals d WHERE d.user = $1 AND NOT EXISTS (SELECT 1 FROM announcements a WHERE a.announcement = d.announcement)`,
      user.user,
    );
    const added = await tx.all(
      'INSERT INTO dismissals ("user", announcement, at) VALUES ($1, $2, $3) ON CONFLICT ("user", announcement) DO NOTHING RETURNING 1',
      user.user,
      row.announcement,
      at,
    );
    return { changed: added.length > 0 };
  });
