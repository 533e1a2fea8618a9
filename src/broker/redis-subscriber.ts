/**
 * One connection that hears channels of one Redis server. Wishes of one turn of the event loop leave together, in batches; after the
 * connection was lost all is subscribed to again, in batches.
 */
import type { RedisConnection } from '../redis/redis.ts';

export interface RedisSubscriber {
  /** Resolves when the channel is heard; at once while the server is away: then it is heard when it is back. Never rejects. */
  hear(channel: string): Promise<void>;
  unhear(channel: string): void;
  /** Whether a connection is there. */
  ready(): boolean;
  /** Gives the connection up, whatever it looks like, and makes another. */
  restart(): void;
  close(): void;
}

/** Channels a command names at most. */
const BATCH = 512;

interface Waiter {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

export const createRedisSubscriber = (options: {
  connect: () => RedisConnection;
  /** With sharded pub/sub the channels of one command are of one slot. */
  sharded: boolean;
  onFrame: (channel: string, frame: string) => void;
  /** These channels were not heard for a while, and are again. */
  onHeardAgain: (channels: readonly string[]) => void;
  /** The server said that a channel is not, or no longer, its own. */
  onMoved: () => void;
  onError: (error: Error) => void;
}): RedisSubscriber => {
  const { sharded, onError } = options;
  const wanted = new Set<string>();
  /** Wished for or given up since the last batch left. */
  const changed = new Set<string>();
  const waiters = new Map<string, Waiter>();
  /** Asked for on the connection that there is. */
  let asked = new Set<string>();
  let connection: RedisConnection;
  /** Whether there was a time without a connection since all was last subscribed to. */
  let missed = false;
  let scheduled = false;

  const settle = (channel: string): void => {
    waiters.get(channel)?.resolve();
    waiters.delete(channel);
  };
  const settleAll = (): void => {
    for (const channel of [...waiters.keys()]) settle(channel);
  };

  const send = async (verb: 'subscribe' | 'unsubscribe', channels: readonly string[]): Promise<void> => {
    const over = connection;
    const command = sharded ? (`s${verb}` as const) : verb;
    const waiting = verb === 'subscribe' ? channels.map((channel) => [channel, waiters.get(channel)] as const) : [];
    try {
      await over[command](...channels);
    } catch (error) {
      // A connection that is lost is followed by another, which asks for everything.
      if (over !== connection || over.status !== 'ready') return;
      if ((error as Error).message.startsWith('MOVED')) options.onMoved();
      else {
        onError(error as Error);
        restart();
      }
    } finally {
      // Whoever wished for it again meanwhile waits for what was sent after this.
      for (const [channel, waiter] of waiting) if (waiters.get(channel) === waiter) settle(channel);
    }
  };

  const sendAll = (verb: 'subscribe' | 'unsubscribe', channels: readonly string[]): Promise<unknown> =>
    Promise.all(batches(channels, sharded).map((batch) => send(verb, batch)));

  const flush = (): void => {
    scheduled = false;
    const channels = [...changed];
    changed.clear();
    if (connection.status !== 'ready') {
      // One that is being made asks for everything once it is there; after a failed attempt nobody is kept waiting for the next.
      if (!connection.status.startsWith('connect')) settleAll();
      return;
    }
    // One that was given up and wished for again meanwhile is asked for again, which changes nothing.
    const added = channels.filter((channel) => wanted.has(channel));
    const removed = channels.filter((channel) => !wanted.has(channel) && asked.delete(channel));
    for (const channel of added) asked.add(channel);
    void sendAll('unsubscribe', removed);
    void sendAll('subscribe', added);
  };

  const change = (channel: string): void => {
    changed.add(channel);
    if (scheduled) return;
    scheduled = true;
    setImmediate(flush);
  };

  const onReady = async (): Promise<void> => {
    const over = connection;
    asked = new Set(wanted);
    changed.clear();
    if (wanted.size === 0) return;
    const channels = [...wanted];
    await sendAll('subscribe', channels);
    if (over !== connection || over.status !== 'ready' || !missed) return;
    missed = false;
    options.onHeardAgain(channels.filter((channel) => wanted.has(channel)));
  };

  const open = (): RedisConnection => {
    const opened = options.connect();
    opened.on('ready', () => {
      if (opened === connection) void onReady();
    });
    opened.on('close', () => {
      if (opened !== connection) return;
      missed = true;
      settleAll();
    });
    opened.on(sharded ? 'smessage' : 'message', (channel: string, frame: string) => {
      if (opened === connection) options.onFrame(channel, frame);
    });
    opened.on('moved', () => {
      if (opened === connection) options.onMoved();
    });
    return opened;
  };

  const restart = (): void => {
    const old = connection;
    missed = true;
    asked = new Set();
    connection = open();
    old.disconnect();
    settleAll();
  };

  connection = open();

  return {
    hear(channel) {
      wanted.add(channel);
      if (asked.has(channel) && !changed.has(channel)) return waiters.get(channel)?.promise ?? Promise.resolve();
      change(channel);
      const waiter = waiters.get(channel) ?? Promise.withResolvers<void>();
      waiters.set(channel, waiter);
      return waiter.promise;
    },
    unhear(channel) {
      wanted.delete(channel);
      settle(channel);
      change(channel);
    },
    ready: () => connection.status === 'ready',
    restart,
    close() {
      wanted.clear();
      connection.disconnect();
      settleAll();
    },
  };
};

const slotTag = (channel: string): string => channel.slice(0, channel.indexOf('}'));

/** Batches of at most `BATCH`, of one slot each where that matters. */
const batches = (channels: readonly string[], sharded: boolean): string[][] => {
  const groups = sharded ? Map.groupBy(channels, slotTag) : new Map([['', channels]]);
  return [...groups.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / BATCH) }, (_, index) => group.slice(index * BATCH, (index + 1) * BATCH)),
  );
};
