/** Proposals, as the host platform puts them and as their parties list them. */
import type {
  Proposal,
  ProposalPlace,
  ProposalSide,
  ProposalStatus,
  PutProposal,
  ThreadId,
  UserId,
} from '../../../protocol/index.ts';
import {
  isListNews,
  NEWEST_PLACE,
  newestProposals,
  noSuchJob,
  pageFrom,
  partiesOf,
  requireOtherParties,
  requireSameProposal,
  summaryOf,
} from '../rules.ts';
import type { Delivery, HostList, HostListPage, Written } from '../store.ts';
import { SUMMARY_COLUMNS, SUMMARY_JOINS } from './columns.ts';
import type { Database, Queryable } from './database.ts';
import { appendEvent, type Positions } from './events.ts';
import { jobRow, ownJob } from './jobs.ts';
import { lockUsers } from './users.ts';

/** A proposal and the store's own numbers of who and what it is about. */
export interface StoredProposal {
  readonly proposal: Proposal;
  readonly row: number;
  readonly client: number;
  readonly freelancer: number;
  readonly manager: number | null;
  readonly thread: number | null;
}

const SELECT = `SELECT p.proposal AS row, p.client, p.freelancer, p.manager, p.thread, ${SUMMARY_COLUMNS},
    job.description AS "jobDescription", p.cover_letter AS "coverLetter", p.bid, p.submitted_at AS "submittedAt",
    t.thread_id AS "threadId"
  FROM proposals p ${SUMMARY_JOINS}
  LEFT JOIN threads t ON t.thread = p.thread`;

type ProposalRow = Omit<StoredProposal, 'proposal'> & Proposal;

const toStored = ({ row, client, freelancer, manager, thread, ...proposal }: ProposalRow): StoredProposal => ({
  proposal,
  row,
  client,
  freelancer,
  manager,
  thread,
});

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

const newestBy = (condition: string): string =>
  `(${SELECT} WHERE ${condition} AND (p.submitted_at, p.proposal_id) < ($2, $3)
   ORDER BY p.submitted_at DESC, p.proposal_id DESC LIMIT $4)`;
const FOR_JOB = newestBy('p.job = $1');
const ofSide = (side: ProposalSide | undefined): string =>
  partiesOf(side)
    .map((party) => newestBy(`p.${party} = (SELECT u.user FROM users u WHERE u.user_id = $1)`))
    .join(' UNION ALL ');
const OF_SIDE = { received: ofSide('received'), sent: ofSide('sent'), both: ofSide(undefined) };

export const proposalsOf = async (
  db: Database,
  userId: UserId,
  page: { side?: ProposalSide | undefined; jobId?: string | undefined; before?: ProposalPlace | undefined; limit: number },
): Promise<{ proposals: Proposal[]; more: boolean }> => {
  const { submittedAt, proposalId } = page.before ?? NEWEST_PLACE;
  const newest = (sql: string, of: string | number): Promise<ProposalRow[]> =>
    db.all<ProposalRow>(sql, of, submittedAt, proposalId, page.limit + 1);
  const rows =
    page.jobId === undefined
      ? await newest(OF_SIDE[page.side ?? 'both'], userId)
      : await newest(FOR_JOB, (await ownJob(db, userId, page.jobId)).job);
  return newestProposals(
    rows.map((row) => toStored(row).proposal),
    page.limit,
  );
};

const BY_ID = 'p.proposal_id > $1 ORDER BY p.proposal_id LIMIT $2';

export const listProposals = async (
  db: Database,
  { jobId, after = '', limit }: HostListPage & { jobId?: string | undefined },
): Promise<HostList<Proposal>> => {
  const job = jobId === undefined ? undefined : await jobRow(db, jobId);
  if (jobId !== undefined && job === undefined) return { items: [], more: false };
  const rows =
    job === undefined
      ? await db.all<ProposalRow>(`${SELECT} WHERE ${BY_ID}`, after, limit + 1)
      : await db.all<ProposalRow>(`${SELECT} WHERE p.job = $3 AND ${BY_ID}`, after, limit + 1, job.job);
  return pageFrom(
    rows.map((row) => toStored(row).proposal),
    limit,
  );
};

export const putProposal = (
  db: Database,
  proposalId: string,
  put: PutProposal,
  at: number,
): Promise<Written<{ proposal: Proposal; created: boolean }>> =>
  db.transaction(async (tx) => {
    const job = await jobRow(tx, put.jobId);
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
    const isNews = isListNews(before?.proposal, after.proposal);
    return {
      result: { proposal: after.proposal, created },
      deliveries: isNews ? [await tell(tx, after, { at, inboxKeep: db.settings.inboxKeep })] : [],
    };
  });

/** Moves a proposal, which this transaction has locked, on by what happened in Parley, and tells it. */
export const moveProposal = async (
  tx: Queryable,
  stored: StoredProposal,
  status: ProposalStatus,
  options: { at: number; inboxKeep: number },
): Promise<Delivery[]> => {
  await tx.all('UPDATE proposals p SET status = $2 WHERE p.proposal = $1', stored.row, status);
  return [await tell(tx, { ...stored, proposal: { ...stored.proposal, status } }, options)];
};

/** In its thread; without one, in the lists of its parties. */
const tell = async (
  tx: Queryable,
  { proposal, row, client, freelancer, manager, thread }: StoredProposal,
  { at, inboxKeep }: { at: number; inboxKeep: number },
): Promise<Delivery> => {
  if (thread !== null) return tellThread(tx, thread, proposal, { at, inboxKeep });
  await tx.all('UPDATE proposals p SET listed_at = $2 WHERE p.proposal = $1', row, at);
  const { positions } = (await tx.get<{ positions: Positions }>(
    'SELECT deliver($1::integer[], NULL, $2, NULL, $3) AS positions',
    [client, freelancer, manager].filter((party) => party !== null).toSorted((one, other) => one - other),
    row,
    inboxKeep,
  ))!;
  return { event: { type: 'proposal.listed', proposal: summaryOf(proposal), at }, positions };
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
