import { describe, expect, test } from 'vitest';
import { ProtocolError, type Result } from '../protocol/index.ts';
import { memoryStorage, webStorage } from './storage.ts';
import { setUp, shown } from './test-bench.ts';
import { until } from './test-support.ts';

const refusal = (code: 'rate_limited' | 'unavailable' | 'internal' | 'invalid', retryAfterMs?: number) => (): never => {
  throw new ProtocolError(code, 'Refused.', retryAfterMs === undefined ? {} : { retryAfterMs });
};

describe('posting', () => {
  test('[CL22] a message is shown at once as on its way, and settles under the same key when the reply comes first', async () => {
    const { client, server, world, online } = await setUp();
    await online();
    const thread = client.thread('t1');
    thread.open();
    await until(() => thread.view.get().status === 'ready', 'the conversation');
    server.setFate(() => 0);
    const seen = new Set<string>();
    thread.view.subscribe(() => seen.add(shown(client).join()));
    const id = thread.post('hello');
    expect(thread.view.get().items.at(-1)).toMatchObject({ kind: 'pending', key: `m:ana:${id}`, message: { state: 'sending' } });
    await until(() => shown(client).at(-1) === 'hello', 'the acknowledgement');
    expect(thread.view.get().items.at(-1)).toMatchObject({ kind: 'event', key: `m:ana:${id}` });
    server.setFate(() => 1);
    server.push({ push: 'heartbeat', epoch: world.epoch(), head: world.head() });
    await until(() => client.inbox.get().threads[0]?.lastMessage?.body === 'hello', 'the log');
    expect(shown(client)).toEqual(['hello']);
    // Never twice, never gone in between.
    expect([...seen]).toEqual(['hello (sending)', 'hello']);
  });

  test('[CL22] … and when the push comes first', async () => {
    const { client, server, world, online } = await setUp();
    await online();
    const thread = client.thread('t1');
    thread.open();
    await until(() => thread.view.get().status === 'ready', 'the conversation');
    let answer = (): void => {};
    server.answer('message.post', async ({ threadId, clientMessageId, body }) => {
      const stored = world.post(threadId, 'ana', body, clientMessageId);
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return stored;
    });
    const seen = new Set<string>();
    thread.view.subscribe(() => seen.add(shown(client).join()));
    const id = thread.post('hello');
    await until(() => shown(client).at(-1) === 'hello', 'the push');
    expect(thread.view.get().items.at(-1)).toMatchObject({ kind: 'event', key: `m:ana:${id}` });
    answer();
    world.post('t1', 'ben', 'hi');
    await until(() => shown(client).at(-1) === 'hi', 'the next message');
    expect([...seen]).toEqual(['hello (sending)', 'hello', 'hello,hi']);
    expect(server.received('message.post')).toHaveLength(1);
  });

  test('[CL23] nothing is shown as sent that was not acknowledged, and what a broken socket swallowed is stored once', async () => {
    const { client, server, world, clock, online } = await setUp();
    const thread = client.thread('t1');
    thread.open();
    thread.post('written before the first connection');
    expect(shown(client)).toEqual(['written before the first connection (queued)']);
    await online();
    await until(() => shown(client).join() === 'written before the first connection', 'the first message');
    server.answer('message.post', ({ threadId, clientMessageId, body }): Promise<Result<'message.post'>> => {
      world.post(threadId, 'ana', body, clientMessageId);
      server.cut();
      return new Promise(() => {});
    });
    server.setFate(() => 0);
    thread.post('stored, but the reply is lost');
    await until(() => client.connection.get().status === 'reconnecting', 'the loss');
    thread.post('written offline');
    expect(shown(client).slice(1)).toEqual(['stored, but the reply is lost (queued)', 'written offline (queued)']);
    server.answer('message.post', undefined);
    server.setFate(() => 1);
    clock.advance(15_000);
    await until(() => shown(client).length === 3 && !shown(client).join().includes('('), 'both to settle');
    expect(shown(client)).toEqual(['written before the first connection', 'stored, but the reply is lost', 'written offline']);
    const bodies = world.timeline('t1').flatMap((event) => (event.type === 'message.posted' ? [event.message.body] : []));
    expect(bodies).toEqual(shown(client));
    expect(client.inbox.get().threads).toEqual(world.summaries());
  });

  test('[CL23] after a snapshot, what was stored meanwhile is found by its client message id', async () => {
    const { client, server, world, clock, online } = await setUp({ world: { replayLimit: 2 } });
    await online();
    const thread = client.thread('t1');
    thread.open();
    await until(() => thread.view.get().status === 'ready', 'the conversation');
    server.setFate(() => 0);
    server.answer('message.post', ({ threadId, clientMessageId, body }): Promise<Result<'message.post'>> => {
      world.post(threadId, 'ana', body, clientMessageId);
      server.cut();
      return new Promise(() => {});
    });
    thread.post('mine');
    await until(() => client.connection.get().status === 'reconnecting', 'the loss');
    for (let n = 1; n <= 60; n += 1) world.post('t1', 'ben', `theirs ${n}`);
    server.answer('message.post', undefined);
    clock.advance(15_000);
    await until(() => server.received('message.post').length === 2, 'the repetition');
    await until(() => shown(client).length === 50 && shown(client).at(-1) === 'theirs 60', 'the newest page');
    // It is older than what is loaded, and comes with its page.
    expect(shown(client)).not.toContain('mine');
    await thread.loadOlder();
    expect(shown(client).filter((body) => body === 'mine')).toHaveLength(1);
  });
});

describe('what a page already has', () => {
  test('[CL22] a message that a page of history has before the outbox knows is shown once, as sent', async () => {
    const { client, server, world, clock, online } = await setUp({ world: { replayLimit: 2 } });
    await online();
    const thread = client.thread('t1');
    thread.open();
    await until(() => thread.view.get().status === 'ready', 'the conversation');
    server.setFate(() => 0);
    server.answer('message.post', ({ threadId, clientMessageId, body }): Promise<Result<'message.post'>> => {
      world.post(threadId, 'ana', body, clientMessageId);
      server.cut();
      return new Promise(() => {});
    });
    thread.post('mine');
    await until(() => client.connection.get().status === 'reconnecting', 'the loss');
    for (let n = 1; n <= 3; n += 1) world.post('t1', 'ben', `theirs ${n}`);
    server.answer('message.post', () => new Promise(() => {}));
    clock.advance(15_000);
    await until(() => shown(client).at(-1) === 'theirs 3', 'the newest page');
    expect(server.received('message.post')).toHaveLength(2);
    expect(shown(client)).toEqual(['mine', 'theirs 1', 'theirs 2', 'theirs 3']);
  });
});

describe('order and refusals', () => {
  test("[CL24] a thread's messages leave in order, several at a time", async () => {
    const { client, server, world, online } = await setUp();
    await online();
    let atOnce = 0;
    let most = 0;
    server.answer('message.post', async ({ threadId, clientMessageId, body }) => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise((resolve) => setTimeout(resolve, 2));
      atOnce -= 1;
      return world.post(threadId, 'ana', body, clientMessageId);
    });
    const thread = client.thread('t1');
    thread.open();
    const bodies = Array.from({ length: 200 }, (_, n) => `message ${n}`);
    for (const body of bodies) thread.post(body);
    await until(() => client.inbox.get().threads[0]?.head === 201, 'all of them');
    // How many are on their way at once is a race with the replies; more than the window is not.
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(32);
    await until(() => shown(client).length === 200 && !shown(client).join().includes('('), 'all shown as sent');
    expect(shown(client)).toEqual(bodies);
  });

  test('[CL25] after a refusal that passes, a thread waits as told and goes on in order; one that stays fails only its message', async () => {
    const { client, server, world, clock, online } = await setUp();
    await online();
    const thread = client.thread('t1');
    thread.open();
    await until(() => thread.view.get().status === 'ready', 'the conversation');
    server.answer('message.post', refusal('rate_limited', 700));
    for (const body of ['one', 'two', 'three']) thread.post(body);
    await until(() => clock.timers().includes(700), 'the wait');
    expect(shown(client)).toEqual(['one (queued)', 'two (queued)', 'three (queued)']);
    const attempts = server.received('message.post').length;
    const order: string[] = [];
    let atOnce = 0;
    let most = 0;
    server.answer('message.post', async ({ threadId, clientMessageId, body }) => {
      order.push(body);
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise((resolve) => setTimeout(resolve, 2));
      atOnce -= 1;
      if (body === 'two') return refusal('invalid')();
      return world.post(threadId, 'ana', body, clientMessageId);
    });
    clock.advance(699);
    expect(server.received('message.post')).toHaveLength(attempts);
    clock.advance(1);
    await until(() => shown(client).filter((body) => !body.includes('(')).length === 2, 'the others');
    expect(order).toEqual(['one', 'two', 'three']);
    // One by one until the queue is empty: what is refused next must not be overtaken by what is not.
    expect(most).toBe(1);
    expect(shown(client)).toEqual(['one', 'three', 'two (failed)']);
    const failed = thread.view.get().items.at(-1);
    expect(failed).toMatchObject({ kind: 'pending', message: { error: { code: 'invalid', retryable: false } } });
    server.answer('message.post', undefined);
    if (failed?.kind === 'pending') thread.retry(failed.message.clientMessageId);
    await until(() => shown(client).join() === 'one,three,two', 'the retry');
    const ids = server
      .received('message.post')
      .filter(({ body }) => body === 'two')
      .map(({ clientMessageId }) => clientMessageId);
    expect(new Set(ids).size).toBe(1);
  });

  test('[CL25] an internal error is tried a few times and then fails; a message that is too long is not sent at all', async () => {
    const { client, server, clock, online } = await setUp({ heartbeatMs: 3_600_000 });
    await online();
    const thread = client.thread('t1');
    server.answer('message.post', refusal('internal'));
    const id = thread.post('cursed');
    for (let attempt = 1; attempt < 5; attempt += 1) {
      await until(() => server.received('message.post').length === attempt, `attempt ${attempt}`);
      await until(() => shown(client).join() === 'cursed (queued)', 'the refusal');
      clock.advance(10_000);
    }
    await until(() => shown(client).join() === 'cursed (failed)', 'the end of the attempts');
    expect(server.received('message.post')).toHaveLength(5);
    thread.discard(id);
    expect(shown(client)).toEqual([]);
    const long = thread.post('x'.repeat(3_001));
    expect(thread.view.get().items).toMatchObject([
      { kind: 'pending', message: { state: 'failed', error: { code: 'invalid' } } },
    ]);
    thread.retry(long);
    expect(server.received('message.post')).toHaveLength(5);
  });
});

describe('what survives a reload', () => {
  test('[CL26] unsent messages of this person survive a reload, refused ones as refused, and leave in order', async () => {
    const storage = memoryStorage();
    const { client, newClient, server, world, online } = await setUp({ storage });
    await online();
    server.answer('message.post', ({ body }) => refusal(body === 'bad' ? 'invalid' : 'unavailable')());
    for (const body of ['bad', 'first', 'second']) client.thread('t1').post(body);
    await until(() => shown(client)[0] === 'bad (failed)' && shown(client)[1] === 'first (queued)', 'the refusals');
    server.cut();
    server.answer('message.post', undefined);
    const [, first] = client.thread('t1').view.get().items;

    const reloaded = newClient({ storage });
    reloaded.thread('t1').open();
    await online(reloaded);
    await until(
      () => shown(reloaded).join() === 'first,second,bad (failed)',
      () => `all, there was ${shown(reloaded)}`,
    );
    expect(reloaded.thread('t1').view.get().items[1]?.key).toBe(first?.key);
    expect(world.timeline('t1').filter(({ type }) => type === 'message.posted')).toHaveLength(2);
    await until(async () => JSON.parse((await storage.get('outbox:ana')) ?? '[]').length === 1, 'the store to be tidy');
    await reloaded.close();
    expect(await storage.get('outbox:ana')).toBeNull();
  });

  test('[CL26] messages of another person on the same device are neither shown nor sent', async () => {
    const storage = memoryStorage();
    const message = { threadId: 't1', clientMessageId: 'of-another', body: 'secret', createdAt: 1 };
    await storage.set('outbox:ben', JSON.stringify([message]));
    const { client, server, online } = await setUp({ storage });
    await online();
    client.thread('t1').post('mine');
    await until(() => server.received('message.post').length === 1, 'the message');
    expect(server.received('message.post').map(({ body }) => body)).toEqual(['mine']);
    expect(JSON.parse((await storage.get('outbox:ben')) ?? '')).toEqual([message]);
  });

  test('[CL26] a storage that is slow, full or holds something else costs no message', async () => {
    const values = new Map([['p:outbox:ana', '[{"threadId":7},null]']]);
    const full = {
      getItem: (key: string) => values.get(key) ?? null,
      setItem: () => {
        throw new Error('Quota exceeded.');
      },
      removeItem: (key: string) => void values.delete(key),
    };
    const { client, online } = await setUp({ storage: webStorage(full, 'p:') });
    client.thread('t1').open();
    client.thread('t1').post('hello');
    await online();
    await until(() => shown(client).join() === 'hello', 'the message');

    const slow = memoryStorage();
    const later = <Value>(run: () => Value): Promise<Value> => new Promise((resolve) => setTimeout(() => resolve(run()), 5));
    const second = await setUp({
      storage: {
        get: (key) => later(() => slow.get(key) as string | null),
        set: (key, value) => later(() => slow.set(key, value)).then(() => {}),
        delete: (key) => later(() => slow.delete(key)).then(() => {}),
      },
    });
    second.client.thread('t1').open();
    second.client.thread('t1').post('one');
    await second.online();
    second.client.thread('t1').post('two');
    await until(() => shown(second.client).join() === 'one,two', 'both messages');
    await until(() => slow.get('outbox:ana') === null, 'the store to be tidy');
  });

  test("[CL26] two tabs that share a storage do not lose each other's messages", async () => {
    const storage = memoryStorage();
    const { client, newClient, server, online } = await setUp({ storage });
    const tab = newClient({ storage });
    await online();
    await online(tab);
    server.answer('message.post', refusal('unavailable'));
    client.thread('t1').post('from one tab');
    tab.thread('t1').post('from the other');
    const stored = () =>
      JSON.parse((storage.get('outbox:ana') as string | null) ?? '[]').map(({ body }: { body: string }) => body);
    await until(() => stored().length === 2, 'both stored');
    expect(stored().sort()).toEqual(['from one tab', 'from the other']);
  });
});
