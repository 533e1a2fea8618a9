/** One message: who, when, what, how it stands, and what its sender can still do with it. */
import { CircleAlert, Clock } from 'lucide-react';
import { memo } from 'react';
import type { Appeal, PendingMessage, ThreadClient } from '../../../client/types.ts';
import type { User } from '../../../protocol/index.ts';
import { FlaggedText } from '../guard/flagged-text.tsx';
import { MaskedText } from '../guard/masked-text.tsx';
import { Refusal, type RefusedMessage } from '../guard/refusal.tsx';
import { ReleasedText, useReleased } from '../guard/released-text.tsx';
import { spansOf } from '../guard/spans.ts';
import { classes } from '../lib/classes.ts';
import { fullTime, timeOfDay } from '../lib/time.ts';
import { Avatar } from '../ui/avatar.tsx';
import { usePlace } from '../ui/surroundings.tsx';
import { EditForm } from './edit-form.tsx';
import { MessageMenu } from './message-menu.tsx';
import css from './message-row.module.css';
import type { ShownMessage } from './rows.ts';

interface Props {
  readonly thread: ThreadClient;
  readonly shown: ShownMessage;
  readonly sender: User | undefined;
  readonly own: boolean;
  readonly at: number;
  /** First and last of its group. */
  readonly first: boolean;
  readonly last: boolean;
  /** What is known of its reading, where that is shown. */
  readonly receipt: 'sent' | 'seen' | null;
  readonly editing: boolean;
  readonly onEdit: (offset: number | null) => void;
  /** One's own about this message. */
  readonly appeal: Appeal | undefined;
}

export const MessageRow = memo((props: Props) => {
  const { thread, shown, sender, own, at, first, last, receipt, editing, onEdit, appeal } = props;
  const offset = shown.state === 'sent' ? shown.message.offset : undefined;
  const place = usePlace();
  const name = own ? 'You' : (sender?.displayName ?? '');
  return (
    <li
      className={classes(css.row, own ? css.own : css.other, first && css.first, last && css.last)}
      data-testid="message"
      data-offset={offset}
      data-state={shown.state}
      data-client-message-id={shown.message.clientMessageId}
    >
      {!own && <span className={css.face}>{first && <Avatar user={sender} size="s" />}</span>}
      <div className={css.content}>
        {first ? (
          <p className={css.head}>
            <span className={own ? 'unseen' : css.name}>{name}</span>
            <time dateTime={new Date(at).toISOString()} title={fullTime(at, place)}>
              {timeOfDay(at, place)}
            </time>
          </p>
        ) : (
          <span className="unseen">
            {name}, {timeOfDay(at, place)}
          </span>
        )}
        {editing && shown.state === 'sent' ? (
          <EditForm thread={thread} message={shown.message} onClose={() => onEdit(null)} />
        ) : (
          <div className={css.body}>
            <Bubble thread={thread} shown={shown} own={own} appeal={appeal} />
            {shown.state === 'sent' && shown.message.deletedAt === null && (
              <MessageMenu thread={thread} message={shown.message} own={own} name={name} onEdit={onEdit} />
            )}
          </div>
        )}
        {shown.state === 'failed' && <Failure thread={thread} message={shown.message} />}
        {isRefused(shown) && (
          <Refusal thread={thread} message={shown.message} state={shown.state} appeal={appeal} onDone={() => onEdit(null)} />
        )}
        {receipt !== null && (
          <p className={css.receipt} data-testid={receipt}>
            {receipt === 'seen' ? 'Seen' : 'Sent'}
          </p>
        )}
      </div>
    </li>
  );
});

type Refused = { readonly state: RefusedMessage['state']; readonly message: PendingMessage };

const isRefused = (shown: ShownMessage): shown is Refused =>
  shown.state === 'unconfirmed' || shown.state === 'blocked' || shown.state === 'held';

const Bubble = ({ thread, shown, own, appeal }: Pick<Props, 'thread' | 'shown' | 'own' | 'appeal'>) => {
  const place = usePlace();
  const released = useReleased(shown.state === 'sent' ? shown.message : null);
  if (shown.state === 'sent' && shown.message.deletedAt !== null)
    return <p className={classes(css.bubble, css.tombstone)}>This message was deleted</p>;
  return (
    <div className={classes(css.bubble, css[shown.state])}>
      {shown.state !== 'sent' ? (
        <FlaggedText text={shown.message.body} spans={spansOf(shown.message.error?.findings ?? [])} />
      ) : shown.message.masked === undefined ? (
        <ReleasedText text={shown.message.body} spans={released} />
      ) : (
        <MaskedText thread={thread} message={shown.message} own={own} appeal={appeal} />
      )}{' '}
      {shown.state === 'sent' && shown.message.editedAt !== null && (
        <span className={css.mark} title={fullTime(shown.message.editedAt, place)}>
          edited
        </span>
      )}
      {shown.state === 'pending' && (
        <span className={css.mark}>
          <Clock aria-hidden size={12} />
          <span className="unseen">{shown.message.state === 'queued' ? 'Waiting for the connection' : 'Sending'}</span>
        </span>
      )}
    </div>
  );
};

const Failure = ({ thread, message }: { readonly thread: ThreadClient; readonly message: PendingMessage }) => {
  const { clientMessageId, error } = message;
  return (
    <div className={css.failure} role="alert">
      <CircleAlert aria-hidden size={14} />
      <span>Not sent. {error?.message}</span>
      <button type="button" onClick={() => thread.retry(clientMessageId)}>
        Try again
      </button>
      <button type="button" onClick={() => thread.discard(clientMessageId)}>
        Discard
      </button>
    </div>
  );
};
