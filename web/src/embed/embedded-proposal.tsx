/** A proposal without a conversation: its client begins one here, its freelancer waits for that. */
import { Hourglass } from 'lucide-react';
import { useMemo } from 'react';
import type { Proposal, User } from '../../../protocol/index.ts';
import { useMe } from '../app/parley.tsx';
import { FirstMessageField } from '../proposals/first-message-field.tsx';
import { ProposalDetails } from '../proposals/proposal-details.tsx';
import { useFirstMessage } from '../proposals/use-first-message.ts';
import { type Proposals, ProposalsProvider } from '../proposals/use-proposals.ts';
import { firstNameOf } from '../threads/people.ts';
import { Button } from '../ui/button.tsx';
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
      {isReceived ? (
        <Begin
          proposalId={proposal.proposalId}
          firstName={firstNameOf({ displayName: nameOf(proposal.freelancerId) })}
          onOpened={onOpened}
        />
      ) : (
        <p className={css.waiting} role="note" data-testid="waiting-note">
          <Hourglass aria-hidden size={18} />
          <span>
            {firstNameOf({ displayName: nameOf(proposal.clientId) })} has not written yet. The conversation appears here.
          </span>
        </p>
      )}
    </ProposalsProvider>
  );
};

interface BeginProps {
  readonly proposalId: string;
  readonly firstName: string;
  readonly onOpened: () => void;
}

const Begin = ({ proposalId, firstName, onOpened }: BeginProps) => {
  const { body, setBody, isSending, error, send } = useFirstMessage(proposalId, onOpened);
  return (
    <form
      className={css.begin}
      aria-label={`Message ${firstName}`}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <FirstMessageField
        firstName={firstName}
        body={body}
        error={error}
        autoFocus={false}
        rows={3}
        onChange={setBody}
        onSend={send}
      />
      <div className={css.actions}>
        <Button type="submit" tone="primary" busy={isSending} disabled={body.trim() === ''} data-testid="send">
          Send message
        </Button>
      </div>
    </form>
  );
};
