/** A token bucket: `burst` at once, `perSecond` sustained. */
export interface RateLimit {
  /** 0 when there were tokens to take (one, or `cost`, at most the whole burst), else the milliseconds until there are. */
  take(now: number, cost?: number): number;
}

export const createRateLimit = ({ perSecond, burst }: { perSecond: number; burst: number }): RateLimit => {
  let tokens = burst;
  let since: number | undefined;
  return {
    take(now, cost = 1) {
      const needed = Math.min(cost, burst);
      tokens = Math.min(burst, tokens + (Math.max(0, now - (since ?? now)) * perSecond) / 1000);
      since = now;
      if (tokens < needed) return Math.ceil(((needed - tokens) * 1000) / perSecond);
      tokens -= needed;
      return 0;
    },
  };
};
