/** The contract for lists of jobs and proposals, and for what is told of a proposal that has no thread yet. */
import { describe, expect, it } from 'vitest';
import type { ProposalStatus, PutProposal } from '../../../protocol/index.ts';
import type { HostList, HostListPage } from '../../../src/store/store.ts';
import {
  contractFor,
  job,
  type OpenStore,
  people,
  proposalFor,
  proposed,
  rejected,
  sendMessage,
  tick,
  unique,
  useStore,
  withStore,
} from './fixtures.ts';

export const listContract = (open: OpenStore): void => {
  describe('lists', () => {
    const context = useStore(open);

    it('[HF9] a proposal without a thread is told to its parties as it comes and changes, and the last time alone when missed', async () => {
      const { store } = context;
      const [clientId, freelancerId, managerId, outsider] = (await people(store, 4)) as [string, string, string, string];
      const { jobId, ...rest } = job(clientId);
      await store.putJob({ jobId, ...rest });
      const proposalId = unique('proposal');
      const put = (change: Partial<PutProposal>, at = tick()) =>
        store.putProposal(proposalId, proposalFor(jobId, freelancerId, change), at);
      const at = tick();
      const { deliveries } = await put({}, at);
      const proposal = { proposalId, jobId, jobTitle: rest.title, clientId, freelancerId, managerId: null, status: 'proposed' };
      expect(deliveries.map(({ event }) => event)).toEqual([{ type: 'proposal.listed', at, proposal }]);
      expect(new Map(deliveries[0]!.positions)).toEqual(
        new Map([
          [clientId, 1],
          [freelancerId, 1],
        ]),
      );
      expect((await put({ coverLetter: 'Anew.' })).deliveries).toEqual([]);
      expect(new Map((await put({ managerId })).deliveries[0]!.positions).get(managerId)).toBe(1);
      await put({ managerId, status: 'declined' });
      const missed = async (userId: string) => {
        const recovery = await store.since(userId, { epoch: store.epoch, position: 0 });
        return recovery.recovered ? recovery.entries : undefined;
      };
      for (const [userId, position] of [
        [clientId, 3],
        [freelancerId, 3],
        [managerId, 2],
      ] as const) {
        expect(await missed(userId)).toMatchObject([
          { position, event: { type: 'proposal.listed', proposal: { status: 'declined', managerId } } },
        ]);
      }
      expect(await missed(outsider)).toEqual([]);
      await put({});
      expect(await missed(managerId)).toEqual([]);
      await put({ status: 'proposed' });
      await sendMessage(store, proposalId, clientId);
      expect((await put({ status: 'interviewing' })).deliveries.map(({ event }) => event.type)).toEqual(['proposal.changed']);
    });

    it('[HF9] proposals do not take the place of each other, and one that is hired by its contract is told as well', async () => {
      const { store } = context;
      const { clientId, freelancerId, proposalId, jobId } = await proposed(store);
      const second = unique('proposal');
      await store.putProposal(second, proposalFor(jobId, freelancerId), tick());
      const contract = contractFor(clientId, freelancerId, { proposalId, status: 'active' });
      const { deliveries } = await store.putContract(unique('contract'), contract, tick());
      expect(deliveries.map(({ event }) => event)).toMatchObject([
        { type: 'proposal.listed', proposal: { proposalId, status: 'hired' } },
      ]);
      const recovery = await store.since(freelancerId, { epoch: store.epoch, position: 0 });
      expect(recovery.recovered && recovery.entries.map(({ event }) => event)).toMatchObject([
        { type: 'proposal.listed', proposal: { proposalId: second, status: 'proposed' } },
        { type: 'proposal.listed', proposal: { proposalId, status: 'hired' } },
      ]);
    });

    it('[PG1] [PG3] what the host platform put is listed by identifier, each once while others come', async () => {
      await withStore(open, async ({ store }) => {
        const all: { clientId: string; freelancerId: string; jobId: string; proposalId: string; contractId: string }[] = [];
        const put = async () => {
          const parties = await proposed(store);
          const contractId = unique('contract');
          const { clientId, freelancerId, proposalId } = parties;
          await store.putContract(contractId, contractFor(clientId, freelancerId, { proposalId }), tick());
          all.push({ ...parties, contractId });
        };
        for (let count = 0; count < 7; count += 1) await put();
        const before = [...all];
        const pages = async <Item>(
          list: (page: HostListPage) => Promise<HostList<Item>>,
          idOf: (item: Item) => string,
        ): Promise<string[]> => {
          const found: string[] = [];
          for (;;) {
            const { items, more } = await list({ after: found.at(-1), limit: 3 });
            found.push(...items.map(idOf));
            if (!more) return found;
            await put();
          }
        };
        const there = (found: string[], ids: readonly string[]): void => {
          expect(found).toEqual([...new Set(found)].toSorted());
          expect(found).toEqual(expect.arrayContaining([...ids]));
        };
        there(
          await pages(store.listUsers, ({ userId }) => userId),
          before.flatMap(({ clientId, freelancerId }) => [clientId, freelancerId]),
        );
        there(
          await pages(store.listJobs, ({ jobId }) => jobId),
          before.map(({ jobId }) => jobId),
        );
        there(
          await pages(store.listProposals, ({ proposalId }) => proposalId),
          before.map(({ proposalId }) => proposalId),
        );
        there(
          await pages(store.listContracts, ({ contractId }) => contractId),
          before.map(({ contractId }) => contractId),
        );
        const [{ jobId, freelancerId, clientId, proposalId, contractId }] = before as [(typeof all)[number]];
        const another = unique('proposal');
        await store.putProposal(another, proposalFor(jobId, freelancerId), tick());
        const ofJob = await pages(
          (page) => store.listProposals({ ...page, jobId }),
          (one) => one.proposalId,
        );
        expect(ofJob).toEqual([proposalId, another].toSorted());
        expect(await store.listProposals({ jobId: 'no-job', limit: 3 })).toEqual({ items: [], more: false });
        const { items } = await store.listContracts({ limit: 100 });
        expect(items.find((one) => one.contractId === contractId)).toEqual(await store.contract(contractId));
        const again = { jobId, clientId, title: 'Redraw two maps', description: '' };
        await store.putJob(again);
        expect(await store.job(jobId)).toEqual(again);
        expect(await store.job('no-job')).toBeUndefined();
      });
    });

    it('[HF10] the jobs of a client come newest first, in pages, with counts by status and who sent the newest proposals', async () => {
      const { store } = context;
      const [clientId, other, ...freelancers] = (await people(store, 9)) as [string, string, ...string[]];
      const jobs = Array.from({ length: 5 }, () => job(clientId));
      for (const put of jobs) await store.putJob(put);
      await store.putJob(job(other));
      const statuses: ProposalStatus[] = ['proposed', 'proposed', 'messaged', 'closed', 'proposed', 'hired', 'proposed'];
      for (const [index, status] of statuses.entries())
        await store.putProposal(unique('proposal'), proposalFor(jobs[3]!.jobId, freelancers[index]!, { status }), tick());
      const none = { proposed: 0, messaged: 0, interviewing: 0, hired: 0, declined: 0, closed: 0 };
      const counted = { ...jobs[3], counts: { ...none, proposed: 4, messaged: 1, hired: 1, closed: 1 } };
      const newest = freelancers.toReversed().slice(0, 5);
      expect(await store.jobsOf(clientId, { limit: 3 })).toEqual({
        more: true,
        jobs: [
          { ...jobs[4], counts: none, newest: [] },
          { ...counted, newest },
          { ...jobs[2], counts: none, newest: [] },
        ],
      });
      expect(await store.jobsOf(clientId, { before: jobs[2]!.jobId, limit: 3 })).toMatchObject({
        more: false,
        jobs: [{ jobId: jobs[1]!.jobId }, { jobId: jobs[0]!.jobId }],
      });
      expect(await store.jobsOf(freelancers[0]!, { limit: 3 })).toEqual({ jobs: [], more: false });
      expect(await store.jobOf(clientId, jobs[3]!.jobId)).toEqual({ ...counted, newest });
      await rejected(store.jobOf(other, jobs[3]!.jobId), 'not_found');
      await rejected(store.jobOf(clientId, 'no-job'), 'not_found');
      await rejected(store.jobsOf(clientId, { before: 'no-job', limit: 3 }), 'not_found');
      await rejected(store.jobsOf(other, { before: jobs[2]!.jobId, limit: 3 }), 'not_found');
    });
  });
};
