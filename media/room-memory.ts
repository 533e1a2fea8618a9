/**
 * What the node remembers of a room beside its media, also while nobody is in it: the largest fence it has seen, which participants
 * were superseded, and since when the room is empty. Forgotten an hour after the last one left.
 */
import type { Clock } from '../src/clock.ts';

const KEEP_MS = 3_600_000;

export interface RoomMemory {
  readonly superseded: Set<string>;
  fence: number;
  /** Undefined while somebody is in it, and when nobody ever was. */
  emptySince: number | undefined;
}

export interface RoomMemories {
  get(roomId: string): RoomMemory | undefined;
  open(roomId: string): RoomMemory;
  occupied(roomId: string): void;
  emptied(roomId: string): void;
  close(): void;
}

export const createRoomMemories = (clock: Clock): RoomMemories => {
  const memories = new Map<string, RoomMemory>();
  const cancels = new Map<string, () => void>();
  const keep = (roomId: string): void => {
    cancels.get(roomId)?.();
    cancels.delete(roomId);
  };
  const forgetLater = (roomId: string): void => {
    keep(roomId);
    const forget = (): void => {
      cancels.delete(roomId);
      memories.delete(roomId);
    };
    cancels.set(roomId, clock.after(KEEP_MS, forget));
  };
  return {
    get: (roomId) => memories.get(roomId),
    open(roomId) {
      const known = memories.get(roomId);
      if (known !== undefined) return known;
      const memory: RoomMemory = { superseded: new Set(), fence: 0, emptySince: undefined };
      memories.set(roomId, memory);
      forgetLater(roomId);
      return memory;
    },
    occupied(roomId) {
      keep(roomId);
      const memory = memories.get(roomId);
      if (memory !== undefined) memory.emptySince = undefined;
    },
    emptied(roomId) {
      const memory = memories.get(roomId);
      if (memory === undefined) return;
      memory.emptySince ??= clock.now();
      forgetLater(roomId);
    },
    close() {
      for (const cancel of cancels.values()) cancel();
    },
  };
};
