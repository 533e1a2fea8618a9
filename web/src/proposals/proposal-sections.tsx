/** Proposals by status, each a card; those received with "Send message". */
import { useState } from 'react';
import type { ProposalStatus, User, UserId } from '../../../protocol/index.ts';
import { useNavigate } from '../app/route.ts';
import { FirstMessage } from './first-message.tsx';
import { ProposalCard } from './proposal-card.tsx';
import css from './proposal-sections.module.css';
import { sectionsOf } from './sections.ts';
import type { KnownProposal } from './use-proposals.ts';

interface Props {
  readonly proposals: readonly KnownProposal[];
  readonly side: 'received' | 'sent';
  readonly users: ReadonlyMap<UserId, User>;
  /** How many there are of each status, where not all of them are here. */
  readonly counts?: Readonly<Record<ProposalStatus, number>> | undefined;
  /** A proposal got its conversation from here. */
  readonly onOpened: () => void;
}

export const ProposalSections = ({ proposals, side, users, counts, onOpened }: Props) => {
  const navigate = useNavigate();
  const [answering, setAnswering] = useState<KnownProposal | null>(null);
  return (
    <>
      {sectionsOf(proposals, side).map(({ status, title, proposals: some }) => (
        <section key={status} aria-labelledby={`section-${status}`} data-testid={`section-${status}`}>
          <h2 id={`section-${status}`} className={css.heading}>
            {title}
            <span className={css.count}>
              {counts?.[status] ?? some.length}
              <span className="unseen">{(counts?.[status] ?? some.length) === 1 ? ' proposal' : ' proposals'}</span>
            </span>
          </h2>
          <ul className={css.cards}>
            {some.map((proposal) => (
              <li key={proposal.proposalId}>
                <ProposalCard
                  proposal={proposal}
                  person={users.get(side === 'received' ? proposal.freelancerId : proposal.clientId)}
                  onMessage={() => setAnswering(proposal)}
                />
              </li>
            ))}
          </ul>
        </section>
      ))}
      {answering !== null && (
        <FirstMessage
          proposal={answering}
          person={users.get(answering.freelancerId)}
          onClose={() => setAnswering(null)}
          onOpened={() => {
            setAnswering(null);
            onOpened();
            navigate({ page: 'proposal', proposalId: answering.proposalId });
          }}
        />
      )}
    </>
  );
};
