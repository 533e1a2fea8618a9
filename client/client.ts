/** The client: one connection, and what is made of what comes over it. */
import type { InboxEvent, Push, RoomPush, ThreadId, User } from '../protocol/index.ts';
import { createAnnouncements } from './announcements.ts';
import { type Environment, systemEnvironment } from './clock.ts';
import { createConnection, type Opened } from './connection.ts';
import { createInbox } from './inbox.ts';
import { createOutbox } from './outbox.ts';
import { createView } from './readable.ts';
import { search } from './search.ts';
import { memoryStorage } from './storage.ts';
import { createThread, type Thread } from './thread.ts';
import type { Client, ClientOptions } from './types.ts';
import { uuid } from './uuid.ts';
import { createWatch } from './watch.ts';

/** Nothing happens before `connect`. Time and chance can be given by tests. */
export const createClient = (options: ClientOptions, environment: Partial<Environment> = {}): Client => {
  const { clock, random } = { ...systemEnvironment, ...environment };
  const threads = new Map<ThreadId, Thread>();
  const roomListeners = new Set<(push: RoomPush) => void>();
  let opened: User | null = null;

  const onOpen = ({ user, inbox: recovery }: Opened): void => {
    opened = user;
    inbox.opened(user, recovery);
    me.invalidate();
    watch.online();
    announcements.online();
    void outbox.start(user.userId);
    outbox.online();
    for (const thread of threads.values()) thread.online();
  };

  const onLost = (): void => {
    inbox.lost();
    watch.offline();
    announcements.offline();
    outbox.offline();
    for (const thread of threads.values()) thread.offline();
  };

  const onPush = (push: Push): void => {
    switch (push.push) {
      case 'inbox':
        inbox.push(push.position, push.event);
        break;
      case 'heartbeat':
        inbox.heartbeat(push.epoch, push.head);
        break;
      case 'presence':
        watch.push(push.presence);
        break;
      case 'typing':
        threads.get(push.typing.threadId)?.typingHeard(push.typing);
        break;
      case 'announcements':
        announcements.push(push);
        break;
      case 'room':
        for (const listener of [...roomListeners]) listener(push.room);
    }
  };

  const onEvent = (event: InboxEvent): void => {
    if (event.type === 'user.changed') {
      if (event.user.userId === opened?.userId) me.invalidate();
      return;
    }
    threads.get(event.threadId)?.apply(event);
    if (event.type === 'message.posted' && event.message.senderId === opened?.userId) outbox.settle(event.message);
  };

  const connection = createConnection({
    ...options,
    clock,
    random,
    WebSocket: options.WebSocket ?? globalThis.WebSocket,
    inboxAt: () => inbox.at(),
    onOpen,
    onPush,
    onLost,
  });
  const { request } = connection;
  const isOnline = (): boolean => connection.state.get().status === 'online';

  const inbox = createInbox({
    clock,
    request,
    onEvent,
    onSnapshot: () => {
      for (const thread of threads.values()) thread.stale();
    },
    onThread: (threadId, error) => threads.get(threadId)?.changed(error),
    onBroken: () => connection.restart(),
  });

  const outbox = createOutbox({
    clock,
    random,
    storage: options.storage ?? memoryStorage(),
    request,
    onChange: (threadId) => threads.get(threadId)?.changed(),
    onAcknowledged: (message) => threads.get(message.threadId)?.acknowledge(message),
  });

  const watch = createWatch({ clock, request });

  const announcements = createAnnouncements({ clock, request });

  const me = createView<User | null>(() => (opened === null ? null : (inbox.state().users.get(opened.userId) ?? opened)));

  const threadOf = (threadId: ThreadId): Thread => {
    const known = threads.get(threadId);
    if (known !== undefined) return known;
    const thread = createThread({
      threadId,
      clock,
      request,
      outbox,
      isOnline,
      me: () => opened?.userId ?? '',
      summary: () => inbox.state().threads.get(threadId),
      need: () => inbox.need(threadId),
      watch: () => watch.thread(threadId),
    });
    threads.set(threadId, thread);
    return thread;
  };

  let stopHearingNetwork: (() => void) | undefined;

  return {
    connection: connection.state,
    me,
    inbox: inbox.view,
    presence: watch.presence,
    announcements: announcements.view,
    connect() {
      stopHearingNetwork ??= onNetworkBack(connection.reconnectNow);
      connection.connect();
    },
    async close() {
      stopHearingNetwork?.();
      stopHearingNetwork = undefined;
      await connection.close();
      await outbox.clear();
      watch.reset();
      announcements.reset();
      opened = null;
      inbox.reset();
      for (const thread of threads.values()) thread.stale();
      threads.clear();
      me.invalidate();
    },
    reconnectNow: connection.reconnectNow,
    thread: threadOf,
    loadMore: inbox.loadMore,
    watch: watch.users,
    proposals: () => request('proposal.list', {}),
    proposal: (proposalId) => request('proposal.get', { proposalId }),
    async messageProposal(proposalId, body, clientMessageId = uuid()) {
      const { threadId } = await request('proposal.message', { proposalId, body, clientMessageId });
      return { threadId };
    },
    dismissAnnouncement: announcements.dismiss,
    helpVotes: async () => (await request('help.list', {})).votes,
    async voteHelp(noteId, helpful) {
      await request('help.vote', { noteId, helpful });
    },
    search: (query, options) => search(request, query, options),
    request,
    onRoom(listener) {
      roomListeners.add(listener);
      return () => void roomListeners.delete(listener);
    },
  };
};

/** Where the platform says when the network is back (browsers do), there is no reason to wait any longer. */
const onNetworkBack = (run: () => void): (() => void) => {
  if (typeof globalThis.addEventListener !== 'function') return () => {};
  globalThis.addEventListener('online', run);
  return () => globalThis.removeEventListener('online', run);
};
