/** The contract for messages and read cursors. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Store } from '../../../src/store/store.ts';
import { type OpenStore, openGroup, people, post, rejected, tick, useStore, withStore } from './fixtures.ts';

const inPair = async (store: Store): Promise<{ me: string; other: string; threadId: string }> => {
  const [me, other] = (await people(store, 2)) as [string, string];
  return { me, other, threadId: await openGroup(store, [me, other]) };
};

export const messageContract = (open: OpenStore): void => {
  describe('posting', () => {
    const context = useStore(open);

    it('[ST6] the same client message id and body again returns the original and changes nothing', async () => {
      const { store } = context;
      const { me, threadId } = await inPair(store);
      const message = { threadId, senderId: me, clientMessageId: randomUUID(), body: 'Hello.' };
      const first = await store.postMessage({ ...message, at: tick() });
      expect(first.result).toMatchObject({ replayed: false, message: { offset: 2, body: 'Hello.' } });
      const again = await store.postMessage({ ...message, at: tick() });
      expect(again).toEqual({ result: { message: first.result.message, replayed: true }, deliveries: [] });
      expect((await store.thread(me, threadId)).thread.head).toBe(2);
    });

    it('[ST75] messages are told as they are stored, also those posted together, whatever else their callers gave', async () => {
      const { store } = context;
      const pairs = await Promise.all(Array.from({ length: 40 }, () => inPair(store)));
      const told = await Promise.all(
        pairs.map(({ threadId, me }) => {
          const more = { confirmed: false, body: 'Hello.', clientMessageId: randomUUID() };
          return store.postMessage({ ...more, threadId, senderId: me, at: tick() });
        }),
      );
      for (const [index, { result, deliveries }] of told.entries()) {
        const { me, threadId } = pairs[index]!;
        const { events } = await store.history(me, { threadId, after: 1, limit: 1 });
        expect([result.message, deliveries[0]!.event]).toEqual([(events[0] as { message: unknown }).message, events[0]]);
      }
    });

    it('[ST6] of many posts with one client message id at the same time, one is stored and all get it', async () => {
      const { store } = context;
      const { me, other, threadId } = await inPair(store);
      const message = { threadId, senderId: me, clientMessageId: randomUUID(), body: 'Hello.' };
      const posts = await Promise.all(Array.from({ length: 32 }, () => store.postMessage({ ...message, at: tick() })));
      expect(posts.filter(({ result }) => !result.replayed)).toHaveLength(1);
      expect(posts.filter(({ deliveries }) => deliveries.length > 0)).toHaveLength(1);
      expect(new Set(posts.map(({ result }) => JSON.stringify(result.message)))).toHaveProperty('size', 1);
      expect((await store.thread(other, threadId)).thread).toMatchObject({ head: 2, unread: 1 });
    });

    it('[ST6] a client message id belongs to one sender in one thread', async () => {
      const { store } = context;
      const { me, other, threadId } = await inPair(store);
      const elsewhere = await openGroup(store, [me, other]);
      const clientMessageId = randomUUID();
      const sent = [
        await post(store, threadId, me, 'Mine.', clientMessageId),
        await post(store, threadId, other, 'Yours.', clientMessageId),
        await post(store, elsewhere, me, 'Elsewhere.', clientMessageId),
      ];
      expect(sent.map(({ offset }) => offset)).toEqual([2, 3, 2]);
    });

    it('[ST7] another body under a used client message id is a conflict that names the message', async () => {
      const { store } = context;
      const { me, threadId } = await inPair(store);
      const { offset, clientMessageId } = await post(store, threadId, me, 'Hello.');
      const error = await rejected(post(store, threadId, me, 'Good bye.', clientMessageId), 'conflict');
      expect(error.details.conflictsWith).toBe(String(offset));
      expect(JSON.stringify(error.toWire())).not.toMatch(/Hello|Good bye/);
    });

    it('[ST7] after an edit the body it was posted with is still the one that counts', async () => {
      const { store } = context;
      const { me, threadId } = await inPair(store);
      const { offset, clientMessageId } = await post(store, threadId, me, 'Hello.');
      for (const body of ['Hello, all.', 'Hello, everyone.']) {
        await store.editMessage({ threadId, offset, actorId: me, body, at: tick() });
      }
      const replayed = await post(store, threadId, me, 'Hello.', clientMessageId);
      expect(replayed).toMatchObject({ offset, body: 'Hello, everyone.' });
      await rejected(post(store, threadId, me, 'Hello, everyone.', clientMessageId), 'conflict');
    });

    it('[ST7] after a delete any body returns the tombstone, since nothing of the first is kept', async () => {
      const { store } = context;
      const { me, threadId } = await inPair(store);
      const { offset, clientMessageId } = await post(store, threadId, me, 'Hello.');
      const { result } = await store.deleteMessage({ threadId, offset, actorId: me, at: tick() });
      expect(await post(store, threadId, me, 'Hello.', clientMessageId)).toEqual(result.message);
      expect(await post(store, threadId, me, 'Good bye.', clientMessageId)).toEqual(result.message);
    });

    it('[ST6] a post is recognized after the store was opened again', async () => {
      await withStore(open, async ({ store, reopen }) => {
        const { me, threadId } = await inPair(store);
        const message = await post(store, threadId, me, 'Hello.');
        const reopened = await reopen();
        expect(await post(reopened, threadId, me, 'Hello.', message.clientMessageId)).toEqual(message);
        await rejected(post(reopened, threadId, me, 'Good bye.', message.clientMessageId), 'conflict');
      });
    });

    it('[ST50] a body comes back as it was sent, whatever characters it has', async () => {
      const { store } = context;
      const { me, threadId } = await inPair(store);
      const body = `  'quoted' "twice" \\ % _ \u0001 \u2028 é e\u0301 \u{1F469}\u200D\u{1F680} ${'字'.repeat(7_900)}`;
      await post(store, threadId, me, body);
      expect((await store.history(me, { threadId, limit: 1 })).events[0]).toMatchObject({ message: { body } });
    });
  });

  describe('editing and deleting', () => {
    const context = useStore(open);

    it('[ST51] the sender edits: the body is replaced everywhere and the time of the edit is there', async () => {
      const { store } = context;
      const { me, other, threadId } = await inPair(store);
      const original = await post(store, threadId, me, 'Hello.');
      const at = tick();
      const { result, deliveries } = await store.editMessage({ threadId, offset: 2, actorId: me, body: 'Hi.', at });
      expect(result.message).toEqual({ ...original, body: 'Hi.', editedAt: at });
      expect(deliveries.map(({ event }) => event)).toEqual([
        { type: 'message.edited', threadId, offset: 3, at, actorId: me, message: result.message },
      ]);
      expect((await store.thread(other, threadId)).thread).toMatchObject({ lastMessage: result.message, head: 3, unread: 1 });
      expect(JSON.stringify(await store.since(other, { epoch: store.epoch, position: 0 }))).not.toContain('Hello.');
    });

    it('[ST51] an edit to the same body changes nothing', async () => {
      const { store } = context;
      const { me, threadId } = await inPair(store);
      const message = await post(store, threadId, me, 'Hello.');
      const edit = { threadId, offset: message.offset, actorId: me, body: 'Hello.', at: tick() };
      expect(await store.editMessage(edit)).toEqual({ result: { message }, deliveries: [] });
    });

    it('[ST52] the sender deletes: a tombstone with an empty body stays, and deleting again changes nothing', async () => {
      const { store } = context;
      const { me, other, threadId } = await inPair(store);
      const original = await post(store, threadId, me, 'Hello.');
      const at = tick();
      const remove = { threadId, offset: 2, actorId: me };
      const { result, deliveries } = await store.deleteMessage({ ...remove, at });
      expect(result.message).toEqual({ ...original, body: '', deletedAt: at });
      expect(deliveries.map(({ event }) => event)).toEqual([
        { type: 'message.deleted', threadId, offset: 3, at, actorId: me, message: result.message },
      ]);
      expect(await store.deleteMessage({ ...remove, at: tick() })).toEqual({ result, deliveries: [] });
      expect((await store.thread(other, threadId)).thread).toMatchObject({ lastMessage: result.message, head: 3, unread: 0 });
      expect(JSON.stringify(await store.since(other, { epoch: store.epoch, position: 0 }))).not.toContain('Hello.');
    });

    it('[ST53] only the sender changes a message, only one that exists, and a deleted one stays deleted', async () => {
      const { store } = context;
      const { me, other, threadId } = await inPair(store);
      const { offset } = await post(store, threadId, me);
      const at = tick();
      await rejected(store.editMessage({ threadId, offset, actorId: other, body: 'Mine.', at }), 'forbidden');
      await rejected(store.deleteMessage({ threadId, offset, actorId: other, at }), 'forbidden');
      for (const missing of [1, 99]) {
        await rejected(store.editMessage({ threadId, offset: missing, actorId: me, body: 'New.', at }), 'not_found');
        await rejected(store.deleteMessage({ threadId, offset: missing, actorId: me, at }), 'not_found');
      }
      await store.deleteMessage({ threadId, offset, actorId: me, at });
      await rejected(store.editMessage({ threadId, offset, actorId: me, body: 'New.', at }), 'gone');
    });
  });

  describe('reading', () => {
    const context = useStore(open);

    it("[ST54] unread counts others' messages after the cursor, deleted ones not", async () => {
      const { store } = context;
      const { me, other, threadId } = await inPair(store);
      const unread = async () => (await store.thread(me, threadId)).thread.unread;
      for (let count = 0; count < 4; count += 1) await post(store, threadId, other);
      await post(store, threadId, me);
      expect(await unread()).toBe(4);
      await store.deleteMessage({ threadId, offset: 2, actorId: other, at: tick() });
      await store.deleteMessage({ threadId, offset: 4, actorId: other, at: tick() });
      expect(await unread()).toBe(2);
      const moved = await store.moveCursor({ threadId, userId: me, readOffset: 3, at: tick() });
      expect(moved.result).toEqual({ readOffset: 3, unread: 1 });
      // One that was read and one that was not.
      await store.deleteMessage({ threadId, offset: 3, actorId: other, at: tick() });
      expect(await unread()).toBe(1);
      await store.deleteMessage({ threadId, offset: 5, actorId: other, at: tick() });
      expect(await unread()).toBe(0);
    });

    it('[ST55] a cursor moves forward, to the head at most; any other move changes nothing', async () => {
      const { store } = context;
      const { me, other, threadId } = await inPair(store);
      await post(store, threadId, other);
      await post(store, threadId, other);
      const at = tick();
      const move = (readOffset: number) => store.moveCursor({ threadId, userId: me, readOffset, at });
      const { result, deliveries } = await move(2);
      expect(result).toEqual({ readOffset: 2, unread: 1 });
      expect(deliveries.map(({ event }) => event)).toEqual([
        { type: 'cursor.moved', threadId, userId: me, readOffset: 2, unread: 1, at },
      ]);
      expect(deliveries[0]!.positions.map(([userId]) => userId).toSorted()).toEqual([me, other].toSorted());
      for (const readOffset of [1, 2, 4]) expect(await move(readOffset)).toEqual({ result, deliveries: [] });
      expect((await move(3)).result).toEqual({ readOffset: 3, unread: 0 });
      const { members } = (await store.thread(other, threadId)).thread;
      expect(members.find(({ userId }) => userId === me)?.readOffset).toBe(3);
    });
  });
};
