import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryBus } from '../../src/broker/memory-broker.ts';
import { openSqliteStore } from '../../src/store/sqlite-store.ts';
import { openThread, seedHiring, startGateway, type TestGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';

describe('presence and typing through the socket', () => {
  let gateway: TestGateway;
  let threadId: string;

  beforeAll(async () => {
    gateway = await startGateway({ 'presence.graceMs': 300 });
    threadId = await openThread(gateway);
  });
  afterAll(() => gateway.close());

  it('[PR1] [PR2] a person is online while one device is there, and offline a grace after the last', async () => {
    const client = await gateway.signIn('client');
    const watch = () => client.request('session.watch', { threadIds: [], userIds: ['talent'] });
    expect((await watch()).presence).toEqual([{ userId: 'talent', online: false, lastSeenAt: null }]);
    const [phone, laptop] = [await gateway.signIn('talent'), await gateway.signIn('talent')];
    await until('online', () => client.pushes('presence').find(({ presence }) => presence.online));
    phone.terminate();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect((await watch()).presence[0]?.online).toBe(true);
    const leftAt = Date.now();
    laptop.terminate();
    const off = await until('offline', () => client.pushes('presence').find(({ presence }) => !presence.online));
    expect(off.presence.userId).toBe('talent');
    expect(Math.abs(off.presence.lastSeenAt - leftAt)).toBeLessThan(250);
    expect((await watch()).presence[0]).toEqual(off.presence);
    expect(client.pushes('presence')).toHaveLength(2);
  });

  it('[PR2] who signs out is offline at once', async () => {
    const client = await gateway.signIn('client');
    const talent = await gateway.signIn('talent');
    await client.request('session.watch', { threadIds: [], userIds: ['talent'] });
    await talent.request('session.close', {});
    await until('offline', () => client.pushes('presence').find(({ presence }) => !presence.online), 250);
  });

  it('[PR3] outsiders neither get nor hear presence', async () => {
    const outsider = await gateway.signIn('outsider');
    const { presence } = await outsider.request('session.watch', { threadIds: [threadId], userIds: ['talent', 'client'] });
    expect(presence).toEqual([]);
    const client = await gateway.signIn('client');
    await client.request('session.watch', { threadIds: [], userIds: ['talent'] });
    await gateway.signIn('talent');
    await until('the member to hear', () => client.pushes('presence')[0]);
    expect(outsider.pushes('presence')).toEqual([]);
  });

  it('[PR4] typing is heard by members who look at the thread, until they look away', async () => {
    const [client, talent, outsider, elsewhere] = await Promise.all(
      ['client', 'talent', 'outsider', 'talent'].map((userId) => gateway.signIn(userId)),
    );
    await talent!.request('session.watch', { threadIds: [threadId], userIds: [] });
    await outsider!.request('session.watch', { threadIds: [threadId], userIds: [] });
    await client!.request('typing.set', { threadId, typing: true });
    const push = await until('typing', () => talent!.pushes('typing')[0]);
    expect(push.typing).toEqual({ threadId, userId: 'client', typing: true });
    await talent!.request('session.watch', { threadIds: [], userIds: [] });
    await client!.request('typing.set', { threadId, typing: false });
    await talent!.request('thread.list', {});
    expect(talent!.pushes('typing')).toHaveLength(1);
    expect([outsider!.pushes('typing'), elsewhere!.pushes('typing')]).toEqual([[], []]);
  });

  it('[PR4] who was taken out of a group on another gateway hears no more typing, also when the news of it was lost on the way', async () => {
    const store = await openSqliteStore({ path: ':memory:' });
    const bus = createMemoryBus();
    const shared = () => ({ store: { ...store, close: async () => {} }, broker: bus.join() });
    const one = await startGateway({}, shared());
    const { store: sharedStore, broker } = shared();
    let hears = true;
    const onFrame: typeof broker.onFrame = (listener) => broker.onFrame((...frame) => hears && listener(...frame));
    const other = await startGateway({}, { store: sharedStore, broker: { ...broker, onFrame } });
    try {
      await seedHiring(one);
      const members = [{ userId: 'client', role: 'owner' }, { userId: 'talent' }, { userId: 'outsider' }];
      const { body } = await one.host('POST', '/v1/threads', { threadKey: 'a-group', kind: 'group', title: 'A group', members });
      const group = { threadId: body.threadId as string };
      const owner = await one.signIn('client');
      const [told, untold] = [await other.connect(), await other.connect()];
      const enter = (socket: typeof told, userId: string) =>
        socket.request('session.open', { protocol: 1, token: other.token(userId) });
      await enter(told, 'talent');
      const { inbox } = await enter(untold, 'outsider');
      for (const socket of [told, untold]) await socket.request('session.watch', { threadIds: [group.threadId], userIds: [] });

      await owner.request('member.remove', { ...group, userId: 'talent' });
      await told.inbox('having left', (event) => event.type === 'member.left' && event.userId === 'talent');
      hears = false;
      await owner.request('member.remove', { ...group, userId: 'outsider' });
      hears = true;
      const { epoch, position } = inbox;
      expect((await untold.request('inbox.since', { epoch, position })).position).toBeGreaterThan(position);

      const staying = await other.signIn('client');
      await staying.request('session.watch', { threadIds: [group.threadId], userIds: [] });
      await owner.request('typing.set', { ...group, typing: true });
      await until('who stayed to hear it', () => staying.pushes('typing')[0]);
      expect([told.pushes('typing'), untold.pushes('typing')]).toEqual([[], []]);
    } finally {
      await one.close();
      await other.close();
      await store.close();
    }
  });
});
