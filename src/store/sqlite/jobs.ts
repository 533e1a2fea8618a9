/** Jobs, as the host platform puts them and as their client lists them. */
import { type Job, type JobSummary, MAX_NEWEST, type ProposalStatus, type UserId } from '../../../protocol/index.ts';
import { jobOfAnother, NO_PROPOSALS, noSuchJob, pageFrom } from '../rules.ts';
import type { HostList, HostListPage } from '../store.ts';
import type { Database } from './database.ts';
import { userNumbers } from './users.ts';

export const putJob = (db: Database, { jobId, clientId, title, description }: Job): { created: boolean } => {
  const [client] = userNumbers(db, [clientId]) as [number];
  const stored = jobRow(db, jobId);
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

export interface JobRow extends Job {
  readonly job: number;
  readonly client: number;
}

/** A JobRow, from `jobs job` and its `client`. */
export const SELECT_JOB = `SELECT job.job, job.client, job.job_id AS jobId, client.user_id AS clientId, job.title, job.description
  FROM jobs job JOIN users client ON client.user = job.client`;

export const jobRow = (db: Database, jobId: string): JobRow | undefined =>
  db.get<JobRow>(`${SELECT_JOB} WHERE job.job_id = ?`, jobId);

const toJob = ({ job: _, client: __, ...job }: JobRow): Job => job;

export const job = (db: Database, jobId: string): Job | undefined => {
  const row = jobRow(db, jobId);
  return row && toJob(row);
};

export const listJobs = (db: Database, { after = '', limit }: HostListPage): HostList<Job> =>
  pageFrom(db.all<JobRow>(`${SELECT_JOB} WHERE job.job_id > ? ORDER BY job.job_id LIMIT ?`, after, limit + 1).map(toJob), limit);

/** Of this client. */
export const ownJob = (db: Database, clientId: UserId, jobId: string): JobRow => {
  const row = jobRow(db, jobId);
  if (row?.clientId !== clientId) throw noSuchJob(jobId);
  return row;
};

export const jobOf = (db: Database, clientId: UserId, jobId: string): JobSummary => summarize(db, ownJob(db, clientId, jobId));

export const jobsOf = (
  db: Database,
  clientId: UserId,
  { before, limit }: { before?: string | undefined; limit: number },
): { jobs: JobSummary[]; more: boolean } => {
  const last = before === undefined ? Number.MAX_SAFE_INTEGER : ownJob(db, clientId, before).job;
  const rows = db.all<JobRow>(
    `${SELECT_JOB} WHERE job.client = (SELECT user FROM users WHERE user_id = ?) AND job.job < ? ORDER BY job.job DESC LIMIT ?`,
    clientId,
    last,
    limit + 1,
  );
  const { items, more } = pageFrom(rows, limit);
  return { jobs: items.map((row) => summarize(db, row)), more };
};

const summarize = (db: Database, { job, client: _, ...rest }: JobRow): JobSummary => {
  const counted = db.all<{ status: ProposalStatus; count: number }>(
    'SELECT status, count(*) AS count FROM proposals WHERE job = ? GROUP BY status',
    job,
  );
  const newest = db.all<{ userId: UserId }>(
    `SELECT users.user_id AS userId FROM proposals proposal JOIN users ON users.user = proposal.freelancer
     WHERE proposal.job = ? ORDER BY proposal.submitted_at DESC, proposal.proposal_id DESC LIMIT ${MAX_NEWEST}`,
    job,
  );
  return {
    ...rest,
    counts: { ...NO_PROPOSALS, ...Object.fromEntries(counted.map(({ status, count }) => [status, count])) },
    newest: newest.map(({ userId }) => userId),
  };
};
