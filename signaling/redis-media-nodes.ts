/**
 * The registry on Redis. A node's lease is a key that Redis times out; a room's placement is a hash with its fence. Every question is
 * one script, so that gateways that ask at once get one answer. All keys share one hash tag: on a Redis Cluster the registry is in one
 * slot, which is plenty for a few writes a second a node.
 *
 * A Redis that lost everything (flushed, or a replica that was behind) is filled again by the nodes, which assert their rooms with
 * every renewal. For the first seconds of an empty registry no room is placed, so that each node can say what it has.
 */
import type { Logger } from 'pino';
import { z } from 'zod';
import { ProtocolError } from '../protocol/index.ts';
import type { Clock } from '../src/clock.ts';
import { type Redis, type Script, script } from '../src/redis/redis.ts';
import { EPOCHS_PER_MS } from './fence.ts';
import type { Lease } from './lease.ts';
import type { ListedNode, MediaNodes, Place, Placement, Registration, RegistrationOptions } from './media-nodes.ts';

const RENEW_EVERY_MS = 1_000;
const LEASE_MS = 3_000;
/** A node that a gateway cannot reach keeps its lease for this long; a living one renews it sooner. */
const SUSPECT_MS = 1_500;
const SETTLE_MS = 3_000;
/** A room placed this short a time ago is not in its node's measured load yet. */
const RAMP_MS = 4_000;
/** What such a room is expected to cost, as a share of all of the node's workers. */
const EXPECTED_LOAD = 0.05;
/** A placement that its node does not assert any more. */
const ROOM_TTL_MS = 3_600_000;
/** No node lets people stay for longer in a room that it gave away (PARLEY_MEDIA_MOVE_MS). */
const MOVING_MS = 60_000;
/** How long a question waits for an empty registry to fill. */
const PLACE_TIMEOUT_MS = 6_000;
const PLACE_RETRY_MS = 200;

/** `base` ends in the hash tag; the keys are made in the scripts, which is sound as all are in one slot. */
const LIBRARY = `
local base = KEYS[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function living(id)
  local json = redis.call('GET', base .. 'node:' .. id)
  return json and cjson.decode(json) or nil
end
local function contains(json, id)
  for _, value in ipairs(cjson.decode(json)) do if value == id then return true end end
  return false
end
`;

/**
 * ARGV: room, epochs a ms, two random numbers, alive node ids, settle ms, ramp ms, expected load, room TTL, moving ms, mode, fence to
 * move from. Answers node, boot, URL and fence, and the same of the node that the room moves away from.
 */
const PLACE = script(`${LIBRARY}
local room, scale, r1, r2, alive = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local settle, ramp, expected, ttl = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]), ARGV[9]
local moving, mode, from = tonumber(ARGV[10]), ARGV[11], ARGV[12]
local key = base .. 'room:' .. room
local entry = redis.call('HMGET', key, 'node', 'boot', 'url', 'fence')
local owner, boot, url, fence = entry[1], entry[2], entry[3], entry[4]
local function placed(...)
  local answer = {'placed', ...}
  local before = redis.call('HMGET', key, 'movingFrom', 'fromBoot', 'fromUrl', 'fromFence', 'movingUntil')
  if before[5] and tonumber(before[5]) > now and before[1] ~= answer[2] then
    for at = 1, 4 do answer[#answer + 1] = before[at] end
  end
  return answer
end
-- The node may not have heard yet that its drain was called off.
if mode == 'move' and (not owner or redis.call('EXISTS', base .. 'drain:' .. owner) == 0) then return {'none'} end
if owner then
  local node = living(owner)
  local lives = (node and node.bootId == boot) or (not node and contains(alive, owner))
  if mode == 'move' then
    if fence ~= from then return {'none'} end
  elseif lives then
    redis.call('PEXPIRE', key, ttl)
    return placed(owner, boot, url, fence)
  end
end
if mode == 'find' then return {'none'} end
redis.call('SET', base .. 'since', now, 'NX')
if now - tonumber(redis.call('GET', base .. 'since')) < settle then return {'settling'} end
local candidates = {}
for _, id in ipairs(redis.call('SMEMBERS', base .. 'nodes')) do
  local node = living(id)
  if not node then redis.call('SREM', base .. 'nodes', id)
  elseif redis.call('EXISTS', base .. 'drain:' .. id) == 0 and not (mode == 'move' and id == owner) then
    candidates[#candidates + 1] = node
  end
end
if #candidates == 0 and mode == 'place' then
  -- The node that a room moved to is gone: the one that it came from still has its people.
  local before = redis.call('HMGET', key, 'movingFrom', 'movingUntil')
  if before[2] and tonumber(before[2]) > now then candidates = {living(before[1])} end
end
if #candidates == 0 then return {'none'} end
table.sort(candidates, function(a, b) return a.nodeId < b.nodeId end)
local function busy(node)
  local recent = base .. 'recent:' .. node.nodeId
  redis.call('ZREMRANGEBYSCORE', recent, '-inf', now - ramp)
  return node.cpu + redis.call('ZCARD', recent) * expected / node.workers
end
local first = (r1 % #candidates) + 1
local second = ((first - 1 + 1 + (r2 % math.max(1, #candidates - 1))) % #candidates) + 1
local chosen = candidates[first]
local other = candidates[second]
local a, b = busy(chosen), busy(other)
if b < a or (b == a and other.rooms < chosen.rooms) then chosen = other end
local next = string.format('%.0f', math.max(now * scale, (tonumber(fence or '0')) + 1))
redis.call('HSET', key, 'node', chosen.nodeId, 'boot', chosen.bootId, 'url', chosen.url, 'fence', next)
if mode == 'move' then
  redis.call('HSET', key, 'movingFrom', owner, 'fromBoot', boot, 'fromUrl', url, 'fromFence', fence, 'movingUntil', now + moving)
end
redis.call('PEXPIRE', key, ttl)
redis.call('ZADD', base .. 'recent:' .. chosen.nodeId, now, room)
redis.call('PEXPIRE', base .. 'recent:' .. chosen.nodeId, ramp)
return placed(chosen.nodeId, chosen.bootId, chosen.url, next)
`);

/** ARGV: node as JSON, lease ms, room TTL, rooms and fences by turns. Returns whether it drains, then what was lost: room, fence. */
const RENEW = script(`${LIBRARY}
local node = cjson.decode(ARGV[1])
redis.call('SET', base .. 'node:' .. node.nodeId, ARGV[1], 'PX', ARGV[2])
redis.call('SADD', base .. 'nodes', node.nodeId)
redis.call('SET', base .. 'since', now, 'NX')
local answer = {redis.call('EXISTS', base .. 'drain:' .. node.nodeId)}
for at = 4, #ARGV, 2 do
  local key = base .. 'room:' .. ARGV[at]
  local entry = redis.call('HMGET', key, 'fence', 'node', 'movingFrom', 'fromFence')
  local fence = tonumber(entry[1] or '0')
  if fence > tonumber(ARGV[at + 1]) then
    local moving = entry[3] == node.nodeId and entry[4] == ARGV[at + 1]
    if entry[2] ~= node.nodeId and not moving then
      answer[#answer + 1] = ARGV[at]
      answer[#answer + 1] = entry[1]
    end
  else
    redis.call('HSET', key, 'node', node.nodeId, 'boot', node.bootId, 'url', node.url, 'fence', ARGV[at + 1])
    redis.call('PEXPIRE', key, ARGV[3])
  end
end
return answer
`);

const SUSPECT = script(`${LIBRARY}
local key = base .. 'node:' .. ARGV[1]
if redis.call('PTTL', key) > tonumber(ARGV[2]) then redis.call('PEXPIRE', key, ARGV[2]) end
return 1
`);

const LEAVE = script(`${LIBRARY}
local node = living(ARGV[1])
if node and node.bootId == ARGV[2] then
  redis.call('DEL', base .. 'node:' .. ARGV[1])
  redis.call('SREM', base .. 'nodes', ARGV[1])
end
redis.call('DEL', base .. 'drain:' .. ARGV[1])
return 1
`);

const LIST = script(`${LIBRARY}
local answer = {}
for _, id in ipairs(redis.call('SMEMBERS', base .. 'nodes')) do
  local json = redis.call('GET', base .. 'node:' .. id)
  if json then
    answer[#answer + 1] = json
    answer[#answer + 1] = redis.call('EXISTS', base .. 'drain:' .. id)
  end
end
return answer
`);

const TAKE_LEASE = script(`
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`);

const FORGET = script("return redis.call('DEL', KEYS[1] .. 'room:' .. ARGV[1])");
const DRAIN = script("return redis.call('SET', KEYS[1] .. 'drain:' .. ARGV[1], 1)");
const UNDRAIN = script("return redis.call('DEL', KEYS[1] .. 'drain:' .. ARGV[1])");

const Listed = z.object({
  nodeId: z.string(),
  bootId: z.string(),
  url: z.string(),
  workers: z.number(),
  cpu: z.number(),
  rooms: z.number(),
});

const placeOf = ([nodeId, bootId, url, fence]: readonly (string | number)[]): Place => ({
  nodeId: String(nodeId),
  bootId: String(bootId),
  url: String(url),
  fence: Number(fence),
});

const unavailable = (message: string): ProtocolError => new ProtocolError('unavailable', message, { retryAfterMs: 500 });

const askWith =
  ({ run, key }: Redis) =>
  async (question: Script, ...args: (string | number)[]): Promise<(string | number)[]> => {
    try {
      return (await run(question, [key('{media}:')], args)) as (string | number)[];
    } catch (error) {
      throw Object.assign(unavailable('The registry of media nodes cannot be reached; try again in a moment.'), { cause: error });
    }
  };

export const createRedisMediaNodes = (options: { redis: Redis; clock: Clock; random: () => number }): MediaNodes => {
  const { redis, clock, random } = options;
  const ask = askWith(redis);

  const place = async (mode: 'place' | 'find' | 'move', roomId: string, aliveIds: readonly string[], fence = 0) => {
    const numbers = [random(), random()].map((value) => Math.floor(value * 2 ** 31));
    const alive = JSON.stringify(aliveIds);
    const settings = [SETTLE_MS, RAMP_MS, EXPECTED_LOAD, ROOM_TTL_MS, MOVING_MS];
    const [word, ...answer] = await ask(PLACE, ...[roomId, EPOCHS_PER_MS, ...numbers, alive, ...settings, mode, String(fence)]);
    if (word !== 'placed') return word as 'none' | 'settling';
    const from = answer.length > 4 ? { from: placeOf(answer.slice(4)) } : {};
    return { ...placeOf(answer), ...from } satisfies Placement;
  };

  return {
    async place(roomId, aliveIds) {
      const deadline = clock.now() + PLACE_TIMEOUT_MS;
      for (;;) {
        const placed = await place('place', roomId, aliveIds);
        if (typeof placed === 'object') return placed;
        if (placed === 'none') throw unavailable('No media node takes rooms now; try again in a moment.');
        if (clock.now() > deadline) throw unavailable('The media nodes are being counted; try again in a moment.');
        await new Promise<void>((resolve) => clock.after(PLACE_RETRY_MS, resolve));
      }
    },
    async find(roomId, aliveIds) {
      const placed = await place('find', roomId, aliveIds);
      return typeof placed === 'object' ? placed : undefined;
    },
    async move(roomId, fence) {
      const placed = await place('move', roomId, [], fence);
      return typeof placed === 'object' ? placed : undefined;
    },
    async suspect(nodeId) {
      await ask(SUSPECT, nodeId, SUSPECT_MS);
    },
    async forget(roomId) {
      await ask(FORGET, roomId);
    },
    async drain(nodeId, draining) {
      await ask(draining ? DRAIN : UNDRAIN, nodeId);
    },
    async list() {
      const answer = await ask(LIST);
      return answer.flatMap((json, at): ListedNode[] =>
        at % 2 === 1 ? [] : [{ ...Listed.parse(JSON.parse(String(json))), draining: Number(answer[at + 1]) === 1 }],
      );
    },
  };
};

/** Keeps a node in the registry. Resolves when it is there, or when Redis does not answer, and then it goes on trying. */
export const registerMediaNode = async (
  redis: Redis,
  options: RegistrationOptions & { clock: Clock; log: Logger },
): Promise<Registration> => {
  const { nodeId, bootId, url, workers, clock, log } = options;
  const ask = askWith(redis);
  let leasedUntil = 0;
  let draining = false;
  /** What Redis was last told, which whoever calls a drain off takes back. */
  let told = false;
  let closed = false;
  let cancel = (): void => {};

  const setDraining = (next: boolean): void => {
    if (draining === next) return;
    draining = next;
    log.info({ nodeId }, next ? 'draining: no new rooms' : 'the drain was called off');
    options.onDraining(next);
  };
  const tell = async (): Promise<void> => {
    await ask(DRAIN, nodeId);
    told = true;
  };
  const renew = async (): Promise<void> => {
    if (draining && !told) await tell();
    const askedAt = performance.now();
    const node = { nodeId, bootId, url, workers, ...(await options.load()) };
    const rooms = options.rooms().flatMap(({ roomId, fence }) => [roomId, fence]);
    const [drains, ...lost] = await ask(RENEW, JSON.stringify(node), LEASE_MS, ROOM_TTL_MS, ...rooms);
    leasedUntil = askedAt + LEASE_MS;
    told = drains === 1;
    setDraining(told);
    for (let at = 0; at + 1 < lost.length; at += 2) {
      log.warn({ roomId: lost[at], nodeId }, 'another node has a room of this one');
      options.onLost(String(lost[at]), Number(lost[at + 1]));
    }
  };
  const keepRenewing = async (): Promise<void> => {
    try {
      await renew();
    } catch (error) {
      log.warn({ err: error, nodeId }, 'the lease of this media node could not be renewed');
    }
    if (!closed) cancel = clock.after(RENEW_EVERY_MS, () => void keepRenewing());
  };
  await keepRenewing();

  return {
    get leased() {
      return performance.now() < leasedUntil;
    },
    get draining() {
      return draining;
    },
    async drain(next) {
      if (next) {
        setDraining(true);
        told = false;
        await tell().catch((error) => log.warn({ err: error }, 'the registry does not know of the drain yet'));
      } else {
        told = true;
        await ask(UNDRAIN, nodeId);
        setDraining(false);
      }
    },
    async close() {
      closed = true;
      cancel();
      await ask(LEAVE, nodeId, bootId).catch((error) => log.debug({ err: error }, 'the lease runs out by itself'));
    },
  };
};

export const createRedisLease = (redis: Redis, name: string, owner: string, leaseMs: number): Lease => ({
  isMine: async () => (await redis.run(TAKE_LEASE, [redis.key(name)], [owner, leaseMs])) === 1,
});
