/**
 * Whether the other end of a connection lives: both sides send something twice a second, and one that was silent for longer than a
 * moment is dead or hung. The kernel of a hung process goes on acknowledging packets, so that nothing less would notice it.
 */
import type { WebSocket } from 'ws';
import type { Clock } from '../clock.ts';
import { BEAT_MS, DEAD_AFTER_MS } from './frames.ts';

export interface Liveness {
  /** Something came in. */
  heard(): void;
  stop(): void;
}

const BEAT_FRAME = JSON.stringify({ t: 'beat' });

export const watchLiveness = (socket: WebSocket, clock: Clock, onDead: () => void): Liveness => {
  let heardAt = performance.now();
  let checkedAt = heardAt;
  let cancel = (): void => {};
  const tick = (): void => {
    const now = performance.now();
    // Who was stopped itself has not listened: what came in meanwhile is read first.
    if (now - checkedAt > 2 * BEAT_MS) heardAt = now;
    checkedAt = now;
    if (now - heardAt >= DEAD_AFTER_MS) {
      onDead();
      return;
    }
    if (socket.readyState === socket.OPEN) socket.send(BEAT_FRAME);
    cancel = clock.after(BEAT_MS, tick);
  };
  tick();
  return {
    heard() {
      heardAt = performance.now();
    },
    stop: () => cancel(),
  };
};
