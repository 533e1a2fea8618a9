/** The contract for what the host platform is told. */
import { describe, expect, it } from 'vitest';
import { type OpenStore, openGroup, people, post, rejected, tick, useStore } from './fixtures.ts';

export const outboxContract = (open: OpenStore): void => {
  describe('the outbox', () => {
    const context = useStore(open, { outbox: ['thread.opened', 'message.posted', 'message.edited', 'member.joined'] });
    const LEASE = { address: 'the-receiver', leaseMs: 1_000, limit: 100 };
    /** A group in which two have posted; what else is due is let go first. */
    const scene = async () => {
      const { store } = context;
      for (;;) {
        const { deliveries } = await store.takeDue({ now: Number.MAX_SAFE_INTEGER - 1e6, ...LEASE });
        if (deliveries.length === 0) break;
        for (const { deliveryId, attempt } of deliveries) {
          await store.settleDelivery({ deliveryId, attempt, outcome: { status: 'delivered' } });
        }
      }
      const [owner, member] = (await people(store, 2)) as [string, string];
      const threadId = await openGroup(store, [owner, member]);
      const now = () => tick() + 1_000;
      const take = async (more = {}) => (await store.takeDue({ now: now(), ...LEASE, ...more })).deliveries;
      return { store, owner, member, threadId, take, now };
    };
    const drain = async ({ store, take }: Pick<Awaited<ReturnType<typeof scene>>, 'store' | 'take'>) => {
      const told = [];
      for (let due = await take(); due.length > 0; due = await take()) {
        for (const { deliveryId, attempt, event } of due) {
          told.push(event);
          await store.settleDelivery({ deliveryId, attempt, outcome: { status: 'delivered' } });
        }
      }
      return told;
    };

    it('[WH1] what happens is due in the same step, of the types that are told alone, one after the other in each thread', async () => {
      const { store, owner, member, threadId, take } = await scene();
      const { offset } = await post(store, threadId, owner, 'One.');
      await post(store, threadId, member, 'Two.');
      await store.deleteMessage({ threadId, offset: 3, actorId: member, at: tick() });
      await store.editMessage({ threadId, offset, actorId: owner, body: 'Once.', at: tick() });
      const [first, ...more] = await take();
      expect(more).toEqual([]);
      expect(first).toMatchObject({
        attempt: 1,
        event: { type: 'thread.opened', threadId, offset: 1, members: [{ userId: owner }, { userId: member }] },
      });
      await store.settleDelivery({ deliveryId: first!.deliveryId, attempt: 1, outcome: { status: 'delivered' } });
      // In their present state, so that what was deleted is not told.
      expect(await drain({ store, take })).toMatchObject([
        { type: 'message.posted', offset: 2, message: { body: 'Once.' } },
        { type: 'message.posted', offset: 3, message: { body: '' } },
        { type: 'message.edited', offset: 5, message: { body: 'Once.' } },
      ]);
    });

    it("[WH2] what is taken is nobody else's until its lease is over, and then an attempt that took too long settles nothing", async () => {
      const { store, take, now } = await scene();
      const at = now();
      const takers = await Promise.all([1, 2, 3, 4].map(() => take({ now: at })));
      const [first] = takers.flat();
      expect(takers.flat()).toHaveLength(1);
      expect(await take({ now: at + LEASE.leaseMs - 1 })).toEqual([]);
      const [again] = await take({ now: at + LEASE.leaseMs });
      expect(again).toMatchObject({ deliveryId: first!.deliveryId, attempt: 2 });
      await store.settleDelivery({ ...first!, outcome: { status: 'delivered' } });
      const find = async () => (await store.deliveries({ after: first!.deliveryId - 1, limit: 1 }))[0];
      expect(await find()).toMatchObject({ status: 'due', attempts: 2 });
      await store.settleDelivery({ ...again!, outcome: { status: 'due', error: 'busy', dueAt: at + 9_000 } });
      expect(await find()).toMatchObject({ status: 'due', error: 'busy', dueAt: at + 9_000 });
      expect(await take({ now: at + 8_999 })).toEqual([]);
      const [last] = await take({ now: at + 9_000 });
      await store.settleDelivery({ ...last!, outcome: { status: 'dead', error: 'gone' } });
      expect(await find()).toMatchObject({ status: 'dead', error: 'gone', attempts: 3 });
    });

    it('[WH3] what was delivered or given up is listed by id and status, and sent again: one, or all since a time', async () => {
      const { store, owner, threadId, take, now } = await scene();
      const since = tick();
      await post(store, threadId, owner);
      const [first] = await take();
      await store.settleDelivery({ ...first!, outcome: { status: 'dead', error: 'gone' } });
      await drain({ store, take });
      const page = await store.deliveries({ after: first!.deliveryId - 1, limit: 10 });
      expect(page.map(({ status, type }) => [status, type])).toEqual([
        ['dead', 'thread.opened'],
        ['delivered', 'message.posted'],
      ]);
      expect(await store.deliveries({ after: first!.deliveryId - 1, status: 'dead', limit: 10 })).toEqual([page[0]]);
      expect(await store.replayDelivery(first!.deliveryId, now())).toEqual({ replayed: 1 });
      expect(await store.replayDelivery(first!.deliveryId, now())).toEqual({ replayed: 0 });
      expect(await drain({ store, take })).toMatchObject([{ type: 'thread.opened', threadId }]);
      const range = { since, after: 0, until: now(), limit: 10 };
      expect(await store.replaySince(range, now())).toEqual({ replayed: 1, next: null });
      expect(await drain({ store, take })).toMatchObject([{ type: 'message.posted', threadId }]);
      await rejected(store.replayDelivery(999_999_999, now()), 'not_found');
    });

    it('[WH3][WH13] what happened since a time is sent again page by page, each event once, in its order in the thread', async () => {
      const { store, owner, threadId, take, now } = await scene();
      const since = tick();
      // Two of them at one time, and a page ends between them.
      const ats = [since, since, tick(), tick(), tick()];
      for (const [index, at] of ats.entries()) {
        const message = { threadId, senderId: owner, clientMessageId: `replayed-${index}`, body: `Body ${index}`, at };
        await store.postMessage(message);
      }
      const told = async () => (await drain({ store, take })).map((event) => event.offset);
      expect(await told()).toEqual([1, 2, 3, 4, 5, 6]);
      const until = now();
      await post(store, threadId, owner, 'Due, and later than what is sent again.');
      const [waiting] = await take();
      let place: { since: number; after: number } | null = { since, after: 0 };
      const pages = [];
      while (place !== null) {
        const { replayed, next } = await store.replaySince({ ...place, until: until - 1_000, limit: 2 }, now());
        pages.push(replayed);
        place = next;
      }
      expect(pages).toEqual([2, 2, 1]);
      // What was on its way meanwhile no longer leads its thread, and counts when it arrives.
      await store.settleDelivery({ ...waiting!, outcome: { status: 'delivered' } });
      expect(await told()).toEqual([2, 3, 4, 5, 6]);
      expect(await store.replaySince({ since: now(), after: 0, until: now(), limit: 2 }, now())).toEqual({
        replayed: 0,
        next: null,
      });
    });

    it('[WH12] what is given back is due at once, and the attempt does not count', async () => {
      const { store, take, now } = await scene();
      const [first] = await take();
      await store.settleDelivery({ ...first!, outcome: { status: 'returned', at: now() } });
      const [again] = await take();
      expect(again).toMatchObject({ deliveryId: first!.deliveryId, attempt: 1 });
      await store.settleDelivery({ ...again!, outcome: { status: 'due', error: 'busy', dueAt: now() } });
      const [second] = await take();
      expect(second).toMatchObject({ attempt: 2 });
      await store.settleDelivery({ ...second!, outcome: { status: 'returned', at: now() } });
      expect(await store.deliveries({ after: first!.deliveryId - 1, limit: 1 })).toMatchObject([{ attempts: 1, error: 'busy' }]);
    });

    it('[WH9] for an address that is stopped nothing is taken until it is resumed, and another address is not concerned', async () => {
      const { store, take, now } = await scene();
      const at = tick();
      await store.stopDeliveries(LEASE.address, at);
      await store.stopDeliveries(LEASE.address, tick());
      expect(await store.takeDue({ now: now(), ...LEASE })).toEqual({ deliveries: [], stoppedAt: at });
      const [first] = await take({ address: 'another' });
      expect(first).toMatchObject({ event: { type: 'thread.opened' } });
      await store.settleDelivery({ ...first!, outcome: { status: 'returned', at: now() } });
      expect(await store.resumeDeliveries(LEASE.address)).toEqual({ resumed: true });
      expect(await store.resumeDeliveries(LEASE.address)).toEqual({ resumed: false });
      expect(await take()).toMatchObject([{ deliveryId: first!.deliveryId, attempt: 1 }]);
    });

    it('[WH2] takers, posts and replays at once leave no thread behind: all is told in the end, each in order', async () => {
      const { store, owner, take, now } = await scene();
      const threads = await Promise.all([1, 2, 3].map(() => openGroup(store, [owner])));
      const told = new Map<string, number[]>();
      const since = tick();
      const tell = async (): Promise<number> => {
        const due = await take({ limit: 2 });
        for (const { deliveryId, attempt, event } of due) {
          const offsets = told.get(event.threadId) ?? [];
          told.set(event.threadId, [...offsets, event.offset]);
          await store.settleDelivery({ deliveryId, attempt, outcome: { status: 'delivered' } });
        }
        return due.length;
      };
      const teller = async (): Promise<void> => {
        for (let round = 0; round < 15; round += 1) await tell();
      };
      const poster = async (threadId: string): Promise<void> => {
        for (let count = 0; count < 10; count += 1) await post(store, threadId, owner);
      };
      await Promise.all([
        ...threads.map(poster),
        teller(),
        teller(),
        store.replaySince({ since, after: 0, until: now(), limit: 5 }, now()),
      ]);
      while ((await tell()) > 0);
      for (const threadId of threads)
        expect(new Set(told.get(threadId)), threadId).toEqual(new Set(Array.from({ length: 11 }, (_, index) => index + 1)));
      expect(await store.deliveries({ after: 0, status: 'due', limit: 1 })).toEqual([]);
    });

    it('[WH1] without types to tell nothing is due', async () => {
      const opened = await open();
      const [owner, member] = (await people(opened.store, 2)) as [string, string];
      await post(opened.store, await openGroup(opened.store, [owner, member]), owner);
      expect(await opened.store.deliveries({ after: 0, limit: 10 })).toEqual([]);
      await opened.dispose();
    });
  });
};
