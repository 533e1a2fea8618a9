/** A proposal without a conversation: its client begins one here, its freelancer waits for that. */
import { useMemo } from 'react';
import type { Proposal, User } from '../../../protocol/index.ts';
import { useMe } from '../app/parley.tsx';
import { BeforeThread } from '../proposals/before-thread.tsx';
import { ProposalDetails } from '../proposals/proposal-details.tsx';
import { NO_PAGES, type Proposals, ProposalsProvider } from '../proposals/use-proposals.ts';
import css from './embedded-proposal.module.css';

interface Props {
  readonly proposal: Proposal;
  readonly users: readonly User[];
  /** The proposal has a conversation now. */
  readonly onOpened: () => void;
}

export const EmbeddedProposal = ({ proposal, users, onOpened }: Props) => {
  const me = useMe();
  const isReceived = proposal.clientId === me.userId;
  const known = useMemo<Proposals>(
    () => ({
      status: 'ready',
      list: [{ ...proposal, isReceived }],
      users: new Map(users.map((user) => [user.userId, user])),
      sentPages: NO_PAGES,
      reload: () => {},
    }),
    [proposal, isReceived, users],
  );
  const nameOf = (userId: string): string => known.users.get(userId)?.displayName ?? userId;
  return (
    <ProposalsProvider value={known}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section className={css.scroller} aria-label="Proposal" tabIndex={0}>
        <div className={css.column}>
          <h2 className={css.title}>{isReceived ? `${nameOf(proposal.freelancerId)}’s proposal` : 'Your proposal'}</h2>
          <ProposalDetails proposalId={proposal.proposalId} />
        </div>
      </section>
      <BeforeThread proposal={proposal} users={known.users} onOpened={onOpened} />
    </ProposalsProvider>
  );
};
