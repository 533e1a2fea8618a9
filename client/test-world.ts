/**
 * For the SDK's tests: what a server would know, from the seat of one user. Threads, messages and that user's inbox
 * log, with summaries counted from the facts and not folded from events, so that a client's fold can be held against
 * them.
 */
import {
  ACTIVITY_TYPES,
  type InboxEvent,
  type InboxRecovery,
  type Interview,
  isActive,
  type Mark,
  type Marks,
  type MaskedSpan,
  type Member,
  type Message,
  NO_MARKS,
  type ProposalSummary,
  ProtocolError,
  type ThreadEvent,
  type ThreadEventOf,
  type ThreadId,
  type ThreadSummary,
  TIMELINE_TYPES,
  type User,
  type UserId,
  withContract,
} from '../protocol/index.ts';
import { byActivity } from './state.ts';

export type World = ReturnType<typeof createWorld>;

interface WorldThread {
  readonly threadId: ThreadId;
  readonly events: ThreadEvent[];
  members: Member[];
  marks: Marks;
}

/** What varies in an event besides its place. */
type Change<Type extends ThreadEvent['type'] = ThreadEvent['type']> = {
  [Name in Type]: Omit<ThreadEventOf<Name>, 'threadId' | 'offset' | 'at'>;
}[Type];

export const createWorld = (me: UserId, { replayLimit = 1_000, pageSize = 50 } = {}) => {
  let epoch = 'epoch-1';
  let time = 1_760_000_000_000;
  let head = 0;
  let log: { position: number; event: InboxEvent }[] = [];
  const users = new Map<UserId, User>();
  const threads = new Map<ThreadId, WorldThread>();
  const listeners = new Set<(entry: { position: number; event: InboxEvent }) => void>();

  const tick = (): number => {
    time += 7;
    return time;
  };

  const addUser = (userId: UserId, displayName: string): User => {
    const user: User = { userId, displayName, headline: '', avatarUrl: null, timeZone: null };
    users.set(userId, user);
    return user;
  };

  const threadOf = (threadId: ThreadId): WorldThread => {
    const thread = threads.get(threadId);
    if (thread === undefined) throw new ProtocolError('not_member', 'No such thread.');
    return thread;
  };

  const isMember = (thread: WorldThread, userId: UserId): boolean => thread.members.some((member) => member.userId === userId);

  const deliver = (event: InboxEvent): void => {
    head += 1;
    const entry = { position: head, event };
    log.push(entry);
    for (const listener of listeners) listener(entry);
  };

  /** Appends to a thread and, when the user hears it, to the inbox. */
  const happen = (threadId: ThreadId, change: Change): ThreadEvent => {
    const thread = threadOf(threadId);
    const heardBefore = isMember(thread, me);
    const event = { ...change, threadId, offset: thread.events.length + 1, at: tick() } as ThreadEvent;
    if (event.type === 'message.posted') thread.marks = { ...thread.marks, hidden: false };
    if (event.type === 'member.joined') thread.members = [...thread.members, event.member];
    if (event.type === 'member.left') {
      thread.members = thread.members.filter(({ userId }) => userId !== event.userId);
      for (const member of thread.members) if (member.userId === event.ownerId) member.role = 'owner';
    }
    thread.events.push(event);
    if (heardBefore || isMember(thread, me)) deliver(event);
    return event;
  };

  const messageAt = (thread: WorldThread, offset: number): Message => {
    const event = thread.events[offset - 1];
    if (event?.type !== 'message.posted') throw new ProtocolError('not_found', 'No such message.');
    return event.message;
  };

  const setMessage = (thread: WorldThread, message: Message): void => {
    const event = thread.events[message.offset - 1] as ThreadEventOf<'message.posted'>;
    thread.events[message.offset - 1] = { ...event, message };
    // A replay carries the message in its present state.
    log = log.map((entry) =>
      entry.event.type === 'message.posted' && entry.event.threadId === thread.threadId && entry.event.offset === message.offset
        ? { ...entry, event: { ...entry.event, message } }
        : entry,
    );
  };

  const summary = (thread: WorldThread): ThreadSummary => {
    const opened = thread.events[0] as ThreadEventOf<'thread.opened'>;
    const posted = thread.events.filter((event) => event.type === 'message.posted').map((event) => event.message);
    const interview = thread.events.findLast((event) => event.type === 'interview.changed')?.interview ?? null;
    const readOffset = thread.members.find(({ userId }) => userId === me)?.readOffset ?? 0;
    return {
      threadId: thread.threadId,
      kind: opened.kind,
      title: opened.title,
      members: thread.members,
      proposal: thread.events.findLast((event) => event.type === 'proposal.changed')?.proposal ?? opened.proposal,
      contracts: thread.events
        .filter((event) => event.type === 'contract.changed')
        .reduce((contracts, event) => withContract(contracts, event.contract), opened.contracts),
      marks: thread.marks,
      head: thread.events.length,
      lastMessage: posted.at(-1) ?? null,
      unread: posted.filter((message) => message.senderId !== me && message.offset > readOffset && message.deletedAt === null)
        .length,
      interview: interview !== null && isActive(interview) ? interview : null,
      openedAt: opened.at,
      activeAt: thread.events.findLast((event) => (ACTIVITY_TYPES as readonly string[]).includes(event.type))!.at,
    };
  };

  const usersOf = (summaries: readonly ThreadSummary[]): User[] => {
    const ids = new Set([me, ...summaries.flatMap((thread) => thread.members.map(({ userId }) => userId))]);
    return [...ids].map((userId) => users.get(userId)!);
  };

  const page = (before?: { activeAt: number; threadId: ThreadId }, limit = pageSize, marked?: Mark) => {
    const own = [...threads.values()].filter((thread) => isMember(thread, me)).map(summary);
    const all = own.filter(({ marks }) => marked === undefined || marks[marked]);
    const rest = all.sort(byActivity).filter((thread) => before === undefined || byActivity(before, thread) < 0);
    const summaries = rest.slice(0, limit);
    return { threads: summaries, users: usersOf(summaries), more: rest.length > limit };
  };

  const world = {
    me,
    addUser,
    happen,
    head: () => head,
    log: () => log,
    epoch: () => epoch,
    user: (userId: UserId) => users.get(userId)!,
    onEntry(listener: (entry: { position: number; event: InboxEvent }) => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    openThread(threadId: ThreadId, memberIds: readonly UserId[]): ThreadId {
      threads.set(threadId, { threadId, events: [], members: [], marks: NO_MARKS });
      const members = memberIds.map(
        (userId, index): Member => ({ userId, role: index === 0 ? 'owner' : 'member', readOffset: 0, joinedAt: time }),
      );
      threadOf(threadId).members = members;
      happen(threadId, {
        type: 'thread.opened',
        actorId: memberIds[0] ?? null,
        kind: 'group',
        title: '',
        members,
        users: memberIds.map((userId) => users.get(userId)!),
        proposal: null,
        contracts: [],
      });
      return threadId;
    },
    post(
      threadId: ThreadId,
      senderId: UserId,
      body: string,
      clientMessageId = `c-${threadId}-${head}-${senderId}`,
      masked?: MaskedSpan[],
    ) {
      const thread = threadOf(threadId);
      if (!isMember(thread, senderId)) throw new ProtocolError('not_member', 'Not a member.');
      const before = thread.events.find(
        (event) =>
          event.type === 'message.posted' &&
          event.message.senderId === senderId &&
          event.message.clientMessageId === clientMessageId,
      );
      if (before?.type === 'message.posted') return { message: before.message, replayed: true };
      const offset = thread.events.length + 1;
      const message: Message = {
        threadId,
        offset,
        senderId,
        clientMessageId,
        body,
        postedAt: time + 7,
        editedAt: null,
        deletedAt: null,
        ...(masked !== undefined && { masked }),
      };
      happen(threadId, { type: 'message.posted', actorId: senderId, message });
      return { message, replayed: false };
    },
    release(threadId: ThreadId, offset: number, body: string): Message {
      const thread = threadOf(threadId);
      const { masked: _, ...rest } = messageAt(thread, offset);
      const message: Message = { ...rest, body };
      setMessage(thread, message);
      happen(threadId, { type: 'message.released', actorId: null, message });
      return message;
    },
    edit(threadId: ThreadId, offset: number, body: string): Message {
      const thread = threadOf(threadId);
      const message = { ...messageAt(thread, offset), body, editedAt: time + 7 };
      setMessage(thread, message);
      happen(threadId, { type: 'message.edited', actorId: message.senderId, message });
      return message;
    },
    remove(threadId: ThreadId, offset: number): Message {
      const thread = threadOf(threadId);
      const present = messageAt(thread, offset);
      if (present.deletedAt !== null) return present;
      const message = { ...present, body: '', deletedAt: time + 7 };
      setMessage(thread, message);
      happen(threadId, { type: 'message.deleted', actorId: message.senderId, message });
      return message;
    },
    moveCursor(threadId: ThreadId, userId: UserId, to: number): { readOffset: number; unread: number } {
      const thread = threadOf(threadId);
      const readOffset = Math.min(to, thread.events.length);
      const member = thread.members.find((candidate) => candidate.userId === userId);
      const moves = member !== undefined && readOffset > member.readOffset;
      if (moves) {
        thread.members = thread.members.map((other) => (other === member ? { ...member, readOffset } : other));
      }
      const unread = thread.events.filter(
        (event) =>
          event.type === 'message.posted' &&
          event.message.senderId !== userId &&
          event.offset > readOffset &&
          event.message.deletedAt === null,
      ).length;
      if (moves && isMember(thread, me)) {
        log = log.filter(
          ({ event }) => !(event.type === 'cursor.moved' && event.threadId === threadId && event.userId === userId),
        );
        deliver({ type: 'cursor.moved', threadId, userId, readOffset, unread, at: tick() });
      }
      return { readOffset, unread };
    },
    changeUser(userId: UserId, displayName: string): void {
      const user = { ...users.get(userId)!, displayName };
      users.set(userId, user);
      log = log.filter(({ event }) => !(event.type === 'user.changed' && event.user.userId === userId));
      deliver({ type: 'user.changed', user, at: tick() });
    },
    /** What the user marks, here or on another device. */
    mark(threadId: ThreadId, change: { [Name in Mark]?: boolean | undefined }): Marks {
      const thread = threadOf(threadId);
      const { archived = thread.marks.archived, favourite = thread.marks.favourite, hidden = thread.marks.hidden } = change;
      thread.marks = { archived, favourite, hidden, version: thread.marks.version + 1 };
      log = log.filter(({ event }) => !(event.type === 'marks.changed' && event.threadId === threadId));
      deliver({ type: 'marks.changed', threadId, marks: thread.marks, at: tick() });
      return thread.marks;
    },
    /** What the host platform puts without a thread. */
    list(proposal: ProposalSummary): void {
      log = log.filter(({ event }) => !(event.type === 'proposal.listed' && event.proposal.proposalId === proposal.proposalId));
      deliver({ type: 'proposal.listed', proposal, at: tick() });
    },
    changeInterview(threadId: ThreadId, interview: Interview): void {
      happen(threadId, { type: 'interview.changed', actorId: interview.startedBy, interview });
    },
    /** The life of this store ends; another begins with the same threads. */
    renew(): void {
      epoch = `epoch-${Number(epoch.split('-')[1]) + 1}`;
      head += 1_000;
      log = [];
    },
    since(from?: { epoch: string; position: number }): InboxRecovery {
      const missed = log.filter((entry) => entry.position > (from?.position ?? 0));
      const known = from !== undefined && from.epoch === epoch && from.position <= head && missed.length <= replayLimit;
      if (known) return { recovered: true, epoch, position: head, entries: missed };
      return { recovered: false, epoch, position: head, snapshot: page() };
    },
    page,
    /** Every thread of the user as it stands. */
    summaries: () => page(undefined, Number.POSITIVE_INFINITY).threads,
    thread(threadId: ThreadId): { thread: ThreadSummary; users: User[] } {
      const thread = threadOf(threadId);
      if (!isMember(thread, me)) throw new ProtocolError('not_member', 'Not a member.');
      const present = summary(thread);
      return { thread: present, users: usersOf([present]) };
    },
    history(threadId: ThreadId, { before, limit = 50 }: { before?: number | undefined; limit?: number | undefined }) {
      const shown = world.timeline(threadId).filter((event) => before === undefined || event.offset < before);
      return { events: shown.slice(-limit), more: shown.length > limit };
    },
    /** What the whole conversation shows. */
    timeline(threadId: ThreadId): ThreadEvent[] {
      const thread = threadOf(threadId);
      if (!isMember(thread, me)) throw new ProtocolError('not_member', 'Not a member.');
      return thread.events.filter((event) => (TIMELINE_TYPES as readonly string[]).includes(event.type));
    },
  };
  return world;
};
