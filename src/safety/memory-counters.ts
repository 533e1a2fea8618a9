/** Counters of one process. */
import type { Clock } from '../clock.ts';
import type { Counters } from './counters.ts';

/** Keys at most; the one that was used longest ago goes first. */
const MOST_KEYS = 100_000;

export const createMemoryCounters = (clock: Pick<Clock, 'now'>): Counters => {
  const taken = new Map<string, { at: number; mark: string }[]>();
  const gathered = new Map<string, Map<string, number>>();

  /** Puts a key behind all others. */
  const keep = <Value>(map: Map<string, Value>, key: string, value: Value): void => {
    map.delete(key);
    map.set(key, value);
    if (map.size > MOST_KEYS) map.delete(map.keys().next().value!);
  };

  return {
    async take(key, { limit, windowMs }, mark) {
      const now = clock.now();
      const counted = (taken.get(key) ?? []).filter(({ at }) => at > now - windowMs);
      const isFull = counted.length >= limit;
      if (!isFull) counted.push({ at: now, mark });
      keep(taken, key, counted);
      return isFull ? Math.max(1, counted[counted.length - limit]!.at + windowMs - now) : 0;
    },
    async giveBack(key, mark) {
      const counted = taken.get(key);
      const at = counted?.findIndex((one) => one.mark === mark) ?? -1;
      if (at >= 0) counted?.splice(at, 1);
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
