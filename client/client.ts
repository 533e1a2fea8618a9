/** The client: one connection, and what is made of what comes over it. */
import type { InboxEvent, ProposalSummary, Push, RoomPush, ThreadId, User } from '../protocol/index.ts';
import { createAnnouncements } from './announcements.ts';
import { createAppeals } from './appeals.ts';
import { type Environment, systemEnvironment } from './clock.ts';
import { createConnection, type Opened } from './connection.ts';
import { createInbox } from './inbox.ts';
import { createModerationPart } from './moderation.ts';
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
  const proposalListeners = new Set<(proposal: ProposalSummary) => void>();
  let opened: User | null = null;

  const onOpen = ({ user, inbox: recovery, roles = [] }: Opened): void => {
    opened = user;
    moderation.opened(roles);
    inbox.opened(user, recovery);
    me.invalidate();
    watch.online();
    announcements.online();
    void outbox.start(user.userId);
    outbox.online();
    void appeals.start(user.userId);
    appeals.online();
    for (const thread of threads.values()) thread.online();
  };

  const onLost = (): void => {
    inbox.lost();
    watch.offline();
    announcements.offline();
    outbox.offline();
    appeals.offline();
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
        break;
      case 'moderation':
        moderation.push(push.change);
    }
  };

  const onEvent = (event: InboxEvent): void => {
    if (event.type === 'user.changed') {
      if (event.user.userId === opened?.userId) me.invalidate();
      return;
    }
    const proposal = proposalIn(event);
    if (proposal !== null) for (const listener of [...proposalListeners]) listener(proposal);
    if (event.type === 'proposal.listed') return;
    threads.get(event.threadId)?.apply(event);
    if (event.type === 'message.posted' && event.message.senderId === opened?.userId) {
      outbox.settle(event.message);
      appeals.forget(event.threadId, event.message.clientMessageId);
    }
    if (event.type === 'message.released') appeals.forget(event.threadId, event.message.offset);
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

  const storage = options.storage ?? memoryStorage();
  const onChange = (threadId: ThreadId): void => threads.get(threadId)?.changed();

  const outbox = createOutbox({
    clock,
    random,
    storage,
    request,
    onChange,
    onAcknowledged: (message) => {
      threads.get(message.threadId)?.acknowledge(message);
      appeals.forget(message.threadId, message.clientMessageId);
    },
  });

  const appeals = createAppeals({ clock, storage, request, onChange });

  const watch = createWatch({ clock, request });
  const moderation = createModerationPart(request, watch.renew);

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
      appeals,
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
    roles: moderation.roles,
    blocked: moderation.blocked,
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
      await appeals.clear();
      watch.reset();
      moderation.reset();
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
    loadMarked: inbox.loadMarked,
    watch: watch.users,
    jobs: (page = {}) => request('job.list', page),
    job: (jobId) => request('job.get', { jobId }),
    proposals: (page = {}) => request('proposal.list', page),
    onProposal(listener) {
      proposalListeners.add(listener);
      return () => void proposalListeners.delete(listener);
    },
    proposal: (proposalId) => request('proposal.get', { proposalId }),
    async openThread({ title = '', userIds, beside }, threadKey = uuid()) {
      const { threadId } = await request('thread.open', { threadKey, title, userIds: [...userIds], beside });
      return { threadId };
    },
    async messageProposal(proposalId, body, clientMessageId = uuid(), confirmed = false) {
      const { threadId } = await request('proposal.message', {
        proposalId,
        body,
        clientMessageId,
        ...(confirmed && { confirmed }),
      });
      return { threadId };
    },
    appealProposalMessage: async (proposalId, blocked, reason) => ({
      reason,
      ...(await request('guard.appeal', { proposalId, ...blocked, reason })),
    }),
    preview: (place, body) => request('guard.preview', { ...place, body }),
    dismissAnnouncement: announcements.dismiss,
    helpVotes: async () => (await request('help.list', {})).votes,
    async voteHelp(noteId, helpful) {
      await request('help.vote', { noteId, helpful });
    },
    search: (query, options) => search(request, query, options),
    loadBlocked: moderation.loadBlocked,
    block: moderation.block,
    onQueue: moderation.onQueue,
    request,
    onRoom(listener) {
      roomListeners.add(listener);
      return () => void roomListeners.delete(listener);
    },
  };
};

/** What an event says of a proposal. */
const proposalIn = (event: InboxEvent): ProposalSummary | null =>
  event.type === 'proposal.changed' || event.type === 'proposal.listed' || event.type === 'thread.opened' ? event.proposal : null;

/** Where the platform says when the network is back (browsers do), there is no reason to wait any longer. */
const onNetworkBack = (run: () => void): (() => void) => {
  if (typeof globalThis.addEventListener !== 'function') return () => {};
  globalThis.addEventListener('online', run);
  return () => globalThis.removeEventListener('online', run);
};
