/** Where one writes. Enter sends, Shift+Enter begins a line, the up arrow in an empty field edits one's last message. */
import { ArrowUp } from 'lucide-react';
import { type FormEvent, type KeyboardEvent, type RefObject, useEffect, useId, useMemo, useRef } from 'react';
import type { ThreadClient } from '../../../client/types.ts';
import { MAX_BODY_LENGTH, type Part, partsOf } from '../../../protocol/index.ts';
import { GuardNotice } from '../guard/guard-notice.tsx';
import { useGuardNotice } from '../guard/use-guard-notice.ts';
import { classes } from '../lib/classes.ts';
import { NARROW } from '../lib/use-media-query.ts';
import { useCovered } from '../ui/layers.tsx';
import { useSurroundings } from '../ui/surroundings.tsx';
import css from './composer.module.css';
import { useDraft } from './drafts.ts';
import { GrowingTextField } from './text-field.tsx';

interface Props {
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly thread: ThreadClient;
  readonly recipient: string;
  /** Why one cannot write now. */
  readonly blocked: string | null;
  /** Whether one is told what the guard would do with what one writes. */
  readonly guarded: boolean;
  /** What one should know while writing, such as that it is sent later. */
  readonly hint: string | null;
  readonly onPost: () => void;
  readonly onEditLast: () => void;
}

const MAX_HEIGHT_PX = 220;
/** The counter shows from here on. */
const COUNTER_FROM = MAX_BODY_LENGTH - 500;
/** A longer text is sent as several messages; who writes more than so many has pasted something that is none. */
const MOST_MESSAGES = 5;

export const Composer = ({ field, thread, recipient, blocked, guarded, hint, onPost, onEditLast }: Props) => {
  const [draft, setDraft] = useDraft(thread.threadId);
  const hintId = useId();
  const noticeId = useId();
  const { threadId } = thread;
  const body = draft.trim();
  const parts = useMemo(() => partsOf(body), [body]);
  const isTooLong = parts.length > MOST_MESSAGES;
  const isAsked = guarded && !isTooLong;
  const place = useMemo(() => (isAsked ? { threadId } : null), [isAsked, threadId]);
  const guard = useGuardNotice(place, draft);
  const canSend = blocked === null && body !== '' && !isTooLong;

  const isCovered = useCovered();
  const { isWindow } = useSurroundings();
  const isNew = useRef(true);
  useEffect(() => {
    if (isCovered || !isNew.current) return;
    isNew.current = false;
    // On a phone the focus would bring up the keyboard over what one came to read.
    if (isWindow && !matchMedia(NARROW).matches) field.current?.focus({ preventScroll: true });
  }, [field, isCovered, isWindow]);

  const send = (): void => {
    if (!canSend) return;
    for (const { text } of parts) thread.post(text);
    setDraft('');
    onPost();
    field.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape' && guard.hide()) {
      event.preventDefault();
      event.stopPropagation();
    }
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      send();
    }
    if (event.key === 'ArrowUp' && draft === '') {
      event.preventDefault();
      onEditLast();
    }
  };

  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    send();
  };

  return (
    <form className={css.composer} onSubmit={onSubmit}>
      <div className={classes(css.box, blocked !== null && css.blocked)}>
        <GrowingTextField
          ref={field}
          className={css.field}
          data-testid="composer"
          aria-label={`Message ${recipient}`}
          aria-describedby={guard.notices.length > 0 ? `${noticeId} ${hintId}` : hintId}
          aria-invalid={isTooLong}
          placeholder={blocked ?? `Message ${recipient}`}
          disabled={blocked !== null}
          enterKeyHint="send"
          maxHeight={MAX_HEIGHT_PX}
          underlined={guard.spans}
          value={draft}
          onChange={(event) => {
            setDraft(event.target.value);
            thread.setTyping(event.target.value.trim() !== '');
          }}
          onKeyDown={onKeyDown}
        />
        <button type="submit" className={css.send} aria-label="Send" data-testid="send" disabled={!canSend}>
          <ArrowUp aria-hidden size={19} strokeWidth={2.4} />
        </button>
      </div>
      <GuardNotice
        id={noticeId}
        notices={guard.notices}
        onHide={() => {
          guard.hide();
          field.current?.focus();
        }}
      />
      <p id={hintId} className={css.hint}>
        {body.length > COUNTER_FROM && (
          <span
            className={classes(css.counter, isTooLong && css.over)}
            role={isTooLong ? 'alert' : parts.length > 1 ? 'status' : undefined}
          >
            {lengthOf(parts)}
          </span>
        )}
        <span>{hint}</span>
      </p>
    </form>
  );
};

const lengthOf = (parts: readonly Part[]): string => {
  const over = parts.slice(MOST_MESSAGES).reduce((sum, { text }) => sum + text.length, 0);
  if (over > 0) return `${over} characters too long`;
  if (parts.length > 1) return `Sent as ${parts.length} messages`;
  return `${MAX_BODY_LENGTH - (parts[0]?.text.length ?? 0)} characters left`;
};
