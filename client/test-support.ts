/** For the SDK's tests: a clock that is moved by hand, seeded chance, and waiting for conditions. */
import type { Clock } from './clock.ts';

export interface TestClock extends Clock {
  /** Moves time on and runs what falls due, in order. */
  advance(ms: number): void;
  /** Delays of the timers that are set, shortest first. */
  timers(): number[];
}

export const createTestClock = (startAt = 1_760_000_000_000): TestClock => {
  let now = startAt;
  let timers: { readonly at: number; readonly run: () => void }[] = [];
  return {
    now: () => now,
    after(delayMs, run) {
      const timer = { at: now + Math.max(0, delayMs), run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance(ms) {
      const until = now + ms;
      for (;;) {
        const next = timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        timers = timers.filter((other) => other !== next);
        now = Math.max(now, next.at);
        next.run();
      }
      now = until;
    },
    timers: () => timers.map(({ at }) => at - now).sort((a, b) => a - b),
  };
};

/** Chance that a seed repeats (mulberry32). */
export const seeded = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** Waits for a condition that other turns of the event loop bring about; says what is missing when it does not come. */
export const until = async (condition: () => unknown, missing: string | (() => string), timeoutMs = 5_000): Promise<void> => {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Still waiting: ${typeof missing === 'string' ? missing : missing()}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
};
