/** Asks a moderator to let through what the guard masked or blocked, with a reason. */
import { type FormEvent, useId, useState } from 'react';
import { ProtocolError } from '../../../protocol/index.ts';
import { useAnnounce } from '../ui/announcer.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions, DialogBody } from '../ui/dialog.tsx';
import css from './appeal-dialog.module.css';

interface Props {
  readonly ask: (reason: string) => Promise<unknown>;
  readonly onClose: () => void;
}

/** What the protocol takes. */
const MAX_REASON = 1_000;

export const AppealDialog = ({ ask, onClose }: Props) => {
  const announce = useAnnounce();
  const [reason, setReason] = useState('');
  const [isSending, setIsSending] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const fieldId = useId();
  const text = reason.trim();

  const send = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (text === '' || isSending) return;
    setIsSending(true);
    setError(null);
    try {
      await ask(text);
      announce('A moderator has been asked.');
      onClose();
    } catch (refusal) {
      setError(refusal instanceof ProtocolError ? refusal.message : 'The question could not be sent. Try again.');
      setIsSending(false);
    }
  };

  return (
    <Dialog title="Ask a moderator" onClose={onClose}>
      <form className={css.form} onSubmit={(event) => void send(event)}>
        <DialogBody>
          <label htmlFor={fieldId} className={css.label}>
            Why should it be let through? A person reads this together with your message.
          </label>
          <textarea
            id={fieldId}
            data-autofocus
            data-testid="appeal-reason"
            className={css.field}
            rows={4}
            maxLength={MAX_REASON}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          {error !== null && (
            <p role="alert" className={css.error}>
              {error}
            </p>
          )}
        </DialogBody>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="primary" busy={isSending} disabled={text === ''} data-testid="appeal-send">
            Ask
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
};
