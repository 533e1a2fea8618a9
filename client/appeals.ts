/**
 * What one asked moderators: to show what is masked in a message, or to let a blocked one through. What waits for a decision is asked
 * about with each connection and now and then, and all of it is kept between two lives of the application.
 */
import { z } from 'zod';
import { MAX_STORED_BODY_LENGTH, Offset, ProtocolError, ThreadId, text, type UserId } from '../protocol/index.ts';
import type { Clock } from './clock.ts';
import type { Connection } from './connection.ts';
import { asProtocolError } from './errors.ts';
import { createReview } from './review.ts';
import { createStoredList, type StoredList } from './stored-list.ts';
import type { Appeal, Appealed, ClientStorage } from './types.ts';

export interface Appeals {
  /** Takes up what an earlier life asked. */
  start(userId: UserId): Promise<void>;
  online(): void;
  offline(): void;
  /** `body` is that of a blocked message. */
  ask(threadId: ThreadId, about: Appealed, reason: string, body?: string): Promise<Appeal>;
  /** The same map until it changes. */
  of(threadId: ThreadId): ReadonlyMap<Appealed, Appeal>;
  /** The message is in the log as it was meant, or given up. */
  forget(threadId: ThreadId, about: Appealed): void;
  clear(): Promise<void>;
}

export interface AppealsOptions {
  readonly clock: Clock;
  readonly storage: ClientStorage;
  readonly request: Connection['request'];
  onChange(threadId: ThreadId): void;
}

const StoredAppeal = z.object({
  threadId: ThreadId,
  about: z.union([Offset, z.string()]),
  body: text(MAX_STORED_BODY_LENGTH).optional(),
  reason: z.string(),
  state: z.enum(['waiting', 'granted', 'refused']),
  decisionReason: z.string().nullable(),
});

interface Kept extends Appeal {
  readonly threadId: ThreadId;
  readonly about: Appealed;
  readonly body?: string | undefined;
}

export const createAppeals = (options: AppealsOptions): Appeals => {
  const { clock, request } = options;
  const threads = new Map<ThreadId, ReadonlyMap<Appealed, Kept>>();
  let stored: StoredList<Kept> | undefined;
  let isOnline = false;

  const of = (threadId: ThreadId): ReadonlyMap<Appealed, Kept> => threads.get(threadId) ?? none;

  const put = (appeal: Kept): void => {
    threads.set(appeal.threadId, new Map(of(appeal.threadId)).set(appeal.about, appeal));
    options.onChange(appeal.threadId);
  };

  const ask = async ({ threadId, about, reason, body }: Pick<Kept, 'threadId' | 'about' | 'reason' | 'body'>): Promise<Kept> => {
    const message =
      typeof about === 'number' ? { offset: about } : { clientMessageId: about, ...(body !== undefined && { body }) };
    const answer = await request('guard.appeal', { threadId, reason, ...message });
    return { threadId, about, reason, body, ...answer };
  };

  const keep = (appeal: Kept): Kept => {
    put(appeal);
    stored?.put(appeal);
    if (isWaiting(appeal)) waiting.begin();
    return appeal;
  };

  const forget = (threadId: ThreadId, about: Appealed): void => {
    const appeal = of(threadId).get(about);
    if (appeal === undefined) return;
    const left = new Map(of(threadId));
    left.delete(about);
    threads.set(threadId, left);
    stored?.remove(idOf(appeal));
    options.onChange(threadId);
  };

  const waiting = createReview({
    clock,
    ask() {
      const undecided = [...threads.values()].flatMap((appeals) => [...appeals.values()].filter(isWaiting));
      for (const appeal of undecided) void review(appeal);
      return undecided.length > 0;
    },
  });

  const review = async (appeal: Kept): Promise<void> => {
    try {
      const next = await ask(appeal);
      // It may have been forgotten meanwhile.
      if (of(appeal.threadId).get(appeal.about) === appeal && !isWaiting(next)) keep(next);
    } catch (error) {
      // A message that was deleted, or a conversation that was left, has no appeal any more.
      if (!asProtocolError(error).retryable) forget(appeal.threadId, appeal.about);
    }
  };

  return {
    async start(userId) {
      if (stored !== undefined) return;
      const list = createStoredList<Kept>({
        storage: options.storage,
        key: `appeals:${userId}`,
        idOf,
        parse: (item) => StoredAppeal.safeParse(item).data,
      });
      stored = list;
      const earlier = await list.load();
      // Signed out while the storage was read.
      if (stored !== list) return;
      for (const appeal of earlier) if (!of(appeal.threadId).has(appeal.about)) put(appeal);
      if (isOnline) waiting.online();
    },
    online() {
      isOnline = true;
      waiting.online();
    },
    offline() {
      isOnline = false;
      waiting.offline();
    },
    async ask(threadId, about, reason, body) {
      if (typeof about === 'string' && body === undefined)
        throw new ProtocolError('not_found', 'There is no message of that client message id here.');
      return keep(await ask({ threadId, about, reason, body }));
    },
    of,
    forget,
    async clear() {
      const list = stored;
      stored = undefined;
      threads.clear();
      await list?.clear();
    },
  };
};

const none: ReadonlyMap<Appealed, Kept> = new Map();
const idOf = ({ threadId, about }: Kept): string => `${threadId} ${about}`;
const isWaiting = ({ state }: Kept): boolean => state === 'waiting';
