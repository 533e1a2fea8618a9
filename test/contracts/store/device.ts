/** A device of one user: holds a copy of the inbox as the SDK does, fed by pushes or by what it missed. */
import { expect } from 'vitest';
import { applyEntry, byActivity, fromSnapshot, type InboxState, withoutAwaited, withThread } from '../../../client/state.ts';
import { type InboxEntry, ProtocolError } from '../../../protocol/index.ts';
import type { Delivery, Store } from '../../../src/store/store.ts';

export interface Device {
  readonly userId: string;
  /** Takes a push, if it is for this user; it must be the next one. */
  push(delivery: Delivery): Promise<void>;
  /** Asks for what it missed. */
  catchUp(): Promise<void>;
  /** Expects that the copy equals a fresh snapshot. */
  verify(): Promise<void>;
}

export const createDevice = async (store: Store, userId: string): Promise<Device> => {
  const snapshot = async () => {
    const recovery = await store.since(userId, undefined);
    if (recovery.recovered) throw new Error('A snapshot was asked for.');
    return recovery;
  };
  let { position, snapshot: first } = await snapshot();
  let state: InboxState = fromSnapshot(first);

  const apply = (entry: InboxEntry): void => {
    state = applyEntry(state, userId, entry);
    position = entry.position;
  };

  /** Fetches the threads that the log spoke of and the copy does not have. */
  const fetchAwaited = async (): Promise<void> => {
    for (const threadId of state.awaited.keys()) {
      try {
        const { thread, users } = await store.thread(userId, threadId);
        state = withThread(state, userId, thread, users);
      } catch (error) {
        if (!(error instanceof ProtocolError) || error.code !== 'not_member') throw error;
        state = withoutAwaited(state, threadId);
      }
    }
  };

  return {
    userId,
    async push({ event, positions }) {
      const next = new Map(positions).get(userId);
      if (next === undefined) return;
      expect(next, 'a push takes the next position').toBe(position + 1);
      apply({ position: next, event });
      await fetchAwaited();
    },
    async catchUp() {
      const recovery = await store.since(userId, { epoch: store.epoch, position });
      if (recovery.recovered) {
        recovery.entries.forEach(apply);
        await fetchAwaited();
      } else {
        state = fromSnapshot(recovery.snapshot);
      }
      position = recovery.position;
    },
    async verify() {
      const fresh = await snapshot();
      expect(position).toBe(fresh.position);
      expect([...state.threads.values()].sort(byActivity)).toEqual(fresh.snapshot.threads);
      for (const user of fresh.snapshot.users) expect(state.users.get(user.userId)).toEqual(user);
    },
  };
};
