/** "My jobs": each with how its proposals stand, and who sent them. */
import { BriefcaseBusiness } from 'lucide-react';
import type { JobSummary, User, UserId } from '../../../protocol/index.ts';
import { Link } from '../app/link.tsx';
import { countsText } from '../proposals/sections.ts';
import { useFresh } from '../proposals/use-fresh.ts';
import { unknownUser } from '../threads/people.ts';
import { Avatar } from '../ui/avatar.tsx';
import { ListState } from '../ui/list-state.tsx';
import { MoreButton } from '../ui/more-button.tsx';
import { Page } from '../ui/page.tsx';
import css from './jobs-page.module.css';
import { useJobs } from './use-jobs.ts';

const EMPTY = {
  icon: BriefcaseBusiness,
  title: 'No jobs yet',
  text: 'The jobs that you post appear here, with the proposals that people send for them.',
};

export const JobsPage = () => {
  const { status, jobs, users, reload, ...pages } = useJobs();
  useFresh(reload);
  return (
    <Page title="My jobs" back={{ to: { page: 'threads' }, label: 'Back to conversations', onPhone: true }}>
      <ListState status={status} what="jobs" isEmpty={jobs.length === 0} empty={EMPTY} onRetry={reload}>
        <ul className={css.jobs}>
          {jobs.map((job) => (
            <li key={job.jobId}>
              <JobCard job={job} users={users} />
            </li>
          ))}
        </ul>
        <MoreButton {...pages} />
      </ListState>
    </Page>
  );
};

const JobCard = ({ job, users }: { readonly job: JobSummary; readonly users: ReadonlyMap<UserId, User> }) => {
  const { jobId, title, counts, newest } = job;
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  // One person may have sent two of them.
  const faces = [...new Set(newest)];
  const others = total - newest.length;
  return (
    <article className={css.card} data-testid={`job-${jobId}`}>
      <div className={css.text}>
        <h2>
          <Link to={{ page: 'job', jobId }} className={css.open}>
            {title}
          </Link>
        </h2>
        <p className={css.counts} data-new={counts.proposed > 0}>
          {total === 0 ? 'No proposals yet' : countsText(counts, 'received')}
        </p>
      </div>
      <span className={css.faces}>
        {faces.map((userId) => (
          <Avatar key={userId} user={users.get(userId) ?? unknownUser(userId)} size="s" />
        ))}
        {others > 0 && <span className={css.more}>+{others}</span>}
      </span>
    </article>
  );
};
