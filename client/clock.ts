/** Time and chance as collaborators, so that tests can move them. */
export interface Clock {
  /** Unix ms. */
  now(): number;
  /** Runs once after `delayMs`; returns how to call it off. */
  after(delayMs: number, run: () => void): () => void;
}

export interface Environment {
  readonly clock: Clock;
  /** A number from 0 up to 1, as `Math.random`. */
  readonly random: () => number;
}

/** The longest delay a timer takes, about 24.8 days; beyond it fires at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, Math.min(Math.max(0, delayMs), MAX_DELAY_MS));
    return () => clearTimeout(timer);
  },
};

export const systemEnvironment: Environment = { clock: systemClock, random: Math.random };
