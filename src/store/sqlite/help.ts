/** What people said of help notes, and how many of them. */
import { type HelpCount, HelpNoteId, type HelpVote, type UserId } from '../../../protocol/index.ts';
import type { Database } from './database.ts';
import { userNumbers } from './users.ts';

export const voteHelp = (
  db: Database,
  { userId, noteId, helpful, at }: HelpVote & { userId: UserId; at: number },
): { changed: boolean } => {
  const [user] = userNumbers(db, [userId]) as [number];
  const before = db.get<{ helpful: number }>('SELECT helpful FROM help_votes WHERE user = ? AND note_id = ?', user, noteId);
  if (before !== undefined && before.helpful === (helpful ? 1 : 0)) return { changed: false };
  db.run(
    `INSERT INTO help_votes (user, note_id, helpful, at) VALUES (?, ?, ?, ?)
     ON CONFLICT (user, note_id) DO UPDATE SET helpful = excluded.helpful, at = excluded.at`,
    user,
    noteId,
    helpful ? 1 : 0,
    at,
  );
  const moved = before === undefined ? 0 : -1;
  db.run(
    `INSERT INTO help_counts (note_id, helpful, unhelpful) VALUES (?1, ?2, ?3)
     ON CONFLICT (note_id) DO UPDATE SET helpful = help_counts.helpful + ?4, unhelpful = help_counts.unhelpful + ?5`,
    noteId,
    helpful ? 1 : 0,
    helpful ? 0 : 1,
    helpful ? 1 : moved,
    helpful ? moved : 1,
  );
  return { changed: true };
};

export const helpVotes = (db: Database, userId: UserId): HelpVote[] =>
  db
    .all<{ noteId: HelpNoteId; helpful: number }>(
      'SELECT note_id AS noteId, helpful FROM help_votes WHERE user = (SELECT user FROM users WHERE user_id = ?)',
      userId,
    )
    .map(({ noteId, helpful }) => ({ noteId, helpful: helpful === 1 }));

export const helpCounts = (db: Database): Omit<HelpCount, 'title'>[] =>
  db.all<Omit<HelpCount, 'title'>>(
    'SELECT note_id AS noteId, helpful, unhelpful FROM help_counts WHERE note_id IN (SELECT value FROM json_each(?))',
    JSON.stringify(HelpNoteId.options),
  );
