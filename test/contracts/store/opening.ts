/** The contract for opening threads. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { NO_MARKS } from '../../../protocol/index.ts';
import {
  type OpenStore,
  openGroup,
  people,
  profile,
  proposed,
  rejected,
  sendMessage,
  tick,
  unique,
  useStore,
} from './fixtures.ts';

export const openingContract = (open: OpenStore): void => {
  describe('opening', () => {
    const context = useStore(open);

    it('[ST30] "Send message" opens the thread, moves the proposal to messaged and posts, in one step', async () => {
      const { store } = context;
      const { proposalId, clientId, freelancerId, jobId } = await proposed(store);
      const threadId = randomUUID();
      const [clientMessageId, at] = [randomUUID(), tick()];
      const { result, deliveries } = await store.openProposalThread({
        proposalId,
        threadId,
        senderId: clientId,
        clientMessageId,
        body: 'Hello.',
        at,
      });
      const members = [
        { userId: clientId, role: 'owner', readOffset: 0, joinedAt: at },
        { userId: freelancerId, role: 'member', readOffset: 0, joinedAt: at },
      ];
      const message = {
        threadId,
        offset: 2,
        senderId: clientId,
        clientMessageId,
        body: 'Hello.',
        postedAt: at,
        editedAt: null,
        deletedAt: null,
      };
      const about = { clientId, freelancerId, managerId: null };
      const proposal = { proposalId, jobId, jobTitle: 'Redraw the map', ...about, status: 'messaged' };
      expect(result).toMatchObject({ threadId, opened: true, message, proposal: { ...proposal, threadId } });
      expect(deliveries.map(({ event }) => event)).toEqual([
        {
          type: 'thread.opened',
          threadId,
          offset: 1,
          at,
          actorId: clientId,
          kind: 'proposal',
          title: 'Redraw the map',
          members,
          users: expect.arrayContaining([profile(clientId), profile(freelancerId)]),
          proposal,
          contracts: [],
        },
        { type: 'message.posted', threadId, offset: 2, at, actorId: clientId, message },
      ]);
      expect(await store.proposal(proposalId)).toEqual(result.proposal);
      expect((await store.thread(freelancerId, threadId)).thread).toEqual({
        threadId,
        kind: 'proposal',
        title: 'Redraw the map',
        members,
        proposal,
        contracts: [],
        marks: NO_MARKS,
        head: 2,
        lastMessage: message,
        unread: 1,
        interview: null,
        openedAt: at,
        activeAt: at,
      });
    });

    it('[ST30] a proposal that is further than proposed keeps its status when its thread opens', async () => {
      const { store } = context;
      const { proposalId, clientId } = await proposed(store, { status: 'interviewing' });
      expect((await sendMessage(store, proposalId, clientId)).result.proposal.status).toBe('interviewing');
    });

    it('[ST31] only the client opens the thread of a proposal, and any member posts into it', async () => {
      const { store } = context;
      const { proposalId, clientId, freelancerId } = await proposed(store);
      const [outsider] = (await people(store, 1)) as [string];
      await rejected(sendMessage(store, 'no-proposal', clientId), 'not_found');
      await rejected(sendMessage(store, proposalId, freelancerId), 'forbidden');
      const opened = await sendMessage(store, proposalId, clientId);
      const answered = await sendMessage(store, proposalId, freelancerId);
      expect(answered.result).toMatchObject({ threadId: opened.result.threadId, opened: false, message: { offset: 3 } });
      expect(answered.deliveries.map(({ event }) => event.type)).toEqual(['message.posted']);
      await rejected(sendMessage(store, proposalId, outsider), 'forbidden');
    });

    it('[ST6] the same "Send message" again, also many at once, opens one thread with one message', async () => {
      const { store } = context;
      const { proposalId, clientId } = await proposed(store);
      const open = { proposalId, senderId: clientId, clientMessageId: randomUUID(), body: 'Hello.' };
      const attempts = await Promise.all(
        Array.from({ length: 8 }, () => store.openProposalThread({ ...open, threadId: randomUUID(), at: tick() })),
      );
      const [first] = attempts.filter(({ result }) => result.opened);
      expect(attempts.filter(({ result }) => result.opened)).toHaveLength(1);
      for (const { result } of attempts) {
        expect(result.threadId).toBe(first!.result.threadId);
        expect(result.message).toEqual(first!.result.message);
      }
      expect((await store.thread(clientId, first!.result.threadId)).thread.head).toBe(2);
    });

    it('[ST32] a thread is opened once per key, by its first owner or else its first member', async () => {
      const { store } = context;
      const [first, second, third] = (await people(store, 3)) as [string, string, string];
      const open = (threadKey: string, owner?: string) =>
        store.openThread({
          threadKey,
          threadId: randomUUID(),
          kind: 'group',
          title: 'Planning',
          members: [first, second, third].map((userId) => ({ userId, role: userId === owner ? 'owner' : 'member' })),
          at: tick(),
        });
      const [owned, ownerless] = [unique('key'), unique('key')];
      const opened = await open(owned, second);
      expect(opened.deliveries.map(({ event }) => event)).toMatchObject([{ type: 'thread.opened', offset: 1, actorId: second }]);
      expect((await open(ownerless)).deliveries.map(({ event }) => event)).toMatchObject([{ actorId: first }]);

      await store.removeMember({ threadId: opened.result.threadId, actorId: second, userId: third, at: tick() });
      const again = await open(owned, second);
      expect(again.deliveries).toEqual([]);
      expect(again.result.threadId).toBe(opened.result.threadId);
      expect(again.result.opened).toBe(false);
      expect(again.result.members.map(({ userId }) => userId)).toEqual([first, second]);
      await rejected(openGroup(store, [first, 'nobody']), 'not_found');
    });

    it('[ST32] members are in the order they were named in, then in that of their joining', async () => {
      const { store } = context;
      const [a, b, c, d] = (await people(store, 4)) as [string, string, string, string];
      const threadId = await openGroup(store, [d, b]);
      await store.addMember({ threadId, actorId: d, userId: c, role: 'member', at: tick() });
      await store.addMember({ threadId, actorId: d, userId: a, role: 'member', at: tick() });
      await store.removeMember({ threadId, actorId: d, userId: c, at: tick() });
      await store.addMember({ threadId, actorId: d, userId: c, role: 'member', at: tick() });
      expect(await store.memberIds(threadId)).toEqual([d, b, a, c]);
      expect((await store.thread(a, threadId)).thread.members.map(({ userId }) => userId)).toEqual([d, b, a, c]);
    });
  });
};
