/**
 * What a node that drains does with its rooms: it gives them to other nodes, a few at a time. Rooms that no other node takes stay,
 * and are offered again; a drain that is called off keeps what has not begun to move.
 */
import type { Logger } from 'pino';
import type { Placement } from '../signaling/media-nodes.ts';
import type { Clock } from '../src/clock.ts';

export interface Evacuation {
  setDraining(draining: boolean): void;
  close(): void;
}

/** Everyone who moves sends twice, and asks for key frames. */
const MAX_MOVING = 16;
const OFFER_EVERY_MS = 500;

export const createEvacuation = (options: {
  /** The rooms that are this node's. */
  rooms: () => readonly { roomId: string; fence: number }[];
  /** Gives a room to another node, in the registry; undefined when there is none. */
  move: (roomId: string, fence: number) => Promise<Placement | undefined>;
  /** Moves its people; resolves when it is no longer here. */
  depart: (roomId: string, fence: number, withinMs: number) => Promise<void>;
  /** The time the people of a room have. */
  withinMs: number;
  clock: Clock;
  log: Logger;
}): Evacuation => {
  const { clock, log, withinMs } = options;
  const moving = new Set<string>();
  let draining = false;
  let cancel = (): void => {};

  const moveOne = async (roomId: string, fence: number): Promise<void> => {
    try {
      const to = await options.move(roomId, fence);
      if (to === undefined) return;
      log.info({ roomId, nodeId: to.nodeId }, 'a room moves to another node');
      await options.depart(roomId, to.fence, withinMs);
    } catch (error) {
      log.warn({ err: error, roomId }, 'a room could not be given to another node yet');
    }
  };
  const offer = (): void => {
    if (!draining) return;
    for (const { roomId, fence } of options.rooms()) {
      if (moving.size >= MAX_MOVING) break;
      if (moving.has(roomId)) continue;
      moving.add(roomId);
      void moveOne(roomId, fence).finally(() => moving.delete(roomId));
    }
    cancel = clock.after(OFFER_EVERY_MS, offer);
  };
  const stop = (): void => {
    draining = false;
    cancel();
  };

  return {
    setDraining(next) {
      stop();
      draining = next;
      offer();
    },
    close: stop,
  };
};
