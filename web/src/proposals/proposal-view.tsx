/** A proposal and its conversation, side by side; where there is room for one, one or the other. */
import { CloudOff, FileText, Lock, MessagesSquare } from 'lucide-react';
import { useState } from 'react';
import type { Proposal, User, UserId } from '../../../protocol/index.ts';
import { useMe, useParley } from '../app/parley.tsx';
import type { Route } from '../app/route.ts';
import { Conversation } from '../conversation/conversation.tsx';
import { useNarrower } from '../lib/use-narrower.ts';
import { unknownUser } from '../threads/people.ts';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { PageHeader } from '../ui/page.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { type Surroundings, SurroundingsProvider } from '../ui/surroundings.tsx';
import { Tabs, tabPanelProps } from '../ui/tabs.tsx';
import { BeforeThread } from './before-thread.tsx';
import { ProposalDetails } from './proposal-details.tsx';
import css from './proposal-view.module.css';
import { StatusChip } from './status-chip.tsx';
import { useProposal } from './use-proposal.ts';
import { useProposals } from './use-proposals.ts';

/** In here the conversation is an element of a page that has a title and a way back of its own. */
const BESIDE: Surroundings = { isWindow: false, inView: true };

/** Narrower than this there is room for one of both. */
const NARROW_PX = 680;

type Part = 'proposal' | 'conversation';

const PARTS = [
  { tab: 'proposal', label: 'Proposal' },
  { tab: 'conversation', label: 'Conversation' },
] as const;

export const ProposalView = ({ proposalId }: { readonly proposalId: string }) => {
  const { client } = useParley();
  const me = useMe();
  const proposals = useProposals();
  const { answer, error, threadId, retry } = useProposal(client, proposalId);
  const [box, setBox] = useState<HTMLElement | null>(null);
  const isNarrow = useNarrower(box, NARROW_PX);
  const [chosen, setChosen] = useState<Part | null>(null);
  const listed = proposals.list.find((one) => one.proposalId === proposalId);
  const proposal = listed ?? answer?.proposal;
  const users: ReadonlyMap<UserId, User> =
    answer === null
      ? proposals.users
      : new Map([...answer.users.map((user) => [user.userId, user] as const), ...proposals.users]);

  if (proposal === undefined)
    return (
      <div className={css.view}>
        <PageHeader back={{ to: { page: 'threads' }, label: 'Back to conversations' }}>
          <h1>Proposal</h1>
        </PageHeader>
        {error === null ? (
          <SkeletonRows label="Loading the proposal" count={4} />
        ) : (
          <EmptyState
            icon={error.retryable ? CloudOff : Lock}
            title={error.retryable ? 'The proposal could not be loaded' : 'This proposal is not open to you'}
            actions={error.retryable && <Button onClick={retry}>Try again</Button>}
          >
            {error.message}
          </EmptyState>
        )}
      </div>
    );

  const part = chosen ?? (threadId === null ? 'proposal' : 'conversation');
  const shows = (one: Part): boolean => !isNarrow || part === one;
  return (
    <div ref={setBox} className={css.view} data-narrow={isNarrow} data-testid="proposal-view">
      <PageHeader back={backOf(proposal, me.userId)}>
        <h1>{titleOf(proposal, me.userId, users)}</h1>
        <StatusChip status={proposal.status} />
      </PageHeader>
      {isNarrow && <Tabs label="Parts of the proposal" tabs={PARTS} chosen={part} onChoose={setChosen} />}
      <div className={css.columns}>
        {shows('proposal') && (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
          <section className={css.details} aria-label="Proposal" tabIndex={0} {...(isNarrow ? tabPanelProps('proposal') : {})}>
            <h2 className="unseen">Proposal</h2>
            <ProposalDetails proposalId={proposalId} />
          </section>
        )}
        {shows('conversation') && (
          <div className={css.thread} {...(isNarrow ? tabPanelProps('conversation') : {})}>
            {threadId !== null ? (
              <SurroundingsProvider value={BESIDE}>
                <Conversation key={threadId} threadId={threadId} />
              </SurroundingsProvider>
            ) : (
              <NoThread
                proposal={proposal}
                users={users}
                onOpened={() => {
                  retry();
                  proposals.reload();
                }}
              />
            )}
          </div>
        )}
      </div>
    </div>
  );
};

interface NoThreadProps {
  readonly proposal: Proposal;
  readonly users: ReadonlyMap<UserId, User>;
  readonly onOpened: () => void;
}

const NoThread = (props: NoThreadProps) => {
  const isReceived = useMe().userId === props.proposal.clientId;
  return (
    <>
      <EmptyState
        icon={isReceived ? MessagesSquare : FileText}
        title={isReceived ? 'Begin the conversation' : 'Your proposal was sent'}
      >
        {isReceived ? 'Your first message opens it, for both of you.' : 'When the client writes, you can answer here.'}
      </EmptyState>
      <BeforeThread {...props} />
    </>
  );
};

const backOf = (proposal: Proposal, meId: UserId): { to: Route; label: string } =>
  proposal.clientId === meId
    ? { to: { page: 'job', jobId: proposal.jobId }, label: 'Back to the job' }
    : { to: { page: 'proposals' }, label: 'Back to my proposals' };

/** Whose it is, to its client; what it is for, to whoever sent it. */
const titleOf = (proposal: Proposal, meId: UserId, users: ReadonlyMap<UserId, User>): string =>
  proposal.clientId === meId
    ? (users.get(proposal.freelancerId) ?? unknownUser(proposal.freelancerId)).displayName
    : proposal.jobTitle;
