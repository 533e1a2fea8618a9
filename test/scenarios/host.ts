import { expect } from 'vitest';
import { HOST_ROUTES } from '../../src/http/host-routes.ts';
import { type Scenario, scenario } from './world.ts';

export const host: readonly Scenario[] = [
  scenario('[HO1] no route answers without the key', async ({ deployment }) => {
    for (const { method, path } of HOST_ROUTES) {
      const body = method === 'get' ? undefined : {};
      const verb = method.toUpperCase() as 'GET';
      expect((await deployment.host(verb, path.replace(/:\w+/, 'x'), body, 'wrong-key-of-24-characters')).status).toBe(401);
    }
  }),
  scenario('[HO2] what is put twice is there once', async (world) => {
    const [userId] = await world.people('ada');
    const profile = { displayName: 'Ada', headline: 'Engineer', avatarUrl: null, timeZone: null, country: null, kind: null };
    expect((await world.deployment.host('PUT', `/v1/users/${userId}`, profile)).status).toBe(200);
    expect((await world.deployment.host('GET', `/v1/users/${userId}`)).body).toEqual({ userId, ...profile });
  }),
  scenario('[HO3] "Send message" opens the thread once, also when it is asked many times at once', async (world) => {
    const { client, proposalId, threadId } = await world.hire();
    const again = { clientMessageId: 'first-message', body: 'Hello!' };
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => world.deployment.host('POST', `/v1/proposals/${proposalId}/thread`, again)),
    );
    expect(new Set(answers.map(({ body }) => body.threadId))).toEqual(new Set([threadId]));
    expect((await (await world.signIn(client)).request('thread.get', { threadId })).thread.head).toBe(2);
  }),
  scenario('[HO4] a body that does not fit is refused with a typed error', async ({ deployment }) => {
    expect(await deployment.host('PUT', '/v1/users/bad', '{"displayName":')).toMatchObject({ status: 400 });
    expect(await deployment.host('PUT', '/v1/users/bad', { displayName: '' })).toMatchObject({ status: 422 });
    expect((await deployment.host('GET', '/v1/users/bad')).status).toBe(404);
  }),
  scenario('[HO5] a changed name and a changed status are heard live', async (world) => {
    const { client, talent, proposalId } = await world.hire();
    const socket = await world.signIn(client);
    await world.deployment.host('PUT', `/v1/users/${talent}`, { displayName: 'Somebody else' });
    await socket.inbox('the name', (event) => event.type === 'user.changed' && event.user.displayName === 'Somebody else');
    const status = { jobId: `job-${client}`, freelancerId: talent, status: 'hired' };
    await world.deployment.host('PUT', `/v1/proposals/${proposalId}`, status);
    await socket.inbox('the status', (event) => event.type === 'proposal.changed' && event.proposal.status === 'hired');
  }),
  scenario('[HO7] the client of a job opens the thread over the socket, the freelancer cannot', async (world) => {
    const [client, talent] = await world.people('client', 'talent');
    await world.deployment.host('PUT', `/v1/jobs/job-${client}`, { clientId: client, title: 'A job' });
    await world.deployment.host('PUT', `/v1/proposals/p-${client}`, { jobId: `job-${client}`, freelancerId: talent });
    const [one, other] = [await world.signIn(client), await world.signIn(talent)];
    const message = { proposalId: `p-${client}`, clientMessageId: 'over-the-socket', body: 'Hello' };
    expect((await other.refused('proposal.message', message)).code).toBe('forbidden');
    expect((await one.request('proposal.message', message)).opened).toBe(true);
    await other.inbox('the thread', (event) => event.type === 'thread.opened');
  }),
  scenario('[HO8] a thread is opened once by its key, also when it is asked many times at once', async (world) => {
    const [ada, bob] = await world.people('ada', 'bob');
    const thread = { threadKey: `key-${ada}`, kind: 'direct', members: [{ userId: ada }, { userId: bob }] };
    const answers = await Promise.all([1, 2, 3, 4].map(() => world.deployment.host('POST', '/v1/threads', thread)));
    expect(new Set(answers.map(({ body }) => body.threadId)).size).toBe(1);
    expect(answers.filter(({ body }) => body.opened)).toHaveLength(1);
  }),
  scenario('[PG1] [PG2] [PG3] what was put is listed page by page, on whichever gateway, each once', async (world) => {
    const { host } = world.deployment;
    const [client, ...others] = await world.people('page-client', 'page-a', 'page-b', 'page-c', 'page-d');
    const jobId = `pages-${client}`;
    const job = { clientId: client, title: 'A job', description: 'In pages.' };
    await host('PUT', `/v1/jobs/${jobId}`, job);
    for (const freelancerId of others)
      await host('PUT', `/v1/proposals/pages-${freelancerId}`, { jobId, freelancerId, submittedAt: 1 });
    const contract = {
      clientId: client,
      freelancerId: others[0],
      proposalId: `pages-${others[0]}`,
      status: 'offered',
      version: 1,
    };
    await host('PUT', `/v1/contracts/pages-${client}`, { ...contract, title: '' });
    const all = async (path: string, idName: string, limit = 3): Promise<string[]> => {
      const found: string[] = [];
      let next: string | null = '';
      while (next !== null) {
        const { status, body } = await host('GET', `${path}?limit=${limit}${next === '' ? '' : `&cursor=${next}`}`);
        expect(status).toBe(200);
        expect(body.items.length).toBeLessThanOrEqual(limit);
        found.push(...body.items.map((item: Record<string, string>) => item[idName]));
        next = body.next;
      }
      expect(found).toEqual([...new Set(found)].toSorted());
      return found;
    };
    expect(await all(`/v1/jobs/${jobId}/proposals`, 'proposalId')).toEqual(others.map((id) => `pages-${id}`).toSorted());
    // Others of this world come meanwhile.
    expect(await all('/v1/users', 'userId', 100)).toEqual(expect.arrayContaining([client, ...others]));
    expect(await all('/v1/jobs', 'jobId', 100)).toContain(jobId);
    expect(await all('/v1/proposals', 'proposalId', 100)).toEqual(expect.arrayContaining(others.map((id) => `pages-${id}`)));
    expect(await all('/v1/contracts', 'contractId', 100)).toContain(`pages-${client}`);
    expect((await host('GET', `/v1/jobs/${jobId}`)).body).toEqual({ jobId, ...job });
    const cursor = Buffer.from('no id at all').toString('base64url');
    for (const query of ['limit=0', 'limit=101', 'limit=x', 'cursor=%20', `cursor=${cursor}`, 'cursor='])
      expect(await host('GET', `/v1/users?${query}`), query).toMatchObject({ status: 422, body: { error: { code: 'invalid' } } });
    for (const path of ['/v1/jobs/no-job', '/v1/jobs/no-job/proposals'])
      expect(await host('GET', path), path).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
  }),
  scenario('[HO9] a bulk request answers each item in order, and one that is refused stops none', async (world) => {
    const { host } = world.deployment;
    const [first] = await world.people('bulk');
    const users = Array.from({ length: 60 }, (_, index) => ({ userId: `${first}-${index}`, displayName: `Person ${index}` }));
    const broken = [{ userId: 'no spaces', displayName: 'x' }, { userId: `${first}-x`, displayName: '' }, null, 7];
    const put = await host('POST', '/v1/users/bulk', [users[0], ...broken, ...users, { ...users[0], displayName: 'Last' }]);
    expect(put.status).toBe(200);
    expect(statusesOf(put.body)).toEqual([201, 422, 422, 422, 422, 200, ...Array(59).fill(201), 200]);
    expect(put.body.results[1].error).toMatchObject({ code: 'invalid', issues: [{ path: 'userId' }] });
    expect((await host('GET', `/v1/users/${first}-0`)).body.displayName).toBe('Last');

    const job = { jobId: `${first}-job`, clientId: `${first}-0`, title: 'A job' };
    const jobs = await host('POST', '/v1/jobs/bulk', [job, { ...job, jobId: `${first}-other`, clientId: `${first}-nobody` }]);
    expect(jobs.body.results).toMatchObject([
      { status: 201, result: job },
      { status: 404, error: { code: 'not_found' } },
    ]);
    const proposals = users.slice(1).map(({ userId }) => ({
      proposalId: `of-${userId}`,
      jobId: job.jobId,
      freelancerId: userId,
      coverLetter: 'x'.repeat(15_000),
    }));
    const other = { ...proposals[0], freelancerId: `${first}-2` };
    const applied = await host('POST', '/v1/proposals/bulk', [...proposals, other]);
    expect(statusesOf(applied.body)).toEqual([...Array(59).fill(201), 409]);
    const contract = {
      contractId: `${first}-contract`,
      proposalId: `of-${first}-1`,
      clientId: `${first}-0`,
      freelancerId: `${first}-1`,
      title: 'The work',
    };
    const contracts = await host('POST', '/v1/contracts/bulk', [
      { ...contract, version: 2, status: 'active' },
      { ...contract, version: 1, status: 'offered' },
    ]);
    expect(contracts.body.results).toMatchObject([
      { status: 201, result: { applied: true, contract: { version: 2, status: 'active' } } },
      { status: 200, result: { applied: false, contract: { version: 2, status: 'active' } } },
    ]);
    expect((await host('GET', `/v1/proposals/of-${first}-1`)).body.status).toBe('hired');
    for (const body of [[], Array(501).fill(users[0]), { users }]) {
      expect((await host('POST', '/v1/users/bulk', body)).status).toBe(422);
    }
    expect((await host('POST', '/v1/users/bulk', 'x'.repeat(5 * 1024 * 1024))).body.error.code).toBe('too_large');
  }),
];

const statusesOf = ({ results }: { results: { status: number }[] }) => results.map(({ status }) => status);
