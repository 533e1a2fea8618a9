/** Jobs and proposals, as the host platform puts them. */
import type { Job, Proposal, ProposalStatus, PutProposal, UserId } from '../../../protocol/index.ts';
import {
  jobOfAnother,
  MAX_PROPOSALS,
  newestProposals,
  noSuchJob,
  requireOtherParties,
  requireSameProposal,
  summaryOf,
} from '../rules.ts';
import type { Delivery, Written } from '../store.ts';
import type { Database } from './database.ts';
import { appendEvent } from './events.ts';
import { userNumbers } from './users.ts';

export const putJob = (db: Database, { jobId, clientId, title, description }: Job): { created: boolean } => {
  const [client] = userNumbers(db, [clientId]) as [number];
  const stored = db.get<{ client: number }>('SELECT client FROM jobs WHERE job_id = ?', jobId);
  if (stored !== undefined && stored.client !== client) throw jobOfAnother();
  db.run(
    `INSERT INTO jobs (job_id, client, title, description) VALUES (?, ?, ?, ?)
     ON CONFLICT (job_id) DO UPDATE SET title = excluded.title, description = excluded.description`,
    jobId,
    client,
    title,
    description,
  );
  return { created: stored === undefined };
};

/** A proposal and the store's own numbers of who and what it is about. */
export interface StoredProposal {
  readonly proposal: Proposal;
  readonly row: number;
  readonly client: number;
  readonly freelancer: number;
  readonly manager: number | null;
  readonly thread: number | null;
}

type ProposalRow = Omit<StoredProposal, 'proposal'> & Omit<Proposal, 'bid'> & { readonly bid: string | null };

const SELECT = `SELECT proposal.proposal AS row, proposal.client, proposal.freelancer, proposal.manager, proposal.thread,
    proposal.proposal_id AS proposalId, job.job_id AS jobId, job.title AS jobTitle, client.user_id AS clientId,
    freelancer.user_id AS freelancerId, manager.user_id AS managerId, proposal.status, job.description AS jobDescription,
    proposal.cover_letter AS coverLetter, proposal.bid, proposal.submitted_at AS submittedAt, thread.thread_id AS threadId
  FROM proposals proposal
  JOIN jobs job ON job.job = proposal.job
  JOIN users client ON client.user = proposal.client
  JOIN users freelancer ON freelancer.user = proposal.freelancer
  LEFT JOIN users manager ON manager.user = proposal.manager
  LEFT JOIN threads thread ON thread.thread = proposal.thread`;

const toStored = ({ row, client, freelancer, manager, thread, bid, ...rest }: ProposalRow): StoredProposal => ({
  proposal: { ...rest, bid: bid === null ? null : (JSON.parse(bid) as Proposal['bid']) },
  row,
  client,
  freelancer,
  manager,
  thread,
});

export const storedProposal = (db: Database, proposalId: string): StoredProposal | undefined => {
  const row = db.get<ProposalRow>(`${SELECT} WHERE proposal.proposal_id = ?`, proposalId);
  return row && toStored(row);
};

/** The proposal that a thread is of. */
export const proposalIn = (db: Database, thread: number): StoredProposal | undefined => {
  const row = db.get<ProposalRow>(`${SELECT} WHERE proposal.thread = ?`, thread);
  return row && toStored(row);
};

export const proposal = (db: Database, proposalId: string): Proposal | undefined => storedProposal(db, proposalId)?.proposal;

const newestOf = (party: 'client' | 'freelancer' | 'manager'): string =>
  `${SELECT} WHERE proposal.${party} = (SELECT user FROM users WHERE user_id = ?)
   ORDER BY proposal.submitted_at DESC, proposal.proposal_id DESC LIMIT ${MAX_PROPOSALS}`;
const RECEIVED = newestOf('client');
const SENT = newestOf('freelancer');
const MANAGED = newestOf('manager');

export const proposalsOf = (db: Database, userId: UserId): Proposal[] =>
  newestProposals(
    [RECEIVED, SENT, MANAGED].flatMap((query) => db.all<ProposalRow>(query, userId)).map((row) => toStored(row).proposal),
  );

export const putProposal = (
  db: Database,
  proposalId: string,
  put: PutProposal,
  at: number,
): Written<{ proposal: Proposal; created: boolean }> => {
  const job = db.get<{ job: number; client: number }>('SELECT job, client FROM jobs WHERE job_id = ?', put.jobId);
  if (job === undefined) throw noSuchJob(put.jobId);
  const [freelancer, manager = null] = userNumbers(db, [
    put.freelancerId,
    ...(put.managerId === null ? [] : [put.managerId]),
  ]) as [number, number?];
  requireOtherParties(job.client, freelancer, manager);
  const before = storedProposal(db, proposalId);
  requireSameProposal(before?.proposal, put);

  db.run(
    `INSERT INTO proposals (proposal_id, job, client, freelancer, manager, status, cover_letter, bid, submitted_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (proposal_id) DO UPDATE SET manager = excluded.manager, status = excluded.status, cover_letter = excluded.cover_letter,
       bid = excluded.bid, submitted_at = excluded.submitted_at`,
    proposalId,
    job.job,
    job.client,
    freelancer,
    manager,
    put.status ?? before?.proposal.status ?? 'proposed',
    put.coverLetter,
    put.bid === null ? null : JSON.stringify(put.bid),
    put.submittedAt ?? before?.proposal.submittedAt ?? at,
  );
  const after = storedProposal(db, proposalId)!;
  const isNews = after.thread !== null && after.proposal.status !== before?.proposal.status;
  return {
    result: { proposal: after.proposal, created: before === undefined },
    deliveries: isNews ? [tellThread(db, after.thread, after.proposal, at)] : [],
  };
};

/** Moves a proposal on by what happened in Parley; tells its thread, if it has one. */
export const moveProposal = (db: Database, stored: StoredProposal, status: ProposalStatus, at: number): Delivery[] => {
  db.run('UPDATE proposals SET status = ? WHERE proposal = ?', status, stored.row);
  return stored.thread === null ? [] : [tellThread(db, stored.thread, { ...stored.proposal, status }, at)];
};

/** Says the new status in the proposal's thread, on behalf of the host platform. */
const tellThread = (db: Database, thread: number, changed: Proposal, at: number): Delivery => {
  const summary = summaryOf(changed);
  const { head, threadId } = db.get<{ head: number; threadId: string }>(
    'UPDATE threads SET proposal = ? WHERE thread = ? RETURNING head, thread_id AS threadId',
    JSON.stringify(summary),
    thread,
  )!;
  const event = { type: 'proposal.changed', threadId, offset: head + 1, at, actorId: null, proposal: summary } as const;
  return appendEvent(db, thread, null, event);
};
