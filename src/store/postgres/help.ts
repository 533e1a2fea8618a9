/** What people said of help notes, and how many of them. */
import { type HelpCount, HelpNoteId, type HelpVote, type UserId } from '../../../protocol/index.ts';
import { noSuchUser } from '../rules.ts';
import type { Database } from './database.ts';

export const voteHelp = (
  db: Database,
  { userId, noteId, helpful, at }: HelpVote & { userId: UserId; at: number },
): Promise<{ changed: boolean }> =>
  db.transaction(async (tx) => {
    // Locked, so that two votes of a person on two devices are counted one after the other.
    const user = await tx.get<{ user: number }>('SELECT u.user FROM users u WHERE u.user_id = $1 FOR NO KEY UPDATE', userId);
    if (user === undefined) throw noSuchUser(userId);
    const before = await tx.get<{ helpful: boolean }>(
      'SELECT v.helpful FROM help_votes v WHERE v.user = $1 AND v.note_id = $2',
      user.user,
      noteId,
    );
    if (before?.helpful === helpful) return { changed: false };
    await tx.all(
      `INSERT INTO help_votes ("user", note_id, helpful, at) VALUES ($1, $2, $3, $4)
       ON CONFLICT ("user", note_id) DO UPDATE SET helpful = excluded.helpful, at = excluded.at`,
      user.user,
      noteId,
      helpful,
      at,
    );
    const moved = before === undefined ? 0 : -1;
    await tx.all(
      `INSERT INTO help_counts AS c (note_id, helpful, unhelpful) VALUES ($1, $2, $3)
       ON CONFLICT (note_id) DO UPDATE SET helpful = c.helpful + $4::integer, unhelpful = c.unhelpful + $5::integer`,
      noteId,
      helpful ? 1 : 0,
      helpful ? 0 : 1,
      helpful ? 1 : moved,
      helpful ? moved : 1,
    );
    return { changed: true };
  });

export const helpVotes = (db: Database, userId: UserId): Promise<HelpVote[]> =>
  db.all<HelpVote>(
    `SELECT v.note_id AS "noteId", v.helpful FROM help_votes v JOIN users u ON u.user = v.user
     WHERE u.user_id = $1 AND v.note_id = ANY ($2::text[])`,
    userId,
    HelpNoteId.options,
  );

export const helpCounts = (db: Database): Promise<Omit<HelpCount, 'title'>[]> =>
  db.all<Omit<HelpCount, 'title'>>(
    'SELECT c.note_id AS "noteId", c.helpful, c.unhelpful FROM help_counts c WHERE c.note_id = ANY ($1::text[])',
    HelpNoteId.options,
  );
