/** One of two ways, and why; Control and Enter sends. */
import { type KeyboardEvent, useId, useState } from 'react';
import { ProtocolError } from '../../../protocol/index.ts';
import { Button } from '../ui/button.tsx';
import css from './decision-form.module.css';

interface Props<Choice extends string> {
  readonly title: string;
  readonly choices: Readonly<Record<Choice, { readonly choice: string; readonly effect: string }>>;
  readonly action: string;
  readonly submit: (choice: Choice, reason: string) => Promise<void>;
  /** Somebody else was faster. */
  readonly onStale: () => void;
}

const MAX_REASON = 1_000;

export const DecisionForm = <Choice extends string>({ title, choices, action, submit, onStale }: Props<Choice>) => {
  const id = useId();
  const [chosen, setChosen] = useState<Choice | null>(null);
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  const send = async (): Promise<void> => {
    if (chosen === null) return setError('Choose one of the two.');
    if (reason.trim() === '') return setError('Say why: the reason is kept with the decision.');
    setBusy(true);
    setError(null);
    try {
      await submit(chosen, reason.trim());
    } catch (failure) {
      setBusy(false);
      setError(failure instanceof ProtocolError ? failure.message : 'That could not be kept. Try again.');
      if (failure instanceof ProtocolError && (failure.code === 'conflict' || failure.code === 'gone')) onStale();
    }
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void send();
  };

  return (
    <form
      className={css.form}
      aria-label={title}
      onKeyDown={onKeyDown}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <fieldset className={css.choices}>
        <legend>{title}</legend>
        {(Object.keys(choices) as Choice[]).map((choice) => (
          <label key={choice} className={css.choice} data-chosen={chosen === choice}>
            <input
              type="radio"
              name={`${id}-choice`}
              value={choice}
              checked={chosen === choice}
              data-testid={`choose-${choice}`}
              onChange={() => {
                setChosen(choice);
                setError(null);
              }}
            />
            <span>
              <span className={css.name}>{choices[choice].choice}</span>
              <span className={css.effect}>{choices[choice].effect}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <label className={css.label} htmlFor={`${id}-reason`}>
        Reason
      </label>
      <textarea
        id={`${id}-reason`}
        className={css.field}
        rows={3}
        maxLength={MAX_REASON}
        value={reason}
        aria-describedby={`${id}-hint`}
        aria-required
        data-testid="reason"
        onChange={(event) => setReason(event.target.value)}
      />
      {error !== null && (
        <p role="alert" className={css.error}>
          {error}
        </p>
      )}
      <div className={css.actions}>
        <p id={`${id}-hint`} className={css.hint}>
          It is kept in the audit log. Ctrl and Enter sends.
        </p>
        <Button type="submit" tone="primary" busy={busy} data-testid="decide">
          {action}
        </Button>
      </div>
    </form>
  );
};
