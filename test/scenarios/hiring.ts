import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { until } from '../support/until.ts';
import type { Hiring, World } from './world.ts';
import { post, type Scenario, scenario } from './world.ts';

const putContract = async (world: World, hiring: Hiring, status: string, version: number, contractId = `c-${hiring.client}`) =>
  (
    await world.deployment.host('PUT', `/v1/contracts/${contractId}`, {
      proposalId: hiring.proposalId,
      clientId: hiring.client,
      freelancerId: hiring.talent,
      title: 'The work',
      status,
      version,
    })
  ).body;
const putProposal = ({ deployment }: World, { proposalId, client, talent }: Hiring, change: object) =>
  deployment.host('PUT', `/v1/proposals/${proposalId}`, { jobId: `job-${client}`, freelancerId: talent, ...change });

export const hiring: readonly Scenario[] = [
  scenario(
    '[HF1] contracts told out of order and twice end where the largest version says, and both sides see it live',
    async (world) => {
      const hired = await world.hire();
      const sockets = [await world.signIn(hired.client), await world.signIn(hired.talent)];
      const versions = [3, 1, 2, 3, 2].map((version) => ({
        version,
        status: ['offered', 'active', 'paused'][version - 1] as string,
      }));
      const answers = [];
      for (const { version, status } of versions) answers.push(await putContract(world, hired, status, version));
      expect(answers.map(({ applied }) => applied)).toEqual([true, false, false, false, false]);
      expect(new Set(answers.map(({ contract }) => contract.status))).toEqual(new Set(['paused']));
      for (const socket of sockets) {
        await socket.inbox('the contract', (event) => event.type === 'contract.changed' && event.contract.version === 3);
        await socket.inbox('hired', (event) => event.type === 'proposal.changed' && event.proposal.status === 'hired');
        const { thread } = await socket.request('thread.get', { threadId: hired.threadId });
        expect(thread).toMatchObject({ contracts: [{ status: 'paused', version: 3 }], proposal: { status: 'hired' } });
      }
      const read = await world.deployment.host('GET', `/v1/contracts/c-${hired.client}`);
      expect(read.body).toMatchObject({ status: 'paused', version: 3, startedAt: expect.any(Number) });
      expect((await world.deployment.host('GET', '/v1/contracts/no-such-contract')).status).toBe(404);
    },
  ),
  scenario(
    '[HF2] [HF8] a contract has a thread of its own, and another proposal of the same two has another one',
    async (world) => {
      const hired = await world.hire();
      await putContract(world, hired, 'active', 1);
      const first = { clientMessageId: 'contract-first', body: 'To work!' };
      const opening = [1, 2, 3].map(() => world.deployment.host('POST', `/v1/contracts/c-${hired.client}/thread`, first));
      const own = new Set((await Promise.all(opening)).map(({ body }) => body.threadId));
      expect(own.size).toBe(1);
      expect(own.has(hired.threadId)).toBe(false);
      await world.deployment.host('PUT', `/v1/jobs/second-${hired.client}`, { clientId: hired.client, title: 'Another job' });
      const second = `second-proposal-${hired.client}`;
      await world.deployment.host('PUT', `/v1/proposals/${second}`, {
        jobId: `second-${hired.client}`,
        freelancerId: hired.talent,
      });
      const { body } = await world.deployment.host('POST', `/v1/proposals/${second}/thread`, first);
      expect([hired.threadId, ...own]).not.toContain(body.threadId);
      const { threads } = await (await world.signIn(hired.talent)).request('thread.list', {});
      const kinds = threads.map(({ kind, contracts }) => [kind, contracts.length]).toSorted();
      expect(kinds).toEqual([
        ['contract', 1],
        ['proposal', 0],
        ['proposal', 1],
      ]);
    },
  ),
  scenario(
    '[HF5] a declined proposal is read-only on every device at once, and writable when it is opened again',
    async (world) => {
      const hired = await world.hire();
      const [client, talent] = [await world.signIn(hired.client), await world.signIn(hired.talent)];
      const { threadId } = hired;
      const { offset } = await post(talent, threadId, 'Before');
      for (const status of ['declined', 'closed']) {
        await putProposal(world, hired, { status });
        const message = { threadId, clientMessageId: randomUUID(), body: 'After' };
        for (const socket of [client, talent]) {
          await socket.inbox(status, (event) => event.type === 'proposal.changed' && event.proposal.status === status);
          expect((await socket.refused('message.post', message)).code).toBe('read_only');
        }
        expect((await talent.refused('message.edit', { threadId, offset, body: 'Changed' })).code).toBe('read_only');
        expect((await talent.refused('message.delete', { threadId, offset })).code).toBe('read_only');
        const call = { threadId, interviewId: randomUUID(), media: 'audio' } as const;
        expect((await client.refused('interview.call', call)).code).toBe('read_only');
        expect((await client.request('thread.history', { threadId, limit: 10 })).events.length).toBeGreaterThan(0);
      }
      await putProposal(world, hired, { status: 'messaged' });
      await post(talent, threadId, 'Again');
    },
  ),
  scenario('[HF4] a call that is answered makes the proposal interviewing, live on both sides', async (world) => {
    const hired = await world.hire();
    const [client, talent] = [await world.signIn(hired.client), await world.signIn(hired.talent)];
    const interviewId = randomUUID();
    await client.request('interview.call', { threadId: hired.threadId, interviewId, media: 'audio' });
    await talent.request('interview.answer', { interviewId });
    for (const socket of [client, talent])
      await socket.inbox(
        'interviewing',
        (event) => event.type === 'proposal.changed' && event.proposal.status === 'interviewing',
      );
    await client.request('interview.end', { interviewId });
  }),
  scenario(
    '[HF9] [HF10] [HF11] a proposal shows in both sides’ lists as it comes, is declined and gets its thread, wherever they are',
    async (world) => {
      const [client, talent, outsider] = await world.people('client', 'talent', 'outsider');
      const { host } = world.deployment;
      const jobId = `listed-${client}`;
      await host('PUT', `/v1/jobs/${jobId}`, { clientId: client, title: 'A job' });
      await host('PUT', `/v1/jobs/second-${client}`, { clientId: client, title: 'Another' });
      const sockets = [await world.signIn(client), await world.signIn(talent)] as const;
      const put = (proposalId: string, change: object = {}) =>
        host('PUT', `/v1/proposals/${proposalId}`, { jobId, freelancerId: talent, submittedAt: 1, ...change });
      const heard = (status: string) =>
        Promise.all(
          sockets.map((socket) =>
            socket.inbox(status, (event) => event.type === 'proposal.listed' && event.proposal.status === status),
          ),
        );
      await put(`one-${client}`);
      await heard('proposed');
      await put(`one-${client}`, { status: 'declined' });
      await heard('declined');
      await put(`two-${client}`, { submittedAt: 2 });
      const [own, theirs] = sockets;
      const { jobs, more } = await own.request('job.list', {});
      expect(more).toBe(false);
      expect(jobs).toMatchObject([
        { jobId: `second-${client}`, newest: [] },
        { jobId, counts: { proposed: 1, declined: 1, messaged: 0 }, newest: [talent, talent] },
      ]);
      expect((await own.request('job.get', { jobId })).job).toEqual(jobs[1]);
      expect((await theirs.request('job.list', {})).jobs).toEqual([]);
      expect((await theirs.refused('job.get', { jobId })).code).toBe('not_found');
      const first = await own.request('proposal.list', { jobId, limit: 1 });
      expect(first).toMatchObject({ more: true, proposals: [{ proposalId: `two-${client}` }] });
      const before = { submittedAt: 2, proposalId: `two-${client}` };
      const second = await own.request('proposal.list', { jobId, limit: 1, before });
      expect(second).toMatchObject({ more: false, proposals: [{ proposalId: `one-${client}` }] });
      expect(second.users.map(({ userId }) => userId)).toContain(talent);
      expect((await theirs.request('proposal.list', { side: 'sent' })).proposals).toHaveLength(2);
      expect((await theirs.request('proposal.list', { side: 'received' })).proposals).toEqual([]);
      expect((await theirs.refused('proposal.list', { jobId })).code).toBe('not_found');
      const stranger = await world.signIn(outsider);
      expect((await stranger.request('proposal.list', {})).proposals).toEqual([]);
      expect(stranger.pushes('inbox')).toEqual([]);
      await own.request('proposal.message', { proposalId: `two-${client}`, clientMessageId: 'the-first', body: 'Hello' });
      await theirs.inbox('the thread', (event) => event.type === 'thread.opened');
    },
  ),
  scenario('[HF12] the SDK tells of each proposal that comes or changes, before there is a thread and after', async (world) => {
    const { client, talent, proposalId, threadId } = await world.hire();
    const { client: sdk } = await world.sdk(client);
    const told: string[] = [];
    sdk.onProposal((proposal) => told.push(`${proposal.proposalId} ${proposal.status}`));
    const jobId = `job-${client}`;
    expect((await sdk.jobs()).jobs).toMatchObject([{ jobId, counts: { messaged: 1 } }]);
    expect((await sdk.job(jobId)).job.counts.messaged).toBe(1);
    const put = (id: string, status: string) =>
      world.deployment.host('PUT', `/v1/proposals/${id}`, { jobId, freelancerId: talent, status });
    await put(`later-${client}`, 'proposed');
    await until('the new proposal', () => told.includes(`later-${client} proposed`));
    await put(proposalId, 'interviewing');
    await until('the interview', () => told.includes(`${proposalId} interviewing`));
    await sdk.messageProposal(`later-${client}`, 'Hello!');
    await until('the opening', () => told.includes(`later-${client} messaged`));
    expect(sdk.inbox.get().threads).toHaveLength(2);
    expect((await sdk.proposals({ jobId })).proposals).toHaveLength(2);
    expect(sdk.inbox.get().threads.map((thread) => thread.threadId)).toContain(threadId);
  }),
  scenario('[HF6] an agency: its manager is an admin in the thread and posts, and sees the proposal', async (world) => {
    const [client, talent, manager, outsider] = await world.people('client', 'talent', 'manager', 'outsider');
    await world.deployment.host('PUT', `/v1/jobs/job-${client}`, { clientId: client, title: 'A job' });
    const proposalId = `agency-${client}`;
    const proposal = { jobId: `job-${client}`, freelancerId: talent, managerId: manager };
    await world.deployment.host('PUT', `/v1/proposals/${proposalId}`, proposal);
    const first = { clientMessageId: 'first-message', body: 'Hello!' };
    const { threadId } = (await world.deployment.host('POST', `/v1/proposals/${proposalId}/thread`, first)).body;
    const socket = await world.signIn(manager);
    await post(socket, threadId, 'I speak for the studio.');
    expect((await socket.request('proposal.get', { proposalId })).proposal.managerId).toBe(manager);
    const { thread } = await socket.request('thread.get', { threadId });
    expect(thread.members.map(({ userId, role }) => `${userId} ${role}`)).toEqual([
      `${client} owner`,
      `${talent} member`,
      `${manager} admin`,
    ]);
    expect((await (await world.signIn(outsider)).refused('proposal.get', { proposalId })).code).toBe('not_found');
  }),
  scenario(
    '[RR1] nobody comes to a thread of a proposal before its contract has begun; who comes then sees all of it',
    async (world) => {
      const hired = await world.hire();
      const [client, talent] = [await world.signIn(hired.client), await world.signIn(hired.talent)];
      const add = { threadId: hired.threadId, userId: hired.outsider };
      const refusal = await client.refused('member.add', add);
      expect(refusal.code).toBe('forbidden');
      expect(refusal.message).toContain('group thread');
      await putContract(world, hired, 'active', 1);
      expect((await talent.refused('member.add', add)).code).toBe('forbidden');
      await client.request('member.add', add);
      const newcomer = await world.signIn(hired.outsider);
      const { events } = await newcomer.request('thread.history', { threadId: hired.threadId, limit: 100 });
      expect(events.map(({ offset }) => offset)).toContain(1);
      expect((await client.refused('member.remove', { ...add, userId: hired.talent })).code).toBe('forbidden');
      await newcomer.request('member.remove', add);
    },
  ),
];
