/**
 * Presence of all nodes, as leases on Redis's clock. This node renews the leases of the sessions it holds, in batches; what it does not renew
 * runs out, and whichever node looks first makes that known. When Redis was away or emptied the node says again who is here.
 *
 * A user whose node is killed is offline after lease + grace + one sweep. A node never gives anybody up because Redis is away:
 * meanwhile `get` answers with what this node and the store know, and tells again when Redis is back.
 */
import { randomBytes } from 'node:crypto';
import type { Presence, UserId } from '../../protocol/index.ts';
import { BUCKETS, bucketOf, FROM_NOBODY, tagOf } from '../broker/channels.ts';
import type { Redis, Script } from '../redis/redis.ts';
import type { PresenceStore } from '../store/store.ts';
import type { PresenceTracker } from './presence.ts';
import { APPLY, LOOK, SWEEP } from './presence-scripts.ts';

interface Act {
  readonly act: 'hold' | 'release' | 'leave' | 'forget';
  readonly userId: UserId;
  readonly sessionId: string;
  /** When it happened, on this node's monotonic clock: only the time since is ever told. */
  readonly at: number;
}

/** What happened to users of one bucket and is not in Redis yet. */
interface Bucket {
  waiting: Act[];
  /** Runs while acts are on their way. */
  sending?: Promise<void>;
}

const MAX_ACTS = 256;
/** Renewals and sweeps per lease. */
const RENEWALS = 3;
const MAX_SWEEP_MS = 1_000;
/** Nodes find a Redis that is back within this of each other. */
const MIN_SETTLE_MS = 2_500;

export const createRedisPresence = (options: {
  redis: Redis;
  leaseMs: number;
  graceMs: number;
  store: PresenceStore;
  /** The topic that a user's changes are published on, and the frame that says one. */
  topicOf: (userId: UserId) => string;
  frameOf: (presence: Presence) => string;
  /** Tells those who listen on this node, and nobody else. */
  tellHere: (presence: Presence) => void;
  onError: (error: Error) => void;
}): PresenceTracker => {
  const { redis, leaseMs, graceMs, store, topicOf, onError } = options;
  const nodeId = randomBytes(6).toString('base64url');
  const held = new Map<UserId, Set<string>>();
  const buckets = new Map<number, Bucket>();
  const doubtful = new Set<UserId>();
  /** Of those whom Redis knew nothing of, since when. */
  const unknownSince = new Map<UserId, number>();
  const settleMs = Math.max(MIN_SETTLE_MS, leaseMs / 2);
  const sweepMs = Math.min(MAX_SWEEP_MS, leaseMs / 10);
  let readySince: number | undefined = redis.ready() ? performance.now() : undefined;
  let closed = false;

  const bucketOfUser = (userId: UserId): number => bucketOf(topicOf(userId));
  const keyOf = (bucket: number, name: string): string => redis.key(`${tagOf(bucket)}presence:${name}`);
  const [before, after] = aroundPresence(options.frameOf);
  const common = (bucket: number): (string | number)[] => [
    redis.isCluster ? 'SPUBLISH' : 'PUBLISH',
    redis.key(`${tagOf(bucket)}${topicOf('')}`),
    FROM_NOBODY + before,
    after,
    leaseMs,
    graceMs,
  ];

  const run = async (what: Script, bucket: number, args: readonly (string | number)[]): Promise<void> => {
    const gone = (await redis.run(what, [keyOf(bucket, 'due'), keyOf(bucket, 'swept')], [...common(bucket), ...args])) as (
      | string
      | number
    )[];
    for (let index = 0; index < gone.length; index += 2) {
      store.setLastSeen(String(gone[index]), Number(gone[index + 1])).catch(onError);
    }
  };

  const isHeld = (userId: UserId, sessionId: string): boolean => held.get(userId)?.has(sessionId) === true;

  /** One batch under way a bucket, so that acts arrive in order. What fails stays when it is not said again by renewing. */
  const sendActs = async (bucket: number, state: Bucket): Promise<void> => {
    while (state.waiting.length > 0 && redis.ready()) {
      const batch = state.waiting.splice(0, MAX_ACTS);
      const now = performance.now();
      const words = batch.flatMap(({ act, userId, sessionId, at }) => [
        act,
        userId,
        `${nodeId}:${sessionId}`,
        act === 'hold' ? 0 : Math.round(now - at),
      ]);
      try {
        await run(APPLY, bucket, words);
      } catch (error) {
        if (redis.ready()) onError(error as Error);
        state.waiting = [...batch, ...state.waiting];
        break;
      }
    }
    // Whoever is here is said again by the next renewal; who left, only by this.
    state.waiting = state.waiting.filter(({ act, userId, sessionId }) => act !== 'hold' && !isHeld(userId, sessionId));
    delete state.sending;
    if (state.waiting.length === 0) buckets.delete(bucket);
  };

  const send = (bucket: number, state: Bucket): void => {
    state.sending ??= Promise.resolve().then(() => sendActs(bucket, state));
  };

  const act = (kind: Act['act'], userId: UserId, sessionId: string): void => {
    const bucket = bucketOfUser(userId);
    const state = buckets.get(bucket) ?? { waiting: [] };
    buckets.set(bucket, state);
    state.waiting.push({ act: kind, userId, sessionId, at: performance.now() });
    send(bucket, state);
  };

  const renew = (): void => {
    if (!redis.ready()) return;
    for (const [userId, sessions] of held) for (const sessionId of sessions) act('hold', userId, sessionId);
    for (const [bucket, state] of buckets) send(bucket, state);
  };

  const sweep = async (): Promise<void> => {
    const work = Array.from({ length: BUCKETS }, (_, bucket) => run(SWEEP, bucket, [sweepMs]));
    // What one sweep could not do, the next does.
    await Promise.allSettled(work);
  };

  const look = async (userIds: readonly UserId[]): Promise<Map<UserId, number>> => {
    const found = new Map<UserId, number>();
    await Promise.all(
      [...Map.groupBy(userIds, bucketOfUser)].map(async ([bucket, users]) => {
        await buckets.get(bucket)?.sending;
        const answer = (await redis.run(LOOK, [keyOf(bucket, 'due')], users)) as number[];
        for (const [index, userId] of users.entries()) found.set(userId, answer[index] ?? 0);
      }),
    );
    return found;
  };

  /** `states` as `look` gives them; without them, as this node and the store know. */
  const describe = async (userIds: readonly UserId[], states: ReadonlyMap<UserId, number>): Promise<Presence[]> => {
    const isOnline = (userId: UserId): boolean => held.has(userId) || states.get(userId) === 1;
    const away = userIds.filter((userId) => !isOnline(userId));
    const stored = away.length === 0 ? new Map<UserId, number>() : await store.lastSeen(away);
    return userIds.map((userId) => {
      if (isOnline(userId)) return { userId, online: true, lastSeenAt: null };
      const at = Math.max(stored.get(userId) ?? 0, -(states.get(userId) ?? 0));
      return { userId, online: false, lastSeenAt: at === 0 ? null : at };
    });
  };

  /** Not before every node had the time to say again who is with it. */
  const settleDoubts = async (): Promise<void> => {
    if (doubtful.size === 0 || readySince === undefined || performance.now() - readySince < settleMs) return;
    const users = [...doubtful].slice(0, MAX_ACTS);
    const states = await look(users);
    const now = performance.now();
    for (const presence of await describe(users, states)) {
      const { userId, online } = presence;
      // A Redis that was emptied just now knows nobody; whoever is here has said so again by then.
      if (!online && (states.get(userId) ?? 0) === 0) {
        const since = unknownSince.get(userId) ?? now;
        unknownSince.set(userId, since);
        if (now - since < leaseMs / 2) continue;
      }
      unknownSince.delete(userId);
      doubtful.delete(userId);
      options.tellHere(presence);
    }
  };

  const every = (ms: number, work: () => void | Promise<void>): NodeJS.Timeout => {
    let busy = false;
    const timer = setInterval(async () => {
      if (busy || closed || !redis.ready()) return;
      busy = true;
      // Redis went away in between; it is tried again.
      await Promise.resolve(work()).catch(() => {});
      busy = false;
    }, ms);
    return timer.unref();
  };
  const timers = [every(leaseMs / RENEWALS, renew), every(sweepMs, sweep), every(Math.min(1_000, leaseMs / 4), settleDoubts)];
  redis.onReady((ready) => {
    readySince = ready ? performance.now() : undefined;
    if (ready && !closed) renew();
  });

  return {
    hold(userId, sessionId) {
      const sessions = held.get(userId) ?? new Set();
      held.set(userId, sessions.add(sessionId));
      act('hold', userId, sessionId);
    },
    release(userId, sessionId, { atOnce }) {
      const sessions = held.get(userId);
      const wasHeld = sessions?.delete(sessionId) === true;
      if (sessions?.size === 0) held.delete(userId);
      if (wasHeld) act(atOnce ? 'leave' : 'release', userId, sessionId);
      else if (atOnce) act('forget', userId, sessionId);
    },
    async get(userIds) {
      try {
        if (!redis.ready()) throw new Error('Redis is away.');
        return await describe(userIds, await look(userIds));
      } catch {
        for (const userId of userIds) doubtful.add(userId);
        return describe(userIds, new Map());
      }
    },
    doubt(userIds) {
      for (const userId of userIds) doubtful.add(userId);
    },
    async close() {
      closed = true;
      for (const timer of timers) clearInterval(timer);
      await Promise.all([...buckets.values()].map(({ sending }) => sending));
    },
  };
};

/** What stands around a presence in the frame that says it; a script puts another in between. */
const aroundPresence = (frameOf: (presence: Presence) => string): [before: string, after: string] => {
  const sample: Presence = { userId: 'sample', online: true, lastSeenAt: null };
  const [before, after] = frameOf(sample).split(JSON.stringify(sample));
  if (before === undefined || after === undefined) throw new Error('A frame of presence has the presence in it as it is.');
  return [before, after];
};
