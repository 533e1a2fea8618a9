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
    const profile = { displayName: 'Ada', headline: 'Engineer', avatarUrl: null, timeZone: null };
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
];
