/** Editing one's own message in its place. */
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { ThreadClient } from '../../../client/types.ts';
import { MAX_BODY_LENGTH, type Message, ProtocolError } from '../../../protocol/index.ts';
import { Findings } from '../guard/findings.tsx';
import { spansOf } from '../guard/spans.ts';
import { noticesOf } from '../guard/words.ts';
import { Button } from '../ui/button.tsx';
import { useNotify } from '../ui/notices.tsx';
import css from './edit-form.module.css';
import { GrowingTextField } from './text-field.tsx';

interface Props {
  readonly thread: ThreadClient;
  readonly message: Message;
  readonly onClose: () => void;
}

/** The guard would rather have another text. */
interface Refusal {
  readonly text: string;
  readonly error: ProtocolError;
}

const MAX_HEIGHT_PX = 320;

export const EditForm = ({ thread, message, onClose }: Props) => {
  const [body, setBody] = useState(message.body);
  const [isSaving, setIsSaving] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const isOpen = useRef(true);
  const notify = useNotify();
  const text = body.trim();
  const isSaveable = text !== '' && text.length <= MAX_BODY_LENGTH && !isSaving;
  /** Of the text as it stands; another text is another question. */
  const refused = refusal?.text === text ? refusal.error : null;
  const findings = refused?.details.findings ?? [];
  const indent = body.length - body.trimStart().length;
  const underlined = spansOf(findings).map(({ start, end }) => ({ start: start + indent, end: end + indent }));

  useEffect(() => {
    isOpen.current = true;
    const area = field.current;
    area?.focus();
    area?.setSelectionRange(area.value.length, area.value.length);
    area?.scrollIntoView({ block: 'nearest' });
    return () => {
      isOpen.current = false;
    };
  }, []);

  const close = (): void => {
    if (isOpen.current) onClose();
  };

  const save = async (confirmed = false): Promise<void> => {
    if (!isSaveable || (refused !== null && !confirmed)) return;
    if (text === message.body) return close();
    setIsSaving(true);
    try {
      await thread.edit(message.offset, text, { confirmed });
      close();
    } catch (error) {
      if (error instanceof ProtocolError && isOpen.current && (error.code === 'unconfirmed' || error.code === 'blocked')) {
        setRefusal({ text, error });
        field.current?.focus();
      } else {
        close();
        notify(error instanceof ProtocolError ? error.message : 'The message could not be changed. Try again.');
      }
    } finally {
      setIsSaving(false);
    }
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      onClose();
    }
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      void save();
    }
  };

  return (
    <div className={css.form}>
      <GrowingTextField
        ref={field}
        className={css.field}
        aria-label="Edit the message"
        data-testid="edit"
        maxHeight={MAX_HEIGHT_PX}
        readOnly={isSaving}
        value={body}
        underlined={underlined}
        onChange={(event) => setBody(event.target.value)}
        onKeyDown={onKeyDown}
      />
      {message.masked !== undefined && (
        <p className={css.notes} data-testid="edit-marks">
          A mark (•••••) keeps what is under it as long as you leave it as it is.
          {message.masked.length > 1 && ' Take one out, and each after it keeps what was under the one before it.'}
        </p>
      )}
      {refused !== null && (
        <div className={css.notes} role="alert" data-testid="edit-refused">
          <p>{refused.code === 'blocked' ? 'This cannot be said here.' : 'Please confirm this, or write it in another way.'}</p>
          <Findings notices={noticesOf(findings, text)} outcome={refused.code === 'blocked' ? 'block' : 'warn'} />
        </div>
      )}
      <div className={css.actions}>
        <span className={css.hint}>
          {text.length > MAX_BODY_LENGTH ? `${text.length - MAX_BODY_LENGTH} characters too long` : 'Enter saves, Escape cancels'}
        </span>
        <Button size="s" tone="ghost" onClick={onClose}>
          Cancel
        </Button>
        {refused?.code === 'unconfirmed' ? (
          <Button size="s" tone="primary" busy={isSaving} onClick={() => void save(true)}>
            Save anyway
          </Button>
        ) : (
          <Button size="s" tone="primary" busy={isSaving} disabled={!isSaveable || refused !== null} onClick={() => void save()}>
            Save
          </Button>
        )}
      </div>
    </div>
  );
};
