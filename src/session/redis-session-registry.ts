/**
 * The session registry on Redis: a hash a session with its user, its node and its turn, which expires when lease and grace are over.
 * Every claim takes the next turn, so that an old message or renewal never takes a session from who has it now.
 */
import type { Logger } from 'pino';
import type { UserId } from '../../protocol/index.ts';
import type { Clock } from '../clock.ts';
import { type Redis, type Script, script } from '../redis/redis.ts';
import type { Claim, Leases, SessionRegistry } from './session-registry.ts';

/** KEYS: session. ARGV: user, node, ms to live, channel prefix, session id. */
const CLAIM = script(`
local user, node, turn = unpack(redis.call('HMGET', KEYS[1], 'user', 'node', 'turn'))
if not user then return { 'unknown' } end
if user ~= ARGV[1] or node == '' then return { 'ended' } end
local taken = tonumber(turn) + 1
redis.call('HSET', KEYS[1], 'node', ARGV[2], 'turn', taken)
redis.call('PEXPIRE', KEYS[1], ARGV[3])
if node ~= ARGV[2] then redis.call('PUBLISH', ARGV[4] .. node, taken .. ' ' .. ARGV[5]) end
return { 'alive', node, taken }`);

/** KEYS: session. ARGV: user, node, ms to live, turn. Answers 1, or 0 when the session is another's or ended. */
const RENEW = script(`
local node, turn = unpack(redis.call('HMGET', KEYS[1], 'node', 'turn'))
if node and node ~= ARGV[2] and (node == '' or tonumber(turn) >= tonumber(ARGV[4])) then return 0 end
redis.call('HSET', KEYS[1], 'user', ARGV[1], 'node', ARGV[2], 'turn', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`);

/** KEYS: session. ARGV: user, node, ms to remember the end, turn. Answers as RENEW does. */
const END = script(`
local node, turn = unpack(redis.call('HMGET', KEYS[1], 'node', 'turn'))
if node and (node ~= ARGV[2] or tonumber(turn) ~= tonumber(ARGV[4])) then return 0 end
redis.call('HSET', KEYS[1], 'user', ARGV[1], 'node', '', 'turn', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`);

/** A session of this node. */
interface Held {
  readonly userId: UserId;
  turn: number;
  /** When its socket went away, by the clock; undefined while it has one. */
  releasedAt?: number | undefined;
}

/** A lease survives two renewals that fail. */
const RENEWALS_A_LEASE = 3;
/** Renewals sent at once; the next ones wait for them, so that a renewal of thousands does not hold up other commands. */
const BATCH = 500;

export const createRedisSessionRegistry = (options: {
  redis: Redis;
  nodeId: string;
  leases: Leases;
  clock: Clock;
  log: Logger;
}): SessionRegistry => {
  const { redis, nodeId, leases, clock, log } = options;
  const attachedMs = leases.graceMs + leases.leaseMs;
  const channelPrefix = redis.key('sessions:moved:');
  const held = new Map<string, Held>();
  /** Sessions that are being claimed here, and the latest turn in which another node took them meanwhile. */
  const claiming = new Map<string, { claims: number; takenAway: number }>();
  const pending = new Set<Promise<unknown>>();
  let onMoved: (sessionId: string) => void = () => {};
  let closed = false;

  const run = (step: Script, sessionId: string, args: readonly (string | number)[]): Promise<unknown> => {
    const answer = redis.run(step, [redis.key(`session:${sessionId}`)], args);
    const settled = answer.catch(() => {}).finally(() => pending.delete(settled));
    pending.add(settled);
    return answer;
  };

  const letGo = (sessionId: string): void => {
    if (held.delete(sessionId)) onMoved(sessionId);
  };

  /** How long it is to live if nothing more is heard of it. */
  const leftMs = ({ releasedAt }: Held): number =>
    releasedAt === undefined ? attachedMs : Math.max(1, Math.ceil(releasedAt + leases.graceMs - clock.now()));

  const renew = async (sessionId: string, entry: Held): Promise<void> => {
    const { userId, turn } = entry;
    const isMine = await run(RENEW, sessionId, [userId, nodeId, leftMs(entry), turn]);
    if (isMine === 0 && held.get(sessionId) === entry && entry.turn === turn) letGo(sessionId);
  };
  /** For what is made up for by the next renewal. */
  const attempt = (sessionId: string, entry: Held): void => {
    renew(sessionId, entry).catch((error) => log.debug({ err: error, sessionId }, 'a session could not be registered'));
  };

  const renewAll = async (due: readonly (readonly [sessionId: string, entry: Held])[]): Promise<void> => {
    try {
      for (let from = 0; from < due.length && !closed; from += BATCH) {
        await Promise.all(due.slice(from, from + BATCH).map(([sessionId, entry]) => renew(sessionId, entry)));
      }
    } catch (error) {
      log.warn({ err: error }, 'sessions could not be renewed; they resume on this gateway alone');
    }
  };
  let cancelTick = (): void => {};
  const tick = (): void => {
    cancelTick = clock.after(leases.leaseMs / RENEWALS_A_LEASE, () => {
      void renewAll([...held].filter(([, { releasedAt }]) => releasedAt === undefined)).finally(() => {
        if (!closed) tick();
      });
    });
  };
  tick();
  // It may be empty, or a replica that had not heard of the latest: then those in their grace are not known there either.
  redis.onReady((ready) => {
    if (ready && !closed) void renewAll([...held]);
  });

  const subscriber = redis.connect();
  subscriber.on('message', (_channel: string, message: string) => {
    const space = message.indexOf(' ');
    const [turn, sessionId] = [Number(message.slice(0, space)), message.slice(space + 1)];
    const claim = claiming.get(sessionId);
    if (claim !== undefined) claim.takenAway = Math.max(claim.takenAway, turn);
    const entry = held.get(sessionId);
    if (entry !== undefined && turn > entry.turn) letGo(sessionId);
  });
  subscriber.on('ready', () => {
    subscriber
      .subscribe(`${channelPrefix}${nodeId}`)
      .catch((error: Error) => log.warn({ err: error }, 'sessions that move are heard of later'));
  });

  return {
    open(sessionId, userId) {
      const entry: Held = { userId, turn: 1 };
      held.set(sessionId, entry);
      attempt(sessionId, entry);
    },
    async claim(sessionId, userId): Promise<Claim> {
      const claim = claiming.get(sessionId) ?? { claims: 0, takenAway: 0 };
      claiming.set(sessionId, claim);
      claim.claims += 1;
      try {
        const answer = await run(CLAIM, sessionId, [userId, nodeId, attachedMs, channelPrefix, sessionId]);
        const [is, previousNodeId, turn] = answer as [Claim['is'], string, number];
        if (is !== 'alive') return { is };
        const before = held.get(sessionId);
        // Two sockets of one session may claim at once, and the later answer may be the earlier turn.
        const entry: Held = { userId, turn: Math.max(turn, before?.turn ?? 0) };
        held.set(sessionId, entry);
        // The word that it moved on may overtake the answer; who claimed hears it once the session is theirs.
        if (claim.takenAway > entry.turn) setImmediate(() => held.get(sessionId) === entry && letGo(sessionId));
        return { is, previousNodeId };
      } finally {
        claim.claims -= 1;
        if (claim.claims === 0) claiming.delete(sessionId);
      }
    },
    release(sessionId) {
      const entry = held.get(sessionId);
      if (entry === undefined) return;
      entry.releasedAt = clock.now();
      attempt(sessionId, entry);
    },
    async end(sessionId) {
      const entry = held.get(sessionId);
      if (entry === undefined) return true;
      held.delete(sessionId);
      const { userId, turn } = entry;
      return run(END, sessionId, [userId, nodeId, attachedMs, turn]).then(
        (isMine) => isMine !== 0,
        () => true,
      );
    },
    onMoved(listener) {
      onMoved = listener;
    },
    async close() {
      closed = true;
      cancelTick();
      held.clear();
      // What the drain released goes out first: it says from when the graces run.
      await Promise.all(pending);
      subscriber.disconnect();
    },
  };
};
