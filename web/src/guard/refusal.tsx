/** Under a message that the guard keeps: how it stands, why, and what one can do. */
import { Hourglass, ShieldAlert } from 'lucide-react';
import { useState } from 'react';
import type { Appeal, PendingMessage, ThreadClient } from '../../../client/types.ts';
import { useDraft } from '../conversation/drafts.ts';
import { classes } from '../lib/classes.ts';
import { AppealDialog } from './appeal-dialog.tsx';
import { AppealState } from './appeal-state.tsx';
import { Findings } from './findings.tsx';
import css from './refusal.module.css';
import { noticesOf, type Taken } from './words.ts';

export interface RefusedMessage {
  readonly state: 'unconfirmed' | 'blocked' | 'held';
}

interface Props extends RefusedMessage {
  readonly thread: ThreadClient;
  readonly message: PendingMessage;
  readonly appeal: Appeal | undefined;
  /** The row goes, or its buttons do: the focus belongs to the composer then. */
  readonly onDone: () => void;
}

const TITLE = {
  unconfirmed: 'Not sent yet: do you mean it?',
  blocked: 'Not sent.',
  held: 'Waiting for review: a moderator sees it first.',
} as const;

const OUTCOME: Readonly<Record<RefusedMessage['state'], Taken>> = { unconfirmed: 'warn', blocked: 'block', held: 'hold' };

export const Refusal = ({ thread, message, state, appeal, onDone }: Props) => {
  const { clientMessageId, body, error } = message;
  const [draft, setDraft] = useDraft(thread.threadId);
  const [isAppealing, setIsAppealing] = useState(false);
  const notices = noticesOf(error?.findings ?? [], body);
  // A moderator's reason, which is in no finding.
  const isDecided = !notices.some(({ advice }) => error?.message.includes(advice));
  const Icon = state === 'held' ? Hourglass : ShieldAlert;

  const edit = (): void => {
    const text = thread.takeBack(clientMessageId);
    if (text !== undefined) setDraft(draft.trim() === '' ? text : `${draft.trimEnd()}\n${text}`);
    onDone();
  };

  return (
    <div className={classes(css.refusal, css[state])} data-testid="refusal">
      <div className={css.why} role={state === 'held' ? 'status' : 'alert'}>
        <p className={css.title}>
          <Icon aria-hidden size={15} />
          {TITLE[state]}
        </p>
        {state !== 'held' && isDecided && <p>{error?.message}</p>}
        <Findings notices={notices} outcome={OUTCOME[state]} />
        {appeal !== undefined && <AppealState appeal={appeal} />}
      </div>
      {state !== 'held' && appeal?.state !== 'waiting' && (
        <div className={css.actions}>
          {state === 'unconfirmed' && (
            <button
              type="button"
              onClick={() => {
                thread.confirm(clientMessageId);
                onDone();
              }}
            >
              Send anyway
            </button>
          )}
          <button type="button" onClick={edit}>
            Edit
          </button>
          {state === 'blocked' && appeal === undefined && (
            <button type="button" onClick={() => setIsAppealing(true)}>
              Ask a moderator
            </button>
          )}
          <button
            type="button"
            onClick={() => {
              thread.discard(clientMessageId);
              onDone();
            }}
          >
            Discard
          </button>
        </div>
      )}
      {isAppealing && (
        <AppealDialog ask={(reason) => thread.appeal(clientMessageId, reason)} onClose={() => setIsAppealing(false)} />
      )}
    </div>
  );
};
