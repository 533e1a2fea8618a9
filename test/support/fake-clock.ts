/** A clock that moves when told to. */
import type { Clock } from '../../src/clock.ts';

export interface FakeClock extends Clock {
  /** Moves on by `ms`, running what falls due in order of time. */
  advance(ms: number): void;
}

export const createFakeClock = (startAt = 1_800_000_000_000): FakeClock => {
  let now = startAt;
  let nextId = 0;
  const timers = new Map<number, { at: number; run: () => void }>();
  const due = (until: number) =>
    [...timers].filter(([, { at }]) => at <= until).sort(([a, x], [b, y]) => x.at - y.at || a - b)[0];
  return {
    now: () => now,
    after(delayMs, run) {
      const id = nextId++;
      timers.set(id, { at: now + Math.max(0, delayMs), run });
      return () => timers.delete(id);
    },
    advance(ms) {
      const until = now + ms;
      for (let next = due(until); next !== undefined; next = due(until)) {
        const [id, { at, run }] = next;
        timers.delete(id);
        now = at;
        run();
      }
      now = until;
    },
  };
};
