/** What a member keeps about a thread for themselves. */
import type { Marks, MarksChanged, ThreadId, UserId } from '../../../protocol/index.ts';
import { nextMarks } from '../rules.ts';
import type { Written } from '../store.ts';
import { MARKS_JSON } from './columns.ts';
import type { Database } from './database.ts';
import type { Positions } from './events.ts';
import { lockMembership } from './members.ts';

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
): Promise<Written<{ marks: Marks }>> =>
  db.transaction(async (tx) => {
    const { threadId, userId, at } = mark;
    const { thread, user } = await lockMembership(tx, threadId, userId);
    const { marks: before } = (await tx.get<{ marks: Marks }>(
      `SELECT ${MARKS_JSON} AS marks FROM members mine WHERE mine.thread = $1 AND mine.user = $2`,
      thread,
      user,
    ))!;
    const marks = nextMarks(before, mark);
    if (marks === before) return { result: { marks }, deliveries: [] };
    await tx.all(
      `UPDATE members m SET archived = $3, favourite = $4, hidden = $5, marks_version = $6, marks_at = $7
       WHERE m.thread = $1 AND m.user = $2`,
      thread,
      user,
      marks.archived,
      marks.favourite,
      marks.hidden,
      marks.version,
      at,
    );
    const { positions } = (await tx.get<{ positions: Positions }>(
      'SELECT deliver(ARRAY[$2::integer], $1, NULL, NULL, $3) AS positions',
      thread,
      user,
      db.settings.inboxKeep,
    ))!;
    const event: MarksChanged = { type: 'marks.changed', threadId, marks, at };
    return { result: { marks }, deliveries: [{ event, positions }] };
  });
