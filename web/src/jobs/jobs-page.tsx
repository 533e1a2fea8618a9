/** "My jobs": each with how its proposals stand, and who sent them. */
import { BriefcaseBusiness } from 'lucide-react';
import type { User, UserId } from '../../../protocol/index.ts';
import { Link } from '../app/link.tsx';
import { sectionsOf, sectionsText } from '../proposals/sections.ts';
import { useFresh } from '../proposals/use-fresh.ts';
import { unknownUser } from '../threads/people.ts';
import { Avatar } from '../ui/avatar.tsx';
import { ListState } from '../ui/list-state.tsx';
import { Page } from '../ui/page.tsx';
import css from './jobs-page.module.css';
import { type JobView, useJobs } from './use-jobs.ts';

const EMPTY = {
  icon: BriefcaseBusiness,
  title: 'No proposals for your jobs yet',
  text: 'A job appears here with the first proposal that somebody sends for it.',
};

export const JobsPage = () => {
  const { status, jobs, users, reload } = useJobs();
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
      </ListState>
    </Page>
  );
};

const MOST_FACES = 5;

const JobCard = ({ job, users }: { readonly job: JobView; readonly users: ReadonlyMap<UserId, User> }) => {
  const { jobId, title, proposals } = job;
  const isNew = proposals.some(({ status }) => status === 'proposed');
  return (
    <article className={css.card} data-testid={`job-${jobId}`}>
      <div className={css.text}>
        <h2>
          <Link to={{ page: 'job', jobId }} className={css.open}>
            {title}
          </Link>
        </h2>
        <p className={css.counts} data-new={isNew}>
          {sectionsText(sectionsOf(proposals, 'received'))}
        </p>
      </div>
      <span className={css.faces}>
        {proposals.slice(0, MOST_FACES).map(({ proposalId, freelancerId }) => (
          <Avatar key={proposalId} user={users.get(freelancerId) ?? unknownUser(freelancerId)} size="s" />
        ))}
        {proposals.length > MOST_FACES && <span className={css.more}>+{proposals.length - MOST_FACES}</span>}
      </span>
    </article>
  );
};
