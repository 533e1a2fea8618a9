/** The scrolling part of a conversation: rows, older ones at the top, and the way back to the latest. */
import { useEffect, useLayoutEffect, useMemo, useRef } from 'react';
import type { Appeal, ThreadClient, ThreadView } from '../../../client/types.ts';
import type { ThreadSummary, User, UserId } from '../../../protocol/index.ts';
import { useMe, useParley } from '../app/parley.tsx';
import { classes } from '../lib/classes.ts';
import { dayLabel } from '../lib/time.ts';
import { useAttention } from '../lib/use-attention.ts';
import { useNow } from '../lib/use-now.ts';
import { useReadable } from '../lib/use-readable.ts';
import { Spinner } from '../ui/spinner.tsx';
import { usePlace, useSurroundings } from '../ui/surroundings.tsx';
import { EventLine } from './event-line.tsx';
import { InterviewLine } from './interview-line.tsx';
import { Jump } from './jump.tsx';
import { MessageRow } from './message-row.tsx';
import { type Row, rowsOf } from './rows.ts';
import { seenOffset } from './seen.ts';
import css from './timeline.module.css';
import { useAnnouncedMessages } from './use-announced-messages.ts';
import { useScroll, WANDERING } from './use-scroll.ts';
import { useSought } from './use-sought.ts';
import { useUnreadMark } from './use-unread-mark.ts';

interface Props {
  readonly thread: ThreadClient;
  readonly view: ThreadView;
  readonly summary: ThreadSummary;
  /** The message one came for. */
  readonly sought: number | undefined;
  /** The own message that is being edited. */
  readonly editing: number | null;
  readonly onEdit: (offset: number | null) => void;
  /** Changes with each message one posts from here. */
  readonly posted: number;
}

export const Timeline = ({ thread, view, summary, sought, editing, onEdit, posted }: Props) => {
  const { client } = useParley();
  const me = useMe();
  const { users } = useReadable(client.inbox);
  const now = useNow();
  const { inView } = useSurroundings();
  const hasAttention = useAttention();
  const readOffset = summary.members.find(({ userId }) => userId === me.userId)?.readOffset ?? 0;

  const { scroller, content, atEnd, isAtEndNow, onScroll, toEnd, toRow } = useScroll();
  useSought({ thread, offset: sought, scroller, toRow });
  const reading = hasAttention && inView && atEnd;
  const [mark, clearMark] = useUnreadMark({ unread: summary.unread, readOffset, reading });
  const rows = useMemo(() => rowsOf(view.items, { meId: me.userId, unreadAfter: mark }), [view.items, me.userId, mark]);
  const seen = useMemo(() => seenOffset(view.items, summary.members, me.userId), [view.items, summary.members, me.userId]);
  const lastOwnKey = rows.findLast((row) => row.kind === 'message' && row.senderId === me.userId)?.key;
  useAnnouncedMessages(view.items, me.userId, users);

  useEffect(() => {
    if (reading && isAtEndNow() && summary.unread > 0) thread.markRead();
  }, [reading, isAtEndNow, summary.unread, thread]);

  // One's own message is always seen to arrive.
  useLayoutEffect(() => {
    if (posted === 0) return;
    clearMark();
    toEnd();
  }, [posted, clearMark, toEnd]);

  // Comes to rest where the new begins, when that is further up than a window.
  const isFirst = useRef(true);
  useLayoutEffect(() => {
    if (!isFirst.current) return;
    isFirst.current = false;
    const box = scroller.current;
    const divider = box?.querySelector<HTMLElement>('[data-unread-mark]');
    if (box && divider && divider.offsetTop < box.scrollTop) {
      box.scrollTop = divider.offsetTop - 72;
      onScroll();
    }
  }, [scroller, onScroll]);

  return (
    <div className={css.frame}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section ref={scroller} className={css.scroller} onScroll={onScroll} aria-label="Messages" tabIndex={0}>
        <div className={css.column}>
          {view.hasOlder && <Older thread={thread} loading={view.loadingOlder} count={view.items.length} />}
          <ol ref={content} className={css.rows}>
            {rows.map((row) => {
              const offset = row.kind === 'message' && row.shown.state === 'sent' ? row.shown.message.offset : null;
              return (
                <TimelineRow
                  key={row.key}
                  row={row}
                  thread={thread}
                  users={users}
                  meId={me.userId}
                  now={now}
                  receipt={offset === null ? null : offset === seen ? 'seen' : row.key === lastOwnKey ? 'sent' : null}
                  editing={offset !== null && offset === editing}
                  onEdit={onEdit}
                  appeal={row.kind === 'message' ? view.appeals.get(offset ?? row.shown.message.clientMessageId) : undefined}
                />
              );
            })}
          </ol>
        </div>
      </section>
      {!atEnd && <Jump unread={summary.unread} scroller={scroller} onJump={toEnd} />}
    </div>
  );
};

interface RowProps extends Pick<Props, 'thread' | 'onEdit'> {
  readonly row: Row;
  readonly users: ReadonlyMap<UserId, User>;
  readonly meId: UserId;
  readonly now: number;
  readonly receipt: 'sent' | 'seen' | null;
  readonly editing: boolean;
  /** One's own about this message. */
  readonly appeal: Appeal | undefined;
}

const WANDERING_ROW = { [WANDERING]: '' };

const TimelineRow = ({ row, thread, users, meId, now, receipt, editing, onEdit, appeal }: RowProps) => {
  const place = usePlace();
  switch (row.kind) {
    case 'day':
      return (
        <li className={css.day} {...WANDERING_ROW}>
          <span>{dayLabel(row.at, now, place)}</span>
        </li>
      );
    case 'unread':
      return (
        <li className={classes(css.day, css.unread)} data-unread-mark {...WANDERING_ROW}>
          <span>New</span>
        </li>
      );
    case 'interview':
      return <InterviewLine interview={row.interview} />;
    case 'event':
      return <EventLine event={row.event} users={users} meId={meId} />;
    case 'message':
      return (
        <MessageRow
          thread={thread}
          shown={row.shown}
          sender={users.get(row.senderId)}
          own={row.senderId === meId}
          at={row.at}
          first={row.first}
          last={row.last}
          receipt={receipt}
          editing={editing}
          onEdit={onEdit}
          appeal={appeal}
        />
      );
  }
};

interface OlderProps {
  readonly thread: ThreadClient;
  readonly loading: boolean;
  readonly count: number;
}

/** Loads the page before when the beginning comes near. */
const Older = ({ thread, loading, count }: OlderProps) => {
  const mark = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at anew after each page, which may not fill the window.
  useEffect(() => {
    if (mark.current === null || loading) return;
    const observer = new IntersectionObserver(
      (entries) => {
        // A page that could not be had is asked for again when one scrolls here next.
        if (entries.at(-1)?.isIntersecting === true) thread.loadOlder().catch(() => {});
      },
      // The margin reaches out of what scrolls, so that a page is there before one comes to its place.
      { root: mark.current.closest('section'), rootMargin: '400px 0px 0px' },
    );
    observer.observe(mark.current);
    return () => observer.disconnect();
  }, [thread, loading, count]);
  return (
    <div ref={mark} className={css.older} role="status">
      <Spinner />
      <span className="unseen">Loading older messages</span>
    </div>
  );
};
