/** Asks before one leaves a conversation of several: only who runs it could bring one back, and somebody must. */
import { LogOut } from 'lucide-react';
import { useState } from 'react';
import { heirOf, ProtocolError, type ThreadSummary } from '../../../protocol/index.ts';
import { useMe, useParley } from '../app/parley.tsx';
import { useReadable } from '../lib/use-readable.ts';
import { unknownUser } from '../threads/people.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions, DialogBody } from '../ui/dialog.tsx';
import { useNotify } from '../ui/notices.tsx';
import css from './dialogs.module.css';

interface Props {
  readonly thread: ThreadSummary;
  /** Of the conversation. */
  readonly name: string;
  readonly onClose: () => void;
  readonly onLeft: () => void;
}

export const LeaveDialog = ({ thread, name, onClose, onLeft }: Props) => {
  const { threadId, members } = thread;
  const { client } = useParley();
  const { userId } = useMe();
  const notify = useNotify();
  const { users } = useReadable(client.inbox);
  const heir = heirOf(members, userId);
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  const leave = async (): Promise<void> => {
    setIsBusy(true);
    try {
      await client.request('member.remove', { threadId, userId });
      onLeft();
      notify(`You have left ${name}.`, { done: true });
    } catch (refusal) {
      setIsBusy(false);
      setError(refusal instanceof ProtocolError ? refusal.message : 'That did not work. Try again.');
    }
  };

  return (
    <Dialog title={`Leave ${name}?`} alert onClose={onClose}>
      <DialogBody>
        <p className={css.text}>
          You no longer see this conversation or hear of it. What you wrote stays, and the others see that you left. Only an owner
          or admin can add you again.
        </p>
        {heir !== undefined && (
          <p className={css.text}>{`You own it: when you leave, ${(users.get(heir) ?? unknownUser(heir)).displayName} will.`}</p>
        )}
        {error !== null && (
          <p className={css.error} role="alert">
            {error}
          </p>
        )}
      </DialogBody>
      <DialogActions>
        <Button onClick={onClose} data-autofocus>
          Stay
        </Button>
        <Button tone="danger" icon={LogOut} data-testid="leave-thread" disabled={isBusy} onClick={() => void leave()}>
          Leave
        </Button>
      </DialogActions>
    </Dialog>
  );
};
