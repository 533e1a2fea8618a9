/** A token bucket: `burst` at once, `perSecond` sustained. */
export interface RateLimit {
  /** 0 when there was a token to take, else the milliseconds until there is one. */
  take(now: number): number;
}

export const createRateLimit = ({ perSecond, burst }: { perSecond: number; burst: number }): RateLimit => {
  let tokens = burst;
  let since: number | undefined;
  return {
    take(now) {
      tokens = Math.min(burst, tokens + (Math.max(0, now - (since ?? now)) * perSecond) / 1000);
      since = now;
      if (tokens < 1) return Math.ceil(((1 - tokens) * 1000) / perSecond);
      tokens -= 1;
      return 0;
    },
  };
};
