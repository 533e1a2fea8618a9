/** One job: what is wanted, and its proposals by where they stand. */
import { BriefcaseBusiness, FileText, MessagesSquare } from 'lucide-react';
import { ProposalSections } from '../proposals/proposal-sections.tsx';
import { useFresh } from '../proposals/use-fresh.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { ListState } from '../ui/list-state.tsx';
import { MoreButton } from '../ui/more-button.tsx';
import { Page } from '../ui/page.tsx';
import css from './job-page.module.css';
import { useJob } from './use-job.ts';

const EMPTY = {
  icon: BriefcaseBusiness,
  title: 'There is no such job of yours',
  text: 'It may be gone, or belong to somebody else.',
};

export const JobPage = ({ jobId }: { readonly jobId: string }) => {
  const { status, job, proposals, users, reload, ...pages } = useJob(jobId);
  useFresh(reload);
  const hasMessaged = proposals.some(({ threadId }) => threadId !== null);
  return (
    <Page title={job?.title ?? 'Job'} back={{ to: { page: 'jobs' }, label: 'Back to my jobs' }}>
      <ListState status={status} what="proposals" isEmpty={job === null} empty={EMPTY} onRetry={reload}>
        {job !== null && (
          <>
            {job.description !== '' && (
              <details className={css.description}>
                <summary>The job’s description</summary>
                <p>{job.description}</p>
              </details>
            )}
            <ProposalSections
              proposals={proposals}
              side="received"
              users={users}
              onOpened={reload}
              counts={pages.more ? job.counts : undefined}
            />
            <MoreButton {...pages} />
            {proposals.length === 0 ? (
              <EmptyState icon={FileText} title="No proposals yet">
                A proposal appears here as soon as somebody sends one.
              </EmptyState>
            ) : (
              !hasMessaged && (
                <EmptyState icon={MessagesSquare} title="You have written to nobody yet">
                  Those you send a message stand under “Messaged”, with your conversation.
                </EmptyState>
              )
            )}
          </>
        )}
      </ListState>
    </Page>
  );
};
