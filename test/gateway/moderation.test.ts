import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../client/index.ts';
import { mintToken } from '../../src/identity/tokens.ts';
import { JWT_SECRET, openThread, startGateway, type TestGateway } from '../support/gateway.ts';
import { signInWithSdk } from '../support/people.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { until } from '../support/until.ts';

describe('moderation over the socket and by the host platform', () => {
  let gateway: TestGateway;
  let threadId: string;
  const signIn = (userId: string, roles?: 'moderator'[]): Promise<RawSocket> =>
    gateway.signIn(userId, { token: mintToken(JWT_SECRET, userId, { ttlSeconds: 600, roles }) });
  const post = async (socket: RawSocket, body: string) =>
    (await socket.request('message.post', { threadId, clientMessageId: randomUUID(), body })).message;
  const audit = async (after = 0): Promise<any[]> =>
    (await gateway.host('GET', `/v1/moderation/audit?after=${after}&limit=100`)).body.entries;

  beforeAll(async () => {
    gateway = await startGateway();
    threadId = await openThread(gateway);
    for (const userId of ['mo', 'ma']) await gateway.host('PUT', `/v1/users/${userId}`, { displayName: userId });
  });
  afterAll(() => gateway.close());

  it('[RB1] [MO11] a report reaches the moderators live, with the text as it was, whatever its writer does to it then', async () => {
    const [client, talent, moderator] = [await signIn('client'), await signIn('talent'), await signIn('mo', ['moderator'])];
    await post(talent, 'Before it.');
    const { offset } = await post(talent, 'Pay me elsewhere, will you?');
    const report = { threadId, offset, category: 'off_platform', note: 'They want to leave.' } as const;
    const first = await client.request('report.open', report);
    expect(first).toMatchObject({ opened: true, state: 'waiting' });
    expect(await client.request('report.open', report)).toEqual({ ...first, opened: false });
    await until('the push', () => moderator.pushes('moderation').find(({ change }) => change.caseId === first.caseId));
    expect([...client.pushes('moderation'), ...talent.pushes('moderation')]).toEqual([]);
    await talent.request('message.delete', { threadId, offset });
    const { cases, users } = await moderator.request('moderation.list', {});
    expect(cases).toMatchObject([
      { caseId: first.caseId, kind: 'report', subjectId: 'talent', openedBy: 'client', threadId, offset },
    ]);
    expect(users.map(({ displayName }) => displayName).toSorted()).toEqual(['Clara Client', 'Theo Talent']);
    const shown = await moderator.request('moderation.get', { caseId: first.caseId });
    expect(shown).toMatchObject({ text: 'Pay me elsewhere, will you?', thread: { kind: 'proposal', contract: 'before' } });
    expect(shown.messages.map(({ body }) => body)).toEqual(['Hello!', 'Before it.', '']);
    const about = { threadId, category: 'spam', note: '' };
    expect((await client.refused('report.open', { ...about, offset })).code).toBe('gone');
    expect((await client.refused('report.open', { ...about, offset: 9_999 })).code).toBe('not_found');
    expect((await client.refused('report.open', { ...about, userId: 'client' })).code).toBe('forbidden');
    expect((await client.refused('report.open', { ...about, userId: 'outsider' })).code).toBe('not_found');
    expect((await (await signIn('outsider')).refused('report.open', { ...about, userId: 'client' })).code).toBe('not_member');
    expect((await client.refused('report.open', about)).code).toBe('invalid');
    await client.request('report.withdraw', { caseId: first.caseId });
    expect((await moderator.request('moderation.list', {})).cases).toEqual([]);
  });

  it('[MO12] whoever is no moderator is refused, and the audit log has it, once in a while', async () => {
    const before = (await audit()).at(-1)?.seq ?? 0;
    const [client, plain] = [
      await signIn('client'),
      await gateway.signIn('talent', {
        token: mintToken(JWT_SECRET, 'talent', { ttlSeconds: 600, roles: ['owner' as 'moderator'] }),
      }),
    ];
    const caseId = randomUUID();
    const requests: [string, object][] = [
      ['moderation.list', {}],
      ['moderation.get', { caseId }],
      ['moderation.claim', { caseId, claimed: true }],
      ['moderation.decide', { caseId, outcome: 'granted', reason: 'Mine.' }],
      ['moderation.review', { caseId, verdict: 'confirmed', reason: 'Mine.' }],
    ];
    for (const socket of [client, plain]) {
      for (const [type, payload] of [...requests, ...requests])
        expect((await socket.refused(type, payload)).code).toBe('forbidden');
    }
    const refusals = (await audit(before)).map(({ action, actor, details }) => [action, actor, details.request]);
    for (const actor of ['client', 'talent']) {
      expect(refusals.filter(([, who]) => who === actor)).toEqual(
        requests.map(([type]) => [type === 'moderation.get' ? 'original.refused' : 'moderation.refused', actor, type]),
      );
    }
    const { body } = await gateway.host('GET', `/v1/moderation/cases/${caseId}?moderatorId=mo`);
    expect(body.error.code).toBe('not_found');
  });

  it('[MO13] the host platform lists, reads, decides and looks again on behalf of its moderators', async () => {
    const client = await signIn('client');
    const { caseId } = await client.request('report.open', { threadId, userId: 'talent', category: 'scam', note: '' });
    const list = (query = '') => gateway.host('GET', `/v1/moderation/cases${query}`);
    expect((await list('?kind=report')).body.cases).toMatchObject([{ caseId, category: 'scam' }]);
    expect((await list('?kind=hold')).body.cases).toEqual([]);
    expect((await list('?afterAt=3')).body.error.code).toBe('invalid');
    expect((await gateway.host('GET', `/v1/moderation/cases/${caseId}`)).body.error.code).toBe('invalid');
    expect((await gateway.host('GET', `/v1/moderation/cases/${caseId}?moderatorId=h-1`)).body).toMatchObject({
      text: null,
      case: { caseId },
    });
    const decide = (body: object) => gateway.host('POST', `/v1/moderation/cases/${caseId}/decisions`, body);
    expect((await decide({ moderatorId: 'h-1', outcome: 'granted', reason: ' ' })).body.error.code).toBe('invalid');
    expect((await decide({ outcome: 'granted', reason: 'Yes.' })).body.error.code).toBe('invalid');
    expect((await decide({ moderatorId: 'client', outcome: 'granted', reason: 'Yes.' })).body.error.code).toBe('forbidden');
    const decision = { moderatorId: 'h-1', outcome: 'granted', reason: 'Yes.' };
    for (const _ of [1, 2])
      expect(await decide(decision)).toMatchObject({ status: 200, body: { state: 'granted', list: 'decided' } });
    const rival = await decide({ ...decision, moderatorId: 'h-2', outcome: 'refused' });
    expect(rival.body.error).toMatchObject({ code: 'conflict', conflictsWith: 'h-1' });
    const look = (body: object) => gateway.host('POST', `/v1/moderation/cases/${caseId}/second-look`, body);
    expect((await look({ moderatorId: 'h-1', verdict: 'reversed', reason: 'No.' })).body.error.code).toBe('forbidden');
    expect((await look({ moderatorId: 'h-2', verdict: 'reversed', reason: 'No.' })).body).toMatchObject({
      state: 'refused',
      list: 'closed',
    });
    expect((await list('?list=closed&limit=1')).body).toMatchObject({
      cases: [{ caseId, secondLook: { moderatorId: 'h-2' } }],
      next: { caseId },
    });
    const actions = (await audit()).filter(({ subject }) => subject === caseId).map(({ action }) => action);
    expect(actions).toEqual(['case.opened', 'original.opened', 'case.decided', 'case.effect', 'case.reviewed', 'case.effect']);
  });

  it('[AU5] the audit log is read by pages', async () => {
    const page = async (after: number) => (await gateway.host('GET', `/v1/moderation/audit?after=${after}&limit=2`)).body;
    const seen: number[] = [];
    for (let after: number | null = 0; after !== null; ) {
      const { entries, next }: { entries: { seq: number }[]; next: number | null } = await page(after);
      seen.push(...entries.map(({ seq }) => seq));
      after = next;
    }
    expect(seen.length).toBeGreaterThan(10);
    expect(seen).toEqual(seen.map((_, index) => index + 1));
  });

  it('[MO7] a moderator is told whose a case is, and does not decide what another looks at', async () => {
    const [client, mo, ma] = [await signIn('client'), await signIn('mo', ['moderator']), await signIn('ma', ['moderator'])];
    const { offset } = await post(await signIn('talent'), 'Something else.');
    const { caseId } = await client.request('report.open', { threadId, offset, category: 'other' });
    await mo.request('moderation.claim', { caseId, claimed: true });
    expect((await ma.request('moderation.claim', { caseId, claimed: true })).case.claim?.moderatorId).toBe('mo');
    const decision = { caseId, outcome: 'refused', reason: 'Harmless.' } as const;
    expect(await ma.refused('moderation.decide', decision)).toMatchObject({ code: 'conflict', conflictsWith: 'mo' });
    expect((await mo.request('moderation.decide', decision)).case).toMatchObject({
      state: 'refused',
      decision: { moderatorId: 'mo' },
    });
    expect((await mo.refused('moderation.review', { caseId, verdict: 'confirmed', reason: 'Yes.' })).code).toBe('forbidden');
    expect((await ma.request('moderation.review', { caseId, verdict: 'confirmed', reason: 'Yes.' })).case.list).toBe('closed');
  });

  it('[MO14] a moderator who is reported neither sees nor decides it', async () => {
    const opened = await gateway.host('POST', '/v1/threads', {
      threadKey: 'with-mo',
      kind: 'direct',
      members: [{ userId: 'client' }, { userId: 'mo' }],
    });
    const [client, mo, ma] = [await signIn('client'), await signIn('mo', ['moderator']), await signIn('ma', ['moderator'])];
    const report = { threadId: opened.body.threadId, userId: 'mo', category: 'harassment' } as const;
    const { caseId } = await client.request('report.open', report);
    const listed = async (socket: RawSocket) =>
      (await socket.request('moderation.list', { limit: 100 })).cases.map((one) => one.caseId);
    expect(await listed(ma)).toContain(caseId);
    expect(await listed(mo)).not.toContain(caseId);
    expect((await mo.refused('moderation.get', { caseId })).code).toBe('forbidden');
    expect((await mo.refused('moderation.decide', { caseId, outcome: 'refused', reason: 'No.' })).code).toBe('forbidden');
    await ma.request('moderation.decide', { caseId, outcome: 'granted', reason: 'Yes.' });
  });

  it('[MO15] a session is a moderator’s while its token says so', async () => {
    const socket = await gateway.connect();
    const opened = await socket.request('session.open', {
      protocol: 1,
      token: mintToken(JWT_SECRET, 'ma', { ttlSeconds: 600, roles: ['moderator'] }),
    });
    expect(opened.roles).toEqual(['moderator']);
    await socket.request('moderation.list', {});
    await socket.request('session.refresh', { token: mintToken(JWT_SECRET, 'ma', { ttlSeconds: 600 }) });
    expect((await socket.refused('moderation.list', {})).code).toBe('forbidden');
    const [client, other] = [await signIn('client'), await signIn('mo', ['moderator'])];
    const { offset } = await post(await signIn('talent'), 'Once more.');
    const { caseId } = await client.request('report.open', { threadId, offset, category: 'spam' });
    await until('the push', () => other.pushes('moderation').find(({ change }) => change.caseId === caseId));
    expect(socket.pushes('moderation').filter(({ change }) => change.caseId === caseId)).toEqual([]);
    const plain = await gateway.connect();
    expect(await plain.request('session.open', { protocol: 1, token: gateway.token('client') })).not.toHaveProperty('roles');
  });

  it('[RB6] the SDK knows whom one has blocked, and shows whether they are there again once the block is lifted', async () => {
    const [one, other] = [await signInWithSdk(gateway.port, 'client'), await signInWithSdk(gateway.port, 'talent')];
    const release = one.watch(['talent']);
    const sees = () => one.presence.get().get('talent')?.online;
    await until('the other to be there', () => sees() === true);
    await one.block('talent', true);
    expect([...one.blocked.get()]).toEqual(['talent']);
    await until('the other to be out of sight', () => sees() !== true);
    const second = await signInWithSdk(gateway.port, 'client');
    expect([...second.blocked.get()]).toEqual([]);
    await second.loadBlocked();
    expect([...second.blocked.get()]).toEqual(['talent']);
    await one.block('talent', false);
    await until('the other to be there again', () => sees() === true);
    expect([...one.blocked.get()]).toEqual([]);
    await expect(one.block('nobody', true)).rejects.toMatchObject({ code: 'not_found' });
    expect([...one.blocked.get()]).toEqual([]);
    release();
    for (const client of [one, other, second]) await client.close();
  });

  it('[MO20] the SDK tells the roles of the session, and a moderator of what changes in the queue', async () => {
    const token = () => mintToken(JWT_SECRET, 'mo', { ttlSeconds: 600, roles: ['moderator'] });
    const moderator = createClient({ url: gateway.socketUrl, token });
    moderator.connect();
    await until('the moderator to be signed in', () => moderator.inbox.get().ready);
    const plain = await signInWithSdk(gateway.port, 'client');
    expect([moderator.roles.get(), plain.roles.get()]).toEqual([['moderator'], []]);
    const changes: string[] = [];
    const stop = moderator.onQueue(({ caseId, list }) => changes.push(`${caseId} ${list}`));
    const { offset } = await post(await signIn('talent'), 'For the SDK.');
    const { caseId } = await plain.request('report.open', { threadId, offset, category: 'other' });
    await until('the change', () => changes.includes(`${caseId} waiting`));
    await moderator.request('moderation.decide', { caseId, outcome: 'refused', reason: 'Nothing in it.' });
    await until('the change', () => changes.includes(`${caseId} decided`));
    stop();
    await moderator.close();
    expect(moderator.roles.get()).toEqual([]);
    await plain.close();
  });

  it('[RB3] [RB4] a block holds at once: no message, no call, no typing, no presence; and is lifted as it was set', async () => {
    const [client, talent] = [await signIn('client'), await signIn('talent')];
    const watch = (socket: RawSocket, userId: string) =>
      socket.request('session.watch', { threadIds: [threadId], userIds: [userId] });
    expect((await watch(client, 'talent')).presence).toMatchObject([{ userId: 'talent', online: true }]);
    expect((await watch(talent, 'client')).presence).toMatchObject([{ userId: 'client', online: true }]);
    await talent.request('typing.set', { threadId, typing: true });
    await until('typing', () => client.pushes('typing').length > 0);

    await client.request('block.set', { userId: 'talent', blocked: true });
    expect(await client.request('block.list', {})).toEqual({ userIds: ['talent'] });
    expect(await talent.request('block.list', {})).toEqual({ userIds: [] });
    for (const [socket, other] of [
      [client, 'talent'],
      [talent, 'client'],
    ] as const) {
      await until('to be out of sight', () =>
        socket.pushes('presence').find(({ presence }) => presence.userId === other && !presence.online),
      );
      expect((await watch(socket, other)).presence).toEqual([]);
    }
    const refusal = await talent.refused('message.post', { threadId, clientMessageId: randomUUID(), body: 'Hello?' });
    expect(refusal).toEqual({ code: 'forbidden', message: 'This cannot be sent here.', retryable: false });
    expect((await talent.refused('interview.call', { threadId, interviewId: randomUUID(), media: 'audio' })).code).toBe(
      'forbidden',
    );
    const heard = [client, talent].map((socket) => socket.pushes('typing').length);
    await talent.request('typing.set', { threadId, typing: true });
    await client.request('typing.set', { threadId, typing: true });
    await post(client, 'I will not hear from you.');
    await talent.inbox('what the other writes', (event) => event.message?.body === 'I will not hear from you.');
    expect([client, talent].map((socket) => socket.pushes('typing').length)).toEqual(heard);
    expect((await gateway.host('GET', '/v1/users/talent/blocks')).body).toEqual({ blocked: [], blockedBy: ['client'] });

    await client.request('block.set', { userId: 'talent', blocked: false });
    await post(talent, 'Hello again.');
    expect((await watch(client, 'talent')).presence).toMatchObject([{ userId: 'talent', online: true }]);
    expect((await client.refused('block.set', { userId: 'client', blocked: true })).code).toBe('invalid');
    expect((await client.refused('block.set', { userId: 'nobody', blocked: true })).code).toBe('not_found');
  });
});
