/** Counters of one process. */
import type { Clock } from '../clock.ts';
import type { Counters } from './counters.ts';

/** Keys at most; the one that was used longest ago goes first. */
const MOST_KEYS = 100_000;

export const createMemoryCounters = (clock: Pick<Clock, 'now'>): Counters => {
  const taken = new Map<string, number[]>();
  const gathered = new Map<string, Map<string, number>>();

  /** Puts a key behind all others. */
  const keep = <Value>(map: Map<string, Value>, key: string, value: Value): void => {
    map.delete(key);
    map.set(key, value);
    if (map.size > MOST_KEYS) map.delete(map.keys().next().value!);
  };

  return {
    async take(key, { limit, windowMs }) {
      const now = clock.now();
      const times = (taken.get(key) ?? []).filter((at) => at > now - windowMs);
      const isFull = times.length >= limit;
      if (!isFull) times.push(now);
      keep(taken, key, times);
      return isFull ? Math.max(1, times[times.length - limit]! + windowMs - now) : 0;
    },
    async gather(key, member, windowMs) {
      const now = clock.now();
      const members = new Map([...(gathered.get(key) ?? [])].filter(([, at]) => at > now - windowMs));
      members.set(member, now);
      keep(gathered, key, members);
      return members.size;
    },
  };
};
