/**
 * The inbox of the person signed in: the log of all their threads folded into a list. Fetches what the log speaks of
 * and the pages loaded so far do not hold.
 */
import {
  type InboxEvent,
  type InboxRecovery,
  type InboxSnapshot,
  type Mark,
  type PayloadInput,
  ProtocolError,
  type Result,
  type ThreadId,
  type ThreadSummary,
  type User,
  type UserId,
} from '../protocol/index.ts';
import type { Environment } from './clock.ts';
import type { Connection } from './connection.ts';
import { asProtocolError } from './errors.ts';
import { createOrderedLog } from './ordered-log.ts';
import { createView } from './readable.ts';
import {
  applyEntry,
  byActivity,
  emptyInbox,
  fromSnapshot,
  type InboxState,
  withAwaited,
  withoutAwaited,
  withThread,
} from './state.ts';
import type { InboxView, Readable } from './types.ts';

export interface Inbox {
  readonly view: Readable<InboxView>;
  state(): InboxState;
  at(): { epoch: string; position: number } | undefined;
  opened(user: User, recovery: InboxRecovery): void;
  push(position: number, event: InboxEvent): void;
  heartbeat(epoch: string, head: number): void;
  lost(): void;
  /** Fetches a thread unless it is held: the application opens one that the list has not reached. */
  need(threadId: ThreadId): void;
  loadMore(): Promise<void>;
  loadMarked(mark: Mark): Promise<void>;
  reset(): void;
}

export interface InboxOptions extends Pick<Environment, 'clock'> {
  readonly request: Connection['request'];
  /** Each event of the log, in order, after the state has it. */
  onEvent(event: InboxEvent): void;
  /** The state was replaced: what was missed is not known one by one. */
  onSnapshot(): void;
  /** A thread's summary was fetched, changed by something other than an event, or could not be fetched. */
  onThread(threadId: ThreadId, error?: ProtocolError): void;
  /** What was missed could not be had over this socket. */
  onBroken(): void;
}

const PAGE = 50;
/** Of those with a mark, at a time. */
const MARKED_PAGE = 100;
/** Threads fetched at once; a long absence must not become a burst that the server refuses. */
const MAX_FETCHES = 6;
const RETRY_MS = 1_000;

export const createInbox = (options: InboxOptions): Inbox => {
  const { clock, request } = options;
  let me: UserId = '';
  let state = emptyInbox;
  let ready = false;
  let online = false;
  /** How far down the list is loaded; undefined when it is loaded to its end. */
  let floor: Pick<ThreadSummary, 'activeAt' | 'threadId'> | undefined;
  const fetching = new Set<ThreadId>();
  let loadingMore: Promise<void> | undefined;
  /** Which replacement of the state this is. */
  let generation = 0;
  let pagesOnTheWay = 0;
  /** Threads left while a page was on its way; the page may be older than that. */
  const left = new Set<ThreadId>();
  /** Marks whose threads are wanted, and whether they are all here. */
  const wanted = new Map<Mark, boolean>();

  let listed: { state: InboxState['threads']; floor: typeof floor; threads: readonly ThreadSummary[] } | undefined;
  const list = (): readonly ThreadSummary[] => {
    if (listed?.state !== state.threads || listed.floor !== floor) {
      const threads = [...state.threads.values()].filter((thread) => floor === undefined || byActivity(thread, floor) <= 0);
      listed = { state: state.threads, floor, threads: threads.sort(byActivity) };
    }
    return listed.threads;
  };

  let sorted: { state: InboxState['threads']; marked: readonly ThreadSummary[] } | undefined;
  const marked = (): readonly ThreadSummary[] => {
    if (sorted?.state !== state.threads) {
      const all = [...state.threads.values()].filter(({ marks }) => marks.archived || marks.favourite || marks.hidden);
      sorted = { state: state.threads, marked: all.sort(byActivity) };
    }
    return sorted.marked;
  };

  const view = createView<InboxView>(() => {
    const threads = list();
    const shown = threads.filter(({ marks }) => !marks.archived && !marks.hidden);
    const unread = shown.reduce((sum, thread) => sum + thread.unread, 0);
    return { ready, threads, marked: marked(), more: floor !== undefined, users: state.users, unread };
  });

  const change = (next: InboxState): void => {
    state = next;
    view.invalidate();
    fetchAwaited();
  };

  const fetchAwaited = (): void => {
    for (const threadId of state.awaited.keys()) {
      if (!online || fetching.size >= MAX_FETCHES) return;
      if (!fetching.has(threadId)) void fetchThread(threadId);
    }
  };

  const fetchThread = async (threadId: ThreadId): Promise<void> => {
    fetching.add(threadId);
    try {
      const { thread, users } = await request('thread.get', { threadId });
      fetching.delete(threadId);
      // It may have been left, or have come with a page or a snapshot, while this was on its way.
      if (!state.awaited.has(threadId)) return fetchAwaited();
      change(withThread(state, me, thread, users));
      options.onThread(threadId);
    } catch (error) {
      const refusal = asProtocolError(error);
      if (refusal.retryable) {
        clock.after(refusal.details.retryAfterMs ?? RETRY_MS, () => {
          fetching.delete(threadId);
          fetchAwaited();
        });
        return;
      }
      fetching.delete(threadId);
      change(withoutAwaited(state, threadId));
      options.onThread(threadId, refusal);
    }
  };

  const log = createOrderedLog<string, InboxEvent, InboxSnapshot>({
    apply(event) {
      if (event.type === 'member.left' && event.userId === me && pagesOnTheWay > 0) left.add(event.threadId);
      change(applyEntry(state, me, { event }));
      options.onEvent(event);
    },
    replace(snapshot) {
      state = fromSnapshot(snapshot);
      ready = true;
      generation += 1;
      floor = snapshot.more ? snapshot.threads.at(-1) : undefined;
      loadingMore = undefined;
      change(state);
      options.onSnapshot();
      for (const mark of wanted.keys()) wanted.set(mark, false);
      loadWanted();
    },
    async recover(after) {
      for (;;) {
        try {
          return await request('inbox.since', after);
        } catch (error) {
          if (!(error instanceof ProtocolError && error.code === 'rate_limited')) throw error;
          await new Promise<void>((resolve) => clock.after(error.details.retryAfterMs ?? RETRY_MS, resolve));
        }
      }
    },
    onFailure: options.onBroken,
  });

  const loadPage = async (): Promise<void> => {
    const before = floor;
    if (before === undefined) return;
    const page = await fetchPage({ before: { activeAt: before.activeAt, threadId: before.threadId }, limit: PAGE });
    if (page === undefined) return;
    floor = page.more ? page.threads.at(-1) : undefined;
    take(page);
  };

  /** Undefined when a snapshot came meanwhile, and with it another list. */
  const fetchPage = async (payload: PayloadInput<'thread.list'>): Promise<Result<'thread.list'> | undefined> => {
    if (pagesOnTheWay === 0) left.clear();
    const asked = generation;
    pagesOnTheWay += 1;
    try {
      const page = await request('thread.list', payload);
      return generation === asked ? page : undefined;
    } finally {
      pagesOnTheWay -= 1;
    }
  };

  const take = ({ threads, users }: Result<'thread.list'>): void => {
    let next = state;
    for (const thread of threads) if (!left.has(thread.threadId)) next = withThread(next, me, thread, users);
    change(next);
    for (const { threadId } of threads) options.onThread(threadId);
  };

  const loadMarked = async (mark: Mark): Promise<void> => {
    wanted.set(mark, false);
    let before: PayloadInput<'thread.list'>['before'];
    // A list that is loaded to its end has them all.
    while (floor !== undefined) {
      const page = await fetchPage({ marked: mark, limit: MARKED_PAGE, ...(before === undefined ? {} : { before }) });
      if (page === undefined) return;
      take(page);
      const last = page.threads.at(-1);
      if (!page.more || last === undefined) break;
      before = { activeAt: last.activeAt, threadId: last.threadId };
    }
    wanted.set(mark, true);
  };

  const loadWanted = (): void => {
    if (!online) return;
    // What cannot be had is asked for again with the next session.
    for (const [mark, isHere] of wanted) if (!isHere) loadMarked(mark).catch(() => {});
  };

  return {
    view,
    state: () => state,
    at: log.at,
    opened(user, recovery) {
      me = user.userId;
      online = true;
      log.take(recovery);
      fetchAwaited();
      if (recovery.recovered) loadWanted();
    },
    push: log.push,
    heartbeat: (epoch, head) => log.head({ epoch, position: head }),
    lost() {
      online = false;
      log.suspend();
    },
    need(threadId) {
      if (ready) change(withAwaited(state, threadId));
    },
    loadMore() {
      const load =
        loadingMore ??
        loadPage().finally(() => {
          if (loadingMore === load) loadingMore = undefined;
        });
      loadingMore = load;
      return load;
    },
    loadMarked,
    reset() {
      log.reset();
      wanted.clear();
      generation += 1;
      ready = false;
      floor = undefined;
      change(emptyInbox);
    },
  };
};
