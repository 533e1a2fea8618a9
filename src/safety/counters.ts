/**
 * What is counted over a moving window of time, by all gateways together: how often somebody did something, and with how many different
 * things. Nothing durable: whoever loses its memory counts anew.
 */
export interface Counters {
  /** Counts one more, and returns 0, while fewer than `limit` were counted in the window; else counts nothing and returns the ms until there is room. `mark` is the count's own. */
  take(key: string, window: { limit: number; windowMs: number }, mark: string): Promise<number>;
  /** Takes back what was counted under this mark: it came to nothing. */
  giveBack(key: string, mark: string): Promise<void>;
  /** Remembers a member under a key for the window; how many different ones were remembered in it, this one included. */
  gather(key: string, member: string, windowMs: number): Promise<number>;
}
