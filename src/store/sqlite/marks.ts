/** What a member keeps about a thread for themselves. */
import type { Marks, MarksChanged, ThreadId, UserId } from '../../../protocol/index.ts';
import { nextMarks } from '../rules.ts';
import type { Written } from '../store.ts';
import type { Database } from './database.ts';
import { deliverMarks } from './inbox.ts';
import { membership } from './members.ts';

export interface MarksRow {
  readonly archived: 0 | 1;
  readonly favourite: 0 | 1;
  readonly hidden: 0 | 1;
  readonly marksVersion: number;
}

/** From the member `mine`. */
export const MARKS_COLUMNS = 'mine.archived, mine.favourite, mine.hidden, mine.marks_version AS marksVersion';

export const marksOf = ({ archived, favourite, hidden, marksVersion }: MarksRow): Marks => ({
  archived: archived === 1,
  favourite: favourite === 1,
  hidden: hidden === 1,
  version: marksVersion,
});

export const markThread = (
  db: Database,
  mark: {
    threadId: ThreadId;
    userId: UserId;
    archived?: boolean | undefined;
    favourite?: boolean | undefined;
    hidden?: boolean | undefined;
    at: number;
  },
): Written<{ marks: Marks }> => {
  const { threadId, userId, at } = mark;
  const { thread, user } = membership(db, threadId, userId);
  const row = db.get<MarksRow>(`SELECT ${MARKS_COLUMNS} FROM members mine WHERE mine.thread = ? AND mine.user = ?`, thread, user);
  const before = marksOf(row!);
  const marks = nextMarks(before, mark);
  if (marks === before) return { result: { marks }, deliveries: [] };
  db.run(
    'UPDATE members SET archived = ?, favourite = ?, hidden = ?, marks_version = ?, marks_at = ? WHERE thread = ? AND user = ?',
    Number(marks.archived),
    Number(marks.favourite),
    Number(marks.hidden),
    marks.version,
    at,
    thread,
    user,
  );
  const event: MarksChanged = { type: 'marks.changed', threadId, marks, at };
  return { result: { marks }, deliveries: [deliverMarks(db, thread, user, event)] };
};
