/**
 * How long to wait before the next attempt: exponential with full jitter. The jitter is applied after the cap; before it, every
 * client that has waited long would come back at the same moment.
 */
export interface Backoff {
  readonly baseMs: number;
  readonly capMs: number;
}

/** `attempt` counts from 0. */
export const backoffMs = ({ baseMs, capMs }: Backoff, attempt: number, random: () => number): number =>
  Math.round(random() * Math.min(capMs, baseMs * 2 ** attempt));
