/** What a proposal without a conversation has in its place: its client writes the first message, its freelancer waits for that. */
import { Hourglass } from 'lucide-react';
import type { Proposal, User, UserId } from '../../../protocol/index.ts';
import { useMe } from '../app/parley.tsx';
import { firstNameOf, unknownUser } from '../threads/people.ts';
import { Button } from '../ui/button.tsx';
import css from './before-thread.module.css';
import { FirstMessageField } from './first-message-field.tsx';
import { useFirstMessage } from './use-first-message.ts';

interface Props {
  readonly proposal: Proposal;
  readonly users: ReadonlyMap<UserId, User>;
  /** The proposal has a conversation now. */
  readonly onOpened: () => void;
}

export const BeforeThread = ({ proposal, users, onOpened }: Props) => {
  const me = useMe();
  const nameOf = (userId: UserId): string => firstNameOf(users.get(userId) ?? unknownUser(userId));
  return proposal.clientId === me.userId ? (
    <Begin proposalId={proposal.proposalId} firstName={nameOf(proposal.freelancerId)} onOpened={onOpened} />
  ) : (
    <p className={css.waiting} role="note" data-testid="waiting-note">
      <Hourglass aria-hidden size={18} />
      <span>{nameOf(proposal.clientId)} has not written yet. The conversation appears here.</span>
    </p>
  );
};

interface BeginProps {
  readonly proposalId: string;
  readonly firstName: string;
  readonly onOpened: () => void;
}

const Begin = ({ proposalId, firstName, onOpened }: BeginProps) => {
  const first = useFirstMessage(proposalId, onOpened);
  return (
    <form
      className={css.begin}
      aria-label={`Message ${firstName}`}
      onSubmit={(event) => {
        event.preventDefault();
        void first.send();
      }}
    >
      <FirstMessageField firstName={firstName} proposalId={proposalId} message={first} autoFocus={false} />
      <div className={css.actions}>
        <Button type="submit" tone="primary" busy={first.isSending} disabled={!first.canSend} data-testid="send">
          Send message
        </Button>
      </div>
    </form>
  );
};
