/**
 * Where unsent messages are kept between two lives of the application: one stored list a person. Several tabs may
 * share it, so each change is made to the list as it is stored, and only by message.
 */
import { Message, Timestamp, type UserId, WireError } from '../protocol/index.ts';
import type { ClientStorage } from './types.ts';

const StoredMessage = Message.pick({ threadId: true, clientMessageId: true, body: true }).extend({
  createdAt: Timestamp,
  /** Why it was refused, when it was. */
  error: WireError.optional(),
});

export interface StoredMessage {
  readonly threadId: string;
  readonly clientMessageId: string;
  readonly body: string;
  readonly createdAt: number;
  readonly error?: WireError | undefined;
}

export interface OutboxStorage {
  load(): Promise<StoredMessage[]>;
  /** Adds a message or replaces it. */
  put(message: StoredMessage): void;
  remove(clientMessageId: string): void;
  clear(): Promise<void>;
}

export const createOutboxStorage = (storage: ClientStorage, userId: UserId): OutboxStorage => {
  const key = `outbox:${userId}`;
  const changes = new Map<string, StoredMessage | null>();
  let writing: Promise<void> | undefined;

  const read = async (): Promise<StoredMessage[]> => parse(await storage.get(key));

  /** Writes what has gathered since the last time, as one. */
  const flush = async (): Promise<void> => {
    while (changes.size > 0) {
      const stored = storage.get(key);
      const list = parse(stored instanceof Promise ? await stored : stored);
      const gathered = new Map(changes);
      changes.clear();
      const kept = list.filter(({ clientMessageId }) => gathered.get(clientMessageId) !== null);
      const next = kept.map((message) => gathered.get(message.clientMessageId) ?? message);
      const known = new Set(kept.map(({ clientMessageId }) => clientMessageId));
      for (const [clientMessageId, message] of gathered) {
        if (message !== null && !known.has(clientMessageId)) next.push(message);
      }
      await (next.length === 0 ? storage.delete(key) : storage.set(key, JSON.stringify(next)));
    }
  };

  const change = (clientMessageId: string, message: StoredMessage | null): void => {
    changes.set(clientMessageId, message);
    // A storage that is full or forbidden leaves the messages in memory, which is all there is then.
    writing ??= Promise.resolve()
      .then(flush)
      .catch(() => changes.clear())
      .finally(() => {
        writing = undefined;
      });
  };

  return {
    load: () => read().catch(() => []),
    put: (message) => change(message.clientMessageId, message),
    remove: (clientMessageId) => change(clientMessageId, null),
    async clear() {
      changes.clear();
      await writing;
      try {
        await storage.delete(key);
      } catch {
        // It cannot be reached; then nothing of ours is there.
      }
    },
  };
};

/** What is no list of messages was written by something else, or by a version to come. */
const parse = (stored: string | null): StoredMessage[] => {
  if (stored === null) return [];
  try {
    const list: unknown = JSON.parse(stored);
    return Array.isArray(list) ? list.flatMap((item) => StoredMessage.safeParse(item).data ?? []) : [];
  } catch {
    return [];
  }
};
