/** Proposals, as the host platform puts them and as their parties list them. */
import type { Proposal, ProposalPlace, ProposalSide, ProposalStatus, PutProposal, UserId } from '../../../protocol/index.ts';
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
import type { Database } from './database.ts';
import { appendEvent } from './events.ts';
import { deliverListed } from './inbox.ts';
import { jobRow, ownJob } from './jobs.ts';
import { userNumbers } from './users.ts';

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

/** The columns of a ProposalSummary, from `proposals proposal` and SUMMARY_JOINS. */
export const SUMMARY_COLUMNS = `proposal.proposal_id AS proposalId, job.job_id AS jobId, job.title AS jobTitle,
  client.user_id AS clientId, freelancer.user_id AS freelancerId, manager.user_id AS managerId, proposal.status`;
export const SUMMARY_JOINS = `
  JOIN jobs job ON job.job = proposal.job
  JOIN users client ON client.user = proposal.client
  JOIN users freelancer ON freelancer.user = proposal.freelancer
  LEFT JOIN users manager ON manager.user = proposal.manager`;

const SELECT = `SELECT proposal.proposal AS row, proposal.client, proposal.freelancer, proposal.manager, proposal.thread,
    ${SUMMARY_COLUMNS}, job.description AS jobDescription, proposal.cover_letter AS coverLetter, proposal.bid,
    proposal.submitted_at AS submittedAt, thread.thread_id AS threadId
  FROM proposals proposal ${SUMMARY_JOINS}
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

const newestBy = (column: 'client' | 'freelancer' | 'manager' | 'job'): string =>
  `${SELECT} WHERE proposal.${column} = ? AND (proposal.submitted_at, proposal.proposal_id) < (?, ?)
   ORDER BY proposal.submitted_at DESC, proposal.proposal_id DESC LIMIT ?`;
const FOR_JOB = newestBy('job');
const OF_PARTY = { client: newestBy('client'), freelancer: newestBy('freelancer'), manager: newestBy('manager') };

export const proposalsOf = (
  db: Database,
  userId: UserId,
  page: { side?: ProposalSide | undefined; jobId?: string | undefined; before?: ProposalPlace | undefined; limit: number },
): { proposals: Proposal[]; more: boolean } => {
  const { submittedAt, proposalId } = page.before ?? NEWEST_PLACE;
  const newest = (sql: string, of: number): Proposal[] =>
    db.all<ProposalRow>(sql, of, submittedAt, proposalId, page.limit + 1).map((row) => toStored(row).proposal);
  if (page.jobId !== undefined) return newestProposals(newest(FOR_JOB, ownJob(db, userId, page.jobId).job), page.limit);
  const me = db.get<{ user: number }>('SELECT user FROM users WHERE user_id = ?', userId);
  const found = me === undefined ? [] : partiesOf(page.side).flatMap((party) => newest(OF_PARTY[party], me.user));
  return newestProposals(found, page.limit);
};

const BY_ID = 'proposal.proposal_id > ? ORDER BY proposal.proposal_id LIMIT ?';

export const listProposals = (
  db: Database,
  { jobId, after = '', limit }: HostListPage & { jobId?: string | undefined },
): HostList<Proposal> => {
  const job = jobId === undefined ? undefined : jobRow(db, jobId);
  if (jobId !== undefined && job === undefined) return { items: [], more: false };
  const rows =
    job === undefined
      ? db.all<ProposalRow>(`${SELECT} WHERE ${BY_ID}`, after, limit + 1)
      : db.all<ProposalRow>(`${SELECT} WHERE proposal.job = ? AND ${BY_ID}`, job.job, after, limit + 1);
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
): Written<{ proposal: Proposal; created: boolean }> => {
  const job = jobRow(db, put.jobId);
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
  return {
    result: { proposal: after.proposal, created: before === undefined },
    deliveries: isListNews(before?.proposal, after.proposal) ? [tell(db, after, at)] : [],
  };
};

/** Moves a proposal on by what happened in Parley, and tells it. */
export const moveProposal = (db: Database, stored: StoredProposal, status: ProposalStatus, at: number): Delivery[] => {
  db.run('UPDATE proposals SET status = ? WHERE proposal = ?', status, stored.row);
  return [tell(db, { ...stored, proposal: { ...stored.proposal, status } }, at)];
};

/** In its thread; without one, in the lists of its parties. */
const tell = (db: Database, { proposal, row, client, freelancer, manager, thread }: StoredProposal, at: number): Delivery => {
  if (thread !== null) return tellThread(db, thread, proposal, at);
  db.run('UPDATE proposals SET listed_at = ? WHERE proposal = ?', at, row);
  const parties = [client, freelancer, manager].filter((party) => party !== null);
  return deliverListed(db, row, parties, { type: 'proposal.listed', proposal: summaryOf(proposal), at });
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
