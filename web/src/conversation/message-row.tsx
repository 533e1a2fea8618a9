/** One message: who, when, what, how it stands, and what its sender can still do with it. */
import { CircleAlert, Clock } from 'lucide-react';
import { memo } from 'react';
import type { ThreadClient } from '../../../client/types.ts';
import type { User } from '../../../protocol/index.ts';
import { classes } from '../lib/classes.ts';
import { fullTime, timeOfDay } from '../lib/time.ts';
import { Avatar } from '../ui/avatar.tsx';
import { usePlace } from '../ui/surroundings.tsx';
import { EditForm } from './edit-form.tsx';
import { MessageMenu } from './message-menu.tsx';
import css from './message-row.module.css';
import { RichText } from './rich-text.tsx';
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
}

export const MessageRow = memo(({ thread, shown, sender, own, at, first, last, receipt, editing, onEdit }: Props) => {
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
            <Bubble shown={shown} />
            {shown.state === 'sent' && shown.message.deletedAt === null && (
              <MessageMenu thread={thread} message={shown.message} own={own} name={name} onEdit={onEdit} />
            )}
          </div>
        )}
        {shown.state === 'failed' && <Failure thread={thread} shown={shown} />}
        {receipt !== null && (
          <p className={css.receipt} data-testid={receipt}>
            {receipt === 'seen' ? 'Seen' : 'Sent'}
          </p>
        )}
      </div>
    </li>
  );
});

const Bubble = ({ shown }: { readonly shown: ShownMessage }) => {
  const place = usePlace();
  if (shown.state === 'sent' && shown.message.deletedAt !== null)
    return <p className={classes(css.bubble, css.tombstone)}>This message was deleted</p>;
  return (
    <div className={classes(css.bubble, css[shown.state])}>
      <RichText text={shown.message.body} />{' '}
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

const Failure = ({
  thread,
  shown,
}: {
  readonly thread: ThreadClient;
  readonly shown: ShownMessage & { state: 'failed' | 'pending' };
}) => {
  const { clientMessageId, error } = shown.message;
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
