/** All proposals: those received, by job, with "Send message"; those sent, with where they stand. */
import { ArrowLeft, CloudOff, FileText } from 'lucide-react';
import { useState } from 'react';
import { Link } from '../app/link.tsx';
import { useNavigate } from '../app/route.ts';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { FirstMessage } from './first-message.tsx';
import { ProposalCard } from './proposal-card.tsx';
import css from './proposals-page.module.css';
import { type KnownProposal, useProposals } from './use-proposals.ts';

export const ProposalsPage = () => {
  const { status, list, users, reload } = useProposals();
  const navigate = useNavigate();
  const [answering, setAnswering] = useState<KnownProposal | null>(null);
  const received = list.filter((proposal) => proposal.isReceived);
  const sent = list.filter((proposal) => !proposal.isReceived);

  const cards = (proposals: readonly KnownProposal[]) => (
    <ul className={css.cards}>
      {proposals.map((proposal) => (
        <li key={proposal.proposalId}>
          <ProposalCard
            proposal={proposal}
            person={users.get(proposal.isReceived ? proposal.freelancerId : proposal.clientId)}
            onMessage={() => setAnswering(proposal)}
          />
        </li>
      ))}
    </ul>
  );

  return (
    <div className={css.page}>
      <header className={css.header}>
        <Link to={{ page: 'threads' }} className={css.back} aria-label="Back to conversations">
          <ArrowLeft aria-hidden size={20} />
        </Link>
        <h1>Proposals</h1>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section className={css.scroller} aria-label="Proposals" tabIndex={0}>
        <div className={css.column}>
          {status === 'loading' && <SkeletonRows label="Loading proposals" count={3} />}
          {status === 'failed' && (
            <EmptyState
              icon={CloudOff}
              title="The proposals could not be loaded"
              actions={<Button onClick={reload}>Try again</Button>}
            >
              The connection may be slow or down.
            </EmptyState>
          )}
          {status === 'ready' && list.length === 0 && (
            <EmptyState icon={FileText} title="No proposals yet">
              Proposals for your jobs, and those you send, appear here.
            </EmptyState>
          )}
          {byJob(received).map(([jobId, proposals]) => (
            <section key={jobId} aria-labelledby={`job-${jobId}`}>
              <h2 id={`job-${jobId}`} className={css.job}>
                <span>{proposals[0]?.jobTitle}</span>
                <small>{proposals.length === 1 ? '1 proposal' : `${proposals.length} proposals`}</small>
              </h2>
              {cards(proposals)}
            </section>
          ))}
          {sent.length > 0 && (
            <section aria-labelledby="sent-proposals">
              <h2 id="sent-proposals" className={css.job}>
                <span>Sent by you</span>
              </h2>
              {cards(sent)}
            </section>
          )}
        </div>
      </section>
      {answering !== null && (
        <FirstMessage
          proposal={answering}
          person={users.get(answering.freelancerId)}
          onClose={() => setAnswering(null)}
          onOpened={(threadId) => {
            setAnswering(null);
            reload();
            navigate({ page: 'thread', threadId });
          }}
        />
      )}
    </div>
  );
};

const byJob = (proposals: readonly KnownProposal[]): [jobId: string, proposals: KnownProposal[]][] => [
  ...Map.groupBy(proposals, (proposal) => proposal.jobId),
];
