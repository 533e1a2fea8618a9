import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { AuditEntry } from '../../protocol/index.ts';
import { mintToken } from '../../src/identity/tokens.ts';
import { canonical, verifyChain } from '../../src/store/audit.ts';
import { JWT_SECRET } from '../support/gateway.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { until } from '../support/until.ts';
import { bodies, post, type Scenario, scenario, type World } from './world.ts';

const signInModerator = async (world: World, userId: string): Promise<RawSocket> => {
  const token = mintToken(JWT_SECRET, userId, { ttlSeconds: 600, roles: ['moderator'] });
  return (await world.open(userId, { token })).socket;
};

const auditLog = async ({ deployment }: World): Promise<AuditEntry[]> => {
  const entries: AuditEntry[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const { body }: { body: { entries: AuditEntry[]; next: number | null } } = await deployment.host(
      'GET',
      `/v1/moderation/audit?after=${after}&limit=100`,
    );
    entries.push(...body.entries);
    after = body.next;
  }
  return entries;
};

const told = async (world: World, subject: string) =>
  (await auditLog(world)).filter((entry) => entry.subject === subject).map(({ action, actor }) => `${action} ${actor}`);

const decide = (socket: RawSocket, caseId: string, outcome: 'granted' | 'refused') =>
  socket.reply(socket.ask('moderation.decide', { caseId, outcome, reason: 'So it is.' }));

export const moderation: readonly Scenario[] = [
  scenario('[RB1] [MO11] a report reaches moderators on every gateway live, and is decided by one of them', async (world) => {
    const { client, talent, threadId } = await world.hire();
    const [mo, ma] = await world.people('mo', 'ma');
    const moderators = [await signInModerator(world, mo), await signInModerator(world, ma)] as const;
    const [one, other] = [await world.signIn(client), await world.signIn(talent)];
    const { offset } = await post(other, threadId, 'Let us do this elsewhere.');
    const { caseId } = await one.request('report.open', { threadId, offset, category: 'off_platform' });
    for (const socket of moderators) {
      await until('the push', () => socket.pushes('moderation').find(({ change }) => change.caseId === caseId));
    }
    // Both decide at once.
    const answers = await Promise.all([decide(moderators[0], caseId, 'granted'), decide(moderators[1], caseId, 'refused')]);
    const codes = answers.map(({ error }) => error?.code ?? 'decided').toSorted();
    expect(codes).toEqual(['conflict', 'decided']);
    const [winner, loser] = answers[0]!.error === undefined ? [mo, ma] : [ma, mo];
    const review = { caseId, verdict: 'confirmed', reason: 'I looked.' } as const;
    const [byWinner, byLoser] = winner === mo ? moderators : [moderators[1], moderators[0]];
    expect((await byWinner.refused('moderation.review', review)).code).toBe('forbidden');
    expect((await byLoser.request('moderation.review', review)).case.list).toBe('closed');
    expect(await told(world, caseId)).toEqual([
      `case.opened ${client}`,
      `case.decided ${winner}`,
      'case.effect null',
      `case.reviewed ${loser}`,
    ]);
  }),
  scenario('[MO12] an outsider who asks for the text of a case is refused, and the audit log has it', async (world) => {
    const { client, talent, outsider, threadId } = await world.hire();
    const one = await world.signIn(client);
    const { offset } = await post(await world.signIn(talent), threadId, 'The secret of this scenario.');
    const { caseId } = await one.request('report.open', { threadId, offset, category: 'other' });
    const socket = await world.signIn(outsider);
    expect((await socket.refused('moderation.get', { caseId })).code).toBe('forbidden');
    expect((await world.deployment.host('GET', `/v1/moderation/cases/${caseId}?moderatorId=${talent}`)).body.error.code).toBe(
      'forbidden',
    );
    expect(await told(world, caseId)).toEqual([
      `case.opened ${client}`,
      `original.refused ${outsider}`,
      `original.refused ${talent}`,
    ]);
    expect(JSON.stringify(socket.frames)).not.toContain('The secret');
  }),
  scenario('[RB3] [RB4] a block holds on every gateway at once, and is lifted there too', async (world) => {
    const { client, talent, threadId } = await world.hire();
    const direct = { threadKey: randomUUID(), kind: 'direct', members: [{ userId: client }, { userId: talent }] };
    const { body } = await world.deployment.host('POST', '/v1/threads', direct);
    const group = await world.group(client, talent);
    const [one, other, third] = [await world.signIn(client), await world.signIn(talent), await world.signIn(talent)];
    const online = async (socket: RawSocket, userId: string) =>
      (await socket.request('session.watch', { threadIds: [threadId], userIds: [userId] })).presence.map((each) => each.online);
    await until(
      'both to be online',
      async () => (await online(one, talent))[0] === true && (await online(other, client))[0] === true,
    );
    await one.request('block.set', { userId: talent, blocked: true });
    for (const socket of [other, third]) {
      for (const where of [threadId, body.threadId]) {
        const message = { threadId: where, clientMessageId: randomUUID(), body: 'Hello?' };
        expect((await socket.refused('message.post', message)).code).toBe('forbidden');
      }
      await post(socket, group, 'In the group.');
    }
    const call = { threadId, interviewId: randomUUID(), media: 'audio' } as const;
    expect((await other.refused('interview.call', call)).code).toBe('forbidden');
    await until('to be out of sight', () =>
      other.pushes('presence').some(({ presence }) => presence.userId === client && !presence.online),
    );
    expect([await online(one, talent), await online(other, client)]).toEqual([[], []]);
    await until('the group', () => bodies(one).filter((each) => each === 'In the group.').length === 2);
    await one.request('block.set', { userId: talent, blocked: false });
    for (const socket of [other, third]) await post(socket, threadId, 'Hello again.');
    expect(await told(world, talent)).toEqual([`person.blocked ${client}`, `person.unblocked ${client}`]);
  }),
  scenario('[RB7] a block ends the call of the two, whoever called whom, and no call of a group', async (world) => {
    const { client, talent, threadId } = await world.hire();
    const group = await world.group(client, talent);
    const [one, other] = [await world.signIn(client), await world.signIn(talent)];
    const ring = async (from: RawSocket, where: string) => {
      const call = { threadId: where, interviewId: randomUUID(), media: 'audio' } as const;
      return (await from.request('interview.call', call)).interview.interviewId;
    };
    const becomes = (interviewId: string, state: string) =>
      other.inbox(
        state,
        (event) =>
          event.type === 'interview.changed' && event.interview.interviewId === interviewId && event.interview.state === state,
      );
    const block = (blocked: boolean) => one.request('block.set', { userId: talent, blocked });
    const calls = [
      [one, false, 'cancelled'],
      [other, false, 'declined'],
      [other, true, 'ended'],
    ] as const;
    for (const [from, answered, state] of calls) {
      const interviewId = await ring(from, threadId);
      if (answered) await one.request('interview.answer', { interviewId });
      await block(true);
      await becomes(interviewId, state);
      await block(false);
    }
    const together = await ring(other, group);
    await one.request('interview.answer', { interviewId: together });
    const between = await ring(other, threadId);
    await block(true);
    await becomes(between, 'declined');
    expect((await one.request('thread.get', { threadId: group })).thread.interview).toMatchObject({ state: 'live' });
  }),
  scenario('[LI3] a text that one person sends round over several gateways opens one case', async (world) => {
    const [sender, other] = await world.people('sender', 'other');
    const sockets = [await world.signIn(sender), await world.signIn(sender)] as const;
    const text = 'Buy followers and stars of me, cheap and at once, as many as you like.';
    const threadIds = await Promise.all(Array.from({ length: 10 }, () => world.group(sender, other)));
    for (const [index, threadId] of threadIds.entries()) await post(sockets[index % 2]!, threadId, text);
    const about = async () => {
      const { body } = await world.deployment.host('GET', '/v1/moderation/cases?kind=report&limit=100');
      return body.cases.filter(({ subjectId }: { subjectId: string }) => subjectId === sender);
    };
    await until('the case', async () => (await about()).length > 0);
    expect(await about()).toMatchObject([
      { openedBy: null, reason: expect.stringMatching(/^The same text to (?:8|9|10) threads within an hour\.$/) },
    ]);
  }),
  scenario('[AU1] the audit log is one chain, whatever the gateways write into it at once', async (world) => {
    const { client, talent, threadId } = await world.hire();
    const sockets = [await world.signIn(client), await world.signIn(talent)] as const;
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const [socket, otherId] = index % 2 === 0 ? [sockets[0], talent] : [sockets[1], client];
        if (index < 4) await socket.request('report.open', { threadId, userId: otherId, category: 'other' });
        else await socket.request('block.set', { userId: otherId, blocked: index % 4 < 2 });
      }),
    );
    const entries = await auditLog(world);
    async function* rows() {
      for (const { details, ...entry } of entries) yield { ...entry, details: canonical(details) };
    }
    const { broken, head } = await verifyChain(rows());
    expect(broken).toBeUndefined();
    expect(head.seq).toBe(entries.length);
    expect(entries.filter(({ actor }) => actor === client || actor === talent).length).toBeGreaterThanOrEqual(4);
  }),
];
