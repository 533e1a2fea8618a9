/** Interviews: the present state of each; the transitions are events in the thread. */
import { type Interview, isActive, type ThreadId, type UserId } from '../../../protocol/index.ts';
import { isRepeatedInterview, noSuchThread } from '../rules.ts';
import type { Written } from '../store.ts';
import type { Database, Queryable } from './database.ts';
import { appendEvent } from './events.ts';
import { lockMembership } from './members.ts';

interface Row {
  readonly interview: Interview;
}

export const interview = async (db: Queryable, interviewId: string): Promise<Interview | undefined> =>
  (await db.get<Row>('SELECT interview FROM interviews WHERE interview_id = $1', interviewId))?.interview;

export const activeInterviews = async (db: Database): Promise<Interview[]> =>
  (await db.all<Row>('SELECT interview FROM interviews WHERE active')).map((row) => row.interview);

export const changeInterview = (
  db: Database,
  { interview: next, actorId, at }: { interview: Interview; actorId: UserId | null; at: number },
): Promise<Written<{ interview: Interview }>> =>
  db.transaction(async (tx) => {
    const { thread, head, user } = await lockStanding(tx, next.threadId, actorId);
    const stored = await interview(tx, next.interviewId);
    const active = await tx.get<Row>('SELECT interview FROM interviews WHERE thread = $1 AND active', thread);
    if (isRepeatedInterview(next, stored, active?.interview)) return { result: { interview: stored! }, deliveries: [] };

    await tx.all(
      `INSERT INTO interviews (interview_id, thread, active, interview) VALUES ($1, $2, $3, $4)
       ON CONFLICT (interview_id) DO UPDATE SET active = excluded.active, interview = excluded.interview`,
      next.interviewId,
      thread,
      isActive(next),
      JSON.stringify(next),
    );
    const event = { type: 'interview.changed', threadId: next.threadId, offset: head + 1, at, actorId, interview: next } as const;
    const delivery = await appendEvent(tx, { thread, actor: user, event, inboxKeep: db.settings.inboxKeep });
    return { result: { interview: next }, deliveries: [delivery] };
  });

/** A user must be a member; the clock and the host platform need not. */
const lockStanding = async (
  tx: Queryable,
  threadId: ThreadId,
  actorId: UserId | null,
): Promise<{ thread: number; head: number; user: number | null }> => {
  if (actorId !== null) return lockMembership(tx, threadId, actorId);
  const found = await tx.get<{ thread: number; head: number }>(
    'SELECT thread, head FROM threads WHERE thread_id = $1 FOR NO KEY UPDATE',
    threadId,
  );
  if (found === undefined) throw noSuchThread();
  return { ...found, user: null };
};
