/**
 * The inbox as a value: the threads a client holds and the people in them, and how each event of the log changes it.
 * Pure. The store's SQL arrives at the same: old state + missed events = fresh snapshot.
 */
import {
  ACTIVITY_TYPES,
  type CursorMoved,
  type InboxEntry,
  type InboxEvent,
  type InboxSnapshot,
  isActive,
  type MarksChanged,
  type Message,
  NO_MARKS,
  type ThreadEvent,
  type ThreadEventOf,
  type ThreadId,
  type ThreadSummary,
  type User,
  type UserChanged,
  type UserId,
  withContract,
} from '../protocol/index.ts';

export interface InboxState {
  readonly threads: ReadonlyMap<ThreadId, ThreadSummary>;
  readonly users: ReadonlyMap<UserId, User>;
  /**
   * Threads that must be fetched: the log speaks of them, but they are not held (older than the pages loaded, or
   * joined just now). Each with what happened in it meanwhile; `withThread` takes it from there.
   */
  readonly awaited: ReadonlyMap<ThreadId, readonly InboxEvent[]>;
}

export const emptyInbox: InboxState = { threads: new Map(), users: new Map(), awaited: new Map() };

export const fromSnapshot = ({ threads, users }: Pick<InboxSnapshot, 'threads' | 'users'>): InboxState => ({
  threads: new Map(threads.map((thread) => [thread.threadId, thread])),
  users: new Map(users.map((user) => [user.userId, user])),
  awaited: new Map(),
});

/** The state after the next entry of `me`'s inbox. */
export const applyEntry = (state: InboxState, me: UserId, { event }: Pick<InboxEntry, 'event'>): InboxState => {
  if (event.type === 'user.changed') return changeUser(state, event);
  // Threads show their proposals by events of their own.
  if (event.type === 'proposal.listed') return state;
  const thread = state.threads.get(event.threadId);
  if (event.type === 'thread.opened') return thread === undefined ? open(state, event) : state;
  if (thread === undefined) return holdBack(state, me, event);
  switch (event.type) {
    case 'cursor.moved':
      return moveCursor(state, me, thread, event);
    case 'marks.changed':
      return changeMarks(state, thread, event);
    default:
      return advance(state, me, thread, event);
  }
};

/** The state with a thread that was fetched. One that is held already is newer, or becomes so by the events on their way. */
export const withThread = (state: InboxState, me: UserId, thread: ThreadSummary, users: readonly User[]): InboxState => {
  const { threadId } = thread;
  const meanwhile = state.awaited.get(threadId) ?? [];
  // Profiles of people in threads that are held are kept current by `user.changed`. Of the others nothing was heard, so what is
  // fetched is newer, but for what the log said while it was on its way.
  const current = new Set([me, ...[...state.threads.values()].flatMap(({ members }) => members.map(({ userId }) => userId))]);
  const fetched = users.filter(({ userId }) => !current.has(userId) || !state.users.has(userId));
  const next: InboxState = {
    threads: state.threads.has(threadId) ? state.threads : put(state.threads, threadId, thread),
    users: new Map([...state.users, ...fetched.map((user) => [user.userId, user] as const)]),
    awaited: remove(state.awaited, threadId),
  };
  return meanwhile.reduce((reached, event) => applyEntry(reached, me, { event }), next);
};

/** The state in which a thread is awaited, unless it is held. */
export const withAwaited = (state: InboxState, threadId: ThreadId): InboxState =>
  state.threads.has(threadId) || state.awaited.has(threadId) ? state : { ...state, awaited: put(state.awaited, threadId, []) };

export const withoutAwaited = (state: InboxState, threadId: ThreadId): InboxState => ({
  ...state,
  awaited: remove(state.awaited, threadId),
});

/** Order of the list: most recently active first, ties by thread id descending. */
export const byActivity = (
  a: Pick<ThreadSummary, 'activeAt' | 'threadId'>,
  b: Pick<ThreadSummary, 'activeAt' | 'threadId'>,
): number => b.activeAt - a.activeAt || (a.threadId < b.threadId ? 1 : a.threadId > b.threadId ? -1 : 0);

const activityTypes: ReadonlySet<ThreadEvent['type']> = new Set(ACTIVITY_TYPES);

const open = (state: InboxState, event: ThreadEventOf<'thread.opened'>): InboxState => {
  const thread: ThreadSummary = {
    threadId: event.threadId,
    kind: event.kind,
    title: event.title,
    members: event.members,
    proposal: event.proposal,
    contracts: event.contracts,
    marks: NO_MARKS,
    head: event.offset,
    lastMessage: null,
    unread: 0,
    interview: null,
    openedAt: event.at,
    activeAt: event.at,
  };
  const users = new Map([...state.users, ...event.users.map((user) => [user.userId, user] as const)]);
  return { ...state, users, threads: put(state.threads, event.threadId, thread) };
};

const changeUser = (state: InboxState, event: UserChanged): InboxState => ({
  ...state,
  users: put(state.users, event.user.userId, event.user),
  awaited: state.awaited.size === 0 ? state.awaited : new Map([...state.awaited].map(([id, events]) => [id, [...events, event]])),
});

const holdBack = (
  state: InboxState,
  me: UserId,
  event: Exclude<InboxEvent, { type: 'user.changed' | 'proposal.listed' }>,
): InboxState => {
  if (event.type === 'member.left' && event.userId === me) return withoutAwaited(state, event.threadId);
  const meanwhile = state.awaited.get(event.threadId) ?? [];
  return { ...state, awaited: put(state.awaited, event.threadId, [...meanwhile, event]) };
};

/** A cursor that is not ahead is older than what is held, and so is its unread count. */
const moveCursor = (state: InboxState, me: UserId, thread: ThreadSummary, event: CursorMoved): InboxState => {
  const member = thread.members.find(({ userId }) => userId === event.userId);
  if (member === undefined || member.readOffset >= event.readOffset) return state;
  const moved = { ...member, readOffset: event.readOffset };
  const next: ThreadSummary = {
    ...thread,
    members: thread.members.map((other) => (other === member ? moved : other)),
    unread: event.userId === me ? event.unread : thread.unread,
  };
  return { ...state, threads: put(state.threads, thread.threadId, next) };
};

/** What is held may have been fetched since, and have a later message in it that took `hidden` away. */
const changeMarks = (state: InboxState, thread: ThreadSummary, { marks }: MarksChanged): InboxState =>
  marks.version <= thread.marks.version
    ? state
    : { ...state, threads: put(state.threads, thread.threadId, { ...thread, marks }) };

const advance = (state: InboxState, me: UserId, thread: ThreadSummary, event: ThreadEvent): InboxState => {
  if (event.offset <= thread.head) return state;
  if (event.type === 'member.left' && event.userId === me) {
    return { ...state, threads: remove(state.threads, thread.threadId) };
  }
  const next: ThreadSummary = {
    ...thread,
    ...change(thread, me, event),
    head: event.offset,
    activeAt: activityTypes.has(event.type) ? event.at : thread.activeAt,
  };
  const users = event.type === 'member.joined' ? put(state.users, event.user.userId, event.user) : state.users;
  return { ...state, users, threads: put(state.threads, thread.threadId, next) };
};

const change = (thread: ThreadSummary, me: UserId, event: ThreadEvent): Partial<ThreadSummary> => {
  switch (event.type) {
    case 'thread.opened':
      return {};
    case 'member.joined':
      return {
        members: [...thread.members.filter(({ userId }) => userId !== event.member.userId), event.member],
      };
    case 'member.left':
      return {
        members: thread.members
          .filter(({ userId }) => userId !== event.userId)
          .map((member) => (member.userId === event.ownerId ? { ...member, role: 'owner' } : member)),
      };
    case 'message.posted':
      return {
        lastMessage: event.message,
        unread: thread.unread + (event.message.senderId === me ? 0 : 1),
        marks: thread.marks.hidden ? { ...thread.marks, hidden: false } : thread.marks,
      };
    case 'message.edited':
    case 'message.released':
      return { lastMessage: lastMessage(thread, event.message) };
    case 'message.deleted':
      return {
        lastMessage: lastMessage(thread, event.message),
        unread: Math.max(0, thread.unread - (isUnread(thread, me, event.message) ? 1 : 0)),
      };
    case 'proposal.changed':
      return { proposal: event.proposal };
    case 'contract.changed':
      return { contracts: withContract(thread.contracts, event.contract) };
    case 'interview.changed':
      return { interview: isActive(event.interview) ? event.interview : null };
  }
};

const lastMessage = (thread: ThreadSummary, changed: Message): Message | null =>
  thread.lastMessage?.offset === changed.offset ? changed : thread.lastMessage;

const isUnread = (thread: ThreadSummary, me: UserId, message: Message): boolean => {
  const readOffset = thread.members.find(({ userId }) => userId === me)?.readOffset ?? 0;
  return message.senderId !== me && message.offset > readOffset;
};

const put = <Key, Value>(map: ReadonlyMap<Key, Value>, key: Key, value: Value): ReadonlyMap<Key, Value> =>
  new Map(map).set(key, value);

const remove = <Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): ReadonlyMap<Key, Value> => {
  if (!map.has(key)) return map;
  const next = new Map(map);
  next.delete(key);
  return next;
};
