import { expect } from 'vitest';
import { until } from '../support/until.ts';
import { type Scenario, scenario } from './world.ts';

export const presence: readonly Scenario[] = [
  scenario('[PR1] a person is online while one device is there, and offline a grace after the last', async (world) => {
    const { client, talent } = await world.hire();
    const watcher = await world.signIn(client);
    await watcher.request('session.watch', { threadIds: [], userIds: [talent] });
    const [phone, laptop] = [await world.signIn(talent), await world.signIn(talent)];
    await until('online', () => watcher.pushes('presence').some((push) => push.presence.online));
    phone.terminate();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(watcher.pushes('presence').every((push) => push.presence.online)).toBe(true);
    laptop.terminate();
    // In a cluster nobody is given up before a lease is over since Redis was new.
    await until('offline', () => watcher.pushes('presence').some((push) => !push.presence.online), 20_000);
  }),
  scenario('[PR2] who signs out is offline at once, with the time', async (world) => {
    const { client, talent } = await world.hire();
    const [watcher, socket] = [await world.signIn(client), await world.signIn(talent)];
    const watch = () => watcher.request('session.watch', { threadIds: [], userIds: [talent] });
    await until('online', async () => (await watch()).presence[0]?.online);
    await socket.request('session.close', {});
    const { presence } = await until('offline', () => watcher.pushes('presence').find((push) => !push.presence.online));
    expect(presence.lastSeenAt).toBeGreaterThan(0);
  }),
  scenario('[PR2] a socket that comes back within the grace changes nothing', async (world) => {
    const { client, talent } = await world.hire();
    const [watcher, first] = [await world.signIn(client), await world.open(talent)];
    await until(
      'online',
      async () => (await watcher.request('session.watch', { threadIds: [], userIds: [talent] })).presence[0]?.online,
    );
    first.socket.terminate();
    const { sessionId, resumeToken } = first.opened;
    await world.open(talent, { resume: { sessionId, resumeToken } });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(watcher.pushes('presence').filter((push) => !push.presence.online)).toEqual([]);
  }),
  scenario('[PR3] a stranger is told nothing of a person', async (world) => {
    const { talent, outsider } = await world.hire();
    const stranger = await world.signIn(outsider);
    expect((await stranger.request('session.watch', { threadIds: [], userIds: [talent] })).presence).toEqual([]);
    await world.signIn(talent);
    await stranger.request('thread.list', {});
    expect(stranger.pushes('presence')).toEqual([]);
  }),
  scenario('[PR4] typing is heard by members who look at the thread, and by nobody else', async (world) => {
    const { client, talent, outsider, threadId } = await world.hire();
    const [writer, looking, elsewhere, stranger] = await Promise.all(
      [client, talent, talent, outsider].map((userId) => world.signIn(userId)),
    );
    for (const socket of [looking, stranger]) await socket!.request('session.watch', { threadIds: [threadId], userIds: [] });
    await writer!.request('typing.set', { threadId, typing: true });
    await until('typing', () => looking!.pushes('typing').find(({ typing }) => typing.userId === client && typing.typing));
    expect([elsewhere!.pushes('typing'), stranger!.pushes('typing')]).toEqual([[], []]);
  }),
  scenario('[PR4] who was taken out of a group hears no more typing in it', async (world) => {
    const [owner, member] = await world.people('owner', 'member');
    const threadId = await world.group(owner, member);
    const [writer, gone] = [await world.signIn(owner), await world.signIn(member)];
    await gone.request('session.watch', { threadIds: [threadId], userIds: [] });
    await writer.request('member.remove', { threadId, userId: member });
    await gone.inbox('having left', (event) => event.type === 'member.left');
    await writer.request('typing.set', { threadId, typing: true });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(gone.pushes('typing')).toEqual([]);
  }),
];
