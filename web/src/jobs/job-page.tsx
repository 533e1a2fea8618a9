/** One job: what is wanted, and its proposals by where they stand. */
import { BriefcaseBusiness, MessagesSquare } from 'lucide-react';
import { ProposalSections } from '../proposals/proposal-sections.tsx';
import { useFresh } from '../proposals/use-fresh.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { ListState } from '../ui/list-state.tsx';
import { Page } from '../ui/page.tsx';
import css from './job-page.module.css';
import { useJobs } from './use-jobs.ts';

const EMPTY = {
  icon: BriefcaseBusiness,
  title: 'There is no such job of yours',
  text: 'It may have no proposals yet, or belong to somebody else.',
};

export const JobPage = ({ jobId }: { readonly jobId: string }) => {
  const { status, jobs, users, reload } = useJobs();
  useFresh(reload);
  const job = jobs.find((one) => one.jobId === jobId);
  const hasMessaged = job?.proposals.some(({ threadId }) => threadId !== null) ?? false;
  return (
    <Page title={job?.title ?? 'Job'} back={{ to: { page: 'jobs' }, label: 'Back to my jobs' }}>
      <ListState status={status} what="proposals" isEmpty={job === undefined} empty={EMPTY} onRetry={reload}>
        {job !== undefined && (
          <>
            {job.description !== '' && (
              <details className={css.description}>
                <summary>The job’s description</summary>
                <p>{job.description}</p>
              </details>
            )}
            <ProposalSections proposals={job.proposals} side="received" users={users} onOpened={reload} />
            {!hasMessaged && (
              <EmptyState icon={MessagesSquare} title="You have written to nobody yet">
                Those you send a message stand under “Messaged”, with your conversation.
              </EmptyState>
            )}
          </>
        )}
      </ListState>
    </Page>
  );
};
