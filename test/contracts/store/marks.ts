/** The contract for what a member keeps about a thread for themselves. */
import { describe, expect, it } from 'vitest';
import { NO_MARKS, type ProposalStatus } from '../../../protocol/index.ts';
import type { Store } from '../../../src/store/store.ts';
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
  useStore,
} from './fixtures.ts';

export const markContract = (open: OpenStore): void => {
  describe('marks', () => {
    const context = useStore(open);
    const mark = (store: Store, threadId: string, userId: string, change: object, at = tick()) =>
      store.markThread({ threadId, userId, ...change, at });
    const marksOf = async (store: Store, threadId: string, userId: string) => (await store.thread(userId, threadId)).thread.marks;

    it('[MK1] [MK2] what is named is set, twice is once, and one is told alone, of the last change', async () => {
      const { store } = context;
      const [me, other] = (await people(store, 2)) as [string, string];
      const threadId = await openGroup(store, [me, other]);
      const at = tick();
      const { result, deliveries } = await mark(store, threadId, me, { archived: true }, at);
      const marks = { archived: true, favourite: false, hidden: false, version: 1 };
      expect(result).toEqual({ marks });
      expect(deliveries).toEqual([{ event: { type: 'marks.changed', threadId, marks, at }, positions: [[me, 2]] }]);
      expect(await mark(store, threadId, me, { archived: true })).toEqual({ result: { marks }, deliveries: [] });
      expect(await mark(store, threadId, me, {})).toEqual({ result: { marks }, deliveries: [] });
      await mark(store, threadId, me, { favourite: true });
      await mark(store, threadId, me, { archived: false, hidden: true });
      const last = { archived: false, favourite: true, hidden: true, version: 3 };
      expect(await marksOf(store, threadId, me)).toEqual(last);
      expect(await marksOf(store, threadId, other)).toEqual(NO_MARKS);
      expect(await store.since(me, { epoch: store.epoch, position: 1 })).toMatchObject({
        recovered: true,
        position: 4,
        entries: [{ position: 4, event: { type: 'marks.changed', marks: last } }],
      });
      expect(await store.since(other, { epoch: store.epoch, position: 1 })).toMatchObject({ position: 1, entries: [] });
    });

    it('[MK2] the marks of one thread do not take the place of those of another, nor of a cursor or profile', async () => {
      const { store } = context;
      const [me, other] = (await people(store, 2)) as [string, string];
      const threads = [await openGroup(store, [me, other]), await openGroup(store, [me, other])];
      for (const threadId of threads) {
        await post(store, threadId, other);
        await store.moveCursor({ threadId, userId: me, readOffset: 2, at: tick() });
        await mark(store, threadId, me, { favourite: true });
        await mark(store, threadId, me, { archived: true });
      }
      const recovery = await store.since(me, { epoch: store.epoch, position: 0 });
      const types = recovery.recovered ? recovery.entries.map(({ event }) => event.type) : [];
      expect(types.filter((type) => type === 'marks.changed')).toHaveLength(2);
      expect(types.filter((type) => type === 'cursor.moved')).toHaveLength(2);
    });

    it('[MK3] a new message takes hidden away from everyone, and leaves archived and favourite', async () => {
      const { store } = context;
      const [me, other] = (await people(store, 2)) as [string, string];
      const threadId = await openGroup(store, [me, other]);
      const { offset } = await post(store, threadId, other);
      for (const userId of [me, other]) {
        await mark(store, threadId, userId, { archived: true, favourite: true, hidden: true });
      }
      await store.editMessage({ threadId, offset, actorId: other, body: 'Better.', at: tick() });
      await store.moveCursor({ threadId, userId: me, readOffset: offset, at: tick() });
      expect(await marksOf(store, threadId, me)).toMatchObject({ hidden: true });
      // Together, as posts are where the database is far away, and alone.
      const another = await openGroup(store, [me, other]);
      await Promise.all([post(store, threadId, other), post(store, another, other)]);
      for (const userId of [me, other]) {
        expect(await marksOf(store, threadId, userId)).toEqual({ archived: true, favourite: true, hidden: false, version: 1 });
      }
      await mark(store, threadId, me, { hidden: true });
      await post(store, threadId, me);
      expect(await marksOf(store, threadId, me)).toMatchObject({ hidden: false, version: 2 });
    });

    it('[MK4] outsiders mark nothing; who comes back has no marks, also on a device that was away', async () => {
      const { store } = context;
      const [owner, me, outsider] = (await people(store, 3)) as [string, string, string];
      const threadId = await openGroup(store, [owner, me]);
      await rejected(mark(store, threadId, outsider, { hidden: true }), 'not_member');
      await rejected(mark(store, 'no-thread', me, { hidden: true }), 'not_member');
      await mark(store, threadId, me, { hidden: true });
      await store.removeMember({ threadId, actorId: owner, userId: me, at: tick() });
      await rejected(mark(store, threadId, me, { hidden: false }), 'not_member');
      await store.addMember({ threadId, actorId: owner, userId: me, role: 'member', at: tick() });
      const recovery = await store.since(me, { epoch: store.epoch, position: 1 });
      expect(recovery.recovered && recovery.entries.map(({ event }) => event.type)).not.toContain('marks.changed');
      expect(await marksOf(store, threadId, me)).toEqual(NO_MARKS);
    });

    it('[MK4] a thread that is read-only is marked all the same', async () => {
      const { store } = context;
      const { clientId, freelancerId, proposalId, jobId } = await proposed(store);
      const { threadId } = (await sendMessage(store, proposalId, clientId)).result;
      const setStatus = (status: ProposalStatus) =>
        store.putProposal(proposalId, proposalFor(jobId, freelancerId, { status }), tick());
      await setStatus('declined');
      await mark(store, threadId, freelancerId, { archived: true });
      await setStatus('messaged');
      expect(await marksOf(store, threadId, freelancerId)).toMatchObject({ archived: true });
    });

    it('[MK5] the list of one mark has its threads alone, page by page, most recently active first', async () => {
      const { store } = context;
      const [me, other] = (await people(store, 2)) as [string, string];
      const threadIds: string[] = [];
      for (let count = 0; count < 7; count += 1) threadIds.push(await openGroup(store, [me, other]));
      const favourites = threadIds.filter((_, index) => index % 2 === 0);
      for (const threadId of favourites) await mark(store, threadId, me, { favourite: true });
      await mark(store, threadIds[1]!, me, { archived: true });
      await post(store, favourites[0]!, other);
      const seen: string[] = [];
      let before: { activeAt: number; threadId: string } | undefined;
      for (;;) {
        const { threads, users, more } = await store.threads(me, { marked: 'favourite', before, limit: 2 });
        seen.push(...threads.map(({ threadId }) => threadId));
        expect(users.map(({ userId }) => userId).toSorted()).toEqual([me, other].toSorted());
        if (!more) break;
        before = threads.at(-1);
      }
      expect(seen).toEqual([favourites[0], favourites[3], favourites[2], favourites[1]]);
      const listed = async (userId: string, marked: 'archived' | 'hidden') =>
        (await store.threads(userId, { marked, limit: 10 })).threads.map(({ threadId }) => threadId);
      expect(await listed(me, 'archived')).toEqual([threadIds[1]]);
      expect(await listed(me, 'hidden')).toEqual([]);
      expect(await listed(other, 'archived')).toEqual([]);
      expect((await store.threads(me, { limit: 10 })).threads).toHaveLength(7);
    });
  });
};
