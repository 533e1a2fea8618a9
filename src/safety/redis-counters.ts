/**
 * Counters in Redis, on its clock: a sorted set a key, which goes when its window is over. With Redis away each gateway counts for itself,
 * so that a limit still is one, and nobody waits for Redis to write a message.
 */
import { type Redis, script } from '../redis/redis.ts';
import type { Counters } from './counters.ts';

const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local window = tonumber(ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
`;

const TAKE = script(`${NOW}
local limit = tonumber(ARGV[3])
local count = redis.call('ZCARD', KEYS[1])
if count >= limit then
  local first = redis.call('ZRANGE', KEYS[1], count - limit, count - limit, 'WITHSCORES')
  return math.max(1, first[2] + window - now)
end
redis.call('ZADD', KEYS[1], now, ARGV[2])
redis.call('PEXPIRE', KEYS[1], window)
return 0
`);

const GATHER = script(`${NOW}
redis.call('ZADD', KEYS[1], now, ARGV[2])
redis.call('PEXPIRE', KEYS[1], window)
return redis.call('ZCARD', KEYS[1])
`);

export const createRedisCounters = ({ redis, alone }: { redis: Redis; alone: Counters }): Counters => {
  const orAlone = async (asked: () => Promise<unknown>, instead: () => Promise<number>): Promise<number> => {
    if (!redis.ready()) return instead();
    try {
      return Number(await asked());
    } catch {
      return instead();
    }
  };
  return {
    take(key, window, mark) {
      const { limit, windowMs } = window;
      return orAlone(
        () => redis.run(TAKE, [redis.key(`count:${key}`)], [windowMs, mark, limit]),
        () => alone.take(key, window, mark),
      );
    },
    async giveBack(key, mark) {
      // Wherever it was counted.
      await alone.giveBack(key, mark);
      if (redis.ready()) await redis.client.zrem(redis.key(`count:${key}`), mark).catch(() => 0);
    },
    gather: (key, member, windowMs) =>
      orAlone(
        () => redis.run(GATHER, [redis.key(`count:${key}`)], [windowMs, member]),
        () => alone.gather(key, member, windowMs),
      ),
  };
};
