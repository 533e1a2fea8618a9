/** An event takes its place among what the host platform is to be told. */
import type { ThreadEvent } from '../../../protocol/index.ts';
import type { Database } from './database.ts';

/** An event becomes due; it leads when no earlier one of its thread is. */
export const keepDue = (db: Database, thread: number, { offset, type, at }: ThreadEvent): void => {
  const leads = firstDue(db, thread) === undefined ? 1 : 0;
  db.run(
    'INSERT INTO outbox (thread, offset, type, at, due_at, leads) VALUES (?, ?, ?, ?, ?, ?)',
    thread,
    offset,
    type,
    at,
    at,
    leads,
  );
};

/** The first delivery of a thread that is due: the one that leads. */
export const firstDue = (db: Database, thread: number): number | undefined =>
  db.get<{ delivery: number }>(
    "SELECT delivery FROM outbox WHERE thread = ? AND status = 'due' ORDER BY delivery LIMIT 1",
    thread,
  )?.delivery;
