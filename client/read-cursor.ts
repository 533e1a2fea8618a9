/** How far one has read a thread: moves forward only, gathers for a moment, and waits for a connection. */
import { ProtocolError, type ThreadId } from '../protocol/index.ts';
import type { Clock } from './clock.ts';
import type { Connection } from './connection.ts';

export interface ReadCursor {
  mark(offset: number): void;
  online(): void;
}

const DEBOUNCE_MS = 150;
const RETRY_MS = 5_000;

export const createReadCursor = (options: {
  threadId: ThreadId;
  clock: Clock;
  request: Connection['request'];
  /** Whether a request has a chance. */
  isOnline: () => boolean;
  /** How far the log says one has read. */
  readOffset: () => number;
}): ReadCursor => {
  const { threadId, clock, request } = options;
  let target = 0;
  let confirmed = 0;
  let moving = false;
  let scheduled = false;

  const moveIn = (delayMs: number): void => {
    if (scheduled) return;
    scheduled = true;
    clock.after(delayMs, () => {
      scheduled = false;
      void move();
    });
  };

  const move = async (): Promise<void> => {
    const readOffset = target;
    if (moving || !options.isOnline() || readOffset <= Math.max(confirmed, options.readOffset())) return;
    moving = true;
    try {
      confirmed = Math.max(confirmed, (await request('cursor.move', { threadId, readOffset })).readOffset);
      if (target > readOffset) moveIn(DEBOUNCE_MS);
    } catch (error) {
      if (error instanceof ProtocolError && error.retryable) moveIn(error.details.retryAfterMs ?? RETRY_MS);
    } finally {
      moving = false;
    }
  };

  return {
    mark(offset) {
      if (offset <= Math.max(target, options.readOffset())) return;
      target = offset;
      moveIn(DEBOUNCE_MS);
    },
    online: () => moveIn(DEBOUNCE_MS),
  };
};
