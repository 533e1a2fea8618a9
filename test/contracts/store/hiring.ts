/** The contract for what hiring does to threads: contracts, agencies, and threads that are closed. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Interview, ProposalStatus } from '../../../protocol/index.ts';
import {
  contractFor,
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
  unique,
  useStore,
} from './fixtures.ts';

export const hiringContract = (open: OpenStore): void => {
  const context = useStore(open);
  const scene = async () => {
    const { store } = context;
    const { clientId, freelancerId, proposalId, jobId } = await proposed(store);
    const { threadId } = (await sendMessage(store, proposalId, clientId)).result;
    const setStatus = (status: ProposalStatus) =>
      store.putProposal(proposalId, proposalFor(jobId, freelancerId, { status }), tick());
    const thread = async () => (await store.thread(clientId, threadId)).thread;
    return { store, clientId, freelancerId, proposalId, jobId, threadId, setStatus, thread };
  };

  describe('contracts', () => {
    it('[HF1] the largest version wins, in whatever order they come; an older one or the same again changes nothing', async () => {
      const { store, clientId, freelancerId, proposalId, thread } = await scene();
      const contractId = unique('contract');
      const put = (status: 'offered' | 'active' | 'ended', version: number) =>
        store.putContract(contractId, contractFor(clientId, freelancerId, { proposalId, status, version }), tick());
      expect((await put('offered', 1)).result).toMatchObject({ created: true, applied: true });
      expect((await put('ended', 7)).result).toMatchObject({ created: false, applied: true });
      for (const late of [await put('active', 3), await put('active', 7), await put('ended', 7)]) {
        expect(late).toMatchObject({ result: { applied: false, contract: { status: 'ended', version: 7 } }, deliveries: [] });
      }
      expect((await thread()).contracts).toMatchObject([{ contractId, status: 'ended', version: 7 }]);
      expect(await store.contract(contractId)).toMatchObject({ status: 'ended', version: 7 });
      expect(await store.contract('no-contract')).toBeUndefined();
    });

    it('[HF1] a change is told in the thread of the proposal, and that it has begun makes the proposal hired', async () => {
      const { store, clientId, freelancerId, proposalId, threadId, thread } = await scene();
      const contractId = unique('contract');
      const put = (status: 'offered' | 'active' | 'paused', version: number) =>
        store.putContract(contractId, contractFor(clientId, freelancerId, { proposalId, status, version }), tick());
      expect(await store.contractState(threadId)).toBe('before');
      expect((await put('offered', 1)).deliveries.map(({ event }) => event.type)).toEqual(['contract.changed']);
      expect(await store.contractState(threadId)).toBe('before');
      const { deliveries } = await put('active', 2);
      expect(deliveries.map(({ event }) => event)).toMatchObject([
        { type: 'contract.changed', threadId, actorId: null, contract: { contractId, status: 'active' } },
        { type: 'proposal.changed', threadId, actorId: null, proposal: { status: 'hired' } },
      ]);
      for (const { positions } of deliveries) {
        expect(positions.map(([userId]) => userId).toSorted()).toEqual([clientId, freelancerId].toSorted());
      }
      expect((await put('paused', 3)).deliveries.map(({ event }) => event.type)).toEqual(['contract.changed']);
      expect(await store.contractState(threadId)).toBe('active');
      expect(await thread()).toMatchObject({ proposal: { status: 'hired' }, contracts: [{ status: 'paused' }] });
    });

    it('[GT7] a group beside the thread has its contracts, and each change is told there too; whom they are between can leave it', async () => {
      const { store, clientId, freelancerId, proposalId, threadId } = await scene();
      const [colleague] = (await people(store, 1)) as [string];
      const open = (beside: string, members = [clientId, freelancerId, colleague]) => openGroup(store, members, 'group', beside);
      const contractId = unique('contract');
      const put = (status: 'offered' | 'active', version: number) =>
        store.putContract(contractId, contractFor(clientId, freelancerId, { proposalId, status, version }), tick());
      const group = await open(threadId);
      expect((await put('offered', 1)).deliveries.map(({ event }) => event)).toMatchObject([
        { type: 'contract.changed', threadId },
        { type: 'contract.changed', threadId: group },
      ]);
      const later = await open(group, [freelancerId, clientId]);
      expect((await store.thread(clientId, later)).thread.contracts).toMatchObject([{ contractId, status: 'offered' }]);
      const speech = await store.speech({ place: { threadId: group }, userId: clientId });
      expect(speech).toMatchObject({ contract: 'before', role: 'client' });
      await put('active', 2);
      for (const each of [threadId, group, later]) expect(await store.contractState(each)).toBe('active');
      expect((await store.thread(colleague, group)).thread).toMatchObject({ proposal: null, contracts: [{ status: 'active' }] });
      await store.removeMember({ threadId: group, actorId: freelancerId, userId: freelancerId, at: tick() });
      await rejected(store.removeMember({ threadId, actorId: freelancerId, userId: freelancerId, at: tick() }), 'forbidden');
      await rejected(open(threadId, [clientId, colleague]), 'invalid');
      await rejected(open(randomUUID()), 'not_found');
    });

    it('[HF1] a thread that opens later has them, and knows what holds: before, active, ended', async () => {
      const { store } = context;
      const { clientId, freelancerId, proposalId } = await proposed(store);
      const [first, second] = [unique('contract'), unique('contract')];
      const put = (contractId: string, status: 'active' | 'ended' | 'cancelled', version: number) =>
        store.putContract(contractId, contractFor(clientId, freelancerId, { proposalId, status, version }), tick());
      await put(first, 'cancelled', 1);
      const { threadId } = (await sendMessage(store, proposalId, clientId)).result;
      expect((await store.thread(freelancerId, threadId)).thread.contracts).toHaveLength(1);
      expect(await store.contractState(threadId)).toBe('before');
      await put(second, 'active', 1);
      expect(await store.contractState(threadId)).toBe('active');
      await put(second, 'ended', 2);
      expect(await store.contractState(threadId)).toBe('ended');
      expect(await store.contractState('no-thread')).toBe('before');
    });

    it('[HF2] a contract has a thread of its own, opened once, by either of the two, and told of its changes', async () => {
      const { store, clientId, freelancerId, proposalId, threadId } = await scene();
      const [stranger] = (await people(store, 1)) as [string];
      const contractId = unique('contract');
      const put = (version: number) =>
        store.putContract(contractId, contractFor(clientId, freelancerId, { proposalId, status: 'active', version }), tick());
      const openAs = (senderId: string) =>
        store.openContractThread({
          contractId,
          threadId: randomUUID(),
          senderId,
          clientMessageId: randomUUID(),
          body: unique('body'),
          at: tick(),
        });
      await rejected(openAs(clientId), 'not_found');
      await put(1);
      await rejected(openAs(stranger), 'not_member');
      const [one, other] = await Promise.all([openAs(freelancerId), openAs(clientId)]);
      expect([one.result.opened, other.result.opened].toSorted()).toEqual([false, true]);
      expect(one.result.threadId).toBe(other.result.threadId);
      const { thread } = await store.thread(clientId, one.result.threadId);
      expect(thread).toMatchObject({ kind: 'contract', proposal: null, contracts: [{ contractId }] });
      const { deliveries } = await put(2);
      expect(deliveries.map(({ event }) => 'threadId' in event && event.threadId).toSorted()).toEqual(
        [threadId, one.result.threadId].toSorted(),
      );
    });

    it('[HF3] people and the proposal must exist and stay; nothing is stored otherwise', async () => {
      const { store, clientId, freelancerId, proposalId } = await scene();
      const [stranger] = (await people(store, 1)) as [string];
      const contractId = unique('contract');
      const put = (change: object) =>
        store.putContract(contractId, contractFor(clientId, freelancerId, { proposalId, ...change }), tick());
      await rejected(put({ clientId: 'nobody' }), 'not_found');
      await rejected(put({ proposalId: 'no-proposal' }), 'not_found');
      await rejected(put({ freelancerId: stranger }), 'conflict');
      await rejected(put({ freelancerId: clientId }), 'conflict');
      expect(await store.contract(contractId)).toBeUndefined();
      await put({});
      await rejected(put({ version: 2, proposalId: null }), 'conflict');
      expect(await store.contract(contractId)).toMatchObject({ version: 1, proposalId });
    });
  });

  describe('the stages of a proposal', () => {
    const live = (interview: Interview): Interview => ({ ...interview, state: 'live', version: 2 });

    it('[HF4] the first interview that is live makes it interviewing; what the host platform said is not overruled', async () => {
      const { store, clientId, freelancerId, threadId, setStatus, thread } = await scene();
      const first = ringing(threadId, clientId, [freelancerId]);
      await store.changeInterview({ interview: first, actorId: clientId, at: tick() });
      expect((await thread()).proposal?.status).toBe('messaged');
      const { deliveries } = await store.changeInterview({ interview: live(first), actorId: freelancerId, at: tick() });
      expect(deliveries.map(({ event }) => event.type)).toEqual(['interview.changed', 'proposal.changed']);
      expect((await thread()).proposal?.status).toBe('interviewing');
      const over = { ...live(first), state: 'ended', version: 3 } as const;
      await store.changeInterview({ interview: over, actorId: null, at: tick() });
      await setStatus('hired');
      const second = ringing(threadId, clientId, [freelancerId]);
      await store.changeInterview({ interview: second, actorId: clientId, at: tick() });
      await store.changeInterview({ interview: live(second), actorId: freelancerId, at: tick() });
      expect((await thread()).proposal?.status).toBe('hired');
    });

    it('[HF5] the thread of one that is declined or closed is read and not written, until it is opened again', async () => {
      const { store, clientId, freelancerId, threadId, proposalId, setStatus } = await scene();
      const clientMessageId = randomUUID();
      const sent = await post(store, threadId, freelancerId, 'Before.', clientMessageId);
      const writes = () => [
        post(store, threadId, clientId),
        sendMessage(store, proposalId, clientId),
        store.editMessage({ threadId, offset: sent.offset, actorId: freelancerId, body: 'After.', at: tick() }),
        store.deleteMessage({ threadId, offset: sent.offset, actorId: freelancerId, at: tick() }),
        store.changeInterview({ interview: ringing(threadId, clientId, [freelancerId]), actorId: clientId, at: tick() }),
      ];
      for (const status of ['declined', 'closed'] as const) {
        await setStatus(status);
        const { head } = (await store.thread(clientId, threadId)).thread;
        for (const write of writes()) await rejected(write, 'read_only');
        // What was posted before is known, and can be read and marked as read.
        expect((await post(store, threadId, freelancerId, 'Before.', clientMessageId)).offset).toBe(sent.offset);
        await store.moveCursor({ threadId, userId: clientId, readOffset: sent.offset, at: tick() });
        expect((await store.thread(clientId, threadId)).thread.head).toBe(head);
      }
      await setStatus('messaged');
      for (const write of writes().slice(0, 2)) await write;
    });

    it('[HF6] an agency: the manager is an admin beside the talent, sees the proposal, posts, and stays who they are', async () => {
      const { store } = context;
      const { clientId, freelancerId, jobId } = await proposed(store);
      const [managerId, otherId] = (await people(store, 2)) as [string, string];
      const proposalId = unique('proposal');
      const put = (manager: string | null) =>
        store.putProposal(proposalId, proposalFor(jobId, freelancerId, { managerId: manager }), tick());
      await rejected(put('nobody'), 'not_found');
      await rejected(put(clientId), 'conflict');
      await rejected(put(freelancerId), 'conflict');
      await put(managerId);
      expect((await store.proposalsOf(managerId, { limit: 10 })).proposals.map((one) => one.proposalId)).toEqual([proposalId]);
      await rejected(sendMessage(store, proposalId, managerId), 'forbidden');
      const { threadId } = (await sendMessage(store, proposalId, clientId)).result;
      expect((await store.thread(managerId, threadId)).thread.members.map(({ userId, role }) => [userId, role])).toEqual([
        [clientId, 'owner'],
        [freelancerId, 'member'],
        [managerId, 'admin'],
      ]);
      await sendMessage(store, proposalId, managerId);
      await rejected(put(otherId), 'conflict');
    });
  });

  describe('who comes to a thread of a proposal', () => {
    it('[RR1] nobody before a contract has begun; then its owner or admin adds and removes others, who see the whole history', async () => {
      const { store, clientId, freelancerId, proposalId, threadId } = await scene();
      const [third] = (await people(store, 1)) as [string];
      const add = (actorId: string) => store.addMember({ threadId, actorId, userId: third, role: 'member', at: tick() });
      const remove = (actorId: string, userId: string) => store.removeMember({ threadId, actorId, userId, at: tick() });
      const refusal = await rejected(add(clientId), 'forbidden');
      expect(refusal.message).toContain('open a group thread instead');
      const contract = contractFor(clientId, freelancerId, { proposalId, status: 'active' });
      await store.putContract(unique('contract'), contract, tick());
      await rejected(add(freelancerId), 'forbidden');
      await add(clientId);
      const { events } = await store.history(third, { threadId, limit: 100 });
      expect(events[0]).toMatchObject({ type: 'thread.opened', offset: 1 });
      for (const actorId of [clientId, freelancerId]) {
        await rejected(remove(actorId, freelancerId), 'forbidden');
        await rejected(remove(actorId, clientId), 'forbidden');
      }
      await remove(third, third);
      await add(clientId);
      await remove(clientId, third);
    });
  });
};
