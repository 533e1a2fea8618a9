import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { type Scenario, scenario } from './world.ts';

export const groups: readonly Scenario[] = [
  scenario('[GT1] a group is opened over the socket once by its key, and each person has keys of their own', async (world) => {
    const { client, talent, outsider } = await world.hire();
    await world.group(client, outsider);
    const [owner, member, added] = [await world.signIn(client), await world.signIn(talent), await world.signIn(outsider)];
    const open = { threadKey: 'planning-group', title: ' Planning ', userIds: [talent, outsider] };
    const answers = await Promise.all([1, 2, 3].map(() => owner.request('thread.open', open)));
    expect(answers.filter(({ opened }) => opened)).toHaveLength(1);
    const threadId = answers[0]!.threadId;
    expect(new Set(answers.map((answer) => answer.threadId))).toEqual(new Set([threadId]));
    expect(answers[0]!.members.map(({ userId, role }) => `${userId} ${role}`)).toEqual([
      `${client} owner`,
      `${talent} member`,
      `${outsider} member`,
    ]);
    for (const socket of [member, added]) {
      const { event } = await socket.inbox('the group', (each) => each.type === 'thread.opened' && each.threadId === threadId);
      expect(event).toMatchObject({ kind: 'group', title: 'Planning', actorId: client, proposal: null, contracts: [] });
    }
    const another = await member.request('thread.open', { threadKey: 'planning-group', userIds: [client] });
    expect(another.opened).toBe(true);
    expect(another.threadId).not.toBe(threadId);
    // The host platform's key of the same name is another one too.
    const members = [{ userId: client, role: 'owner' }, { userId: talent }];
    const theirs = await world.deployment.host('POST', '/v1/threads', { threadKey: 'planning-group', kind: 'group', members });
    expect([threadId, another.threadId]).not.toContain(theirs.body.threadId);
  }),
  scenario('[GT2] only with people one shares a thread with, and one learns nothing of others', async (world) => {
    const { client, talent, outsider, threadId } = await world.hire();
    const owner = await world.signIn(client);
    const refusalOf = async (userIds: string[]) => owner.refused('thread.open', { threadKey: randomUUID(), userIds });
    for (const stranger of [outsider, 'nobody-at-all']) {
      expect(await refusalOf([talent, stranger])).toMatchObject({
        code: 'forbidden',
        message: `You share no conversation with ${stranger}.`,
      });
    }
    for (const userIds of [[], [client], [talent, talent]]) expect((await refusalOf(userIds)).code).toBe('invalid');
    const { threads } = await owner.request('thread.list', {});
    expect(threads.map((thread) => thread.threadId)).toEqual([threadId]);
  }),
  scenario(
    '[GT3] whom the thread of a proposal does not take before its contract, a group takes, and it has none of the history',
    async (world) => {
      const { client, talent, outsider, threadId } = await world.hire();
      await world.group(client, outsider);
      const owner = await world.signIn(client);
      expect((await owner.refused('member.add', { threadId, userId: outsider })).code).toBe('forbidden');
      const opened = await owner.request('thread.open', { threadKey: randomUUID(), userIds: [talent, outsider] });
      const added = await world.signIn(outsider);
      const { events } = await added.request('thread.history', { threadId: opened.threadId, limit: 10 });
      expect(events.map(({ type }) => type)).toEqual(['thread.opened']);
      expect((await added.refused('thread.history', { threadId, limit: 10 })).code).toBe('not_member');
      expect((await owner.request('thread.get', { threadId })).thread.members).toHaveLength(2);
    },
  ),
  scenario('[GT8] a group beside a conversation is opened by who is in that, with both of whom it is between', async (world) => {
    const { client, talent, outsider, threadId } = await world.hire();
    const group = await world.group(client, talent, outsider);
    const [owner, other] = [await world.signIn(client), await world.signIn(outsider)];
    const refusal = async (socket: typeof owner, userIds: string[], beside: string) =>
      socket.refused('thread.open', { threadKey: 'planning-group', userIds, beside });
    expect((await refusal(other, [client, talent], threadId)).code).toBe('not_member');
    expect((await refusal(other, [client, talent], randomUUID())).code).toBe('not_member');
    expect(await refusal(owner, [outsider], threadId)).toMatchObject({
      code: 'invalid',
      message: `${talent} must be in the group: it follows the contracts of both of them.`,
    });
    const { body } = await world.deployment.host('POST', '/v1/threads', {
      threadKey: randomUUID(),
      kind: 'direct',
      members: [{ userId: client }, { userId: talent }],
    });
    expect(await refusal(owner, [talent, outsider], body.threadId)).toMatchObject({
      code: 'invalid',
      message: 'Only beside the conversation of a proposal or contract are there contracts to follow.',
    });
    const members = [{ userId: client, role: 'owner' }, { userId: talent }];
    const open = { threadKey: randomUUID(), title: 'Planning', members };
    const byHost = async (body: object) => (await world.deployment.host('POST', '/v1/threads', body)).status;
    expect(await byHost({ ...open, kind: 'group', beside: randomUUID() })).toBe(404);
    expect(await byHost({ ...open, kind: 'direct', beside: threadId })).toBe(422);
    expect((await owner.request('thread.list', {})).threads).toHaveLength(3);
    expect(await byHost({ ...open, kind: 'group', beside: threadId })).toBe(201);
    // Beside a group that follows nothing, nothing is followed.
    expect(await byHost({ ...open, threadKey: randomUUID(), kind: 'group', beside: group })).toBe(201);
    expect(
      (await owner.request('thread.open', { threadKey: 'planning-group', userIds: [talent], beside: threadId })).opened,
    ).toBe(true);
  }),
];
