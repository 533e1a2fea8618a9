/** Who holds each participant of this node: found by participant, by room and by gateway. */
import type { UserId } from '../protocol/index.ts';

/** One participant, and the session that speaks for it. */
export interface Holder {
  readonly roomId: string;
  readonly participantId: string;
  readonly userId: UserId;
  readonly joinedAt: number;
  /** Whose commands are taken and who hears its events; changed with `hand`. */
  readonly gatewayId: string;
  readonly sessionId: string;
  graceMs: number;
  /** Said goodbye to; only its last events are still sent on. */
  leaving: boolean;
  /** Set while the grace runs: its session has no socket, or its gateway cannot be reached. */
  cancelGrace: (() => void) | undefined;
}

export interface Holders {
  get(participantId: string): Holder | undefined;
  /** Those who have not left. */
  inRoom(roomId: string): Holder[];
  /** Those too who have not heard the goodbye yet. */
  stillIn(roomId: string): Holder[];
  of(gatewayId: string): Holder[];
  /** Rooms that somebody is in. */
  rooms(): string[];
  add(who: Pick<Holder, 'roomId' | 'participantId' | 'userId' | 'joinedAt' | 'gatewayId' | 'sessionId' | 'graceMs'>): Holder;
  /** Another session takes it over. */
  hand(holder: Holder, to: Pick<Holder, 'gatewayId' | 'sessionId' | 'graceMs'>): void;
  delete(holder: Holder): void;
  all(): Iterable<Holder>;
}

export const createHolders = (): Holders => {
  type Entry = { -readonly [Key in keyof Holder]: Holder[Key] };
  const byId = new Map<string, Entry>();
  const byRoom = new Map<string, Set<Entry>>();
  const isHere = ({ leaving }: Entry): boolean => !leaving;

  return {
    get: (participantId) => byId.get(participantId),
    stillIn: (roomId) => [...(byRoom.get(roomId) ?? [])],
    inRoom: (roomId) => [...(byRoom.get(roomId) ?? [])].filter(isHere),
    of: (gatewayId) => [...byId.values()].filter((entry) => entry.gatewayId === gatewayId && isHere(entry)),
    rooms: () => [...byRoom.keys()],
    all: () => byId.values(),
    add(who) {
      const entry: Entry = { ...who, leaving: false, cancelGrace: undefined };
      byId.set(entry.participantId, entry);
      const inRoom = byRoom.get(entry.roomId) ?? new Set();
      byRoom.set(entry.roomId, inRoom.add(entry));
      return entry;
    },
    hand(holder, to) {
      const entry = byId.get(holder.participantId);
      if (entry === holder) Object.assign(entry, to);
    },
    delete(holder) {
      const entry = byId.get(holder.participantId);
      if (entry !== holder) return;
      byId.delete(entry.participantId);
      const inRoom = byRoom.get(entry.roomId);
      inRoom?.delete(entry);
      if (inRoom?.size === 0) byRoom.delete(entry.roomId);
    },
  };
};
