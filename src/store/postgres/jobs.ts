/** Jobs, as the host platform puts them and as their client lists them. */
import { type Job, type JobSummary, MAX_NEWEST, type UserId } from '../../../protocol/index.ts';
import { jobOfAnother, NO_PROPOSALS, noSuchJob, pageFrom } from '../rules.ts';
import type { HostList, HostListPage } from '../store.ts';
import type { Database, Queryable } from './database.ts';
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

export interface JobRow extends Job {
  readonly job: number;
  readonly client: number;
}

const COLUMNS = 'job.job, job.client, job.job_id AS "jobId", client.user_id AS "clientId", job.title, job.description';
const FROM = 'FROM jobs job JOIN users client ON client.user = job.client';
/** A JobRow, from `jobs job` and its `client`. */
export const SELECT_JOB = `SELECT ${COLUMNS} ${FROM}`;

export const jobRow = (db: Queryable, jobId: string): Promise<JobRow | undefined> =>
  db.get<JobRow>(`${SELECT_JOB} WHERE job.job_id = $1`, jobId);

const toJob = ({ job: _, client: __, ...job }: JobRow): Job => job;

export const job = async (db: Database, jobId: string): Promise<Job | undefined> => {
  const row = await jobRow(db, jobId);
  return row && toJob(row);
};

export const listJobs = async (db: Database, { after = '', limit }: HostListPage): Promise<HostList<Job>> => {
  const rows = await db.all<JobRow>(`${SELECT_JOB} WHERE job.job_id > $1 ORDER BY job.job_id LIMIT $2`, after, limit + 1);
  return pageFrom(rows.map(toJob), limit);
};

/** Of this client. */
export const ownJob = async (db: Queryable, clientId: UserId, jobId: string): Promise<JobRow> => {
  const row = await jobRow(db, jobId);
  if (row?.clientId !== clientId) throw noSuchJob(jobId);
  return row;
};

type Listed = JobRow & Pick<JobSummary, 'counts' | 'newest'>;

const LISTED = `SELECT ${COLUMNS},
    (SELECT coalesce(json_object_agg(counted.status, counted.count), '{}') FROM (
       SELECT p.status, count(*) AS count FROM proposals p WHERE p.job = job.job GROUP BY p.status) counted) AS counts,
    (SELECT coalesce(json_agg(u.user_id ORDER BY last.submitted_at DESC, last.proposal_id DESC), '[]') FROM (
       SELECT p.freelancer, p.submitted_at, p.proposal_id FROM proposals p WHERE p.job = job.job
       ORDER BY p.submitted_at DESC, p.proposal_id DESC LIMIT ${MAX_NEWEST}) last JOIN users u ON u.user = last.freelancer) AS newest
  ${FROM}`;

const toSummary = ({ job: _, client: __, counts, ...rest }: Listed): JobSummary => ({
  ...rest,
  counts: { ...NO_PROPOSALS, ...counts },
});

export const jobOf = async (db: Database, clientId: UserId, jobId: string): Promise<JobSummary> => {
  const row = await db.get<Listed>(`${LISTED} WHERE job.job_id = $1 AND client.user_id = $2`, jobId, clientId);
  if (row === undefined) throw noSuchJob(jobId);
  return toSummary(row);
};

const FIRST = 2 ** 31 - 1;

export const jobsOf = async (
  db: Database,
  clientId: UserId,
  { before, limit }: { before?: string | undefined; limit: number },
): Promise<{ jobs: JobSummary[]; more: boolean }> => {
  const last = before === undefined ? FIRST : (await ownJob(db, clientId, before)).job;
  const rows = await db.all<Listed>(
    `${LISTED} WHERE job.client = (SELECT u.user FROM users u WHERE u.user_id = $1) AND job.job < $2
     ORDER BY job.job DESC LIMIT $3`,
    clientId,
    last,
    limit + 1,
  );
  const { items, more } = pageFrom(rows, limit);
  return { jobs: items.map(toSummary), more };
};
