/** One conversation as the application sees it: its timeline, what is on its way, who types, how far one has read. */
import {
  type InboxEvent,
  type Message,
  type Offset,
  ProtocolError,
  type ThreadId,
  type ThreadSummary,
  type Typing as TypingMark,
  type UserId,
} from '../protocol/index.ts';
import type { Appeals } from './appeals.ts';
import type { Clock } from './clock.ts';
import type { Connection } from './connection.ts';
import { asProtocolError } from './errors.ts';
import { createItems, type Overlay } from './items.ts';
import { withBody } from './marks.ts';
import type { Outbox } from './outbox.ts';
import { createReadCursor } from './read-cursor.ts';
import { createView } from './readable.ts';
import { createTimeline, type ExpectedPage } from './timeline.ts';
import type { ThreadClient, ThreadView } from './types.ts';
import { createTyping } from './typing.ts';

/** What the client tells a conversation. */
export interface Thread extends ThreadClient {
  /** An event of the log that is this thread's. */
  apply(event: InboxEvent): void;
  acknowledge(message: Message): void;
  typingHeard(typing: TypingMark): void;
  /** The summary or the outbox changed, or the summary could not be had. */
  changed(error?: ProtocolError): void;
  /** What was missed is not known one by one. */
  stale(): void;
  online(): void;
  offline(): void;
}

export interface ThreadOptions {
  readonly threadId: ThreadId;
  readonly clock: Clock;
  readonly request: Connection['request'];
  readonly outbox: Outbox;
  readonly appeals: Appeals;
  readonly me: () => UserId;
  readonly isOnline: () => boolean;
  readonly summary: () => ThreadSummary | undefined;
  /** Makes the summary come if it is not here. */
  readonly need: () => void;
  /** Hears typing until released. */
  readonly watch: () => () => void;
}

const PAGE = 50;
const RETRY_MS = 1_000;

export const createThread = (options: ThreadOptions): Thread => {
  const { threadId, clock, request, outbox, appeals } = options;
  const timeline = createTimeline();
  const items = createItems();
  let overlays: ReadonlyMap<Offset, Overlay> = new Map();
  let error: ProtocolError | undefined;
  let opens = 0;
  let loading: ExpectedPage | undefined;
  /** What is loaded may have gaps since a snapshot; it is shown until the newest page replaces it. */
  let isStale = false;
  let loadingOlder: Promise<void> | undefined;

  const view = createView<ThreadView>(() => ({
    status: error !== undefined ? 'failed' : timeline.loaded && options.summary() !== undefined ? 'ready' : 'loading',
    ...(error === undefined ? {} : { error }),
    summary: options.summary() ?? null,
    items: items({ me: options.me(), events: timeline.events, overlays, pending: outbox.pending(threadId) }),
    hasOlder: timeline.hasOlder,
    loadingOlder: loadingOlder !== undefined,
    typing: typing.userIds(),
    appeals: appeals.of(threadId),
  }));

  const typing = createTyping({ threadId, clock, request, onChange: () => view.invalidate() });

  const cursor = createReadCursor({
    threadId,
    clock,
    request,
    isOnline: options.isOnline,
    readOffset: () => options.summary()?.members.find(({ userId }) => userId === options.me())?.readOffset ?? 0,
  });

  /** Loads the newest page if the conversation is on screen and it is not there. */
  const load = async (): Promise<void> => {
    const needed = opens > 0 && (!timeline.loaded || isStale);
    if (!needed || loading !== undefined || error !== undefined || !options.isOnline()) return;
    const page = timeline.expectPage();
    loading = page;
    isStale = false;
    try {
      page.newest(await request('thread.history', { threadId, limit: PAGE }));
    } catch (refusal) {
      page.failed();
      if (loading === page) failed(page, asProtocolError(refusal));
      return;
    }
    if (loading !== page) return;
    loading = undefined;
    view.invalidate();
    // A snapshot may have come while the page was on its way.
    void load();
  };

  const failed = (page: ExpectedPage, refusal: ProtocolError): void => {
    isStale = timeline.loaded;
    if (refusal.retryable && options.isOnline()) {
      clock.after(refusal.details.retryAfterMs ?? RETRY_MS, () => {
        if (loading === page) loading = undefined;
        void load();
      });
      return;
    }
    loading = undefined;
    if (!refusal.retryable) error = refusal;
    view.invalidate();
  };

  const loadOlderPage = async (page: ExpectedPage): Promise<void> => {
    const before = timeline.events[0]?.offset;
    try {
      page.older(await request('thread.history', { threadId, limit: PAGE, ...(before === undefined ? {} : { before }) }));
    } finally {
      page.failed();
      loadingOlder = undefined;
      view.invalidate();
    }
  };

  /** Shows a change at once, and takes it back when the server refuses it. */
  const changeMessage = async (offset: Offset, overlay: Overlay, ask: () => Promise<{ message: Message }>): Promise<void> => {
    overlays = new Map(overlays).set(offset, overlay);
    view.invalidate();
    try {
      timeline.acknowledge((await ask()).message);
    } finally {
      // A later change to the same message stands over this one.
      if (overlays.get(offset) === overlay) {
        const next = new Map(overlays);
        next.delete(offset);
        overlays = next;
      }
      view.invalidate();
    }
  };

  const loadOlder = (): Promise<void> => {
    if (!timeline.loaded || !timeline.hasOlder || isStale) return Promise.resolve();
    loadingOlder ??= loadOlderPage(timeline.expectPage());
    view.invalidate();
    return loadingOlder;
  };

  /** What a moderator was asked to let through may be sent yet. */
  const giveUp = (clientMessageId: string): string | undefined => {
    if (appeals.of(threadId).get(clientMessageId)?.state === 'waiting') return undefined;
    const body = outbox.discard(threadId, clientMessageId);
    if (body !== undefined) appeals.forget(threadId, clientMessageId);
    return body;
  };

  const leave = (): void => {
    timeline.clear();
    typing.clear();
    loadingOlder = undefined;
    loading = undefined;
    error = new ProtocolError('not_member', 'You are no longer a member of this conversation.');
  };

  return {
    threadId,
    view,
    open() {
      opens += 1;
      const release = options.watch();
      options.need();
      void load();
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        opens -= 1;
        release();
        if (opens === 0) typing.clear();
      };
    },
    listen: options.watch,
    loadOlder,
    async reach(offset) {
      for (;;) {
        const first = timeline.events[0]?.offset ?? 1;
        if (first <= offset) break;
        await loadOlder();
        // There is nothing older, or what was loaded is no longer current.
        if (timeline.events[0]?.offset === first) break;
      }
      return timeline.events.some((event) => event.offset === offset);
    },
    post(body) {
      typing.posted();
      return outbox.post(threadId, body);
    },
    retry: (clientMessageId) => outbox.retry(threadId, clientMessageId),
    confirm: (clientMessageId) => outbox.confirm(threadId, clientMessageId),
    discard: (clientMessageId) => void giveUp(clientMessageId),
    takeBack: (clientMessageId) => giveUp(clientMessageId),
    appeal(message, reason) {
      const blocked = outbox.pending(threadId).find(({ clientMessageId }) => clientMessageId === message);
      return appeals.ask(threadId, message, reason, blocked?.body);
    },
    edit: (offset, body, { confirmed = false } = {}) =>
      changeMessage(
        offset,
        (message) => ({ ...withBody(message, body), editedAt: message.editedAt ?? clock.now() }),
        () => request('message.edit', { threadId, offset, body, ...(confirmed && { confirmed }) }),
      ),
    delete: (offset) =>
      changeMessage(
        offset,
        (message) => ({ ...withBody(message, ''), deletedAt: clock.now() }),
        () => request('message.delete', { threadId, offset }),
      ),
    markRead() {
      // One's own messages at the end need no reading; a cursor for each would tell nobody anything.
      const last = timeline.events.findLast((event) => event.actorId !== options.me());
      if (last !== undefined) cursor.mark(last.offset);
    },
    async mark(marks) {
      await request('thread.mark', { threadId, ...marks });
    },
    setTyping(isTyping) {
      if (options.isOnline()) typing.set(isTyping);
    },
    apply(event) {
      if (event.type === 'user.changed' || event.type === 'proposal.listed') return;
      if (event.type === 'member.left' && event.userId === options.me()) leave();
      else if (event.type === 'member.joined' && event.member.userId === options.me()) error = undefined;
      if (event.type === 'message.posted') typing.heard(event.message.senderId, false);
      if (event.type !== 'cursor.moved' && event.type !== 'marks.changed' && (timeline.loaded || loading !== undefined))
        timeline.apply(event);
      view.invalidate();
      void load();
    },
    acknowledge(message) {
      if (timeline.loaded || loading) timeline.acknowledge(message);
      view.invalidate();
    },
    typingHeard(mark) {
      if (mark.userId !== options.me()) typing.heard(mark.userId, mark.typing);
    },
    changed(refusal) {
      if (refusal !== undefined) error = refusal;
      view.invalidate();
    },
    stale() {
      error = undefined;
      if (opens > 0) {
        isStale = timeline.loaded || loading !== undefined;
        options.need();
        void load();
      } else {
        timeline.clear();
        loading = undefined;
      }
      view.invalidate();
    },
    online() {
      if (opens > 0) options.need();
      void load();
      cursor.online();
    },
    offline: () => typing.clear(),
  };
};
