/** Jobs and proposals, as the host platform puts them. */
import type { Job, Proposal, ProposalStatus, PutProposal, ThreadId, UserId } from '../../../protocol/index.ts';
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
import type { Database, Queryable } from './database.ts';
import { appendEvent } from './events.ts';
import { lockUsers } from './users.ts';

export const putJob = (db: Database, { jobId, clientId, title, description }: Job): Promise<{ created: boolean }> =>
  db.transaction(async (tx) => {
    const [client] = (await lockUsers(tx, [clientId])) as [number];
    const { created } = (await tx.get<{ created: boolean }>(
      `INSERT INTO jobs (job_id, client, title, description) VALUES ($1, $2, $3, $4)
       ON CONFLICT (job_id) DO UPDATE SET title = excluded.title, description = excluded.description
       WHERE jobs.client = excluded.client RETURNING xmax = 0 AS created`,
      jobId,
      client,
      title,
      description,
    )) ?? { created: undefined };
    if (created === undefined) throw jobOfAnother();
    return { created };
  });

/** A proposal and the store's own number of its thread. */
export interface StoredProposal {
  readonly proposal: Proposal;
  readonly row: number;
  readonly thread: number | null;
}

const SELECT = `SELECT p.proposal AS row, p.thread, p.proposal_id AS "proposalId", job.job_id AS "jobId", job.title AS "jobTitle",
    client.user_id AS "clientId", freelancer.user_id AS "freelancerId", manager.user_id AS "managerId", p.status, job.description AS "jobDescription",
    p.cover_letter AS "coverLetter", p.bid, p.submitted_at AS "submittedAt", t.thread_id AS "threadId"
  FROM proposals p
  JOIN jobs job ON job.job = p.job
  JOIN users client ON client.user = p.client
  JOIN users freelancer ON freelancer.user = p.freelancer
  LEFT JOIN users manager ON manager.user = p.manager
  LEFT JOIN threads t ON t.thread = p.thread`;

type ProposalRow = Omit<StoredProposal, 'proposal'> & Proposal;

const toStored = ({ row, thread, ...proposal }: ProposalRow): StoredProposal => ({ proposal, row, thread });

export const storedProposal = async (db: Queryable, proposalId: string): Promise<StoredProposal | undefined> => {
  const row = await db.get<ProposalRow>(`${SELECT} WHERE p.proposal_id = $1`, proposalId);
  return row && toStored(row);
};

/** Nobody else changes the proposal, or opens its thread, until the commit. */
export const lockProposal = async (tx: Queryable, proposalId: string): Promise<StoredProposal | undefined> => {
  await tx.get('SELECT 1 FROM proposals p WHERE p.proposal_id = $1 FOR NO KEY UPDATE', proposalId);
  return storedProposal(tx, proposalId);
};

/** The same for the proposal that a thread is of, before the thread itself is locked. */
export const lockProposalOf = async (tx: Queryable, threadId: ThreadId): Promise<StoredProposal | undefined> => {
  const row = await tx.get<{ proposalId: string }>(
    `SELECT p.proposal_id AS "proposalId" FROM threads t JOIN proposals p ON p.thread = t.thread WHERE t.thread_id = $1
     FOR NO KEY UPDATE OF p`,
    threadId,
  );
  return row && storedProposal(tx, row.proposalId);
};

export const proposal = async (db: Database, proposalId: string): Promise<Proposal | undefined> =>
  (await storedProposal(db, proposalId))?.proposal;

const newestOf = (party: 'client' | 'freelancer' | 'manager'): string =>
  `(${SELECT} WHERE p.${party} = (SELECT u.user FROM users u WHERE u.user_id = $1)
   ORDER BY p.submitted_at DESC, p.proposal_id DESC LIMIT ${MAX_PROPOSALS})`;
const OWN = (['client', 'freelancer', 'manager'] as const).map(newestOf).join(' UNION ALL ');

export const proposalsOf = async (db: Database, userId: UserId): Promise<Proposal[]> => {
  const rows = await db.all<ProposalRow>(OWN, userId);
  return newestProposals(rows.map((row) => toStored(row).proposal));
};

export const putProposal = (
  db: Database,
  proposalId: string,
  put: PutProposal,
  at: number,
): Promise<Written<{ proposal: Proposal; created: boolean }>> =>
  db.transaction(async (tx) => {
    const job = await tx.get<{ job: number; client: number }>('SELECT job, client FROM jobs WHERE job_id = $1', put.jobId);
    if (job === undefined) throw noSuchJob(put.jobId);
    const others = [put.freelancerId, ...(put.managerId === null ? [] : [put.managerId])];
    const [freelancer, manager = null] = (await lockUsers(tx, others)) as [number, number?];
    requireOtherParties(job.client, freelancer, manager);
    const before = await lockProposal(tx, proposalId);
    requireSameProposal(before?.proposal, put);

    const { created } = (await tx.get<{ created: boolean }>(
      `INSERT INTO proposals AS p (proposal_id, job, client, freelancer, manager, status, cover_letter, bid, submitted_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       ON CONFLICT (proposal_id) DO UPDATE SET manager = excluded.manager, status = excluded.status, cover_letter = excluded.cover_letter,
         bid = excluded.bid, submitted_at = excluded.submitted_at
       RETURNING xmax = 0 AS created`,
      proposalId,
      job.job,
      job.client,
      freelancer,
      manager,
      put.status ?? before?.proposal.status ?? 'proposed',
      put.coverLetter,
      put.bid === null ? null : JSON.stringify(put.bid),
      put.submittedAt ?? before?.proposal.submittedAt ?? at,
    ))!;
    const after = (await storedProposal(tx, proposalId))!;
    requireSameProposal(after.proposal, put);
    const isNews = after.thread !== null && after.proposal.status !== before?.proposal.status;
    return {
      result: { proposal: after.proposal, created },
      deliveries: isNews ? [await tellThread(tx, after.thread, after.proposal, { at, inboxKeep: db.settings.inboxKeep })] : [],
    };
  });

/** Moves a proposal, which this transaction has locked, on by what happened in Parley; tells its thread, if it has one. */
export const moveProposal = async (
  tx: Queryable,
  stored: StoredProposal,
  status: ProposalStatus,
  options: { at: number; inboxKeep: number },
): Promise<Delivery[]> => {
  await tx.all('UPDATE proposals p SET status = $2 WHERE p.proposal = $1', stored.row, status);
  return stored.thread === null ? [] : [await tellThread(tx, stored.thread, { ...stored.proposal, status }, options)];
};

/** Says the new status in the proposal's thread, on behalf of the host platform. */
const tellThread = async (
  tx: Queryable,
  thread: number,
  changed: Proposal,
  { at, inboxKeep }: { at: number; inboxKeep: number },
): Promise<Delivery> => {
  const summary = summaryOf(changed);
  const { head, threadId } = (await tx.get<{ head: number; threadId: string }>(
    'UPDATE threads t SET proposal = $2 WHERE t.thread = $1 RETURNING t.head, t.thread_id AS "threadId"',
    thread,
    JSON.stringify(summary),
  ))!;
  const event = { type: 'proposal.changed', threadId, offset: head + 1, at, actorId: null, proposal: summary } as const;
  return appendEvent(tx, { thread, actor: null, event, inboxKeep });
};
