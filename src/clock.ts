/** Time as a collaborator, so that tests can move it. */
export interface Clock {
  /** Unix ms. */
  now(): number;
  /** Runs once after `delayMs`; returns how to call it off. Does not keep the process alive. */
  after(delayMs: number, run: () => void): () => void;
}

/** The longest delay a Node timer takes, about 24.8 days; beyond it fires at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, Math.min(Math.max(0, delayMs), MAX_DELAY_MS));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
