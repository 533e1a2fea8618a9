/**
 * The outbox: messages that were not acknowledged yet. Each keeps its client message id through every retry, so the
 * server stores it once. A thread's messages leave in order, several at a time; after a refusal that may pass, the
 * thread waits until nothing of it is on its way and then goes on one by one, so that the order holds.
 * A message that a moderator sees first stays, and is asked about now and then until it is in the log or refused.
 */
import {
  MAX_BODY_LENGTH,
  type Message,
  type ProtocolError,
  type Result,
  type ThreadId,
  type UserId,
  type WireError,
} from '../protocol/index.ts';
import { backoffMs } from './backoff.ts';
import type { Environment } from './clock.ts';
import type { Connection } from './connection.ts';
import { asProtocolError } from './errors.ts';
import { createOutboxStorage, type OutboxStorage, type StoredMessage } from './outbox-storage.ts';
import { createReview } from './review.ts';
import type { ClientStorage, PendingMessage } from './types.ts';
import { uuid } from './uuid.ts';

export interface Outbox {
  /** Takes up what an earlier life left unsent; messages leave from here on, while online. */
  start(userId: UserId): Promise<void>;
  online(): void;
  offline(): void;
  post(threadId: ThreadId, body: string): string;
  retry(threadId: ThreadId, clientMessageId: string): void;
  confirm(threadId: ThreadId, clientMessageId: string): void;
  /** The text of the message that is given up; undefined when there is none, or it is held. */
  discard(threadId: ThreadId, clientMessageId: string): string | undefined;
  /** The log has this message: it needs no sending, whatever became of the reply. */
  settle(message: Message): void;
  /** In the order they were written; the same array until it changes. */
  pending(threadId: ThreadId): readonly PendingMessage[];
  /** Gives up everything. */
  clear(): Promise<void>;
}

export interface OutboxOptions extends Environment {
  readonly storage: ClientStorage;
  readonly request: Connection['request'];
  onChange(threadId: ThreadId): void;
  /** The server has stored the message; called before it leaves the outbox. */
  onAcknowledged(message: Message): void;
}

/** Messages of one thread on their way at once. */
const WINDOW = 32;
const BACKOFF = { baseMs: 500, capMs: 10_000 };
/** An internal error of the server may be of this very message's making. */
const MAX_INTERNAL_ERRORS = 5;

interface Entry {
  message: PendingMessage;
  internalErrors: number;
}

interface Lane {
  readonly threadId: ThreadId;
  entries: Entry[];
  pending: readonly PendingMessage[];
  inFlight: number;
  window: number;
  /** Refusals in a row. */
  refusals: number;
  /** Set while the thread waits after a refusal. */
  cancelWait?: () => void;
  /** How long to wait once nothing is on its way. */
  waitMs?: number;
}

export const createOutbox = (options: OutboxOptions): Outbox => {
  const { clock, random, request } = options;
  const lanes = new Map<ThreadId, Lane>();
  let stored: OutboxStorage | undefined;
  let started = false;
  let isOnline = false;

  const laneOf = (threadId: ThreadId): Lane => {
    const lane = lanes.get(threadId) ?? { threadId, entries: [], pending: [], inFlight: 0, window: WINDOW, refusals: 0 };
    lanes.set(threadId, lane);
    return lane;
  };

  const changed = (lane: Lane): void => {
    lane.pending = lane.entries.map((entry) => entry.message);
    options.onChange(lane.threadId);
  };

  const add = (lane: Lane, message: PendingMessage): void => {
    lane.entries = [...lane.entries, { message, internalErrors: 0 }];
  };

  const drop = (lane: Lane, clientMessageId: string): void => {
    const left = lane.entries.filter((entry) => entry.message.clientMessageId !== clientMessageId);
    if (left.length === lane.entries.length) return;
    lane.entries = left;
    if (!left.some(({ message }) => message.state === 'queued' || message.state === 'sending')) lane.window = WINDOW;
    stored?.remove(clientMessageId);
    changed(lane);
  };

  const pump = (lane: Lane): void => {
    if (!isOnline || !started || lane.waitMs !== undefined) return;
    for (const entry of lane.entries) {
      if (lane.inFlight >= lane.window) return;
      if (entry.message.state === 'queued') void send(lane, entry);
    }
  };

  const ask = ({ threadId }: Lane, { clientMessageId, body, confirmed }: PendingMessage): Promise<Result<'message.post'>> =>
    request('message.post', { threadId, clientMessageId, body, ...(confirmed === true && { confirmed }) });

  const send = async (lane: Lane, entry: Entry): Promise<void> => {
    const { clientMessageId } = entry.message;
    mark(lane, entry, 'sending');
    lane.inFlight += 1;
    try {
      const { message } = await ask(lane, entry.message);
      lane.inFlight -= 1;
      lane.refusals = 0;
      if (lane.entries.includes(entry)) options.onAcknowledged(message);
      drop(lane, clientMessageId);
    } catch (error) {
      lane.inFlight -= 1;
      refused(lane, entry, asProtocolError(error));
    }
    settleWait(lane);
    pump(lane);
  };

  const held = createReview({
    clock,
    ask() {
      const entries = [...lanes.values()].flatMap((lane) => lane.entries.map((entry) => ({ lane, entry })));
      const waiting = entries.filter(({ entry }) => entry.message.state === 'held');
      for (const { lane, entry } of waiting) void review(lane, entry);
      return waiting.length > 0;
    },
  });

  /** A held message stands beside the order, and goes on being shown as held while it is asked about. */
  const review = async (lane: Lane, entry: Entry): Promise<void> => {
    try {
      const { message } = await ask(lane, entry.message);
      if (lane.entries.includes(entry)) options.onAcknowledged(message);
      drop(lane, message.clientMessageId);
    } catch (error) {
      const refusal = asProtocolError(error);
      if (refusal.code !== 'held' && !refusal.retryable && lane.entries.includes(entry)) fail(lane, entry, refusal.toWire());
    }
  };

  const refused = (lane: Lane, entry: Entry, error: ProtocolError): void => {
    if (error.code === 'internal') entry.internalErrors += 1;
    if (!error.retryable || entry.internalErrors >= MAX_INTERNAL_ERRORS) {
      if (lane.entries.includes(entry)) fail(lane, entry, error.toWire());
      return;
    }
    mark(lane, entry, 'queued');
    if (!isOnline) return;
    lane.window = 1;
    lane.waitMs = Math.max(lane.waitMs ?? 0, error.details.retryAfterMs ?? backoffMs(BACKOFF, lane.refusals, random));
    lane.refusals += 1;
  };

  /** Starts the wait after a refusal when the last message on its way has been answered. */
  const settleWait = (lane: Lane): void => {
    if (lane.waitMs === undefined || lane.inFlight > 0 || lane.cancelWait !== undefined) return;
    lane.cancelWait = clock.after(lane.waitMs, () => {
      endWait(lane);
      pump(lane);
    });
  };

  const endWait = (lane: Lane): void => {
    lane.cancelWait?.();
    delete lane.cancelWait;
    delete lane.waitMs;
  };

  const mark = (lane: Lane, entry: Entry, state: 'queued' | 'sending'): void => {
    const { error: _, ...message } = entry.message;
    entry.message = { ...message, state };
    changed(lane);
  };

  const fail = (lane: Lane, entry: Entry, error: WireError): void => {
    entry.message = { ...entry.message, state: stateOf(error), error };
    keep(lane, entry);
    changed(lane);
    if (entry.message.state === 'held') held.begin();
  };

  const keep = (lane: Lane, { message }: Entry): void => {
    const { state: _, ...kept } = message;
    stored?.put({ threadId: lane.threadId, ...kept });
  };

  const takeUp = (messages: readonly StoredMessage[]): void => {
    for (const [threadId, earlier] of Map.groupBy(messages, (message) => message.threadId)) {
      const lane = laneOf(threadId);
      const later = lane.entries;
      const known = new Set(later.map((entry) => entry.message.clientMessageId));
      lane.entries = [];
      for (const { clientMessageId, body, createdAt, error, confirmed } of earlier) {
        if (known.has(clientMessageId)) continue;
        add(lane, {
          clientMessageId,
          body,
          createdAt,
          ...(confirmed === true && { confirmed }),
          ...(error === undefined ? { state: 'queued' } : { state: stateOf(error), error }),
        });
      }
      lane.entries = [...lane.entries, ...later];
      changed(lane);
    }
  };

  return {
    async start(userId) {
      if (stored !== undefined) return;
      const storage = createOutboxStorage(options.storage, userId);
      stored = storage;
      const messages = await storage.load();
      // Signed out while the storage was read.
      if (stored !== storage) return;
      for (const lane of lanes.values()) for (const entry of lane.entries) keep(lane, entry);
      takeUp(messages);
      started = true;
      for (const lane of lanes.values()) pump(lane);
      if (isOnline) held.online();
    },
    online() {
      isOnline = true;
      for (const lane of lanes.values()) pump(lane);
      if (started) held.online();
    },
    offline() {
      isOnline = false;
      held.offline();
      for (const lane of lanes.values()) endWait(lane);
    },
    post(threadId, body) {
      const lane = laneOf(threadId);
      const message: PendingMessage = { clientMessageId: uuid(), body, createdAt: clock.now(), state: 'queued' };
      add(lane, message);
      const entry = lane.entries.at(-1)!;
      keep(lane, entry);
      changed(lane);
      if (body.length > MAX_BODY_LENGTH) fail(lane, entry, tooLong);
      pump(lane);
      return message.clientMessageId;
    },
    retry(threadId, clientMessageId) {
      const lane = laneOf(threadId);
      const entry = lane.entries.find(({ message }) => message.clientMessageId === clientMessageId);
      if (entry?.message.state !== 'failed' || entry.message.body.length > MAX_BODY_LENGTH) return;
      entry.internalErrors = 0;
      mark(lane, entry, 'queued');
      keep(lane, entry);
      pump(lane);
    },
    confirm(threadId, clientMessageId) {
      const lane = laneOf(threadId);
      const entry = lane.entries.find(({ message }) => message.clientMessageId === clientMessageId);
      if (entry?.message.state !== 'unconfirmed') return;
      entry.message = { ...entry.message, confirmed: true };
      mark(lane, entry, 'queued');
      keep(lane, entry);
      pump(lane);
    },
    discard(threadId, clientMessageId) {
      const lane = laneOf(threadId);
      const message = lane.pending.find((pending) => pending.clientMessageId === clientMessageId);
      if (message === undefined || message.state === 'held') return undefined;
      drop(lane, clientMessageId);
      return message.body;
    },
    settle(message) {
      const lane = lanes.get(message.threadId);
      if (lane !== undefined) drop(lane, message.clientMessageId);
    },
    pending: (threadId) => lanes.get(threadId)?.pending ?? nothing,
    async clear() {
      const storage = stored;
      stored = undefined;
      started = false;
      held.offline();
      for (const lane of lanes.values()) {
        endWait(lane);
        lane.entries = [];
        changed(lane);
      }
      lanes.clear();
      await storage?.clear();
    },
  };
};

const stateOf = ({ code }: WireError): PendingMessage['state'] =>
  code === 'unconfirmed' || code === 'blocked' || code === 'held' ? code : 'failed';

const nothing: readonly PendingMessage[] = [];

const tooLong: WireError = {
  code: 'invalid',
  message: `A message has at most ${MAX_BODY_LENGTH} characters.`,
  retryable: false,
};
