/** The contract for joining and leaving. */
import { describe, expect, it } from 'vitest';
import { MAX_MEMBERS, type MemberRole } from '../../../protocol/index.ts';
import type { Store } from '../../../src/store/store.ts';
import { type OpenStore, openGroup, people, post, profile, rejected, tick, useStore } from './fixtures.ts';

export const memberContract = (open: OpenStore): void => {
  describe('members', () => {
    const context = useStore(open);
    const add = (store: Store, threadId: string, actorId: string, userId: string, role: MemberRole = 'member') =>
      store.addMember({ threadId, actorId, userId, role, at: tick() });
    const remove = (store: Store, threadId: string, actorId: string, userId: string) =>
      store.removeMember({ threadId, actorId, userId, at: tick() });

    it('[ST40] owners and admins add people to group threads; others may not, and direct threads stay two', async () => {
      const { store } = context;
      const [owner, admin, member, first, second] = (await people(store, 5)) as [string, string, string, string, string];
      const threadId = await openGroup(store, [owner, { userId: admin, role: 'admin' }, member]);
      await rejected(add(store, threadId, member, first), 'forbidden');
      await rejected(add(store, threadId, owner, 'nobody'), 'not_found');
      await add(store, threadId, owner, first);
      await add(store, threadId, admin, second, 'admin');
      expect(await store.memberIds(threadId)).toEqual([owner, admin, member, first, second]);
      const direct = await openGroup(store, [owner, admin], 'direct');
      await rejected(add(store, direct, owner, first), 'forbidden');
      await rejected(remove(store, direct, admin, admin), 'forbidden');
    });

    it('[ST40] a person who is a member already stays as they are', async () => {
      const { store } = context;
      const [owner, member] = (await people(store, 2)) as [string, string];
      const threadId = await openGroup(store, [owner, member]);
      const { result, deliveries } = await add(store, threadId, owner, member, 'admin');
      expect(result.member.role).toBe('member');
      expect(deliveries).toEqual([]);
    });

    it(`[ST40] a thread takes ${MAX_MEMBERS} members and no more`, async () => {
      const { store } = context;
      const userIds = await people(store, MAX_MEMBERS + 1);
      const threadId = await openGroup(store, userIds.slice(0, MAX_MEMBERS - 1));
      const [last, tooMany] = userIds.slice(-2) as [string, string];
      await add(store, threadId, userIds[0]!, last);
      await rejected(add(store, threadId, userIds[0]!, tooMany), 'conflict');
    });

    it('[ST41] a newcomer is told of joining, sees the whole history, and has nothing unread', async () => {
      const { store } = context;
      const [owner, member, joining] = (await people(store, 3)) as [string, string, string];
      const threadId = await openGroup(store, [owner, member]);
      await post(store, threadId, owner);
      const { result, deliveries } = await add(store, threadId, owner, joining);
      expect(result.member).toMatchObject({ userId: joining, role: 'member', readOffset: 3 });
      expect(deliveries[0]!.event).toMatchObject({
        type: 'member.joined',
        offset: 3,
        actorId: owner,
        member: result.member,
        user: profile(joining),
      });
      expect(new Map(deliveries[0]!.positions).get(joining)).toBe(1);
      expect((await store.thread(joining, threadId)).thread).toMatchObject({ unread: 0, head: 3, members: { length: 3 } });
      expect((await store.history(joining, { threadId, limit: 10 })).events).toHaveLength(3);
      await post(store, threadId, owner);
      expect((await store.thread(joining, threadId)).thread.unread).toBe(1);
    });

    it('[ST42] owners and admins remove others, a member only themselves, and an owner only by an owner', async () => {
      const { store } = context;
      const [owner, admin, member, other] = (await people(store, 4)) as [string, string, string, string];
      const threadId = await openGroup(store, [owner, { userId: admin, role: 'admin' }, member, other]);
      await rejected(remove(store, threadId, member, other), 'forbidden');
      await rejected(remove(store, threadId, admin, owner), 'forbidden');
      await remove(store, threadId, admin, other);
      await remove(store, threadId, member, member);
      await remove(store, threadId, owner, admin);
      expect(await store.memberIds(threadId)).toEqual([owner]);
      expect(await remove(store, threadId, owner, admin)).toEqual({ result: {}, deliveries: [] });
    });

    it('[ST42] who is alone in a group cannot leave it', async () => {
      const { store } = context;
      const [owner, member] = (await people(store, 2)) as [string, string];
      const threadId = await openGroup(store, [owner, member]);
      await remove(store, threadId, owner, member);
      await rejected(remove(store, threadId, owner, owner), 'forbidden');
    });

    it('[ST44] when the last owner leaves, the admin who is longest in it owns it, or else the member', async () => {
      const { store } = context;
      const [first, second, early, late, admin] = (await people(store, 5)) as [string, string, string, string, string];
      const threadId = await openGroup(store, [first, { userId: second, role: 'owner' }, early]);
      await add(store, threadId, first, admin, 'admin');
      await add(store, threadId, first, late, 'admin');
      const roles = async (reader: string) =>
        (await store.thread(reader, threadId)).thread.members.map(({ userId, role }) => [userId, role]);
      const left = async (userId: string) => (await remove(store, threadId, userId, userId)).deliveries[0]!.event;

      expect(await left(first)).not.toHaveProperty('ownerId', expect.anything());
      expect(await left(second)).toMatchObject({ userId: second, ownerId: admin });
      expect(await roles(early)).toEqual([
        [early, 'member'],
        [admin, 'owner'],
        [late, 'admin'],
      ]);
      await rejected(remove(store, threadId, late, admin), 'forbidden');
      await remove(store, threadId, admin, late);
      expect(await left(admin)).toMatchObject({ userId: admin, ownerId: early });
      expect(await roles(early)).toEqual([[early, 'owner']]);
      const { events } = await store.history(early, { threadId, limit: 20 });
      expect(events.filter(({ type }) => type === 'member.left')).toMatchObject([
        { userId: first },
        { userId: second, ownerId: admin },
        { userId: late },
        { userId: admin, ownerId: early },
      ]);
    });

    it('[ST43] whoever left gets the member.left and nothing later, not even what became of the earlier', async () => {
      const { store } = context;
      const { epoch } = store;
      const [owner, leaving] = (await people(store, 2)) as [string, string];
      const threadId = await openGroup(store, [owner, leaving]);
      const { offset } = await post(store, threadId, owner, 'Before.');
      await store.putUser(profile(owner, { headline: 'Seen' }), tick());
      const left = await remove(store, threadId, owner, leaving);
      expect(new Map(left.deliveries[0]!.positions).has(leaving)).toBe(true);

      const later = [
        await store.editMessage({ threadId, offset, actorId: owner, body: 'Afterwards.', at: tick() }),
        await store.postMessage({ threadId, senderId: owner, clientMessageId: 'afterwards', body: 'Alone.', at: tick() }),
        await store.moveCursor({ threadId, userId: owner, readOffset: offset, at: tick() }),
        await store.putUser(profile(owner, { headline: 'Unseen' }), tick()),
      ];
      for (const { deliveries } of later) {
        expect(deliveries.flatMap(({ positions }) => positions.map(([userId]) => userId))).not.toContain(leaving);
      }
      const recovery = await store.since(leaving, { epoch, position: 0 });
      expect(recovery.recovered && recovery.entries.map(({ event }) => event)).toEqual([left.deliveries[0]!.event]);
      expect(JSON.stringify(recovery)).not.toMatch(/Afterwards|Alone|Unseen/);
      expect(await store.since(leaving, undefined)).toMatchObject({ snapshot: { threads: [], users: [] } });
    });

    it('[ST43] whoever is added again sees what happened in between, as history', async () => {
      const { store } = context;
      const [owner, member] = (await people(store, 2)) as [string, string];
      const threadId = await openGroup(store, [owner, member]);
      await post(store, threadId, owner);
      await remove(store, threadId, owner, member);
      await post(store, threadId, owner);
      const { result } = await add(store, threadId, owner, member);
      expect(result.member.readOffset).toBe(5);
      const { thread } = await store.thread(member, threadId);
      expect(thread).toMatchObject({ unread: 0, head: 5, lastMessage: { offset: 4 } });
    });
  });
};
