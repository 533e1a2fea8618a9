/** One's conversations: favourites, then the others, most recently active first; older ones load as one scrolls. */
import { MessagesSquare } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useMemo, useRef } from 'react';
import type { Mark, ThreadId } from '../../../protocol/index.ts';
import { Link } from '../app/link.tsx';
import { useParley } from '../app/parley.tsx';
import { useReadable } from '../lib/use-readable.ts';
import { useSides } from '../proposals/use-sides.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { Spinner } from '../ui/spinner.tsx';
import { shownOf } from './shown.ts';
import css from './thread-list.module.css';
import { ThreadRows } from './thread-rows.tsx';
import { useKeptFocus } from './use-kept-focus.ts';

export const ThreadList = () => {
  const { client } = useParley();
  const inbox = useReadable(client.inbox);
  const { favourites, others } = useMemo(() => shownOf(inbox), [inbox]);
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const keepFocus = useKeptFocus(list);
  const onMark = (threadId: ThreadId, mark: Mark): void => keepFocus(threadId, mark !== 'favourite');
  const isEmpty = favourites.length === 0 && others.length === 0 && !inbox.more;

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys go through the links in it.
    <div ref={list} className={css.scroller} tabIndex={-1} onKeyDown={moveFocus}>
      {favourites.length > 0 && (
        <>
          <h3 id={`${id}-favourites`} className={css.heading}>
            Favourites
          </h3>
          <div className={css.list} data-testid="favourites">
            <ThreadRows threads={favourites} labelledBy={`${id}-favourites`} onMark={onMark} />
          </div>
        </>
      )}
      {favourites.length > 0 && others.length > 0 && (
        <h3 id={`${id}-others`} className={css.heading}>
          Others
        </h3>
      )}
      {others.length > 0 && (
        <div className={css.list}>
          <ThreadRows threads={others} {...(favourites.length > 0 ? { labelledBy: `${id}-others` } : {})} onMark={onMark} />
        </div>
      )}
      {isEmpty && <NoThreads hasMarked={inbox.marked.length > 0} />}
      {inbox.more && <MoreThreads />}
    </div>
  );
};

const NoThreads = ({ hasMarked }: { readonly hasMarked: boolean }) => {
  const sides = useSides();
  return hasMarked ? (
    <EmptyState
      icon={MessagesSquare}
      title="Nothing to do here"
      actions={
        <Link to={{ page: 'archived' }} className={css.action}>
          See what is archived
        </Link>
      }
    >
      All your conversations are archived or hidden.
    </EmptyState>
  ) : (
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
    const observer = new IntersectionObserver((entries) => {
      // A page that could not be had is asked for again when the mark is next seen.
      if (entries.at(-1)?.isIntersecting === true) client.loadMore().catch(() => {});
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
  // From a row's menu button to the rows beside it.
  const here = document.activeElement?.closest('li')?.querySelector('a') ?? document.activeElement;
  const next = links[links.indexOf(here as HTMLAnchorElement) + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
};
