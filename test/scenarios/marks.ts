import { expect } from 'vitest';
import { until } from '../support/until.ts';
import { post, type Scenario, scenario } from './world.ts';

export const marks: readonly Scenario[] = [
  scenario('[MK1] [MK2] marks are heard on one’s own devices, on whichever gateway, and by nobody else', async (world) => {
    const { client, talent, threadId } = await world.hire();
    const [one, other, theirs] = [await world.signIn(client), await world.signIn(client), await world.signIn(talent)];
    const { marks } = await one.request('thread.mark', { threadId, archived: true, favourite: true });
    expect(marks).toEqual({ archived: true, favourite: true, hidden: false, version: 1 });
    for (const socket of [one, other])
      await socket.inbox('the marks', (event) => event.type === 'marks.changed' && event.marks.version === 1);
    expect((await one.request('thread.mark', { threadId, archived: true })).marks).toEqual(marks);
    await post(one, threadId, 'And now?');
    await theirs.inbox('the message', (event) => event.type === 'message.posted' && event.message.body === 'And now?');
    expect(theirs.pushes('inbox').filter(({ event }) => event.type === 'marks.changed')).toEqual([]);
    expect((await theirs.request('thread.get', { threadId })).thread.marks).toMatchObject({ archived: false, version: 0 });
    expect((await other.request('thread.get', { threadId })).thread.marks).toEqual(marks);
    const outsider = await world.signIn((await world.people('outsider'))[0]);
    expect((await outsider.refused('thread.mark', { threadId, hidden: true })).code).toBe('not_member');
  }),
  scenario('[MK3] [MK5] a hidden thread is found again, and is back with the next message', async (world) => {
    const { client, talent, threadId } = await world.hire();
    const [mine, theirs] = [await world.signIn(client), await world.signIn(talent)];
    const hidden = async () => (await mine.request('thread.list', { marked: 'hidden' })).threads.map((thread) => thread.threadId);
    await mine.request('thread.mark', { threadId, hidden: true, favourite: true });
    expect(await hidden()).toEqual([threadId]);
    await post(theirs, threadId, 'Are you there?');
    await mine.inbox('the message', (event) => event.type === 'message.posted' && event.message.body === 'Are you there?');
    expect(await hidden()).toEqual([]);
    const { threads } = await mine.request('thread.list', { marked: 'favourite' });
    expect(threads).toMatchObject([{ threadId, marks: { hidden: false, favourite: true } }]);
  }),
  scenario('[MK2] [MK8] a device that was away comes back to the marks that were set meanwhile', async (world) => {
    const { client, threadId } = await world.hire();
    const away = await world.sdk(client);
    const { client: there } = await world.sdk(client);
    const marksOf = (sdk: typeof there) => sdk.inbox.get().marked.find((thread) => thread.threadId === threadId)?.marks;
    away.line.cut();
    await there.thread(threadId).mark({ favourite: true });
    await there.thread(threadId).mark({ archived: true });
    await until('the marks on the device that set them', () => marksOf(there)?.version === 2);
    away.line.restore();
    away.client.reconnectNow();
    await until('the marks on the other device', () => marksOf(away.client)?.version === 2);
    expect(marksOf(away.client)).toEqual(marksOf(there));
  }),
];
