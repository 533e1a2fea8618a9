/** The contract for inboxes: positions, what was missed, and when it takes a snapshot. */
import { describe, expect, it } from 'vitest';
import type { InboxEntry, InboxRecovery } from '../../../protocol/index.ts';
import type { Store } from '../../../src/store/store.ts';
import { type OpenStore, openGroup, people, post, profile, tick, useStore, withStore } from './fixtures.ts';

const missedSince = (store: Store, userId: string, position: number): Promise<InboxRecovery> =>
  store.since(userId, { epoch: store.epoch, position });

const entriesOf = (recovery: InboxRecovery): InboxEntry[] => {
  expect(recovery.recovered).toBe(true);
  return recovery.recovered ? recovery.entries : [];
};

const headOf = async (store: Store, userId: string): Promise<number> => (await store.heads([userId])).get(userId)!;

export const inboxContract = (open: OpenStore): void => {
  describe('inboxes', () => {
    const context = useStore(open);

    it('[ST70] everything after a position comes in order, as it was pushed', async () => {
      const { store } = context;
      const [me, other] = (await people(store, 2)) as [string, string];
      const threadId = await openGroup(store, [me, other]);
      const writes = [
        await store.postMessage({ threadId, senderId: other, clientMessageId: 'message-1', body: 'One.', at: tick() }),
        await store.moveCursor({ threadId, userId: me, readOffset: 2, at: tick() }),
        await store.putUser(profile(other, { headline: 'Cartographer' }), tick()),
        await store.postMessage({ threadId, senderId: me, clientMessageId: 'message-2', body: 'Two.', at: tick() }),
      ];
      const pushed = writes.flatMap(({ deliveries }) =>
        deliveries.map(({ event, positions }) => ({ position: new Map(positions).get(me), event })),
      );
      expect(pushed.map(({ position }) => position)).toEqual([2, 3, 4, 5]);
      const recovery = await missedSince(store, me, 1);
      expect(recovery).toEqual({ recovered: true, epoch: store.epoch, position: 5, entries: pushed });
      expect(entriesOf(await missedSince(store, me, 3))).toEqual(pushed.slice(2));
      expect(entriesOf(await missedSince(store, me, 5))).toEqual([]);
    });

    it('[ST71] without a position, with one of another epoch or beyond the head, there is a snapshot', async () => {
      const { store } = context;
      const [me, other] = (await people(store, 2)) as [string, string];
      const threadId = await openGroup(store, [me, other]);
      await post(store, threadId, other);
      const { thread, users } = await store.thread(me, threadId);
      const expected = { recovered: false, epoch: store.epoch, position: 2, snapshot: { threads: [thread], users, more: false } };
      expect(await store.since(me, undefined)).toEqual(expected);
      expect(await store.since(me, { epoch: 'another-epoch', position: 1 })).toEqual(expected);
      expect(await missedSince(store, me, 3)).toEqual(expected);
    });

    it('[ST71] a user who has no entries, or whom the store does not know, stands at 0', async () => {
      const { store } = context;
      const [known] = (await people(store, 1)) as [string];
      for (const userId of [known, 'nobody']) {
        expect(entriesOf(await missedSince(store, userId, 0))).toEqual([]);
        const snapshot = { threads: [], users: [], more: false };
        expect(await store.since(userId, undefined)).toEqual({ recovered: false, epoch: store.epoch, position: 0, snapshot });
      }
      expect(await store.heads([known, 'nobody'])).toEqual(
        new Map([
          [known, 0],
          ['nobody', 0],
        ]),
      );
    });

    it('[ST71] a snapshot has the first page of the thread list and says that there is more', async () => {
      const { store } = context;
      const [me, other] = (await people(store, 2)) as [string, string];
      await Promise.all(Array.from({ length: 60 }, () => openGroup(store, [me, other])));
      const recovery = await store.since(me, undefined);
      if (recovery.recovered) throw new Error('A snapshot was expected.');
      const { threads, more } = recovery.snapshot;
      expect(more).toBe(true);
      const page = await store.threads(me, { limit: threads.length });
      expect(threads).toEqual(page.threads);
    });

    it('[ST72] of a cursor only its last move stays in an inbox, and of a profile its last change', async () => {
      const { store } = context;
      const [me, other] = (await people(store, 2)) as [string, string];
      const threadId = await openGroup(store, [me, other]);
      for (const readOffset of [2, 3, 4]) {
        await post(store, threadId, other);
        await store.moveCursor({ threadId, userId: me, readOffset, at: tick() });
        await store.putUser(profile(other, { headline: `Version ${readOffset}` }), tick());
      }
      const entries = entriesOf(await missedSince(store, me, 0));
      expect(entries.map(({ position, event }) => [position, event.type])).toEqual([
        [1, 'thread.opened'],
        [2, 'message.posted'],
        [5, 'message.posted'],
        [8, 'message.posted'],
        [9, 'cursor.moved'],
        [10, 'user.changed'],
      ]);
      expect(entries.at(-2)?.event).toMatchObject({ readOffset: 4, unread: 0 });
      expect(entries.at(-1)?.event).toMatchObject({ user: { headline: 'Version 4' } });
    });

    it('[ST72] the cursors of two members, or in two threads, do not replace each other', async () => {
      const { store } = context;
      const [me, other] = (await people(store, 2)) as [string, string];
      const threadIds = [await openGroup(store, [me, other]), await openGroup(store, [me, other])];
      for (const threadId of threadIds) {
        for (const userId of [me, other]) await store.moveCursor({ threadId, userId, readOffset: 1, at: tick() });
      }
      const moves = entriesOf(await missedSince(store, me, 2)).map(({ event }) => event.type);
      expect(moves).toEqual(Array.from({ length: 4 }, () => 'cursor.moved'));
    });

    it('[ST73] position and content are of one instant while others write', async () => {
      const { store } = context;
      const [me, other] = (await people(store, 2)) as [string, string];
      const threadId = await openGroup(store, [me, other]);
      const posts = Promise.all(Array.from({ length: 200 }, () => post(store, threadId, other)));
      // In this thread nothing but events happens, so that its head is the inbox's.
      for (let head = 0; head < 201; ) {
        const recovery = await store.since(me, undefined);
        if (recovery.recovered) throw new Error('A snapshot was expected.');
        head = recovery.position;
        expect(recovery.snapshot.threads[0]).toMatchObject({ head, unread: head - 1 });
      }
      await posts;
    });
  });

  describe('bounded inboxes', () => {
    it('[ST71] whoever is further behind than the replay limit gets a snapshot', async () => {
      await withStore(
        open,
        async ({ store }) => {
          const [me, other] = (await people(store, 2)) as [string, string];
          const threadId = await openGroup(store, [me, other]);
          for (let count = 0; count < 10; count += 1) await post(store, threadId, other);
          expect(entriesOf(await missedSince(store, me, 1))).toHaveLength(10);
          expect(await missedSince(store, me, 0)).toMatchObject({ recovered: false, position: 11 });
        },
        { replayLimit: 10 },
      );
    });

    it('[ST74] an inbox keeps its newest entries, up to its limit; from before them there is a snapshot', async () => {
      await withStore(
        open,
        async ({ store, reopen }) => {
          const [me, other] = (await people(store, 2)) as [string, string];
          const threadId = await openGroup(store, [me, other]);
          for (let count = 0; count < 57; count += 1) await post(store, threadId, other);
          const check = async (store: Store): Promise<void> => {
            const head = await headOf(store, me);
            expect(head).toBe(58);
            expect(entriesOf(await missedSince(store, me, head - 18)).map(({ position }) => position)).toHaveLength(18);
            for (const position of [0, 1, head - 21]) {
              expect(await missedSince(store, me, position)).toMatchObject({ recovered: false, position: head });
            }
          };
          await check(store);
          await check(await reopen());
        },
        { inboxKeep: 20 },
      );
    });

    it('[ST74] even the smallest inbox knows its head', async () => {
      await withStore(
        open,
        async ({ store }) => {
          const [me, other] = (await people(store, 2)) as [string, string];
          const threadId = await openGroup(store, [me, other]);
          for (let count = 2; count < 8; count += 1) {
            await post(store, threadId, other);
            expect(await headOf(store, me)).toBe(count);
          }
        },
        { inboxKeep: 1 },
      );
    });
  });
};
