/**
 * The life of interviews: every transition is stored as its successor version and told to the thread, and two clocks run: a call
 * that nobody answers is missed, a live interview whose room stays empty ends. A gateway watches what it changed itself; one of
 * all gateways, who holds the lease, watches every active interview besides, so that each clock outlives the gateway that began it.
 * That two of them act at once does no harm: a transition is stored once.
 */
import type { Logger } from 'pino';
import { type Interview, isActive, MAX_MEMBERS, type Payload, ProtocolError, type UserId } from '../protocol/index.ts';
import type { Clock } from '../src/clock.ts';
import type { Deliver } from '../src/handlers.ts';
import type { Store } from '../src/store/store.ts';
import { type InterviewAction, ring, transition } from './interview.ts';
import type { Lease } from './lease.ts';
import type { Rooms } from './rooms.ts';
import type { InterviewSettings } from './settings.ts';

/** Each lost race means that somebody else's transition was stored, and an interview has about as many as people. */
const MAX_ATTEMPTS = MAX_MEMBERS + 2;
/** The store failed when the clock wanted something of it. */
const RETRY_MS = 5_000;
/** How often the one who has the lease reads all active interviews. */
const SWEEP_EVERY_MS = 5_000;

export type InterviewStore = Pick<
  Store,
  'interview' | 'changeInterview' | 'activeInterviews' | 'memberIds' | 'thread' | 'isApart'
>;

export interface Interviews {
  call(userId: UserId, call: Payload<'interview.call'>): Promise<Interview>;
  /** What a member does. Throws `not_found`, `not_member`, `forbidden`, `conflict` or `gone`. */
  act(userId: UserId, interviewId: string, type: 'answer' | 'decline' | 'cancel' | 'end'): Promise<Interview>;
  /** Asks whether a member may be in its room; answers it when it rings for them. Throws `gone` when it is over. */
  enter(userId: UserId, interviewId: string): Promise<Interview>;
  /** The active interview of a thread. */
  activeIn(threadId: string): Promise<Interview | undefined>;
  /** Those that ring for both or are live with both invited. */
  activeOf(userId: UserId, otherId: UserId): Promise<Interview[]>;
  /** Ends it for all, whichever way its state has for that; false when it is not theirs to end. */
  endFor(userId: UserId, interviewId: string): Promise<boolean>;
  /** Whether it rings or is live. */
  isActive(interviewId: string): Promise<boolean>;
  /** The last one left the room. */
  roomEmptied(interviewId: string): void;
  /** Takes up the interviews that are active, and looks again every few seconds while this gateway has the lease. */
  start(): Promise<void>;
  close(): void;
}

interface Watched {
  interview: Interview;
  /** As far as this gateway knows; undefined when somebody was in the room the last time it looked. */
  emptySince: number | undefined;
  cancelTimer: () => void;
}

export const createInterviews = (options: {
  store: InterviewStore;
  deliver: Deliver;
  clock: Clock;
  log: Logger;
  settings: InterviewSettings;
  /** Whether this gateway watches for all, now. */
  lease: Lease;
  occupancy: Rooms['occupancy'];
  closeOrphans: Rooms['closeOrphans'];
  /** This gateway stored its end, whatever the reason: its room closes. */
  onOver: (interview: Interview) => void;
}): Interviews => {
  const { store, deliver, clock, log, settings } = options;
  const watched = new Map<string, Watched>();
  let closed = false;

  const load = async (interviewId: string): Promise<Interview> => {
    const interview = await store.interview(interviewId);
    if (interview === undefined) throw new ProtocolError('not_found', 'There is no such interview.');
    return interview;
  };
  const requireMember = async (userId: UserId, threadId: string): Promise<UserId[]> => {
    const memberIds = await store.memberIds(threadId);
    if (!memberIds.includes(userId)) throw new ProtocolError('not_member', 'The thread is not one of yours.');
    return memberIds;
  };

  /** Stores a transition, on top of whatever others stored meanwhile. */
  const change = async (interviewId: string, action: InterviewAction, actorId: UserId | null): Promise<Interview> => {
    for (let attempt = 1; ; attempt += 1) {
      const interview = await load(interviewId);
      const at = clock.now();
      const changed = transition(interview, action, at);
      if (changed === interview) {
        watch(interview);
        return interview;
      }
      try {
        const stored = await deliver(store.changeInterview({ interview: changed, actorId, at }));
        watch(stored.interview);
        if (!isActive(stored.interview)) options.onOver(stored.interview);
        return stored.interview;
      } catch (error) {
        const isLostRace = error instanceof ProtocolError && error.code === 'conflict';
        if (!isLostRace || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  };

  /** What a clock wants; it wants it again in a while when it could not be done. */
  const byClock = async (interviewId: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      log.error({ err: error, interviewId }, 'an interview could not be ended by the clock; it is tried again');
      const entry = watched.get(interviewId);
      if (entry !== undefined) after(entry, RETRY_MS, work);
    }
  };
  /** Sets the one timer that an active interview needs now. */
  const after = (entry: Watched, delayMs: number, work: () => Promise<unknown>): void => {
    entry.cancelTimer();
    entry.cancelTimer = closed ? () => {} : clock.after(delayMs, () => void byClock(entry.interview.interviewId, work));
  };

  /** Asks the media node, which knows better than this gateway since when nobody is in the room. */
  const endIfEmpty = async (entry: Watched): Promise<void> => {
    const { interviewId } = entry.interview;
    const { participants, emptyForMs } = await options.occupancy(interviewId);
    if (closed || watched.get(interviewId) !== entry) return;
    const now = clock.now();
    entry.emptySince = participants > 0 ? undefined : emptyForMs === null ? (entry.emptySince ?? now) : now - emptyForMs;
    const isOver = entry.emptySince !== undefined && now - entry.emptySince >= settings.emptyMs;
    if (isOver) await change(interviewId, { type: 'end', userId: null }, null);
    else watchRoom(entry);
  };
  const watchRoom = (entry: Watched): void => {
    const emptyFor = entry.emptySince === undefined ? 0 : clock.now() - entry.emptySince;
    after(entry, settings.emptyMs - emptyFor, () => endIfEmpty(entry));
  };
  const arm = (entry: Watched): void => {
    const { state, ringsUntil } = entry.interview;
    if (state === 'ringing') after(entry, ringsUntil - clock.now(), () => miss(entry));
    else watchRoom(entry);
  };
  const miss = async (entry: Watched): Promise<void> => {
    const { interviewId } = entry.interview;
    await change(interviewId, { type: 'miss' }, null);
    // A timer may fire a millisecond early by the clock; the call then rings on, and must not ring for ever.
    if (watched.get(interviewId) === entry && entry.interview.state === 'ringing') arm(entry);
  };

  const watch = (interview: Interview): void => {
    const { interviewId } = interview;
    const entry = watched.get(interviewId);
    if (closed || (entry !== undefined && entry.interview.version >= interview.version)) return;
    if (isActive(interview)) {
      const active = entry ?? { interview, emptySince: undefined, cancelTimer: () => {} };
      Object.assign(active, { interview, emptySince: clock.now() });
      watched.set(interviewId, active);
      arm(active);
      return;
    }
    entry?.cancelTimer();
    watched.delete(interviewId);
  };

  const isOver = async (interviewId: string): Promise<boolean> => {
    const interview = await store.interview(interviewId);
    return interview === undefined || !isActive(interview);
  };
  const sweep = async (): Promise<Set<string>> => {
    const active = await store.activeInterviews();
    for (const interview of active) watch(interview);
    return new Set(active.map(({ interviewId }) => interviewId));
  };
  const keepSweeping = async (): Promise<void> => {
    try {
      if (!(await options.lease.isMine()) || closed) return;
      const active = await sweep();
      await options.closeOrphans(async (interviewId) => !active.has(interviewId) && isOver(interviewId));
    } catch (error) {
      if (!closed) log.debug({ err: error }, 'active interviews could not be looked through; it is tried again');
    } finally {
      if (!closed) cancelSweep = clock.after(SWEEP_EVERY_MS, () => void keepSweeping());
    }
  };
  let cancelSweep = (): void => {};

  const actionOf = async (
    userId: UserId,
    interview: Interview,
    type: 'answer' | 'decline' | 'cancel' | 'end',
  ): Promise<InterviewAction> => {
    if (type !== 'end') {
      await requireMember(userId, interview.threadId);
      return { type, userId };
    }
    const { thread } = await store.thread(userId, interview.threadId);
    return { type, userId, role: thread.members.find((member) => member.userId === userId)?.role ?? 'member' };
  };
  const act: Interviews['act'] = async (userId, interviewId, type) =>
    change(interviewId, await actionOf(userId, await load(interviewId), type), userId);

  const endFor: Interviews['endFor'] = async (userId, interviewId) => {
    const { state, startedBy } = await load(interviewId);
    const isRingingForThem = state === 'ringing' && startedBy !== userId;
    try {
      return !isActive(await act(userId, interviewId, isRingingForThem ? 'decline' : 'end'));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      // Another device has answered in between: then it is to be ended.
      if (error.code === 'conflict' && isRingingForThem) return endFor(userId, interviewId);
      if (error.code === 'forbidden') return false;
      throw error;
    }
  };

  return {
    act,
    async call(userId, { threadId, interviewId, media }) {
      const memberIds = await requireMember(userId, threadId);
      const invitedIds = memberIds.filter((memberId) => memberId !== userId);
      if (invitedIds.length === 0) throw new ProtocolError('invalid', 'There is nobody else in the thread to call.');
      const now = clock.now();
      const interview = ring({ interviewId, threadId, media, startedBy: userId, invitedIds, ringMs: settings.ringMs, now });
      const stored = await deliver(store.changeInterview({ interview, actorId: userId, at: now }));
      watch(stored.interview);
      return stored.interview;
    },
    async enter(userId, interviewId) {
      const interview = await load(interviewId);
      await requireMember(userId, interview.threadId);
      if (!isActive(interview)) throw new ProtocolError('gone', `The interview is ${interview.state}.`);
      const mustAnswer = interview.state === 'ringing' && interview.startedBy !== userId;
      return mustAnswer ? act(userId, interviewId, 'answer') : interview;
    },
    async activeIn(threadId) {
      const [memberId] = await store.memberIds(threadId);
      if (memberId === undefined) return undefined;
      return (await store.thread(memberId, threadId)).thread.interview ?? undefined;
    },
    async activeOf(...userIds) {
      const active = await store.activeInterviews();
      return active.filter(({ startedBy, invitedIds }) => userIds.every((id) => id === startedBy || invitedIds.includes(id)));
    },
    endFor,
    isActive: async (interviewId) => !(await isOver(interviewId)),
    roomEmptied(interviewId) {
      const entry = watched.get(interviewId);
      if (entry?.interview.state !== 'live') return;
      entry.emptySince = clock.now();
      watchRoom(entry);
    },
    async start() {
      await sweep();
      cancelSweep = clock.after(SWEEP_EVERY_MS, () => void keepSweeping());
    },
    close() {
      closed = true;
      cancelSweep();
      for (const { cancelTimer } of watched.values()) cancelTimer();
      watched.clear();
    },
  };
};
