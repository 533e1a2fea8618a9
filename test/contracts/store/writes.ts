/** The contract for every write: numbered without holes, settled in order, whole or not at all, and durable. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Store, Written } from '../../../src/store/store.ts';
import {
  dump,
  job,
  type OpenStore,
  openGroup,
  people,
  post,
  proposalFor,
  proposed,
  rejected,
  ringing,
  sendMessage,
  tick,
  useStore,
  withStore,
} from './fixtures.ts';

export const writeContract = (open: OpenStore): void => {
  describe('many writes at once', () => {
    const context = useStore(open);

    it('[ST3][ST4][ST5] offsets and positions have no holes, and writes resolve in their order', async () => {
      const { store } = context;
      const userIds = await people(store, 6);
      const threads = await Promise.all(
        Array.from({ length: 5 }, async (_, index) => {
          const members = [0, 1, 2].map((step) => userIds[(index + step) % userIds.length]!);
          return { threadId: await openGroup(store, members), members };
        }),
      );
      const heads = await store.heads(userIds);
      const told = new Map(userIds.map((userId) => [userId, [] as number[]]));
      const offsets = new Map(threads.map(({ threadId }) => [threadId, [] as number[]]));
      const deliver = async (write: Promise<Written<unknown>>): Promise<void> => {
        const { deliveries } = await write;
        for (const { event, positions } of deliveries) {
          for (const [userId, position] of positions) told.get(userId)!.push(position);
          if ('offset' in event) offsets.get(event.threadId)!.push(event.offset);
        }
      };

      const writes = Array.from({ length: 600 }, (_, index) => {
        const { threadId, members } = threads[index % threads.length]!;
        const userId = members[index % members.length]!;
        if (index % 11 === 10) return deliver(store.moveCursor({ threadId, userId, readOffset: (index % 50) + 1, at: tick() }));
        const message = { threadId, senderId: userId, clientMessageId: randomUUID(), body: `Body ${index}` };
        return deliver(store.postMessage({ ...message, at: tick() }));
      });
      await Promise.all(writes);

      for (const { threadId, members } of threads) {
        const { thread } = await store.thread(members[0]!, threadId);
        expect(thread.head).toBeGreaterThan(100);
        expect(offsets.get(threadId)).toEqual(upTo(1, thread.head));
      }
      const now = await store.heads(userIds);
      for (const userId of userIds) {
        expect(told.get(userId)).toEqual(upTo(heads.get(userId)!, now.get(userId)!));
        const recovery = await store.since(userId, { epoch: store.epoch, position: 0 });
        const positions = recovery.recovered ? recovery.entries.map(({ position }) => position) : [];
        expect(positions.at(-1)).toBe(now.get(userId));
        expect(positions).toEqual(positions.toSorted((one, other) => one - other));
      }
    });

    it('[ST2] a write that is refused harms none of those that were made at the same time', async () => {
      const { store } = context;
      const [me, other] = (await people(store, 2)) as [string, string];
      const threadId = await openGroup(store, [me, other]);
      const used = await post(store, threadId, me, 'Used.');
      const outcomes = await Promise.allSettled(
        Array.from({ length: 60 }, (_, index) => {
          if (index % 3 === 0) return post(store, threadId, me, 'Another.', used.clientMessageId);
          if (index % 3 === 1) return post(store, threadId, 'nobody');
          return post(store, threadId, other);
        }),
      );
      const stored = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.offset] : []));
      expect(stored).toEqual(upTo(2, 22));
      expect((await store.thread(me, threadId)).thread).toMatchObject({ head: 22, unread: 20 });
    });
  });

  describe('refused writes', () => {
    const context = useStore(open);

    it('[ST2] a write that is refused leaves all that anyone can see as it was', async () => {
      const { store } = context;
      const [owner, member, outsider] = (await people(store, 3)) as [string, string, string];
      const proposal = await proposed(store);
      const threadId = await openGroup(store, [owner, member]);
      const direct = await openGroup(store, [owner, member], 'direct');
      const message = await post(store, threadId, owner);
      const gone = await post(store, threadId, owner);
      await store.deleteMessage({ threadId, offset: gone.offset, actorId: owner, at: tick() });
      const interview = ringing(threadId, owner, [member]);
      await store.changeInterview({ interview, actorId: owner, at: tick() });
      const opened = await proposed(store);
      await sendMessage(store, opened.proposalId, opened.clientId);
      const everyone = [owner, member, outsider, proposal, opened].flatMap((one) =>
        typeof one === 'string' ? [one] : [one.clientId, one.freelancerId],
      );

      const before = await dump(store, everyone);
      await Promise.all(refusedWrites(store).map(([code, call]) => rejected(call(), code)));
      expect(await dump(store, everyone)).toEqual(before);

      function refusedWrites(store: Store): [code: string, call: () => Promise<unknown>][] {
        const at = tick();
        const onMessage = { threadId, offset: message.offset, actorId: member, at };
        return [
          ['not_found', () => store.putJob(job('nobody'))],
          ['conflict', () => store.putJob({ ...job(outsider), jobId: proposal.jobId })],
          ['not_found', () => store.putProposal('new-proposal', proposalFor('no-job', member), at)],
          ['conflict', () => store.putProposal(proposal.proposalId, proposalFor(proposal.jobId, member), at)],
          ['not_found', () => sendMessage(store, 'no-proposal', owner)],
          ['forbidden', () => sendMessage(store, proposal.proposalId, proposal.freelancerId)],
          ['forbidden', () => sendMessage(store, opened.proposalId, outsider)],
          ['not_found', () => openGroup(store, [owner, member, 'nobody'])],
          ['forbidden', () => store.addMember({ threadId, actorId: member, userId: outsider, role: 'member', at })],
          ['forbidden', () => store.addMember({ threadId: direct, actorId: owner, userId: outsider, role: 'member', at })],
          ['not_found', () => store.addMember({ threadId, actorId: owner, userId: 'nobody', role: 'member', at })],
          ['forbidden', () => store.removeMember({ threadId, actorId: member, userId: owner, at })],
          ['forbidden', () => store.removeMember({ threadId: direct, actorId: owner, userId: owner, at })],
          ['not_member', () => post(store, threadId, outsider)],
          ['conflict', () => post(store, threadId, owner, 'Another.', message.clientMessageId)],
          ['forbidden', () => store.editMessage({ ...onMessage, body: 'Mine.' })],
          ['gone', () => store.editMessage({ ...onMessage, offset: gone.offset, actorId: owner, body: 'Back.' })],
          ['forbidden', () => store.deleteMessage(onMessage)],
          ['not_found', () => store.deleteMessage({ ...onMessage, offset: 99 })],
          ['not_member', () => store.moveCursor({ threadId, userId: outsider, readOffset: 1, at })],
          ['conflict', () => store.changeInterview({ interview: ringing(threadId, owner, []), actorId: owner, at })],
          ['conflict', () => store.changeInterview({ interview: { ...interview, version: 3 }, actorId: owner, at })],
        ];
      }
    });
  });

  describe('the life of a store', () => {
    it('[ST1] what was acknowledged is there after the store was opened again, under the same epoch', async () => {
      await withStore(open, async ({ store, reopen }) => {
        const { epoch } = store;
        const { proposalId, clientId, freelancerId } = await proposed(store);
        const { threadId } = (await sendMessage(store, proposalId, clientId)).result;
        await Promise.all(Array.from({ length: 50 }, () => post(store, threadId, freelancerId)));
        await store.moveCursor({ threadId, userId: clientId, readOffset: 20, at: tick() });
        await store.setLastSeen(clientId, tick());
        const before = await dump(store, [clientId, freelancerId]);
        const reopened = await reopen();
        expect(reopened.epoch).toBe(epoch);
        expect(await dump(reopened, [clientId, freelancerId])).toEqual(before);
      });
    });

    it('[ST12] closing finishes what was asked; closing twice is fine; later calls are refused as unavailable', async () => {
      await withStore(open, async ({ store, reopen }) => {
        const [me, other] = (await people(store, 2)) as [string, string];
        const threadId = await openGroup(store, [me, other]);
        const asked = Array.from({ length: 100 }, () => post(store, threadId, me));
        const closings = [store.close(), store.close()];
        await rejected(post(store, threadId, me), 'unavailable');
        await rejected(store.heads([me]), 'unavailable');
        expect((await Promise.all(asked)).map(({ offset }) => offset)).toEqual(upTo(1, 101));
        await Promise.all(closings);
        await store.close();
        await rejected(store.thread(me, threadId), 'unavailable');
        expect((await (await reopen()).thread(me, threadId)).thread.head).toBe(101);
      });
    });
  });
};

/** All whole numbers after the first up to the last. */
const upTo = (first: number, last: number): number[] => Array.from({ length: last - first }, (_, index) => first + 1 + index);
