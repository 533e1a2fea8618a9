/** The contract for what the host platform is told. */
import { describe, expect, it } from 'vitest';
import { type OpenStore, openGroup, people, post, rejected, tick, useStore } from './fixtures.ts';

export const outboxContract = (open: OpenStore): void => {
  describe('the outbox', () => {
    const context = useStore(open, { outbox: ['thread.opened', 'message.posted', 'message.edited', 'member.joined'] });
    const LEASE = { leaseMs: 1_000, limit: 100 };
    /** A group in which two have posted; what else is due is let go first. */
    const scene = async () => {
      const { store } = context;
      for (const { deliveryId, attempt } of await store.takeDue({ now: Number.MAX_SAFE_INTEGER - 1e6, ...LEASE })) {
        await store.settleDelivery({ deliveryId, attempt, outcome: { status: 'delivered' } });
      }
      const [owner, member] = (await people(store, 2)) as [string, string];
      const threadId = await openGroup(store, [owner, member]);
      const now = () => tick() + 1_000;
      const take = (more = {}) => store.takeDue({ now: now(), ...LEASE, ...more });
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
      expect(await store.replayDeliveries({ deliveryId: first!.deliveryId }, now())).toEqual({ replayed: 1 });
      expect(await store.replayDeliveries({ deliveryId: first!.deliveryId }, now())).toEqual({ replayed: 0 });
      expect(await drain({ store, take })).toMatchObject([{ type: 'thread.opened', threadId }]);
      expect(await store.replayDeliveries({ since }, now())).toEqual({ replayed: 1 });
      expect(await drain({ store, take })).toMatchObject([{ type: 'message.posted', threadId }]);
      await rejected(store.replayDeliveries({ deliveryId: 999_999_999 }, now()), 'not_found');
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
