/** What every presence tracker promises (src/presence/presence.ts), for any implementation. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Presence, UserId } from '../../protocol/index.ts';
import type { PresenceTracker } from '../../src/presence/presence.ts';
import { until } from '../support/until.ts';

export interface PresenceBench {
  readonly presence: PresenceTracker;
  readonly graceMs: number;
  /** Every change told so far about those that are watched, oldest first. */
  readonly changes: readonly Presence[];
  /** The store's last seen. */
  readonly seen: ReadonlyMap<UserId, number>;
  watch(userId: UserId): Promise<void>;
  /** The clock that last seen is of. */
  now(): number;
  /** Lets time pass. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** Last seen is exact on a fake clock and within this on a real one. */
const SLACK_MS = 250;

export const presenceContract = (name: string, setUp: () => Promise<PresenceBench>): void => {
  describe(`presence contract: ${name}`, () => {
    let bench: PresenceBench;
    const user = `ada-${Math.random().toString(36).slice(2)}@example.com`;
    beforeEach(async () => {
      bench = await setUp();
      await bench.watch(user);
    });
    afterEach(() => bench.close());

    const heard = (count: number) => until(`${count} changes`, () => bench.changes.length >= count && bench.changes);
    const online = { userId: user, online: true, lastSeenAt: null };

    it('[PR2] a socket that comes back within the grace changes nothing', async () => {
      const { presence, changes, graceMs } = bench;
      presence.hold(user, 's1');
      await heard(1);
      presence.release(user, 's1', { atOnce: false });
      await bench.pass(graceMs / 2);
      presence.hold(user, 's1');
      await bench.pass(graceMs * 3);
      expect(changes).toEqual([online]);
      expect(await presence.get([user])).toEqual([online]);
    });

    it('[PR2] last seen is when the socket went, not when the grace ended', async () => {
      const { presence, changes, graceMs } = bench;
      presence.hold(user, 's1');
      await heard(1);
      await bench.pass(50);
      const leftAt = bench.now();
      presence.release(user, 's1', { atOnce: false });
      expect(await presence.get([user])).toEqual([online]);
      await bench.pass(graceMs);
      await heard(2);
      const off = changes[1] as Presence;
      expect(off).toMatchObject({ userId: user, online: false });
      expect(Math.abs((off.lastSeenAt as number) - leftAt)).toBeLessThan(SLACK_MS);
      expect(await presence.get([user, 'nobody'])).toEqual([off, { userId: 'nobody', online: false, lastSeenAt: null }]);
      await until('the store to know', () => bench.seen.get(user) === off.lastSeenAt);
    });

    it('[PR1] [PR5] one device that leaves, however it leaves, does not clear another', async () => {
      const { presence, changes, graceMs } = bench;
      for (const device of ['s1', 's2', 's3']) presence.hold(user, device);
      await heard(1);
      presence.release(user, 's1', { atOnce: true });
      presence.release(user, 's2', { atOnce: false });
      await bench.pass(graceMs * 3);
      expect(changes).toEqual([online]);
      presence.release(user, 's3', { atOnce: true });
      expect((await heard(2))[1]).toMatchObject({ userId: user, online: false });
    });

    it('[PR2] a session that ends after its grace began does not announce twice', async () => {
      const { presence, changes, graceMs } = bench;
      presence.hold(user, 's1');
      presence.release(user, 's1', { atOnce: false });
      await bench.pass(graceMs);
      await heard(2);
      presence.release(user, 's1', { atOnce: false });
      presence.release(user, 's1', { atOnce: true });
      await bench.pass(graceMs * 3);
      expect(changes.map((change) => change.online)).toEqual([true, false]);
    });

    it('[PR2] who signs out in the grace is offline at once, last seen when the socket went', async () => {
      const { presence } = bench;
      presence.hold(user, 's1');
      const leftAt = bench.now();
      presence.release(user, 's1', { atOnce: false });
      await bench.pass(bench.graceMs / 2);
      presence.release(user, 's1', { atOnce: true });
      const [, off] = await heard(2);
      expect(off).toMatchObject({ online: false });
      expect(Math.abs((off?.lastSeenAt as number) - leftAt)).toBeLessThan(SLACK_MS);
    });

    it('[PR1] changes of one user are told in the order they happened', async () => {
      const { presence, changes } = bench;
      for (let round = 0; round < 50; round++) {
        presence.hold(user, `s${round}`);
        presence.release(user, `s${round}`, { atOnce: true });
      }
      await heard(100);
      expect(changes.map((change) => change.online)).toEqual(Array.from({ length: 100 }, (_, index) => index % 2 === 0));
    });
  });
};
