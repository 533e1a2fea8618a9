import { describe, expect, test } from 'vitest';
import { ProtocolError } from '../protocol/index.ts';
import { setUp, shown } from './test-bench.ts';
import { until } from './test-support.ts';

/** A conversation of so many messages, on screen. */
const openThread = async (messages = 0) => {
  const bench = await setUp();
  for (let n = 1; n <= messages; n += 1) bench.world.post('t1', 'ben', `message ${n}`);
  await bench.online();
  const thread = bench.client.thread('t1');
  const release = thread.open();
  await until(() => thread.view.get().status === 'ready', 'the conversation');
  return { ...bench, thread, release };
};

describe('history', () => {
  test('[CL27] history loads page by page, joined to what happens meanwhile, each event once', async () => {
    const { client, server, world, thread } = await openThread(120);
    expect(shown(client)).toEqual(Array.from({ length: 50 }, (_, n) => `message ${n + 71}`));
    expect(thread.view.get().hasOlder).toBe(true);
    const loading = Promise.all([thread.loadOlder(), thread.loadOlder()]);
    expect(thread.view.get().loadingOlder).toBe(true);
    world.post('t1', 'ben', 'meanwhile');
    await loading;
    expect(server.received('thread.history')).toHaveLength(2);
    await thread.loadOlder();
    await thread.loadOlder();
    expect(thread.view.get()).toMatchObject({ hasOlder: false, loadingOlder: false });
    expect(server.received('thread.history')).toHaveLength(3);
    await until(() => shown(client).length === 121, 'all');
    expect(thread.view.get().items.map((item) => item.kind === 'event' && item.event)).toEqual(world.timeline('t1'));
  });

  test('[CL28] edits and deletes are folded into their message, also when they overtake the page it is on', async () => {
    const { client, server, world, thread } = await openThread(60);
    world.edit('t1', 61, 'message 60, edited');
    world.remove('t1', 60);
    await until(() => shown(client).at(-1) === 'message 60, edited', 'the edit');
    await until(() => shown(client).at(-2) === '', 'the tombstone');
    server.answer('thread.history', async ({ threadId, before, limit }) => {
      const page = world.history(threadId, { before, limit });
      world.edit('t1', 5, 'message 4, edited');
      await until(() => client.inbox.get().threads[0]?.head === world.summaries()[0]?.head, 'the edit to arrive');
      return page;
    });
    await thread.loadOlder();
    expect(shown(client)[3]).toBe('message 4, edited');
    expect(thread.view.get().items.map((item) => item.kind === 'event' && item.event)).toEqual(world.timeline('t1'));
  });

  test('[CL27] what happens while the first page is on its way is not lost, and a page that fails is asked for again', async () => {
    const { client, server, world, clock, online } = await setUp();
    world.post('t1', 'ben', 'before');
    await online();
    server.answer('thread.history', async ({ threadId, limit }) => {
      const page = world.history(threadId, { limit });
      world.post('t1', 'ben', 'meanwhile');
      await until(() => client.inbox.get().unread === 2, 'the push');
      return page;
    });
    const thread = client.thread('t1');
    expect(thread.view.get()).toMatchObject({ status: 'loading', items: [] });
    thread.open();
    await until(() => thread.view.get().status === 'ready', 'the conversation');
    expect(shown(client)).toEqual(['before', 'meanwhile']);
    const other = world.openThread('t2', ['ben', 'ana']);
    server.answer('thread.history', () => {
      throw new ProtocolError('unavailable', 'The store is away.');
    });
    client.thread(other).open();
    await until(() => clock.timers().includes(1_000), 'the wait');
    server.answer('thread.history', undefined);
    clock.advance(1_000);
    await until(() => client.thread(other).view.get().status === 'ready', 'the second attempt');
  });

  test('[CL29] who is taken out of a conversation sees that, and sees it again when taken back', async () => {
    const { world, thread } = await openThread(3);
    world.happen('t1', { type: 'member.left', actorId: 'ben', userId: 'ana' });
    await until(() => thread.view.get().status === 'failed', 'the loss');
    expect(thread.view.get()).toMatchObject({ error: { code: 'not_member' }, summary: null, items: [] });
    const member = { userId: 'ana', role: 'member', readOffset: 5, joinedAt: 1 } as const;
    world.happen('t1', { type: 'member.joined', actorId: 'ben', member, user: world.user('ana') });
    await until(() => thread.view.get().status === 'ready', 'the return');
    expect(thread.view.get().items).toHaveLength(6);
  });
});

describe('editing and deleting', () => {
  test('[CL30] an edit and a delete are shown at once, and taken back when refused', async () => {
    const { client, server, world, thread } = await openThread();
    const { offset } = world.post('t1', 'ana', 'helo').message;
    await until(() => shown(client).length === 1, 'the message');
    const edited = thread.edit(offset, 'hello');
    expect(shown(client)).toEqual(['hello']);
    await edited;
    expect(shown(client)).toEqual(['hello']);
    const removed = thread.delete(offset);
    expect(thread.view.get().items.at(-1)).toMatchObject({ event: { message: { body: '', deletedAt: expect.any(Number) } } });
    await removed;
    const second = world.post('t1', 'ana', 'second').message;
    await until(() => shown(client).length === 2, 'the second message');
    for (const type of ['message.edit', 'message.delete'] as const) {
      server.answer(type, () => {
        throw new ProtocolError('forbidden', 'Not yours.');
      });
    }
    const refused = thread.edit(second.offset, 'changed');
    expect(shown(client).at(-1)).toBe('changed');
    await expect(refused).rejects.toMatchObject({ code: 'forbidden' });
    expect(shown(client).at(-1)).toBe('second');
    await expect(thread.delete(second.offset)).rejects.toMatchObject({ code: 'forbidden' });
    expect(shown(client).at(-1)).toBe('second');
  });

  test('[CL30] of two edits on their way the later stands, whatever becomes of the earlier', async () => {
    const { client, server, world, thread } = await openThread();
    const { offset } = world.post('t1', 'ana', 'one').message;
    await until(() => shown(client).length === 1, 'the message');
    const held: (() => void)[] = [];
    server.answer('message.edit', async ({ threadId, offset: at, body }) => {
      await new Promise<void>((resolve) => held.push(resolve));
      if (body === 'two') throw new ProtocolError('forbidden', 'No.');
      return { message: world.edit(threadId, at, body) };
    });
    const first = thread.edit(offset, 'two');
    const second = thread.edit(offset, 'three');
    await until(() => held.length === 2, 'both requests');
    held[0]!();
    await expect(first).rejects.toMatchObject({ code: 'forbidden' });
    expect(shown(client)).toEqual(['three']);
    held[1]!();
    await second;
    expect(shown(client)).toEqual(['three']);
  });
});

describe('reading, typing, presence', () => {
  test('[CL31] marking as read is gathered, only moves forward, and waits for a connection', async () => {
    const { client, server, world, clock, thread, online } = await openThread(3);
    expect(client.inbox.get().unread).toBe(3);
    for (let n = 0; n < 10; n += 1) thread.markRead();
    clock.advance(150);
    await until(() => client.inbox.get().unread === 0, 'the cursor');
    thread.markRead();
    thread.post('my own needs no reading');
    await until(() => shown(client).at(-1) === 'my own needs no reading', 'my own');
    thread.markRead();
    clock.advance(150);
    server.cut();
    await until(() => client.connection.get().status === 'reconnecting', 'the loss');
    world.post('t1', 'ben', 'while away');
    client.reconnectNow();
    await online();
    await until(() => shown(client).at(-1) === 'while away', 'the missed message');
    server.cut();
    await until(() => client.connection.get().status === 'reconnecting', 'the next loss');
    thread.markRead();
    clock.advance(150);
    await online();
    clock.advance(150);
    await until(() => client.inbox.get().unread === 0, 'the later cursor');
    expect(server.received('cursor.move').map(({ readOffset }) => readOffset)).toEqual([4, 6]);
  });

  test("[CL32] one's typing is said every three seconds at most and its end at once; marks of others expire", async () => {
    const { server, clock, thread, world, client } = await openThread();
    for (let n = 0; n < 40; n += 1) {
      thread.setTyping(true);
      clock.advance(100);
    }
    await until(() => server.received('typing.set').length === 2, 'two marks');
    thread.setTyping(false);
    thread.setTyping(false);
    await until(() => server.received('typing.set').length === 3, 'the end');
    expect(server.received('typing.set').map(({ typing }) => typing)).toEqual([true, true, false]);
    thread.setTyping(true);
    thread.post('sent');
    thread.setTyping(true);
    await until(() => server.received('typing.set').length === 5, 'a mark for the next message');

    const typing = () => thread.view.get().typing;
    const say = (userId: string, typing: boolean) => server.push({ push: 'typing', typing: { threadId: 't1', userId, typing } });
    say('ben', true);
    say('ana', true);
    await until(() => typing().length === 1, 'the mark');
    expect(typing()).toEqual(['ben']);
    clock.advance(5_999);
    expect(typing()).toEqual(['ben']);
    clock.advance(1);
    expect(typing()).toEqual([]);
    say('ben', true);
    await until(() => typing().length === 1, 'the mark');
    world.post('t1', 'ben', 'said it');
    await until(() => typing().length === 0, 'the message to end it');
    say('ben', true);
    await until(() => typing().length === 1, 'the mark');
    server.cut();
    await until(() => client.connection.get().status === 'reconnecting', 'the loss');
    expect(typing()).toEqual([]);
  });

  test('[CL33] who is on screen is counted and told as one, again on each new socket, and not repeated for nothing', async () => {
    const { client, server, clock, online } = await setUp();
    await online();
    const rows = [client.watch(['ben', 'cem']), client.watch(['ben'])];
    const close = client.thread('t1').open();
    clock.advance(50);
    await until(() => client.presence.get().get('ben')?.online === true, 'the presence');
    expect(server.received('session.watch')).toEqual([{ threadIds: ['t1'], userIds: ['ben', 'cem'] }]);
    rows[1]!();
    rows[1]!();
    clock.advance(100);
    server.push({ push: 'presence', presence: { userId: 'ben', online: false, lastSeenAt: 7 } });
    server.push({ push: 'presence', presence: { userId: 'not-watched', online: true, lastSeenAt: null } });
    await until(() => client.presence.get().get('ben')?.online === false, 'the push');
    expect([...client.presence.get().keys()].sort()).toEqual(['ben', 'cem']);
    expect(server.received('session.watch')).toHaveLength(1);
    server.cut();
    await until(() => client.connection.get().status === 'reconnecting', 'the loss');
    client.reconnectNow();
    await online();
    clock.advance(50);
    await until(() => server.received('session.watch').length === 2, 'the repetition');
    rows[0]!();
    close();
    await until(() => {
      clock.advance(1);
      return server.received('session.watch').length === 3;
    }, 'the end');
    expect(server.received('session.watch').at(-1)).toEqual({ threadIds: [], userIds: [] });
    await until(() => client.presence.get().size === 0, 'nobody watched');
  });
});
