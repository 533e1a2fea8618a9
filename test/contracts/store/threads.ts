/** The contract for the thread list, for pages of a conversation, and for who shares what with whom. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  type OpenStore,
  openGroup,
  people,
  post,
  proposalFor,
  proposed,
  rejected,
  sendMessage,
  tick,
  unique,
  useStore,
} from './fixtures.ts';

export const threadContract = (open: OpenStore): void => {
  describe('reading', () => {
    const context = useStore(open);

    it('[ST33] outsiders and threads that do not exist are refused alike, with not_member', async () => {
      const { store } = context;
      const [owner, member, outsider] = (await people(store, 3)) as [string, string, string];
      const threadId = await openGroup(store, [owner, member]);
      const target = { threadId, at: tick() };
      const calls = (threadId: string): Promise<unknown>[] => [
        store.thread(outsider, threadId),
        store.history(outsider, { threadId, limit: 10 }),
        store.postMessage({ ...target, threadId, senderId: outsider, clientMessageId: randomUUID(), body: 'Hello.' }),
        store.editMessage({ ...target, threadId, actorId: outsider, offset: 1, body: 'Hello.' }),
        store.deleteMessage({ ...target, threadId, actorId: outsider, offset: 1 }),
        store.moveCursor({ ...target, threadId, userId: outsider, readOffset: 1 }),
        store.addMember({ ...target, threadId, actorId: outsider, userId: outsider, role: 'member' }),
        store.removeMember({ ...target, threadId, actorId: outsider, userId: member }),
      ];
      const closed = await Promise.all(calls(threadId).map((call) => rejected(call, 'not_member')));
      const missing = await Promise.all(calls(randomUUID()).map((call) => rejected(call, 'not_member')));
      expect(closed.map(({ message }) => message)).toEqual(missing.map(({ message }) => message));
    });

    it('[ST34] the list has the most recently active thread first, ties by thread id descending, page by page', async () => {
      const { store } = context;
      const [me, other] = (await people(store, 2)) as [string, string];
      const threadIds = await Promise.all(Array.from({ length: 7 }, () => openGroup(store, [me, other])));
      const at = tick();
      // Three threads become active at the same instant, and one of them later again.
      for (const threadId of threadIds.slice(0, 3)) {
        await store.postMessage({ threadId, senderId: other, clientMessageId: randomUUID(), body: 'Hello.', at });
      }
      await post(store, threadIds[1]!, me);
      const tied = [threadIds[0]!, threadIds[2]!].toSorted().reverse();
      const all = await store.threads(me, { limit: 100 });
      const expected = [threadIds[1]!, ...tied];
      expect(all.threads.slice(0, 3).map(({ threadId }) => threadId)).toEqual(expected);
      expect(all.more).toBe(false);
      expect(all.users.map(({ userId }) => userId).toSorted()).toEqual([me, other].toSorted());

      const pages: string[] = [];
      let before: { activeAt: number; threadId: string } | undefined;
      for (let more = true; more; ) {
        const page = await store.threads(me, { before, limit: 2 });
        pages.push(...page.threads.map(({ threadId }) => threadId));
        expect(page.threads).toHaveLength(page.more ? 2 : 1);
        ({ more } = page);
        before = page.threads.at(-1);
      }
      expect(pages).toEqual(all.threads.map(({ threadId }) => threadId));
      expect(await store.threads(unique('nobody'), { limit: 10 })).toEqual({ threads: [], users: [], more: false });
    });

    it('[ST34] opening, joining, posting and interviews rank a thread; edits, deletes, leaving and proposals do not', async () => {
      const { store } = context;
      const { proposalId, jobId, clientId, freelancerId } = await proposed(store);
      const opened = await sendMessage(store, proposalId, clientId);
      const { threadId } = opened.result;
      const activeAt = async () => (await store.thread(clientId, threadId)).thread.activeAt;
      const posted = opened.result.message.postedAt;
      const target = { threadId, offset: 2, actorId: clientId };
      await store.editMessage({ ...target, body: 'Hello again.', at: tick() });
      await store.deleteMessage({ ...target, at: tick() });
      await store.moveCursor({ threadId, userId: freelancerId, readOffset: 2, at: tick() });
      await store.putProposal(proposalId, proposalFor(jobId, freelancerId, { status: 'hired' }), tick());
      expect(await activeAt()).toBe(posted);
      expect(await activeAt()).toBeLessThan((await post(store, threadId, clientId)).postedAt);

      const [owner, member, joining] = (await people(store, 3)) as [string, string, string];
      const group = await openGroup(store, [owner, member]);
      const joinedAt = tick();
      await store.addMember({ threadId: group, actorId: owner, userId: joining, role: 'member', at: joinedAt });
      await store.removeMember({ threadId: group, actorId: owner, userId: member, at: tick() });
      expect((await store.thread(joining, group)).thread.activeAt).toBe(joinedAt);
    });

    it('[ST35] history pages both ways, in offset order, with exclusive bounds, and says whether there are more', async () => {
      const { store } = context;
      const [me, other] = (await people(store, 2)) as [string, string];
      const threadId = await openGroup(store, [me, other]);
      for (let count = 0; count < 9; count += 1) await post(store, threadId, count % 2 === 0 ? me : other);
      const page = async (bounds: { before?: number; after?: number; limit: number }) => {
        const { events, more } = await store.history(me, { threadId, ...bounds });
        return { offsets: events.map(({ offset }) => offset), more };
      };
      expect(await page({ limit: 4 })).toEqual({ offsets: [7, 8, 9, 10], more: true });
      expect(await page({ before: 7, limit: 4 })).toEqual({ offsets: [3, 4, 5, 6], more: true });
      expect(await page({ before: 5, limit: 4 })).toEqual({ offsets: [1, 2, 3, 4], more: false });
      expect(await page({ before: 1, limit: 4 })).toEqual({ offsets: [], more: false });
      expect(await page({ after: 0, limit: 4 })).toEqual({ offsets: [1, 2, 3, 4], more: true });
      expect(await page({ after: 6, limit: 4 })).toEqual({ offsets: [7, 8, 9, 10], more: false });
      expect(await page({ after: 10, limit: 4 })).toEqual({ offsets: [], more: false });
      expect(await page({ limit: 100 })).toEqual({ offsets: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], more: false });
    });

    it('[ST35] history folds edits and deletes into their message and keeps every other event as it was', async () => {
      const { store } = context;
      const [owner, member, joining] = (await people(store, 3)) as [string, string, string];
      const threadId = await openGroup(store, [owner, member]);
      await post(store, threadId, owner, 'One.');
      await post(store, threadId, owner, 'Two.');
      const [editedAt, deletedAt] = [tick(), tick()];
      const edited = await store.editMessage({ threadId, offset: 2, actorId: owner, body: 'One, better.', at: editedAt });
      const deleted = await store.deleteMessage({ threadId, offset: 3, actorId: owner, at: deletedAt });
      const joined = await store.addMember({ threadId, actorId: owner, userId: joining, role: 'admin', at: tick() });
      const left = await store.removeMember({ threadId, actorId: member, userId: member, at: tick() });
      const { events, more } = await store.history(joining, { threadId, limit: 100 });
      expect(more).toBe(false);
      expect(events).toMatchObject([
        { type: 'thread.opened', offset: 1, actorId: owner },
        { type: 'message.posted', offset: 2, message: edited.result.message },
        { type: 'message.posted', offset: 3, message: deleted.result.message },
        joined.deliveries[0]!.event,
        left.deliveries[0]!.event,
      ]);
      expect(events.map(({ offset }) => offset)).toEqual([1, 2, 3, 6, 7]);
    });

    it('[ST36] who is a member, of which threads, and who shares one, is answered for those asked about alone', async () => {
      const { store } = context;
      const [me, friend, other, stranger] = (await people(store, 4)) as [string, string, string, string];
      const shared = await openGroup(store, [me, friend, other]);
      const strange = await openGroup(store, [other, stranger]);
      expect(await store.memberIds(shared)).toEqual([me, friend, other]);
      expect(await store.memberIds(randomUUID())).toEqual([]);
      expect(await store.threadsAmong(me, [strange, shared, randomUUID()])).toEqual([shared]);
      expect(await store.threadsAmong('nobody', [shared])).toEqual([]);
      expect(await store.contactsAmong(me, [friend, stranger, 'nobody'])).toEqual([friend]);
      await store.removeMember({ threadId: shared, actorId: friend, userId: friend, at: tick() });
      expect(await store.threadsAmong(friend, [shared])).toEqual([]);
      expect(await store.contactsAmong(me, [friend, other])).toEqual([other]);
    });
  });
};
