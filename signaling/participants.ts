/** The participants of this gateway's sessions, found by id, by room and by session. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { UserId } from '../protocol/index.ts';

/** One participant, and the session that holds it. */
export interface HeldParticipant {
  readonly interviewId: string;
  readonly participantId: string;
  readonly userId: UserId;
  readonly joinedAt: number;
  /** The session that speaks for it and hears its events; changed with `hand`. */
  readonly sessionId: string;
  /** The secret that proves it from another session of the same user. */
  readonly token: string;
  acceptsToken(token: string): boolean;
  /** Said goodbye to; only its last events are still sent on. */
  leaving: boolean;
  /** Set while the grace runs: its session has no socket. */
  cancelGrace: (() => void) | undefined;
}

export interface Participants {
  get(participantId: string): HeldParticipant | undefined;
  /** Those who have not left. */
  inRoom(interviewId: string): HeldParticipant[];
  heldBy(sessionId: string): HeldParticipant[];
  all(): Iterable<HeldParticipant>;
  add(who: Pick<HeldParticipant, 'interviewId' | 'participantId' | 'userId' | 'joinedAt' | 'sessionId'>): HeldParticipant;
  /** Another session takes it over. */
  hand(held: HeldParticipant, sessionId: string): void;
  delete(held: HeldParticipant): void;
  /** Another device of the same person takes its place; remembered while the room lives. */
  supersede(held: HeldParticipant): void;
  isSuperseded(interviewId: string, participantId: string): boolean;
  /** The room is over. */
  forgetRoom(interviewId: string): void;
}

const digest = (token: string): Buffer => createHash('sha256').update(token).digest();

/** Values under a key, without empty sets left behind. */
const createIndex = <Value>() => {
  const sets = new Map<string, Set<Value>>();
  return {
    get: (key: string): Value[] => [...(sets.get(key) ?? [])],
    add(key: string, value: Value): void {
      const values = sets.get(key) ?? new Set();
      sets.set(key, values.add(value));
    },
    delete(key: string, value: Value): void {
      const values = sets.get(key);
      values?.delete(value);
      if (values?.size === 0) sets.delete(key);
    },
  };
};

export const createParticipants = (): Participants => {
  type Entry = { -readonly [Key in keyof HeldParticipant]: HeldParticipant[Key] };
  const byId = new Map<string, Entry>();
  const byRoom = createIndex<Entry>();
  const bySession = createIndex<Entry>();
  const superseded = new Map<string, Set<string>>();
  const isHere = ({ leaving }: Entry): boolean => !leaving;

  return {
    get: (participantId) => byId.get(participantId),
    inRoom: (interviewId) => byRoom.get(interviewId).filter(isHere),
    heldBy: (sessionId) => bySession.get(sessionId).filter(isHere),
    all: () => byId.values(),
    add(who) {
      const token = randomBytes(24).toString('base64url');
      const entry: Entry = {
        ...who,
        token,
        acceptsToken: (given) => timingSafeEqual(digest(given), digest(token)),
        leaving: false,
        cancelGrace: undefined,
      };
      byId.set(entry.participantId, entry);
      byRoom.add(entry.interviewId, entry);
      bySession.add(entry.sessionId, entry);
      return entry;
    },
    hand(held, sessionId) {
      const entry = byId.get(held.participantId);
      if (entry !== held || entry.sessionId === sessionId) return;
      bySession.delete(entry.sessionId, entry);
      entry.sessionId = sessionId;
      bySession.add(sessionId, entry);
    },
    delete(held) {
      const entry = byId.get(held.participantId);
      if (entry !== held) return;
      byId.delete(entry.participantId);
      byRoom.delete(entry.interviewId, entry);
      bySession.delete(entry.sessionId, entry);
    },
    supersede({ interviewId, participantId }) {
      const ids = superseded.get(interviewId) ?? new Set();
      superseded.set(interviewId, ids.add(participantId));
    },
    isSuperseded: (interviewId, participantId) => superseded.get(interviewId)?.has(participantId) === true,
    forgetRoom: (interviewId) => void superseded.delete(interviewId),
  };
};
