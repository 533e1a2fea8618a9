/** Interviews: the present state of each; the transitions are events in the thread. */
import { type Interview, isActive, type ThreadId, type UserId } from '../../../protocol/index.ts';
import { cannotReach } from '../blocks.ts';
import { isBeforeInterview, isRepeatedInterview, noSuchThread, requireWritable } from '../rules.ts';
import type { Written } from '../store.ts';
import type { Database, Queryable } from './database.ts';
import { appendEvent } from './events.ts';
import { lockMembership, type Membership } from './members.ts';
import { lockProposalOf, moveProposal } from './proposals.ts';

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
    // Before the thread, as whoever puts the proposal does.
    const proposal = next.state === 'live' ? await lockProposalOf(tx, next.threadId) : undefined;
    const { thread, head, user, kind, proposalStatus, blocked } = await lockStanding(tx, next.threadId, actorId);
    const stored = await interview(tx, next.interviewId);
    const active = await tx.get<Row>('SELECT interview FROM interviews WHERE thread = $1 AND active', thread);
    if (isRepeatedInterview(next, stored, active?.interview)) return { result: { interview: stored! }, deliveries: [] };
    if (stored === undefined) {
      requireWritable({ kind, proposalStatus });
      if (blocked) throw cannotReach();
    }

    await tx.all(
      `INSERT INTO interviews (interview_id, thread, active, interview) VALUES ($1, $2, $3, $4)
       ON CONFLICT (interview_id) DO UPDATE SET active = excluded.active, interview = excluded.interview`,
      next.interviewId,
      thread,
      isActive(next),
      JSON.stringify(next),
    );
    const event = { type: 'interview.changed', threadId: next.threadId, offset: head + 1, at, actorId, interview: next } as const;
    const { inboxKeep } = db.settings;
    const delivery = await appendEvent(tx, { thread, actor: user, event, inboxKeep });
    const moves = proposal !== undefined && isBeforeInterview(proposal.proposal);
    const moved = moves ? await moveProposal(tx, proposal, 'interviewing', { at, inboxKeep }) : [];
    return { result: { interview: next }, deliveries: [delivery, ...moved] };
  });

type Standing = Pick<Membership, 'thread' | 'head' | 'kind' | 'proposalStatus' | 'blocked'> & { readonly user: number | null };

/** A user must be a member; the clock and the host platform need not. */
const lockStanding = async (tx: Queryable, threadId: ThreadId, actorId: UserId | null): Promise<Standing> => {
  if (actorId !== null) return lockMembership(tx, threadId, actorId);
  const found = await tx.get<Omit<Standing, 'user' | 'blocked'>>(
    `SELECT thread, head, kind, proposal ->> 'status' AS "proposalStatus" FROM threads WHERE thread_id = $1 FOR NO KEY UPDATE`,
    threadId,
  );
  if (found === undefined) throw noSuchThread();
  return { ...found, user: null, blocked: false };
};
