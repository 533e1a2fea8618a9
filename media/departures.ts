/**
 * Rooms that another node has been given while their people are still here. Each person joins there beside what flows here; the room
 * closes here when all have arrived there, or when the time is over, and then whoever is left is told to join anew.
 */
import type { Clock } from '../src/clock.ts';

export interface Departures {
  /** The room is another node's under this fence. Resolves when it is no longer here. */
  begin(roomId: string, fence: number, withinMs: number): Promise<void>;
  /** The fence under which another node has the room; undefined while it is this one's. */
  successorOf(roomId: string): number | undefined;
  /** For who came in after the others had been told to go. */
  remind(roomId: string): void;
  /** The participant has media there. Answers when everyone has, or false when that takes long. */
  arrived(roomId: string, participantId: string): Promise<boolean>;
  /** Somebody is not here any more. */
  look(roomId: string): void;
  /** Placed again under this fence, maybe here: what was to move is void when that is later. */
  overtake(roomId: string, fence: number): void;
  close(): void;
}

/** Whoever has arrived and asks is answered by then, and may ask again. */
const WAIT_MS = 5_000;

interface Departure {
  readonly fence: number;
  readonly until: number;
  readonly arrived: Set<string>;
  readonly over: Promise<void>;
  end(): void;
}

export const createDepartures = (options: {
  clock: Clock;
  /** Participants that are here. */
  present: (roomId: string) => readonly string[];
  /** Says `room.moving` to everyone here. */
  announce: (roomId: string, withinMs: number) => void;
  /** Nothing of the room is needed here any more. */
  onOver: (roomId: string, fence: number) => void;
}): Departures => {
  const { clock, present, announce } = options;
  const departures = new Map<string, Departure>();

  const look = (roomId: string): void => {
    const departure = departures.get(roomId);
    if (departure !== undefined && present(roomId).every((id) => departure.arrived.has(id))) departure.end();
  };

  return {
    look,
    successorOf: (roomId) => departures.get(roomId)?.fence,
    begin(roomId, fence, withinMs) {
      const { promise: over, resolve } = Promise.withResolvers<void>();
      const end = (): void => {
        cancel();
        if (!departures.delete(roomId)) return;
        options.onOver(roomId, fence);
        resolve();
      };
      const cancel = clock.after(withinMs, end);
      departures.set(roomId, { fence, until: clock.now() + withinMs, arrived: new Set(), over, end });
      announce(roomId, withinMs);
      look(roomId);
      return over;
    },
    overtake(roomId, fence) {
      const departure = departures.get(roomId);
      if (departure !== undefined && fence > departure.fence) departure.end();
    },
    remind(roomId) {
      const departure = departures.get(roomId);
      if (departure !== undefined) announce(roomId, Math.max(0, departure.until - clock.now()));
    },
    async arrived(roomId, participantId) {
      const departure = departures.get(roomId);
      if (departure === undefined) return true;
      departure.arrived.add(participantId);
      look(roomId);
      let cancel = (): void => {};
      const late = new Promise<void>((resolve) => {
        cancel = clock.after(WAIT_MS, resolve);
      });
      await Promise.race([departure.over, late]);
      cancel();
      return departures.get(roomId) !== departure;
    },
    close() {
      for (const departure of [...departures.values()]) departure.end();
    },
  };
};
