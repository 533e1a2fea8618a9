/** Where the first message to somebody is written; Enter sends. */
import { type KeyboardEvent, useId } from 'react';
import { MAX_BODY_LENGTH } from '../../../protocol/index.ts';
import css from './first-message.module.css';

interface Props {
  readonly firstName: string;
  readonly body: string;
  readonly error: string | null;
  /** In a dialog it is what has the focus first. */
  readonly autoFocus: boolean;
  readonly rows?: number;
  readonly onChange: (body: string) => void;
  readonly onSend: () => void;
}

export const FirstMessageField = ({ firstName, body, error, autoFocus, rows = 5, onChange, onSend }: Props) => {
  const fieldId = useId();
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    onSend();
  };
  return (
    <>
      <label className="unseen" htmlFor={fieldId}>
        Your first message
      </label>
      <textarea
        id={fieldId}
        data-autofocus={autoFocus || undefined}
        data-testid="composer"
        className={css.field}
        rows={rows}
        maxLength={MAX_BODY_LENGTH}
        placeholder={`Tell ${firstName} what you liked, and what you would like to know.`}
        value={body}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
      />
      {error !== null && (
        <p role="alert" className={css.error}>
          {error}
        </p>
      )}
    </>
  );
};
