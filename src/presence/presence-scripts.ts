/**
 * Presence in Redis, by buckets of users (broker/channels.ts). All of a bucket is in one slot, and all times are Redis's own.
 *
 *     …presence:due            users online, by when they are offline unless somebody renews
 *     …presence:due:{user}     a user's leases: holder (node and session) -> when it was last renewed; `seen` when they were last online
 *     …presence:swept          when the bucket was last looked through, and until when nobody is given up (`from`)
 *
 * A script publishes the change that it makes. So a change is heard once, in the order in which it happened, whichever node
 * made it and even when that node dies at once.
 */
import { script } from '../redis/redis.ts';

const COMMON = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = KEYS[1]
local publish, channel, before, after = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local lease, grace = tonumber(ARGV[5]), tonumber(ARGV[6])
local gone = {}

local function tell(user, online, at)
  local change = cjson.encode({ userId = user, online = online, lastSeenAt = at or cjson.null })
  redis.call(publish, channel .. user, before .. change .. after)
end

-- When the user's youngest lease was renewed, or nil when none lives; leases that ran out are removed.
local function youngest(user)
  local key, found = due .. ':' .. user, nil
  local leases = redis.call('HGETALL', key)
  for i = 1, #leases, 2 do
    local at = tonumber(leases[i + 1])
    if leases[i] ~= 'seen' then
      if at + lease <= now then
        redis.call('HDEL', key, leases[i])
        if at > tonumber(redis.call('HGET', key, 'seen') or 0) then redis.call('HSET', key, 'seen', at) end
      elseif not found or at > found then found = at end
    end
  end
  return found
end

local function offline(user)
  local key = due .. ':' .. user
  local at = tonumber(redis.call('HGET', key, 'seen') or now)
  redis.call('ZREM', due, user)
  redis.call('DEL', key)
  redis.call('HSET', key, 'seen', at)
  redis.call('PEXPIRE', key, 3600000)
  tell(user, false, at)
  gone[#gone + 1] = user
  gone[#gone + 1] = at
end
`;

/**
 * Applies what happened to sessions, in order: from ARGV[7] on four words each.
 * `hold user holder`: a new lease or a renewed one. `release user holder ago`: let go so many ms ago, offline after the grace. `leave …`: offline at
 * once. `forget …`: at once, of one that was let go before. Returns who went offline and when they were last seen.
 */
export const APPLY = script(`${COMMON}
for i = 7, #ARGV, 4 do
  local act, user, holder, ago = ARGV[i], ARGV[i + 1], ARGV[i + 2], tonumber(ARGV[i + 3])
  local key = due .. ':' .. user
  if act == 'hold' then
    redis.call('HSET', key, holder, now)
    redis.call('PERSIST', key)
    if redis.call('ZADD', due, now + lease + grace, user) == 1 then tell(user, true) end
  else
    redis.call('HDEL', key, holder)
    local alive = youngest(user)
    if alive then redis.call('ZADD', due, alive + lease + grace, user)
    elseif act ~= 'forget' then
      redis.call('HSET', key, 'seen', now - ago)
      redis.call('PERSIST', key)
      redis.call('ZADD', due, now - ago + grace, user)
    end
    if not alive and (act ~= 'release' or grace == 0) and redis.call('ZSCORE', due, user) then offline(user) end
  end
end
return gone
`);

/**
 * Gives up whoever is due. ARGV[7]: how often this is meant to be done. When it was not done for a third of a lease, nobody could
 * renew either (Redis was away, or all nodes were): then everybody has one lease more to say that they are here.
 */
export const SWEEP = script(`${COMMON}
local every = tonumber(ARGV[7])
local last = tonumber(redis.call('HGET', KEYS[2], 'at') or 0)
if now - last < every / 2 then return gone end
redis.call('HSET', KEYS[2], 'at', now)
if now - last > math.max(lease / 3, every * 2) then redis.call('HSET', KEYS[2], 'from', now + lease) end
if now < tonumber(redis.call('HGET', KEYS[2], 'from') or 0) then return gone end
for _, user in ipairs(redis.call('ZRANGEBYSCORE', due, '-inf', now, 'LIMIT', 0, 256)) do
  local alive = youngest(user)
  if alive then redis.call('ZADD', due, alive + lease + grace, user) else offline(user) end
end
return gone
`);

/** For each user of ARGV: 1 when online, else minus the time they were last seen, or 0 when that is not known here. */
export const LOOK = script(`
local answer = {}
for i, user in ipairs(ARGV) do
  if redis.call('ZSCORE', KEYS[1], user) then answer[i] = 1
  else answer[i] = -tonumber(redis.call('HGET', KEYS[1] .. ':' .. user, 'seen') or 0) end
end
return answer
`);
