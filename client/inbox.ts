/**
 * The inbox of the person signed in: the log of all their threads folded into a list. Fetches what the log speaks of
 * and the pages loaded so far do not hold.
 */
import {
  type InboxEvent,
  type InboxRecovery,
  type InboxSnapshot,
  ProtocolError,
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
  /** Threads left while a page was on its way; the page may be older than that. */
  const left = new Set<ThreadId>();

  let listed: { state: InboxState['threads']; floor: typeof floor; threads: readonly ThreadSummary[] } | undefined;
  const list = (): readonly ThreadSummary[] => {
    if (listed?.state !== state.threads || listed.floor !== floor) {
      const threads = [...state.threads.values()].filter((thread) => floor === undefined || byActivity(thread, floor) <= 0);
      listed = { state: state.threads, floor, threads: threads.sort(byActivity) };
    }
    return listed.threads;
  };

  const view = createView<InboxView>(() => {
    const threads = list();
    const unread = threads.reduce((sum, thread) => sum + thread.unread, 0);
    return { ready, threads, more: floor !== undefined, users: state.users, unread };
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
      if (event.type === 'member.left' && event.userId === me && loadingMore !== undefined) left.add(event.threadId);
      change(applyEntry(state, me, { event }));
      options.onEvent(event);
    },
    replace(snapshot) {
      state = fromSnapshot(snapshot);
      ready = true;
      floor = snapshot.more ? snapshot.threads.at(-1) : undefined;
      loadingMore = undefined;
      change(state);
      options.onSnapshot();
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
    left.clear();
    const page = await request('thread.list', {
      before: { activeAt: before.activeAt, threadId: before.threadId },
      limit: PAGE,
    });
    // A snapshot came meanwhile, and with it another list.
    if (floor !== before) return;
    let next = state;
    for (const thread of page.threads) if (!left.has(thread.threadId)) next = withThread(next, me, thread, page.users);
    floor = page.more ? page.threads.at(-1) : undefined;
    change(next);
    for (const { threadId } of page.threads) options.onThread(threadId);
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
    reset() {
      log.reset();
      ready = false;
      floor = undefined;
      change(emptyInbox);
    },
  };
};
