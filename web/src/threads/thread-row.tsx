/** One thread in the list: who, what about, the last line, and what wants attention. */
import { Phone, Star, Video } from 'lucide-react';
import { memo, useEffect } from 'react';
import type { ThreadSummary, User, UserId } from '../../../protocol/index.ts';
import { Link } from '../app/link.tsx';
import { useParley } from '../app/parley.tsx';
import { useDraft } from '../conversation/drafts.ts';
import { classes } from '../lib/classes.ts';
import { fullTime, shortTime } from '../lib/time.ts';
import { useReadable } from '../lib/use-readable.ts';
import { UnreadBadge } from '../ui/unread-badge.tsx';
import { othersOf, threadName, threadTopic } from './people.ts';
import { previewOf } from './preview.ts';
import { ThreadAvatar } from './thread-avatar.tsx';
import css from './thread-row.module.css';

interface Props {
  readonly thread: ThreadSummary;
  readonly meId: UserId;
  readonly users: ReadonlyMap<UserId, User>;
  /** Of the other person; undefined in a group. */
  readonly online: boolean | undefined;
  readonly selected: boolean;
  readonly now: number;
}

export const ThreadRow = memo(({ thread, meId, users, online, selected, now }: Props) => {
  const { client } = useParley();
  const conversation = client.thread(thread.threadId);
  const { typing } = useReadable(conversation.view);
  const [draft] = useDraft(thread.threadId);
  useEffect(() => conversation.listen(), [conversation]);
  const otherIds = thread.members
    .map(({ userId }) => userId)
    .filter((userId) => userId !== meId)
    .join('\n');
  useEffect(() => (otherIds === '' ? undefined : client.watch(otherIds.split('\n'))), [client, otherIds]);

  const preview = previewOf(thread, { meId, users, typing, draft: selected ? '' : draft });
  const isUnread = thread.unread > 0;
  const CallIcon = thread.interview?.media === 'audio' ? Phone : Video;
  return (
    <Link
      to={{ page: 'thread', threadId: thread.threadId }}
      className={classes(css.row, selected && css.selected, isUnread && css.unread)}
      aria-current={selected ? 'page' : undefined}
      data-thread={thread.threadId}
      data-testid={`thread-${thread.threadId}`}
      data-unread={thread.unread}
    >
      <ThreadAvatar others={othersOf(thread, meId, users)} online={online} />
      <span className={css.text}>
        <span className={css.line}>
          <span className={css.name}>{threadName(thread, meId, users)}</span>
          {online === true && <span className="unseen">, online</span>}
          {thread.marks.favourite && (
            <span className={css.favourite}>
              <Star aria-hidden size={13} />
              <span className="unseen">, a favourite</span>
            </span>
          )}
          <time className={css.time} dateTime={new Date(thread.activeAt).toISOString()} title={fullTime(thread.activeAt)}>
            {shortTime(thread.activeAt, now)}
          </time>
        </span>
        <span className={css.topic}>{threadTopic(thread, meId, users)}</span>
        <span className={css.line}>
          <span
            className={classes(css.preview, preview.kind === 'text' ? preview.muted && css.muted : css[preview.kind])}
            data-live={preview.kind === 'call' && preview.live}
            data-testid={preview.kind === 'typing' ? 'row-typing' : undefined}
          >
            {preview.kind === 'call' && <CallIcon aria-hidden size={13} />}
            {preview.kind === 'draft' && <b>Draft: </b>}
            {preview.text}
          </span>
          <UnreadBadge count={thread.unread} />
        </span>
      </span>
    </Link>
  );
});
