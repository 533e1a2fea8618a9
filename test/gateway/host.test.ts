import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOST_ROUTES } from '../../src/http/host-routes.ts';
import { seedHiring, startGateway, type TestGateway } from '../support/gateway.ts';

describe('the host platform', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startGateway();
    await seedHiring(gateway);
  });
  afterAll(() => gateway.close());

  it('[HO1] every route wants the key', async () => {
    for (const { method, path } of HOST_ROUTES) {
      const concrete = path.replace(/:\w+/, 'user-x');
      for (const key of ['', 'wrong-key-with-more-than-24-characters']) {
        const { status, body } = await gateway.host(
          method.toUpperCase() as 'GET',
          concrete,
          method === 'get' ? undefined : {},
          key,
        );
        expect([path, status, body.error.code]).toEqual([path, 401, 'unauthenticated']);
      }
    }
    expect((await gateway.host('GET', '/v1/users/user-x')).status).toBe(404);
  });

  it('[HO2] puts are idempotent', async () => {
    const profile = {
      displayName: 'Ada',
      headline: 'Engineer',
      country: 'GB',
      kind: 'client',
      avatarUrl: null,
      timeZone: 'Europe/London',
    };
    expect((await gateway.host('PUT', '/v1/users/ada', profile)).status).toBe(201);
    expect(await gateway.host('PUT', '/v1/users/ada', profile)).toEqual({ status: 200, body: { userId: 'ada', ...profile } });
    await gateway.host('PUT', '/v1/users/ada', { ...profile, headline: 'Architect' });
    expect((await gateway.host('GET', '/v1/users/ada')).body.headline).toBe('Architect');
    const proposal = { jobId: 'job-1', freelancerId: 'ada', bid: { amount: 10, currency: 'EUR', per: 'hour' } };
    expect((await gateway.host('PUT', '/v1/proposals/proposal-ada', proposal)).status).toBe(201);
    const again = await gateway.host('PUT', '/v1/proposals/proposal-ada', proposal);
    expect(again).toMatchObject({
      status: 200,
      body: { status: 'proposed', threadId: null, jobTitle: 'An explainer video', clientId: 'client' },
    });
    expect(
      (await gateway.host('PUT', '/v1/proposals/proposal-ada', { ...proposal, freelancerId: 'client' })).body.error.code,
    ).toBe('conflict');
    expect((await gateway.host('PUT', '/v1/proposals/proposal-x', { ...proposal, jobId: 'no-such' })).body.error.code).toBe(
      'not_found',
    );
    expect((await gateway.host('PUT', '/v1/jobs/job-x', { clientId: 'nobody', title: 'A job' })).body.error.code).toBe(
      'not_found',
    );
  });

  it('[HO3] "Send message" opens the thread once and moves the applicant to messaged', async () => {
    const talent = await gateway.signIn('talent');
    const send = (clientMessageId: string, body: string) =>
      gateway.host('POST', '/v1/proposals/proposal-1/thread', { clientMessageId, body });
    const first = await send('hello-message', 'Hello, shall we talk?');
    expect(first).toMatchObject({
      status: 201,
      body: { opened: true, proposal: { status: 'messaged' }, message: { senderId: 'client', offset: 2 } },
    });
    const { threadId } = first.body;
    const opened = await talent.inbox('the thread', (event) => event.type === 'thread.opened');
    expect(opened.event).toMatchObject({
      threadId,
      kind: 'proposal',
      proposal: { status: 'messaged', jobTitle: 'An explainer video' },
    });
    expect(opened.event.users.map((user: { displayName: string }) => user.displayName).sort()).toEqual([
      'Clara Client',
      'Theo Talent',
    ]);
    await talent.inbox('the message', (event) => event.message?.body === 'Hello, shall we talk?');
    expect(await send('hello-message', 'Hello, shall we talk?')).toMatchObject({
      status: 200,
      body: { threadId, opened: false, message: { offset: 2 } },
    });
    expect((await send('hello-message', 'Another text')).body.error.code).toBe('conflict');
    expect(await send('second-message', 'Are you there?')).toMatchObject({
      status: 200,
      body: { threadId, opened: false, message: { offset: 3 } },
    });
    expect((await gateway.host('GET', '/v1/proposals/proposal-1')).body).toMatchObject({ status: 'messaged', threadId });
    expect(
      (await gateway.host('POST', '/v1/proposals/none/thread', { clientMessageId: 'hello-message', body: 'x' })).status,
    ).toBe(404);
  });

  it('[HO4] bad bodies are refused with a typed error', async () => {
    expect(await gateway.host('PUT', '/v1/users/bad', '{"displayName":')).toMatchObject({
      status: 400,
      body: { error: { code: 'malformed' } },
    });
    expect(await gateway.host('PUT', '/v1/users/bad', { displayName: '' })).toMatchObject({
      status: 422,
      body: { error: { code: 'invalid', issues: [{ path: 'displayName' }] } },
    });
    expect(
      (await gateway.host('PUT', '/v1/users/bad', { displayName: 'x', timeZone: 'Mars/Olympus' })).body.error.issues[0].path,
    ).toBe('timeZone');
    expect(
      (await gateway.host('PUT', '/v1/users/bad', { displayName: 'x', avatarUrl: 'javascript:alert(1)' })).body.error.issues[0]
        .path,
    ).toBe('avatarUrl');
    expect((await gateway.host('PUT', '/v1/users/b%20d', { displayName: 'x' })).body.error.code).toBe('invalid');
    expect((await gateway.host('PUT', '/v1/users/bad', { displayName: 'x'.repeat(300_000) })).body.error.code).toBe('too_large');
    expect((await gateway.host('GET', '/v1/users/bad')).status).toBe(404);
  });

  it('[HO5] a changed profile and a changed status are heard live', async () => {
    await gateway.host('POST', '/v1/proposals/proposal-1/thread', { clientMessageId: 'make-sure-open', body: 'Hello' });
    const client = await gateway.signIn('client');
    await gateway.host('PUT', '/v1/users/talent', { displayName: 'Theodore Talent' });
    const changed = await client.inbox('the profile', (event) => event.type === 'user.changed');
    expect(changed.event.user).toMatchObject({ userId: 'talent', displayName: 'Theodore Talent' });
    await gateway.host('PUT', '/v1/users/talent', { displayName: 'Theodore Talent' });
    await gateway.host('PUT', '/v1/proposals/proposal-1', { jobId: 'job-1', freelancerId: 'talent', status: 'interviewing' });
    const status = await client.inbox('the status', (event) => event.type === 'proposal.changed');
    expect(status.event.proposal.status).toBe('interviewing');
    expect(client.pushes('inbox').filter(({ event }) => event.type === 'user.changed')).toHaveLength(1);
  });

  it('[HO6] the OpenAPI document names every route with its schemas', async () => {
    const document = (await (await gateway.get('/v1/openapi.json')).json()) as any;
    expect(document.openapi).toBe('3.1.0');
    for (const { method, path, body } of HOST_ROUTES) {
      const operation = document.paths[path.replace(/:(\w+)/, '{$1}')][method];
      expect(operation.responses[200].content['application/json'].schema.type).toBe('object');
      if (body === undefined) continue;
      const { schema } = operation.requestBody.content['application/json'];
      // A bulk request is a list of what is put.
      expect(Object.keys((schema.items ?? schema).properties).length).toBeGreaterThan(0);
    }
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods as object).map((operation) => operation.operationId),
    );
    expect(new Set(ids).size).toBe(HOST_ROUTES.length);
  });

  it('[PG4] the OpenAPI document names what is in the path of a list, and what comes behind it', async () => {
    const document = (await (await gateway.get('/v1/openapi.json')).json()) as any;
    const places = (path: string) =>
      document.paths[path].get.parameters.map((one: { name: string; in: string }) => `${one.in} ${one.name}`);
    expect(places('/v1/jobs/{jobId}/proposals')).toEqual(['path jobId', 'query cursor', 'query limit']);
    for (const name of ['users', 'jobs', 'proposals', 'contracts']) {
      expect(places(`/v1/${name}`)).toEqual(['query cursor', 'query limit']);
      const { properties } = document.paths[`/v1/${name}`].get.responses[200].content['application/json'].schema;
      expect(Object.keys(properties)).toEqual(['items', 'next']);
    }
  });

  it('[HO7] the client opens the thread over the socket too, the freelancer does not', async () => {
    await gateway.host('PUT', '/v1/jobs/job-2', { clientId: 'client', title: 'Another job' });
    await gateway.host('PUT', '/v1/proposals/proposal-2', { jobId: 'job-2', freelancerId: 'talent' });
    const [client, talent, outsider] = await Promise.all(
      ['client', 'talent', 'outsider'].map((userId) => gateway.signIn(userId)),
    );
    const message = { proposalId: 'proposal-2', clientMessageId: 'over-the-socket', body: 'Hello from the page' };
    expect((await talent!.refused('proposal.message', message)).code).toBe('forbidden');
    expect((await outsider!.refused('proposal.message', message)).code).toBe('not_found');
    expect((await outsider!.refused('proposal.get', { proposalId: 'proposal-2' })).code).toBe('not_found');
    const opened = await client!.request('proposal.message', message);
    expect(opened).toMatchObject({ opened: true, message: { body: 'Hello from the page' } });
    expect(await client!.request('proposal.message', message)).toMatchObject({ opened: false, threadId: opened.threadId });
    const { proposals, users } = await talent!.request('proposal.list', {});
    expect(proposals.find(({ proposalId }) => proposalId === 'proposal-2')).toMatchObject({
      status: 'messaged',
      threadId: opened.threadId,
    });
    expect(users.map(({ userId }) => userId).sort()).toEqual(['client', 'talent']);
  });

  it('[HO8] a direct or group thread is opened once by its key', async () => {
    const thread = { threadKey: 'direct-1', kind: 'direct', members: [{ userId: 'client' }, { userId: 'outsider' }] };
    const first = await gateway.host('POST', '/v1/threads', thread);
    expect(first).toMatchObject({ status: 201, body: { opened: true } });
    expect(await gateway.host('POST', '/v1/threads', thread)).toMatchObject({
      status: 200,
      body: { opened: false, threadId: first.body.threadId },
    });
    expect(
      (
        await gateway.host('POST', '/v1/threads', {
          ...thread,
          threadKey: 'k',
          members: [{ userId: 'client' }, { userId: 'client' }],
        })
      ).status,
    ).toBe(422);
    expect(
      (
        await gateway.host('POST', '/v1/threads', {
          ...thread,
          threadKey: 'k',
          members: [{ userId: 'client' }, { userId: 'nobody' }],
        })
      ).status,
    ).toBe(404);
  });
});
