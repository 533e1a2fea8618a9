import { describe, expect, test } from 'vitest';
import { ProtocolError } from '../protocol/index.ts';
import { setUp, shown } from './test-bench.ts';
import { until } from './test-support.ts';

describe('order', () => {
  test('[CL14] a push that comes twice or late is applied once, in order', async () => {
    const { client, server, world, online } = await setUp();
    await online();
    server.setFate(() => 3);
    for (let n = 1; n <= 5; n += 1) world.post('t1', 'ben', `message ${n}`);
    await until(() => client.inbox.get().unread === 5, 'five unread');
    server.push({ position: 2, push: 'inbox', event: world.log()[1]!.event });
    world.post('t1', 'ben', 'message 6');
    await until(() => client.inbox.get().unread === 6, 'six unread');
    expect(server.received('inbox.since')).toHaveLength(0);
  });

  test('[CL15] a hole is filled by one `inbox.since`, and what came behind it waits for that', async () => {
    const { client, server, world, online } = await setUp();
    await online();
    let release = (): void => {};
    server.answer('inbox.since', async (from) => {
      const recovery = world.since(from);
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return recovery;
    });
    const seen: number[] = [];
    client.inbox.subscribe(() => seen.push(client.inbox.get().unread));
    server.setFate(() => 0);
    world.post('t1', 'ben', 'lost');
    server.setFate(() => 1);
    world.post('t1', 'ben', 'behind the hole');
    await until(() => server.received('inbox.since').length === 1, 'the question');
    world.post('t1', 'ben', 'after the question');
    world.changeUser('ben', 'Benjamin');
    expect(client.inbox.get().unread).toBe(0);
    release();
    await until(() => client.inbox.get().unread === 3, 'all three');
    expect(client.inbox.get().users.get('ben')?.displayName).toBe('Benjamin');
    expect(server.received('inbox.since')).toEqual([{ epoch: 'epoch-1', position: 1 }]);
    expect(client.inbox.get().threads).toEqual(world.summaries());
  });

  test('[CL16] the head in a heartbeat reveals a push that was lost in a silent thread', async () => {
    const { client, server, world, online } = await setUp();
    await online();
    server.push({ push: 'heartbeat', epoch: world.epoch(), head: world.head() });
    server.setFate(() => 0);
    world.post('t1', 'ben', 'lost');
    server.push({ push: 'heartbeat', epoch: world.epoch(), head: world.head() });
    await until(() => client.inbox.get().unread === 1, 'the lost message');
    expect(server.received('inbox.since')).toHaveLength(1);
  });

  test('[CL17] pushes that overtake the reply to the opening wait for it', async () => {
    const { client, server, world } = await setUp();
    const answerOpen = (inbox: ReturnType<typeof world.since>) => ({
      sessionId: crypto.randomUUID(),
      resumeToken: 'r',
      resumed: false,
      user: world.user('ana'),
      serverTime: Date.now(),
      heartbeatMs: 20_000,
      sessionGraceMs: 30_000,
      tokenExpiresAt: null,
      inbox,
    });
    server.answer('session.open', () => {
      const inbox = world.since();
      world.post('t1', 'ben', 'between the snapshot and its reply');
      return answerOpen(inbox);
    });
    client.connect();
    await until(() => client.inbox.get().unread === 1, 'the early push');
    expect(server.received('inbox.since')).toHaveLength(0);
  });

  test('[CL15] when what was missed cannot be had, the client waits as told or begins a new socket, and passes nothing over', async () => {
    const { client, server, world, clock, online } = await setUp();
    await online();
    server.answer('inbox.since', () => {
      throw new ProtocolError('rate_limited', 'Slow down.', { retryAfterMs: 300 });
    });
    server.setFate(() => 0);
    world.post('t1', 'ben', 'lost');
    server.push({ push: 'heartbeat', epoch: world.epoch(), head: world.head() });
    await until(() => clock.timers().includes(300), 'the wait');
    expect(client.connection.get().status).toBe('online');
    server.answer('inbox.since', () => {
      throw new ProtocolError('unavailable', 'The store is away.');
    });
    clock.advance(300);
    await until(() => client.connection.get().status === 'reconnecting', 'a new socket');
    client.reconnectNow();
    await until(() => client.inbox.get().unread === 1, 'the lost message');
  });
});

describe('recovery', () => {
  test('[CL18] a resumed session has everything missed; the conversation on screen too, without loading it again', async () => {
    const { client, server, world, online } = await setUp();
    world.post('t1', 'ben', 'before');
    await online();
    const thread = client.thread('t1');
    thread.open();
    await until(() => thread.view.get().status === 'ready', 'the conversation');
    server.cut();
    await until(() => client.connection.get().status === 'reconnecting', 'the loss');
    const missed = world.post('t1', 'ben', 'missed').message;
    world.edit('t1', missed.offset, 'missed and edited');
    world.post('t1', 'ben', 'missed too');
    client.reconnectNow();
    await until(() => shown(client).length === 3, 'the missed messages');
    expect(shown(client)).toEqual(['before', 'missed and edited', 'missed too']);
    expect(server.received('thread.history')).toHaveLength(1);
    expect(client.inbox.get().threads).toEqual(world.summaries());
  });

  test('[CL19] what cannot be replayed is replaced by the snapshot, and conversations on screen load their newest page again', async () => {
    const { client, server, world, online } = await setUp({ world: { replayLimit: 3 } });
    world.post('t1', 'ben', 'before');
    await online();
    const thread = client.thread('t1');
    thread.open();
    await until(() => thread.view.get().status === 'ready', 'the conversation');
    server.cut();
    await until(() => client.connection.get().status === 'reconnecting', 'the loss');
    world.edit('t1', 2, 'before, edited');
    for (let n = 1; n <= 60; n += 1) world.post('t1', 'ben', `missed ${n}`);
    client.reconnectNow();
    await until(() => thread.view.get().hasOlder, 'the newest page');
    expect(shown(client)).toEqual(Array.from({ length: 50 }, (_, n) => `missed ${n + 11}`));
    expect(client.inbox.get().threads).toEqual(world.summaries());
    world.renew();
    server.push({ push: 'heartbeat', epoch: world.epoch(), head: world.head() });
    await until(() => server.received('inbox.since').length === 1, 'the question');
    world.post('t1', 'ben', 'in the new epoch');
    await until(() => shown(client).at(-1) === 'in the new epoch', 'the new message');
    expect(client.inbox.get().threads).toEqual(world.summaries());
  });
});

describe('the list', () => {
  test('[CL20] the list loads page by page, most recently active first, and older threads stay out until their page', async () => {
    const { client, server, world, online } = await setUp({ world: { pageSize: 3 } });
    for (let n = 2; n <= 8; n += 1) world.openThread(`t${n}`, ['ben', 'ana']);
    await online();
    const ids = () => client.inbox.get().threads.map(({ threadId }) => threadId);
    expect(ids()).toEqual(['t8', 't7', 't6']);
    world.moveCursor('t2', 'ben', 1);
    await until(() => server.received('thread.get').length === 1, 'the fetch of an old thread');
    client.thread('t1').open();
    await until(() => client.thread('t1').view.get().status === 'ready', 'an old conversation');
    expect(ids()).toEqual(['t8', 't7', 't6']);
    world.post('t3', 'ben', 'wakes up');
    await until(() => ids().length === 4, 'the thread that woke up');
    expect(ids()).toEqual(['t3', 't8', 't7', 't6']);
    server.answer('thread.list', ({ before }) => world.page(before, 3));
    await Promise.all([client.loadMore(), client.loadMore()]);
    expect(server.received('thread.list')).toHaveLength(1);
    expect(ids()).toEqual(['t3', 't8', 't7', 't6', 't5', 't4', 't2']);
    expect(client.inbox.get().more).toBe(true);
    await client.loadMore();
    await client.loadMore();
    expect(client.inbox.get()).toMatchObject({ more: false, unread: 1 });
    expect(client.inbox.get().threads).toEqual(world.summaries());
    expect(server.received('thread.list')).toHaveLength(2);
  });

  test('[CL21] many threads that are not held are fetched a few at a time, again after a refusal, and given up when they are not ours', async () => {
    const { client, server, world, clock, online } = await setUp({ world: { pageSize: 1 } });
    for (let n = 2; n <= 30; n += 1) world.openThread(`t${n}`, ['ben', 'ana']);
    await online();
    let atOnce = 0;
    let most = 0;
    let refusals = 5;
    server.answer('thread.get', async ({ threadId }) => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise((resolve) => setImmediate(resolve));
      atOnce -= 1;
      refusals -= 1;
      if (refusals >= 0) throw new ProtocolError('rate_limited', 'Slow down.', { retryAfterMs: 40 });
      return world.thread(threadId);
    });
    for (let n = 1; n < 30; n += 1) world.post(`t${n}`, 'ben', 'hello');
    await until(() => {
      clock.advance(40);
      return client.inbox.get().threads.length === 30;
    }, 'every thread');
    expect(most).toBeLessThanOrEqual(6);
    expect(client.inbox.get().unread).toBe(29);
    const stranger = client.thread('not-ours');
    stranger.open();
    await until(() => stranger.view.get().status === 'failed', 'the refusal');
    expect(stranger.view.get().error?.code).toBe('not_member');
  });
});

describe('marks', () => {
  const scene = async () => {
    const bench = await setUp({ world: { pageSize: 2 } });
    for (const name of ['t2', 't3', 't4', 't5']) bench.world.openThread(name, ['ana', 'ben']);
    bench.world.post('t2', 'ben', 'long ago');
    for (const name of ['t3', 't4', 't5']) bench.world.post(name, 'ben', 'later');
    bench.world.mark('t2', { favourite: true });
    const marked = () =>
      bench.client.inbox
        .get()
        .marked.map(({ threadId }) => threadId)
        .join(' ');
    return { ...bench, marked };
  };

  test('[MK8] every thread with a mark is held once it is asked for, also from beyond the pages loaded', async () => {
    const { client, world, server, online, marked } = await scene();
    await online();
    expect(marked()).toBe('');
    await client.loadMarked('favourite');
    expect(marked()).toBe('t2');
    expect(client.inbox.get().threads.map(({ threadId }) => threadId)).toEqual(['t5', 't4']);
    await client.thread('t1').mark({ favourite: true });
    await until(() => marked() === 't2 t1', 'the other to come by the log');
    // Page by page.
    world.mark('t3', { archived: true });
    world.mark('t4', { archived: true });
    server.answer('thread.list', ({ before, marked }) => world.page(before, 1, marked));
    await client.loadMarked('archived');
    expect(marked()).toBe('t4 t3 t2 t1');
  });

  test('[MK8] after a snapshot they are asked for again, and what broke meanwhile too', async () => {
    const { client, world, server, online, marked } = await scene();
    await online();
    await client.loadMarked('favourite');
    world.renew();
    server.cut();
    await online();
    await until(() => marked() === 't2', 'the favourite in the new state');
    server.answer('thread.list', () => {
      server.cut();
      throw new ProtocolError('unavailable', 'gone');
    });
    await expect(client.loadMarked('hidden')).rejects.toThrow();
    world.mark('t1', { hidden: true });
    server.answer('thread.list', undefined);
    await online();
    await until(() => marked() === 't2 t1', 'the hidden one');
  });

  test('[MK8] archived and hidden threads count as read', async () => {
    const { client, world, online } = await scene();
    await online();
    await client.loadMore();
    await client.loadMore();
    expect(client.inbox.get().unread).toBe(4);
    await client.thread('t3').mark({ archived: true });
    await client.thread('t4').mark({ hidden: true });
    await until(() => client.inbox.get().unread === 2, 'two to count');
    world.post('t4', 'ben', 'back again');
    await until(() => client.inbox.get().unread === 4, 'the hidden one to be back');
  });
});
