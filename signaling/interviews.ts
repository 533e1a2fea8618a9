/**
 * The life of interviews: every transition is stored as its successor version and told to the thread, and two clocks run: a call
 * that nobody answers is missed, a live interview whose room stays empty ends. Both survive a restart.
 */
import type { Logger } from 'pino';
import { type Interview, isActive, MAX_MEMBERS, type Payload, ProtocolError, type UserId } from '../protocol/index.ts';
import type { Clock } from '../src/clock.ts';
import type { Deliver } from '../src/handlers.ts';
import type { Store } from '../src/store/store.ts';
import { type InterviewAction, ring, transition } from './interview.ts';
import type { InterviewSettings } from './settings.ts';

/** Each lost race means that somebody else's transition was stored, and an interview has about as many as people. */
const MAX_ATTEMPTS = MAX_MEMBERS + 2;
/** The store failed when the clock wanted something of it. */
const RETRY_MS = 5_000;

export type InterviewStore = Pick<Store, 'interview' | 'changeInterview' | 'activeInterviews' | 'memberIds' | 'thread'>;

export interface Interviews {
  call(userId: UserId, call: Payload<'interview.call'>): Promise<Interview>;
  /** What a member does. Throws `not_found`, `not_member`, `forbidden`, `conflict` or `gone`. */
  act(userId: UserId, interviewId: string, type: 'answer' | 'decline' | 'cancel' | 'end'): Promise<Interview>;
  /** Asks whether a member may be in its room; answers it when it rings for them. Throws `gone` when it is over. */
  enter(userId: UserId, interviewId: string): Promise<Interview>;
  /** The active interview of a thread, as far as this gateway knows. */
  activeIn(threadId: string): Interview | undefined;
  /** Whether it rings or is live, as far as this gateway knows. */
  isActive(interviewId: string): boolean;
  /** The first came into the room, or the last left it. */
  roomChanged(interviewId: string): void;
  /** Takes up the interviews that were active when the process ended. */
  start(): Promise<void>;
  close(): void;
}

interface Watched {
  interview: Interview;
  cancelTimer: () => void;
}

export const createInterviews = (options: {
  store: InterviewStore;
  deliver: Deliver;
  clock: Clock;
  log: Logger;
  settings: InterviewSettings;
  isRoomEmpty: (interviewId: string) => boolean;
  /** It is over, whatever the reason: its room closes. */
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
      if (changed === interview) return interview;
      try {
        const stored = await deliver(store.changeInterview({ interview: changed, actorId, at }));
        watch(stored.interview);
        return stored.interview;
      } catch (error) {
        const isLostRace = error instanceof ProtocolError && error.code === 'conflict';
        if (!isLostRace || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  };

  const byClock = async (interviewId: string, action: InterviewAction): Promise<void> => {
    try {
      await change(interviewId, action, null);
    } catch (error) {
      log.error({ err: error, interviewId }, 'an interview could not be ended by the clock; it is tried again');
      const entry = watched.get(interviewId);
      if (entry !== undefined && !closed) entry.cancelTimer = clock.after(RETRY_MS, () => void byClock(interviewId, action));
    }
  };

  /** Sets the one timer an active interview needs now. */
  const arm = (entry: Watched): void => {
    const { interviewId, state, ringsUntil } = entry.interview;
    entry.cancelTimer();
    entry.cancelTimer = () => {};
    if (closed) return;
    if (state === 'ringing') {
      entry.cancelTimer = clock.after(ringsUntil - clock.now(), () => void byClock(interviewId, { type: 'miss' }));
    } else if (options.isRoomEmpty(interviewId)) {
      entry.cancelTimer = clock.after(settings.emptyMs, () => void byClock(interviewId, { type: 'end', userId: null }));
    }
  };

  const watch = (interview: Interview): void => {
    const { interviewId } = interview;
    const entry = watched.get(interviewId);
    if (entry !== undefined && entry.interview.version >= interview.version) return;
    if (isActive(interview)) {
      const active = entry ?? { interview, cancelTimer: () => {} };
      active.interview = interview;
      watched.set(interviewId, active);
      arm(active);
      return;
    }
    entry?.cancelTimer();
    watched.delete(interviewId);
    options.onOver(interview);
  };

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
    activeIn: (threadId) => [...watched.values()].find(({ interview }) => interview.threadId === threadId)?.interview,
    isActive: (interviewId) => watched.has(interviewId),
    roomChanged(interviewId) {
      const entry = watched.get(interviewId);
      if (entry?.interview.state === 'live') arm(entry);
    },
    async start() {
      for (const interview of await store.activeInterviews()) watch(interview);
    },
    close() {
      closed = true;
      for (const { cancelTimer } of watched.values()) cancelTimer();
      watched.clear();
    },
  };
};
