/** Waits for Redis at a start; rejects when it is not there in time. */
import type { Redis } from './redis.ts';

export const whenReady = (redis: Pick<Redis, 'ready' | 'onReady'>, withinMs: number): Promise<void> =>
  new Promise((resolve, reject) => {
    if (redis.ready()) return resolve();
    const timer = setTimeout(() => reject(new Error(`Redis did not answer within ${withinMs} ms.`)), withinMs);
    redis.onReady((ready) => {
      if (!ready) return;
      clearTimeout(timer);
      resolve();
    });
  });
