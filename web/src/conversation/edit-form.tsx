/** Editing one's own message in its place. */
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { ThreadClient } from '../../../client/types.ts';
import { MAX_BODY_LENGTH, type Message, ProtocolError } from '../../../protocol/index.ts';
import { Button } from '../ui/button.tsx';
import { useNotify } from '../ui/notices.tsx';
import css from './edit-form.module.css';
import { GrowingTextField } from './text-field.tsx';

interface Props {
  readonly thread: ThreadClient;
  readonly message: Message;
  readonly onClose: () => void;
}

const MAX_HEIGHT_PX = 320;

export const EditForm = ({ thread, message, onClose }: Props) => {
  const [body, setBody] = useState(message.body);
  const field = useRef<HTMLTextAreaElement>(null);
  const notify = useNotify();
  const text = body.trim();
  const isSaveable = text !== '' && text.length <= MAX_BODY_LENGTH;

  useEffect(() => {
    const area = field.current;
    area?.focus();
    area?.setSelectionRange(area.value.length, area.value.length);
    area?.scrollIntoView({ block: 'nearest' });
  }, []);

  const save = (): void => {
    if (!isSaveable) return;
    onClose();
    if (text === message.body) return;
    thread.edit(message.offset, text).catch((error: unknown) => {
      notify(error instanceof ProtocolError ? error.message : 'The message could not be changed. Try again.');
    });
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
      save();
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
        value={body}
        onChange={(event) => setBody(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <div className={css.actions}>
        <span className={css.hint}>
          {text.length > MAX_BODY_LENGTH ? `${text.length - MAX_BODY_LENGTH} characters too long` : 'Enter saves, Escape cancels'}
        </span>
        <Button size="s" tone="ghost" onClick={onClose}>
          Cancel
        </Button>
        <Button size="s" tone="primary" disabled={!isSaveable} onClick={save}>
          Save
        </Button>
      </div>
    </div>
  );
};
