/** The threads, most recently active first; older ones load as one scrolls. */
import { MessagesSquare } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { Link } from '../app/link.tsx';
import { useMe, useParley } from '../app/parley.tsx';
import { useRoute } from '../app/route.ts';
import { useNow } from '../lib/use-now.ts';
import { useReadable } from '../lib/use-readable.ts';
import { useSides } from '../proposals/use-sides.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { Spinner } from '../ui/spinner.tsx';
import { othersOf } from './people.ts';
import css from './thread-list.module.css';
import { ThreadRow } from './thread-row.tsx';

export const ThreadList = () => {
  const { client } = useParley();
  const me = useMe();
  const route = useRoute();
  const inbox = useReadable(client.inbox);
  const presence = useReadable(client.presence);
  // Without a connection nobody knows who is there.
  const isConnected = useReadable(client.connection).status === 'online';
  const now = useNow();
  const sides = useSides();
  const selectedId = route.page === 'thread' ? route.threadId : null;

  if (inbox.threads.length === 0)
    return (
      <EmptyState
        icon={MessagesSquare}
        title="No conversations yet"
        actions={
          <Link to={sides.received ? { page: 'jobs' } : { page: 'proposals' }} className={css.action}>
            See proposals
          </Link>
        }
      >
        A conversation begins with a message about a proposal.
      </EmptyState>
    );

  return (
    <div className={css.scroller}>
      <ul className={css.list} onKeyDown={moveFocus}>
        {inbox.threads.map((thread) => {
          const others = othersOf(thread, me.userId, inbox.users);
          const [other] = others.length === 1 ? others : [];
          return (
            <li key={thread.threadId}>
              <ThreadRow
                thread={thread}
                meId={me.userId}
                users={inbox.users}
                online={other === undefined || !isConnected ? undefined : presence.get(other.userId)?.online}
                selected={thread.threadId === selectedId}
                now={now}
              />
            </li>
          );
        })}
      </ul>
      {inbox.more && <MoreThreads />}
    </div>
  );
};

/** Loads the next page when the end of the list comes into view. */
const MoreThreads = () => {
  const { client } = useParley();
  const { threads } = useReadable(client.inbox);
  const end = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at anew after each page, which may not fill the window.
  useEffect(() => {
    const mark = end.current;
    if (mark === null) return;
    const observer = new IntersectionObserver(([entry]) => {
      // A page that could not be had is asked for again when the mark is next seen.
      if (entry?.isIntersecting === true) client.loadMore().catch(() => {});
    });
    observer.observe(mark);
    return () => observer.disconnect();
  }, [client, threads.length]);
  return (
    <div ref={end} className={css.more}>
      <Spinner />
      <span className="unseen">Loading more conversations</span>
    </div>
  );
};

/** Up and down through the links of a list. */
export const moveFocus = (event: KeyboardEvent<HTMLElement>): void => {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLAnchorElement>('a')];
  const next = links[links.indexOf(document.activeElement as HTMLAnchorElement) + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
};
