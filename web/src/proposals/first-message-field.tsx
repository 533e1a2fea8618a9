/** Where the first message to somebody is written; Enter sends. */
import { type KeyboardEvent, useId, useMemo, useRef, useState } from 'react';
import { useParley } from '../app/parley.tsx';
import { GrowingTextField } from '../conversation/text-field.tsx';
import { AppealDialog } from '../guard/appeal-dialog.tsx';
import { Findings } from '../guard/findings.tsx';
import { GuardNotice } from '../guard/guard-notice.tsx';
import { useGuardNotice } from '../guard/use-guard-notice.ts';
import { noticesOf } from '../guard/words.ts';
import { useReadable } from '../lib/use-readable.ts';
import { Button } from '../ui/button.tsx';
import css from './first-message.module.css';
import type { FirstMessage } from './use-first-message.ts';

/** What was found says the rest. */
const TEXT = {
  unconfirmed: 'Not sent yet: do you mean it?',
  blocked: 'Not sent.',
  held: 'Waiting for review: a moderator sees it first. The conversation opens when they let it through.',
} as const;

interface Props {
  readonly firstName: string;
  readonly proposalId: string;
  readonly message: FirstMessage;
  /** In a dialog it is what has the focus first. */
  readonly autoFocus: boolean;
}

const MAX_HEIGHT_PX = 320;

export const FirstMessageField = ({ firstName, proposalId, message, autoFocus }: Props) => {
  const { body, setBody, refusal, isSending, tooLong, send, confirm, appeal } = message;
  const [isAppealing, setIsAppealing] = useState(false);
  const fieldId = useId();
  const noticeId = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const isOnline = useReadable(useParley().client.connection).status === 'online';
  const isAsked = isOnline && tooLong === 0;
  const place = useMemo(() => (isAsked ? { proposalId } : null), [isAsked, proposalId]);
  const guard = useGuardNotice(place, body);
  // What was refused says all of it.
  const notices = refusal === null ? guard.notices : [];

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape' && guard.hide()) event.preventDefault();
    if (event.key !== 'Enter' || event.shiftKey) return;
    event.preventDefault();
    void send();
  };

  return (
    <>
      <label className="unseen" htmlFor={fieldId}>
        Your first message
      </label>
      <GrowingTextField
        ref={field}
        id={fieldId}
        data-autofocus={autoFocus || undefined}
        data-testid="composer"
        className={css.field}
        maxHeight={MAX_HEIGHT_PX}
        aria-invalid={tooLong > 0}
        aria-describedby={notices.length > 0 ? noticeId : undefined}
        placeholder={`Tell ${firstName} what you liked, and what you would like to know.`}
        value={body}
        underlined={guard.spans}
        onChange={(event) => setBody(event.target.value)}
        onKeyDown={onKeyDown}
      />
      {tooLong > 0 && (
        <p className={css.over} role="alert">
          {tooLong} characters too long: more can follow in the conversation.
        </p>
      )}
      <GuardNotice
        id={noticeId}
        notices={notices}
        onHide={() => {
          guard.hide();
          field.current?.focus();
        }}
      />
      {refusal !== null && (
        <div className={css.refusal} role="alert" data-testid="first-message-refused" data-state={refusal.state}>
          <p className={refusal.state === 'held' ? css.held : css.error}>{textOf(refusal)}</p>
          <Findings
            notices={noticesOf(refusal.findings, refusal.text)}
            outcome={refusal.state === 'unconfirmed' ? 'warn' : 'block'}
          />
          {refusal.state === 'unconfirmed' && (
            <Button size="s" busy={isSending} onClick={() => void confirm()}>
              Send anyway
            </Button>
          )}
          {refusal.state === 'blocked' && refusal.isFinal !== true && (
            <Button size="s" onClick={() => setIsAppealing(true)}>
              Ask a moderator
            </Button>
          )}
        </div>
      )}
      {isAppealing && <AppealDialog ask={appeal} onClose={() => setIsAppealing(false)} />}
    </>
  );
};

/** A moderator's reason is in no finding. */
const textOf = ({ state, message, findings }: NonNullable<FirstMessage['refusal']>): string =>
  state === 'failed' || (state === 'blocked' && !findings.some(({ advice }) => message.includes(advice))) ? message : TEXT[state];
