/** "Send message": the first message about a proposal, which opens its conversation. */
import { type KeyboardEvent, useId, useRef, useState } from 'react';
import { MAX_BODY_LENGTH, ProtocolError, type User } from '../../../protocol/index.ts';
import { useParley } from '../app/parley.tsx';
import { firstNameOf } from '../threads/people.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions, DialogBody } from '../ui/dialog.tsx';
import { bidText } from './bid.ts';
import css from './first-message.module.css';
import type { KnownProposal } from './use-proposals.ts';

interface Props {
  readonly proposal: KnownProposal;
  readonly person: User | undefined;
  readonly onClose: () => void;
  readonly onOpened: (threadId: string) => void;
}

export const FirstMessage = ({ proposal, person, onClose, onOpened }: Props) => {
  const { client } = useParley();
  const [body, setBody] = useState('');
  const [isSending, setIsSending] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const fieldId = useId();
  /** One for each text, so that a retry of the same text sends it once. */
  const attempt = useRef({ body: '', clientMessageId: '' });
  const name = person?.displayName ?? 'the freelancer';

  const send = async (): Promise<void> => {
    const text = body.trim();
    if (text === '' || isSending) return;
    if (attempt.current.body !== text) attempt.current = { body: text, clientMessageId: crypto.randomUUID() };
    setIsSending(true);
    setError(null);
    try {
      const { threadId } = await client.messageProposal(proposal.proposalId, text, attempt.current.clientMessageId);
      onOpened(threadId);
    } catch (refusal) {
      setError(refusal instanceof ProtocolError ? refusal.message : 'The message could not be sent. Try again.');
      setIsSending(false);
    }
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void send();
  };

  return (
    <Dialog title={`Message ${firstNameOf({ displayName: name })}`} onClose={onClose}>
      <DialogBody>
        <div className={css.about}>
          <Avatar user={person} />
          <div>
            <b>{name}</b>
            <p>
              {proposal.jobTitle} · {bidText(proposal.bid)}
            </p>
          </div>
        </div>
        <label className="unseen" htmlFor={fieldId}>
          Your first message
        </label>
        <textarea
          id={fieldId}
          data-autofocus
          data-testid="composer"
          className={css.field}
          rows={5}
          maxLength={MAX_BODY_LENGTH}
          placeholder={`Tell ${firstNameOf({ displayName: name })} what you liked, and what you would like to know.`}
          value={body}
          onChange={(event) => setBody(event.target.value)}
          onKeyDown={onKeyDown}
        />
        {error !== null && (
          <p role="alert" className={css.error}>
            {error}
          </p>
        )}
      </DialogBody>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button tone="primary" busy={isSending} disabled={body.trim() === ''} data-testid="send" onClick={send}>
          Send message
        </Button>
      </DialogActions>
    </Dialog>
  );
};
