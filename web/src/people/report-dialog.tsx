/** Reporting a message or a person to the moderators: what it is, and a word about it. */
import { Flag } from 'lucide-react';
import { useId, useState } from 'react';
import { ProtocolError, type ReportCategory } from '../../../protocol/index.ts';
import { useParley } from '../app/parley.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions, DialogBody } from '../ui/dialog.tsx';
import { useNotify } from '../ui/notices.tsx';
import css from './dialogs.module.css';
import { CATEGORIES } from './report-categories.ts';

interface Props {
  readonly threadId: string;
  /** A message of theirs, or themselves. */
  readonly about: { readonly offset: number; readonly body: string } | { readonly userId: string };
  readonly name: string;
  readonly onClose: () => void;
}

const MAX_NOTE = 1_000;

export const ReportDialog = ({ threadId, about, name, onClose }: Props) => {
  const { client } = useParley();
  const notify = useNotify();
  const noteId = useId();
  const [category, setCategory] = useState<ReportCategory | null>(null);
  const [note, setNote] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const isMessage = 'offset' in about;

  const withdraw = (caseId: string): void => {
    client.request('report.withdraw', { caseId }).then(
      () => notify('Your report was taken back.', { done: true }),
      (reason: unknown) => notify(wordsOf(reason, 'Your report could not be taken back.')),
    );
  };

  const send = async (): Promise<void> => {
    if (category === null) {
      setError('Choose what it is.');
      return;
    }
    setBusy(true);
    const what = isMessage ? { offset: about.offset } : { userId: about.userId };
    try {
      const { caseId, opened } = await client.request('report.open', { threadId, category, note: note.trim(), ...what });
      onClose();
      if (opened) {
        notify('Thank you. A moderator will look at it.', { undo: () => withdraw(caseId) });
      } else notify('You have reported this before; the moderators have it.', { done: true });
    } catch (reason) {
      setBusy(false);
      setError(wordsOf(reason, 'The report could not be sent. Try again.'));
    }
  };

  return (
    <Dialog title={isMessage ? 'Report this message' : `Report ${name}`} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <DialogBody>
          <p className={css.text}>{`The moderators see it with what was said around it. ${name} is not told who reported it.`}</p>
          {isMessage && <blockquote className={css.quote}>{about.body}</blockquote>}
          <fieldset className={css.choices}>
            <legend>What is it?</legend>
            {CATEGORIES.map(({ category: value, label }, index) => (
              <label key={value} className={css.choice}>
                <input
                  type="radio"
                  name="category"
                  value={value}
                  data-autofocus={index === 0 || undefined}
                  checked={category === value}
                  onChange={() => {
                    setCategory(value);
                    setError(null);
                  }}
                />
                {label}
              </label>
            ))}
          </fieldset>
          <label className={css.label} htmlFor={noteId}>
            Anything else the moderators should know (optional)
          </label>
          <textarea
            id={noteId}
            className={css.field}
            rows={3}
            maxLength={MAX_NOTE}
            value={note}
            data-testid="report-note"
            onChange={(event) => setNote(event.target.value)}
          />
          {error !== null && (
            <p role="alert" className={css.error}>
              {error}
            </p>
          )}
        </DialogBody>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="primary" icon={Flag} busy={busy} data-testid="send-report">
            Send report
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
};

const wordsOf = (error: unknown, otherwise: string): string => (error instanceof ProtocolError ? error.message : otherwise);
