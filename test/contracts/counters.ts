/** What every implementation of counters promises (src/safety/counters.ts). */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Counters } from '../../src/safety/counters.ts';

/** `join` makes one more that counts together with the others. */
export const countersContract = (name: string, join: () => Promise<Counters>): void => {
  describe(`counters contract: ${name}`, () => {
    it('[LI1] as many are counted as the limit has in any window, by all together, and then it says how long to wait', async () => {
      const [one, other] = [await join(), await join()];
      const [key, window] = [randomUUID(), { limit: 5, windowMs: 400 }];
      const attempts = await Promise.all(
        Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? one : other).take(key, window, randomUUID())),
      );
      expect(attempts.filter((wait) => wait === 0)).toHaveLength(5);
      for (const wait of attempts.filter((each) => each > 0)) {
        expect(wait).toBeGreaterThan(0);
        expect(wait).toBeLessThanOrEqual(400);
      }
      expect(await one.take(randomUUID(), window, randomUUID())).toBe(0);
      await sleep((await one.take(key, window, randomUUID())) + 30);
      expect(await other.take(key, window, randomUUID())).toBe(0);
    });

    it('[LI1] what was refused is not counted, and room comes one by one as the window moves', async () => {
      const counters = await join();
      const [key, window] = [randomUUID(), { limit: 2, windowMs: 600 }];
      expect(await counters.take(key, window, randomUUID())).toBe(0);
      await sleep(300);
      expect(await counters.take(key, window, randomUUID())).toBe(0);
      for (let index = 0; index < 5; index += 1) expect(await counters.take(key, window, randomUUID())).toBeGreaterThan(0);
      await sleep((await counters.take(key, window, randomUUID())) + 20);
      expect(await counters.take(key, window, randomUUID())).toBe(0);
      const wait = await counters.take(key, window, randomUUID());
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThan(400);
    });

    it('[LI7] what was given back makes room, whichever of them takes it back', async () => {
      const [one, other] = [await join(), await join()];
      const [key, window] = [randomUUID(), { limit: 2, windowMs: 60_000 }];
      expect([await one.take(key, window, 'first'), await one.take(key, window, 'second')]).toEqual([0, 0]);
      await other.giveBack(key, 'first');
      await other.giveBack(key, 'none');
      expect(await other.take(key, window, 'third')).toBe(0);
      expect(await one.take(key, window, 'fourth')).toBeGreaterThan(0);
    });

    it('[LI3] different members are gathered in the window, by all together', async () => {
      const [one, other] = [await join(), await join()];
      const key = randomUUID();
      const gather = (counters: Counters, member: string) => counters.gather(key, member, 300);
      expect([await gather(one, 'a'), await gather(other, 'b'), await gather(one, 'b'), await gather(other, 'a')]).toEqual([
        1, 2, 2, 2,
      ]);
      await sleep(350);
      expect(await gather(one, 'c')).toBe(1);
    });
  });
};
