/** The contract for what the host platform says: people, jobs and proposals. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  job,
  type OpenStore,
  openGroup,
  people,
  profile,
  proposalFor,
  proposed,
  rejected,
  sendMessage,
  tick,
  unique,
  useStore,
} from './fixtures.ts';

export const hostContract = (open: OpenStore): void => {
  describe('people', () => {
    const context = useStore(open);

    it('[ST20] putting a user creates the profile, and putting it again replaces it', async () => {
      const { store } = context;
      const userId = unique('user');
      expect((await store.putUser(profile(userId), tick())).result).toEqual({ created: true });
      const changed = profile(userId, {
        displayName: 'Another name',
        headline: 'Cartographer',
        avatarUrl: 'https://a.example/b',
        timeZone: 'Europe/Oslo',
      });
      expect((await store.putUser(changed, tick())).result).toEqual({ created: false });
      expect(await store.users([userId, 'nobody'])).toEqual([changed]);
    });

    it('[ST21] a changed profile is a user.changed for everyone who shares a thread, once, and for nobody else', async () => {
      const { store } = context;
      const [changing, friend, other, stranger] = (await people(store, 4)) as [string, string, string, string];
      await openGroup(store, [changing, friend]);
      await openGroup(store, [friend, changing, other]);
      await openGroup(store, [friend, stranger]);
      const user = profile(changing, { headline: 'Cartographer' });
      const at = tick();
      const { deliveries } = await store.putUser(user, at);
      expect(deliveries.map(({ event }) => event)).toEqual([{ type: 'user.changed', user, at }]);
      const reached = deliveries[0]!.positions.map(([userId]) => userId);
      expect(reached.toSorted()).toEqual([changing, friend, other].toSorted());
    });

    it('[ST21] the same profile again delivers nothing, and a change that nobody shares a thread to see is told to its user alone', async () => {
      const { store } = context;
      const [known, alone] = (await people(store, 2)) as [string, string];
      await openGroup(store, [known, ...(await people(store, 1))]);
      expect((await store.putUser(profile(known), tick())).deliveries).toEqual([]);
      const { deliveries } = await store.putUser(profile(alone, { headline: 'Hermit' }), tick());
      expect(deliveries.map(({ positions }) => positions)).toEqual([[[alone, 1]]]);
    });

    it('[ST80] last seen keeps the latest time, also of people without a profile', async () => {
      const { store } = context;
      const userId = unique('user');
      await store.setLastSeen(userId, 2_000);
      await store.setLastSeen(userId, 1_000);
      expect(await store.lastSeen([userId, 'nobody'])).toEqual(new Map([[userId, 2_000]]));
      await store.setLastSeen(userId, 3_000);
      expect(await store.lastSeen([userId])).toEqual(new Map([[userId, 3_000]]));
    });
  });

  describe('jobs and proposals', () => {
    const context = useStore(open);

    it('[ST22] a job needs a client that exists, and keeps it', async () => {
      const { store } = context;
      const [clientId, otherId] = (await people(store, 2)) as [string, string];
      const put = job(clientId);
      await rejected(store.putJob(job('nobody')), 'not_found');
      expect(await store.putJob(put)).toEqual({ created: true });
      expect(await store.putJob({ ...put, title: 'Redraw two maps' })).toEqual({ created: false });
      await rejected(store.putJob({ ...put, clientId: otherId }), 'conflict');
    });

    it('[ST23] a proposal needs a job and a freelancer that exist, and keeps both', async () => {
      const { store } = context;
      const { proposalId, jobId, clientId, freelancerId } = await proposed(store);
      const [otherId] = (await people(store, 1)) as [string];
      const otherJob = job(clientId);
      await store.putJob(otherJob);
      await rejected(store.putProposal(unique('proposal'), proposalFor('no-job', freelancerId), tick()), 'not_found');
      await rejected(store.putProposal(unique('proposal'), proposalFor(jobId, 'nobody'), tick()), 'not_found');
      await rejected(store.putProposal(unique('proposal'), proposalFor(jobId, clientId), tick()), 'conflict');
      await rejected(store.putProposal(proposalId, proposalFor(otherJob.jobId, freelancerId), tick()), 'conflict');
      await rejected(store.putProposal(proposalId, proposalFor(jobId, otherId), tick()), 'conflict');
    });

    it('[ST23] a new proposal is proposed, now, unless it says otherwise; an old one keeps its status and time', async () => {
      const { store } = context;
      const { proposalId, jobId, clientId, freelancerId } = await proposed(store);
      const [at, later] = [tick(), tick()];
      const fresh = await store.putProposal(unique('proposal'), proposalFor(jobId, freelancerId), at);
      expect(fresh.result).toMatchObject({ created: true, proposal: { status: 'proposed', submittedAt: at, threadId: null } });

      await store.putProposal(proposalId, proposalFor(jobId, freelancerId, { status: 'hired', submittedAt: 5 }), later);
      const kept = await store.putProposal(
        proposalId,
        proposalFor(jobId, freelancerId, { coverLetter: 'Anew.', bid: null }),
        tick(),
      );
      expect(kept.result.created).toBe(false);
      expect(kept.result.proposal).toEqual({
        proposalId,
        jobId,
        jobTitle: 'Redraw the map',
        jobDescription: 'In two colours.',
        clientId,
        freelancerId,
        managerId: null,
        status: 'hired',
        coverLetter: 'Anew.',
        bid: null,
        submittedAt: 5,
        threadId: null,
      });
      expect(await store.proposal(proposalId)).toEqual(kept.result.proposal);
      expect(await store.proposal('no-proposal')).toBeUndefined();
    });

    it('[ST24] a new status is a proposal.changed in the thread, and the same status tells nobody', async () => {
      const { store } = context;
      const { proposalId, jobId, clientId, freelancerId } = await proposed(store);
      const put = (status: 'hired') => store.putProposal(proposalId, proposalFor(jobId, freelancerId, { status }), tick());
      const { threadId } = (await sendMessage(store, proposalId, clientId)).result;
      const { deliveries } = await put('hired');
      expect(deliveries).toHaveLength(1);
      expect(deliveries[0]!.event).toMatchObject({
        type: 'proposal.changed',
        threadId,
        offset: 3,
        actorId: null,
        proposal: { proposalId, status: 'hired' },
      });
      expect(deliveries[0]!.positions.map(([userId]) => userId).toSorted()).toEqual([clientId, freelancerId].toSorted());
      expect((await put('hired')).deliveries).toEqual([]);
      expect((await store.thread(clientId, threadId)).thread.proposal?.status).toBe('hired');
    });

    it("[ST24] a thread shows its proposal as its events told it last, so that a job's new title does not change it unheard", async () => {
      const { store } = context;
      const { proposalId, jobId, clientId, freelancerId } = await proposed(store);
      const { threadId } = (await sendMessage(store, proposalId, clientId)).result;
      await store.putJob({ jobId, clientId, title: 'Redraw two maps', description: '' });
      expect((await store.thread(clientId, threadId)).thread.proposal?.jobTitle).toBe('Redraw the map');
      expect((await store.proposal(proposalId))?.jobTitle).toBe('Redraw two maps');
      await store.putProposal(proposalId, proposalFor(jobId, freelancerId, { status: 'hired' }), tick());
      expect((await store.thread(clientId, threadId)).thread.proposal?.jobTitle).toBe('Redraw two maps');
    });

    it('[ST25] [HF11] the proposals of a user are those sent, managed or received, newest first, in pages, of one side or for one job', async () => {
      const { store } = context;
      const [clientId, freelancerId, thirdId] = (await people(store, 3)) as [string, string, string];
      const [received, sent] = [job(clientId), job(freelancerId)];
      await store.putJob(received);
      await store.putJob(sent);
      const put = (index: number) =>
        store.putProposal(
          `${clientId}-${String(index).padStart(3, '0')}`,
          index % 3 === 0
            ? proposalFor(received.jobId, freelancerId)
            : index % 3 === 1
              ? proposalFor(sent.jobId, clientId)
              : proposalFor(sent.jobId, thirdId, { managerId: clientId }),
          1_000 + Math.floor(index / 4),
        );
      await Promise.all(Array.from({ length: 25 }, (_, index) => put(index)));
      const all = Array.from({ length: 25 }, (_, index) => `${clientId}-${String(24 - index).padStart(3, '0')}`);
      const kind = (proposalId: string): number => Number(proposalId.slice(-3)) % 3;
      const pages = async (userId: string, which: { jobId?: string; side?: 'sent' | 'received' } = {}): Promise<string[]> => {
        const found: string[] = [];
        for (let before: { submittedAt: number; proposalId: string } | undefined; ; ) {
          const { proposals, more } = await store.proposalsOf(userId, { ...which, before, limit: 7 });
          found.push(...proposals.map(({ proposalId }) => proposalId));
          before = proposals.at(-1);
          if (!more) return found;
        }
      };
      expect(await pages(clientId)).toEqual(all);
      expect(await pages(freelancerId)).toEqual(all);
      expect(await pages(clientId, { side: 'received' })).toEqual(all.filter((id) => kind(id) === 0));
      expect(await pages(clientId, { side: 'sent' })).toEqual(all.filter((id) => kind(id) !== 0));
      expect(await pages(thirdId)).toEqual(all.filter((id) => kind(id) === 2));
      expect(await pages(thirdId, { side: 'received' })).toEqual([]);
      expect(await pages(clientId, { jobId: received.jobId })).toEqual(all.filter((id) => kind(id) === 0));
      expect(await pages(freelancerId, { jobId: sent.jobId })).toEqual(all.filter((id) => kind(id) !== 0));
      await rejected(store.proposalsOf(freelancerId, { jobId: received.jobId, limit: 7 }), 'not_found');
      await rejected(store.proposalsOf(clientId, { jobId: 'no-job', limit: 7 }), 'not_found');
      expect(await store.proposalsOf(randomUUID(), { limit: 7 })).toEqual({ proposals: [], more: false });
    });
  });
};
