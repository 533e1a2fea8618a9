/**
 * What is on screen: the open threads, whose typing is heard, and the people whose presence is. Counts who asks for
 * what and tells the server the union, soon after it changed and again on each new socket.
 */
import { type Presence, ProtocolError, type ThreadId, type UserId } from '../protocol/index.ts';
import type { Clock } from './clock.ts';
import type { Connection } from './connection.ts';
import { createCell } from './readable.ts';
import type { Readable } from './types.ts';

export interface Watch {
  readonly presence: Readable<ReadonlyMap<UserId, Presence>>;
  /** Both return how to release; releasing twice is the same as once. */
  users(userIds: readonly UserId[]): () => void;
  thread(threadId: ThreadId): () => void;
  online(): void;
  /** Tells the server again: it may show more now. */
  renew(): void;
  offline(): void;
  push(presence: Presence): void;
  reset(): void;
}

/** Rows scroll by faster than this; the server hears where they stop. */
const DEBOUNCE_MS = 50;
const RETRY_MS = 1_000;
/** What the protocol allows; beyond it the longest on screen stay unheard. */
const MAX_THREADS = 100;
const MAX_USERS = 200;

export const createWatch = ({ clock, request }: { clock: Clock; request: Connection['request'] }): Watch => {
  const presence = createCell<ReadonlyMap<UserId, Presence>>(new Map());
  const threads = createCounts<ThreadId>();
  const users = createCounts<UserId>();
  let isOnline = false;
  /** What this socket was told last, and whether that is still on its way. */
  let told = '';
  let telling = false;
  let cancelTimer: (() => void) | undefined;

  const tellIn = (delayMs: number): void => {
    if (!isOnline || cancelTimer !== undefined) return;
    cancelTimer = clock.after(delayMs, () => {
      cancelTimer = undefined;
      void tell();
    });
  };

  /** One at a time, so that what is told last is what holds. */
  const tell = async (): Promise<void> => {
    const watch = { threadIds: threads.list().slice(-MAX_THREADS), userIds: users.list().slice(-MAX_USERS) };
    const text = JSON.stringify(watch);
    if (!isOnline || telling || text === told) return;
    telling = true;
    told = text;
    try {
      const heard = await request('session.watch', watch);
      learn(heard.presence);
    } catch (error) {
      told = '';
      if (error instanceof ProtocolError && error.retryable) tellIn(error.details.retryAfterMs ?? RETRY_MS);
    } finally {
      telling = false;
      tellIn(0);
    }
  };

  const learn = (heard: readonly Presence[]): void => {
    const next = new Map([...presence.get()].filter(([userId]) => users.has(userId)));
    for (const one of heard) if (users.has(one.userId)) next.set(one.userId, one);
    presence.set(next);
  };

  const take = <Key>(counts: Counts<Key>, keys: readonly Key[]): (() => void) => {
    let held = true;
    for (const key of keys) counts.add(key);
    tellIn(DEBOUNCE_MS);
    return () => {
      if (!held) return;
      held = false;
      for (const key of keys) counts.remove(key);
      tellIn(DEBOUNCE_MS);
    };
  };

  const offline = (): void => {
    isOnline = false;
    cancelTimer?.();
    cancelTimer = undefined;
  };

  return {
    presence,
    users: (userIds) => take(users, [...userIds]),
    thread: (threadId) => take(threads, [threadId]),
    online() {
      isOnline = true;
      telling = false;
      // A socket begins with nothing watched.
      told = JSON.stringify({ threadIds: [], userIds: [] });
      tellIn(0);
    },
    renew() {
      told = '';
      tellIn(0);
    },
    offline,
    push: (one) => learn([one]),
    reset() {
      offline();
      presence.set(new Map());
    },
  };
};

interface Counts<Key> {
  add(key: Key): void;
  remove(key: Key): void;
  has(key: Key): boolean;
  /** In the order in which they were first asked for. */
  list(): Key[];
}

const createCounts = <Key>(): Counts<Key> => {
  const counts = new Map<Key, number>();
  return {
    add: (key) => void counts.set(key, (counts.get(key) ?? 0) + 1),
    remove(key) {
      const left = (counts.get(key) ?? 0) - 1;
      if (left > 0) counts.set(key, left);
      else counts.delete(key);
    },
    has: (key) => counts.has(key),
    list: () => [...counts.keys()],
  };
};
