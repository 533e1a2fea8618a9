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
];
