/**
 * Publishing to one Redis server: one pipeline under way at a time, and what is published meanwhile is the next one. So frames keep their
 * order, the load makes the batches, and what waits is bounded.
 */
import type { Redis } from '../redis/redis.ts';

export interface RedisPublisher {
  /** Never throws and never waits. */
  publish(channel: string, frame: string): void;
  close(): void;
}

/** What may wait for a slow Redis; beyond it all that waits is let go, for the newest frame shows each client its hole soonest. */
const MAX_WAITING_CHARS = 16 * 1024 * 1024;
const MAX_BATCH = 1_024;

export const createRedisPublisher = (options: {
  redis: Redis;
  onDropped: (count: number) => void;
  onError: (error: Error) => void;
}): RedisPublisher => {
  const { redis } = options;
  const command = redis.isCluster ? 'spublish' : 'publish';
  let waiting: [channel: string, frame: string][] = [];
  let waitingChars = 0;
  let sending = false;
  let failing = false;
  let closed = false;

  const drop = (): void => {
    if (waiting.length > 0) options.onDropped(waiting.length);
    waiting = [];
    waitingChars = 0;
  };

  /** Tells of the first failure, not of each that follows it. */
  const note = (error: Error | undefined): void => {
    if (error !== undefined && !failing && !closed) options.onError(error);
    failing = error !== undefined;
  };

  const sendBatch = async (batch: readonly [channel: string, frame: string][]): Promise<void> => {
    const pipeline = redis.client.pipeline();
    for (const [channel, frame] of batch) pipeline[command](channel, frame);
    try {
      const results = (await pipeline.exec()) ?? [];
      const failures = results.filter(([error]) => error !== null);
      if (failures.length > 0) options.onDropped(failures.length);
      note(failures[0]?.[0] ?? undefined);
    } catch (error) {
      options.onDropped(batch.length);
      note(error as Error);
    }
  };

  const send = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, MAX_BATCH);
      for (const [channel, frame] of batch) waitingChars -= channel.length + frame.length;
      await sendBatch(batch);
    }
    sending = false;
  };

  return {
    publish(channel, frame) {
      if (closed) return;
      // In a Cluster one master may be away while this one is there; its pipeline tells by itself.
      if (!redis.isCluster && !redis.ready()) {
        drop();
        options.onDropped(1);
        return;
      }
      waiting.push([channel, frame]);
      waitingChars += channel.length + frame.length;
      if (waitingChars > MAX_WAITING_CHARS) drop();
      if (sending) return;
      sending = true;
      queueMicrotask(send);
    },
    close() {
      closed = true;
      waiting = [];
    },
  };
};
