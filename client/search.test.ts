import { describe, expect, test } from 'vitest';
import type { Result } from '../protocol/index.ts';
import { setUp, shown } from './test-bench.ts';
import { until } from './test-support.ts';

type Page = Result<'message.search'>;
const NONE: Page = { messages: [], threads: [], users: [], next: null };

describe('search', () => {
  test('[SR10] asks on until it has as many messages as were asked for, and tells where the next page begins', async () => {
    const { client, server, world, online } = await setUp();
    const messages = Array.from({ length: 5 }, (_, n) => world.post('t1', 'ben', `ferry ${n}`).message);
    await online();
    server.answer('message.search', ({ after, limit }) => {
      if (after === undefined) return { ...NONE, next: { activeAt: 9, threadId: 't1', before: 100 } };
      const left = messages.filter(({ offset }) => offset < after.before).reverse();
      const page = left.slice(0, Math.min(limit, 2));
      const last = page.at(-1);
      const next = left.length > page.length && last !== undefined ? { ...after, before: last.offset } : null;
      return { messages: page, threads: [], users: [world.user('ben')], next };
    });
    const first = await client.search('ferry', { limit: 3 });
    expect(first.messages.map(({ body }) => body)).toEqual(['ferry 4', 'ferry 3', 'ferry 2']);
    expect([...first.users.keys()]).toEqual(['ben']);
    const second = await client.search('ferry', { after: first.next! });
    expect(second.messages.map(({ body }) => body)).toEqual(['ferry 1', 'ferry 0']);
    expect(second.next).toBeNull();
  });

  test('[SR10] a search that is given up rejects with the reason and asks no more', async () => {
    const { client, server, online } = await setUp();
    await online();
    const controller = new AbortController();
    server.answer('message.search', ({ after }) => {
      controller.abort(new Error('typed on'));
      return { ...NONE, next: { activeAt: 9, threadId: 't1', before: (after?.before ?? 100) - 1 } };
    });
    await expect(client.search('ferry', { signal: controller.signal })).rejects.toThrow('typed on');
    expect(server.received('message.search')).toHaveLength(1);
  });
});

test('[CL53] a conversation is loaded back to a message that is asked for, and says when there is none', async () => {
  const { client, world, online } = await setUp();
  for (let n = 1; n <= 170; n += 1) world.post('t1', 'ben', `message ${n}`);
  await online();
  const thread = client.thread('t1');
  thread.open();
  await until(() => thread.view.get().status === 'ready', 'the conversation');
  expect(await thread.reach(170)).toBe(true);
  expect(shown(client)).toHaveLength(50);
  expect(await thread.reach(100)).toBe(true);
  expect(shown(client)).toHaveLength(100);
  expect(await thread.reach(5)).toBe(true);
  expect(await thread.reach(9_999)).toBe(false);
});
