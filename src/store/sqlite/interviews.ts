/** Interviews: the present state of each; the transitions are events in the thread. */
import {
  type Interview,
  isActive,
  type ProposalStatus,
  type ThreadId,
  type ThreadKind,
  type UserId,
} from '../../../protocol/index.ts';
import { isBeforeInterview, isRepeatedInterview, noSuchThread, requireWritable } from '../rules.ts';
import type { Written } from '../store.ts';
import type { Database } from './database.ts';
import { appendEvent } from './events.ts';
import { membership } from './members.ts';
import { requireUnblocked } from './moderation.ts';
import { moveProposal, proposalIn } from './proposals.ts';

interface InterviewRow {
  readonly interview: string;
}

const parse = (row: InterviewRow | undefined): Interview | undefined => row && (JSON.parse(row.interview) as Interview);

export const interview = (db: Database, interviewId: string): Interview | undefined =>
  parse(db.get<InterviewRow>('SELECT interview FROM interviews WHERE interview_id = ?', interviewId));

export const activeInterview = (db: Database, thread: number): Interview | undefined =>
  parse(db.get<InterviewRow>('SELECT interview FROM interviews WHERE thread = ? AND active', thread));

export const activeInterviews = (db: Database): Interview[] =>
  db.all<InterviewRow>('SELECT interview FROM interviews WHERE active').map((row) => parse(row)!);

export const changeInterview = (
  db: Database,
  { interview: next, actorId, at }: { interview: Interview; actorId: UserId | null; at: number },
): Written<{ interview: Interview }> => {
  const { thread, head, user, kind, proposalStatus } = standing(db, next.threadId, actorId);
  const stored = interview(db, next.interviewId);
  if (isRepeatedInterview(next, stored, activeInterview(db, thread))) return { result: { interview: stored! }, deliveries: [] };
  if (stored === undefined) {
    requireWritable({ kind, proposalStatus });
    if (user !== null) requireUnblocked(db, { thread, user, kind });
  }

  db.run(
    `INSERT INTO interviews (interview_id, thread, active, interview) VALUES (?, ?, ?, ?)
     ON CONFLICT (interview_id) DO UPDATE SET active = excluded.active, interview = excluded.interview`,
    next.interviewId,
    thread,
    isActive(next) ? 1 : 0,
    JSON.stringify(next),
  );
  const event = { threadId: next.threadId, offset: head + 1, at, actorId, interview: next };
  const delivery = appendEvent(db, thread, user, { type: 'interview.changed', ...event });
  const proposal = next.state === 'live' ? proposalIn(db, thread) : undefined;
  const moves = proposal !== undefined && isBeforeInterview(proposal.proposal);
  return {
    result: { interview: next },
    deliveries: [delivery, ...(moves ? moveProposal(db, proposal, 'interviewing', at) : [])],
  };
};

/** A user must be a member; the clock and the host platform need not. */
const standing = (
  db: Database,
  threadId: ThreadId,
  actorId: UserId | null,
): { thread: number; head: number; user: number | null; kind: ThreadKind; proposalStatus: ProposalStatus | null } => {
  if (actorId !== null) return membership(db, threadId, actorId);
  const found = db.get<{ thread: number; head: number; kind: ThreadKind; proposalStatus: ProposalStatus | null }>(
    "SELECT thread, head, kind, proposal ->> 'status' AS proposalStatus FROM threads WHERE thread_id = ?",
    threadId,
  );
  if (found === undefined) throw noSuchThread();
  return { ...found, user: null };
};
