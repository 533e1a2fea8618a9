/** "Send message": the first message about a proposal, which opens its conversation. */
import type { Proposal, User } from '../../../protocol/index.ts';
import { firstNameOf } from '../threads/people.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions, DialogBody } from '../ui/dialog.tsx';
import { usePlace } from '../ui/surroundings.tsx';
import { bidText } from './bid.ts';
import css from './first-message.module.css';
import { FirstMessageField } from './first-message-field.tsx';
import { useFirstMessage } from './use-first-message.ts';

interface Props {
  readonly proposal: Proposal;
  readonly person: User | undefined;
  readonly onClose: () => void;
  readonly onOpened: (threadId: string) => void;
}

export const FirstMessage = ({ proposal, person, onClose, onOpened }: Props) => {
  const first = useFirstMessage(proposal.proposalId, onOpened);
  const { locale } = usePlace();
  const name = person?.displayName ?? 'the freelancer';
  const firstName = firstNameOf({ displayName: name });

  return (
    <Dialog title={`Message ${firstName}`} onClose={onClose}>
      <DialogBody>
        <div className={css.about}>
          <Avatar user={person} />
          <div>
            <b>{name}</b>
            <p>
              {proposal.jobTitle} · {bidText(proposal.bid, locale)}
            </p>
          </div>
        </div>
        <FirstMessageField firstName={firstName} proposalId={proposal.proposalId} message={first} autoFocus />
      </DialogBody>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          tone="primary"
          busy={first.isSending}
          disabled={!first.canSend}
          data-testid="send"
          onClick={() => void first.send()}
        >
          Send message
        </Button>
      </DialogActions>
    </Dialog>
  );
};
