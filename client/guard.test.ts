import { describe, expect, test } from 'vitest';
import { type GuardFinding, type Message, ProtocolError, type Result } from '../protocol/index.ts';
import { REVIEW_MS } from './review.ts';
import { memoryStorage } from './storage.ts';
import { setUp, shown } from './test-bench.ts';
import { until } from './test-support.ts';
import type { Client } from './types.ts';

const finding = (action: GuardFinding['action']): GuardFinding => ({
  category: 'email',
  rule: 'email.plain',
  confidence: 0.9,
  spans: [{ message: null, start: 0, end: 5 }],
  action,
  advice: 'Later.',
});

const refuse =
  (code: 'unconfirmed' | 'blocked' | 'held', reason = 'Refused.') =>
  (): never => {
    throw new ProtocolError(code, reason, {
      findings: [finding(code === 'held' ? 'hold' : code === 'blocked' ? 'block' : 'warn')],
    });
  };

const MARK = '•••••';
const masked = [{ start: 0, end: 5, category: 'email' as const }];

const bodies = (client: Client): string[] => shown(client);
const ready = async (client: Client): Promise<void> => {
  client.thread('t1').open();
  await until(() => client.thread('t1').view.get().status === 'ready', 'the conversation');
};
const pending = (client: Client) =>
  client
    .thread('t1')
    .view.get()
    .items.flatMap((item) => (item.kind === 'pending' ? [item.message] : []));

describe('what was masked and is released', () => {
  test('[WG1] the words appear in their message and in the list, which is not moved, and nothing is said to be edited', async () => {
    const { client, world, online } = await setUp();
    await online();
    await ready(client);
    const { offset } = world.post('t1', 'ben', MARK, 'masked-1', masked).message;
    await until(() => bodies(client).at(-1) === MARK, 'the mark');
    const before = client.inbox.get().threads[0];
    world.release('t1', offset, 'ben@mail.example');
    await until(() => bodies(client).at(-1) === 'ben@mail.example', 'the words');
    expect(bodies(client)).toHaveLength(1);
    const item = client.thread('t1').view.get().items.at(-1);
    if (item?.kind !== 'event' || item.event.type !== 'message.posted') throw new Error('It is no message.');
    expect(item.event.message.masked).toBeUndefined();
    expect(item.event.message.editedAt).toBeNull();
    expect(client.inbox.get().threads[0]).toMatchObject({
      lastMessage: { body: 'ben@mail.example' },
      activeAt: before?.activeAt,
      unread: before?.unread,
    });
  });

  test('[WG1] … also when it overtakes the page that the message is on, and the reply to its posting', async () => {
    const { client, server, world, online } = await setUp();
    await online();
    const { offset } = world.post('t1', 'ben', MARK, 'masked-1', masked).message;
    let answer = (): void => {};
    server.answer('thread.history', async ({ threadId, before, limit }) => {
      const page = structuredClone(world.history(threadId, { before, limit }));
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return page;
    });
    client.thread('t1').open();
    await until(() => server.received('thread.history').length === 1, 'the question');
    world.release('t1', offset, 'ben@mail.example');
    await until(() => client.inbox.get().threads[0]?.lastMessage?.body === 'ben@mail.example', 'the release');
    answer();
    await until(() => bodies(client).length === 1, 'the page');
    expect(bodies(client)).toEqual(['ben@mail.example']);

    server.answer('message.post', async ({ threadId, clientMessageId }) => {
      const stored = structuredClone(world.post(threadId, 'ana', MARK, clientMessageId, masked));
      world.release('t1', stored.message.offset, 'ana@mail.example');
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return stored;
    });
    client.thread('t1').post('ana@mail.example');
    await until(() => bodies(client)[1] === 'ana@mail.example' && pending(client).length === 0, 'the release');
    answer();
    world.post('t1', 'ben', 'Thanks');
    await until(() => bodies(client).length === 3, 'the next message');
    expect(bodies(client)[1]).toBe('ana@mail.example');
  });

  test('[WG2] an edit shows the marks that it leaves as marks before the server has answered', async () => {
    const { client, server, world, online } = await setUp();
    await online();
    await ready(client);
    const { offset } = world.post('t1', 'ana', MARK, 'masked-1', masked).message;
    await until(() => bodies(client).length === 1, 'the message');
    server.answer('message.edit', () => new Promise<Result<'message.edit'>>(() => {}));
    const message = (): Message => {
      const item = client.thread('t1').view.get().items.at(-1);
      if (item?.kind !== 'event' || item.event.type !== 'message.posted') throw new Error('It is no message.');
      return item.event.message;
    };
    client
      .thread('t1')
      .edit(offset, `Write to ${MARK} please`)
      .catch(() => {});
    expect(message().masked).toEqual([{ start: 9, end: 14, category: 'email' }]);
    client
      .thread('t1')
      .edit(offset, 'Never mind')
      .catch(() => {});
    expect(message().masked).toBeUndefined();
    await until(() => server.received('message.edit').length === 2, 'both edits');
    client
      .thread('t1')
      .edit(offset, 'I mean it', { confirmed: true })
      .catch(() => {});
    await until(() => server.received('message.edit')[2]?.confirmed === true, 'the confirmation');
  });
});

describe('what the guard keeps from being sent', () => {
  test('[WG3] a message that it doubts waits with what was found, survives a reload, and goes under its id once it is confirmed', async () => {
    const storage = memoryStorage();
    const { client, newClient, server, online } = await setUp({ storage });
    await online();
    server.answer('message.post', ({ body }) => (body === 'doubtful' ? refuse('unconfirmed')() : refuse('blocked')()));
    const id = client.thread('t1').post('doubtful');
    await until(() => pending(client)[0]?.state === 'unconfirmed', 'the doubt');
    expect(pending(client)[0]?.error).toMatchObject({ code: 'unconfirmed', findings: [{ category: 'email', advice: 'Later.' }] });
    client.thread('t1').retry(id);
    expect(pending(client)[0]?.state).toBe('unconfirmed');
    await until(() => JSON.parse(String(storage.get('outbox:ana') ?? '[]'))[0]?.error !== undefined, 'it to be kept');
    server.cut();
    server.answer('message.post', undefined);

    const reloaded = newClient({ storage });
    await online(reloaded);
    await ready(reloaded);
    await until(() => pending(reloaded)[0]?.state === 'unconfirmed', 'the doubt after a reload');
    expect(pending(reloaded)[0]?.error?.findings).toHaveLength(1);
    reloaded.thread('t1').confirm(id);
    await until(() => bodies(reloaded).join() === 'doubtful', 'the message');
    expect(server.received('message.post').map(({ clientMessageId, confirmed }) => [clientMessageId, confirmed])).toEqual([
      [id, undefined],
      [id, true],
    ]);
  });

  test('[WG3] a confirmed message that a lost socket swallowed is confirmed after a reload too', async () => {
    const storage = memoryStorage();
    const { client, newClient, server, online } = await setUp({ storage });
    await online();
    server.answer('message.post', refuse('unconfirmed'));
    const id = client.thread('t1').post('doubtful');
    await until(() => pending(client)[0]?.state === 'unconfirmed', 'the doubt');
    server.answer('message.post', () => new Promise<Result<'message.post'>>(() => {}));
    client.thread('t1').confirm(id);
    await until(() => server.received('message.post').length === 2, 'the confirmation');
    await until(() => JSON.parse(String(storage.get('outbox:ana') ?? '[]'))[0]?.confirmed === true, 'it to be kept');
    server.answer('message.post', undefined);
    const reloaded = newClient({ storage });
    await online(reloaded);
    await until(() => server.received('message.post').length === 3, 'the repetition');
    expect(server.received('message.post')[2]).toMatchObject({ clientMessageId: id, confirmed: true });
  });

  test('[WG4] a blocked message stays with what was found and is not sent again; taken back it gives its text and is gone', async () => {
    const storage = memoryStorage();
    const { client, newClient, server, online } = await setUp({ storage });
    await online();
    server.answer('message.post', ({ body }) => (body === 'bad' ? refuse('blocked')() : refuse('unconfirmed')()));
    const bad = client.thread('t1').post('bad');
    const doubtful = client.thread('t1').post('doubtful');
    await until(() => pending(client).every(({ state }) => state === 'blocked' || state === 'unconfirmed'), 'the refusals');
    client.thread('t1').retry(bad);
    client.thread('t1').confirm(bad);
    expect(pending(client).map(({ state }) => state)).toEqual(['blocked', 'unconfirmed']);
    expect(server.received('message.post')).toHaveLength(2);
    await until(() => JSON.parse(String(storage.get('outbox:ana') ?? '[]')).length === 2, 'both to be kept');
    const reloaded = newClient({ storage });
    await online(reloaded);
    await until(() => pending(reloaded).length === 2, 'both after a reload');
    expect(pending(reloaded).map(({ state }) => state)).toEqual(['blocked', 'unconfirmed']);
    expect(reloaded.thread('t1').takeBack(bad)).toBe('bad');
    expect(reloaded.thread('t1').takeBack(doubtful)).toBe('doubtful');
    expect(reloaded.thread('t1').takeBack(doubtful)).toBeUndefined();
    expect(pending(reloaded)).toEqual([]);
    await until(() => storage.get('outbox:ana') === null, 'the store to be tidy');
    // What comes next is not held up, and goes several at a time.
    server.answer('message.post', undefined);
    await ready(reloaded);
    for (const body of ['one', 'two']) reloaded.thread('t1').post(body);
    await until(() => bodies(reloaded).join() === 'one,two', 'the next messages');
  });

  test('[WG5] a held message is shown as waiting, cannot be given up, and is sent in its row when the log brings it', async () => {
    const { client, server, world, online } = await setUp();
    await online();
    await ready(client);
    server.answer('message.post', refuse('held'));
    const id = client.thread('t1').post('perhaps');
    await until(() => pending(client)[0]?.state === 'held', 'the hold');
    client.thread('t1').discard(id);
    expect(client.thread('t1').takeBack(id)).toBeUndefined();
    server.answer('message.post', undefined);
    client.thread('t1').post('not held');
    await until(() => bodies(client).includes('not held'), 'the next message, which does not wait');
    expect(pending(client)).toMatchObject([{ state: 'held' }]);
    world.post('t1', 'ana', 'perhaps', id);
    await until(() => bodies(client).join() === 'not held,perhaps', 'the message');
    expect(server.received('message.post')).toHaveLength(2);
  });

  test('[WG5] … it is asked about once a minute and with each connection, and blocked when the moderator says no', async () => {
    const { client, server, clock, online } = await setUp({ heartbeatMs: 3_600_000 });
    await online();
    await ready(client);
    server.answer('message.post', refuse('held'));
    const id = client.thread('t1').post('perhaps');
    await until(() => pending(client)[0]?.state === 'held', 'the hold');
    const seen = new Set<string>();
    client.thread('t1').view.subscribe(() => seen.add(pending(client)[0]?.state ?? 'gone'));
    clock.advance(REVIEW_MS);
    await until(() => server.received('message.post').length === 2, 'the first question');
    server.cut();
    await until(() => client.connection.get().status === 'reconnecting', 'the loss');
    // Nothing is asked without a connection.
    await online();
    await until(() => server.received('message.post').length === 3, 'the question of a new connection');
    server.answer('message.post', refuse('blocked', 'A moderator refused it: it reads like an advertisement.'));
    clock.advance(REVIEW_MS);
    await until(() => pending(client)[0]?.state === 'blocked', 'the decision');
    expect(pending(client)[0]?.error?.message).toContain('advertisement');
    expect(new Set(server.received('message.post').map(({ clientMessageId }) => clientMessageId))).toEqual(new Set([id]));
    expect([...seen]).toEqual(['held', 'blocked'].filter((state) => seen.has(state)));
    const asked = server.received('message.post').length;
    clock.advance(REVIEW_MS * 3);
    await client.request('session.watch', { threadIds: [], userIds: [] });
    expect(server.received('message.post')).toHaveLength(asked);
  });
});

describe('appeals and previews', () => {
  test('[WG6] an appeal is shown with its state, asked about until it is decided, survives a reload, and goes with what it was about', async () => {
    const storage = memoryStorage();
    const { client, newClient, server, world, clock, online } = await setUp({ storage, heartbeatMs: 3_600_000 });
    await online();
    await ready(client);
    const { offset } = world.post('t1', 'ana', MARK, 'masked-1', masked).message;
    server.answer('message.post', refuse('blocked'));
    const id = client.thread('t1').post('bad');
    await until(() => pending(client)[0]?.state === 'blocked', 'the refusal');
    server.answer('guard.appeal', () => ({ state: 'waiting', decisionReason: null }));
    await client.thread('t1').appeal(offset, 'It is the address of the museum.');
    await client.thread('t1').appeal(id, 'It is a quotation.');
    await expect(client.thread('t1').appeal('unknown', 'Why not?')).rejects.toMatchObject({ code: 'not_found' });
    expect(server.received('guard.appeal')).toEqual([
      { threadId: 't1', offset, reason: 'It is the address of the museum.' },
      { threadId: 't1', clientMessageId: id, body: 'bad', reason: 'It is a quotation.' },
    ]);
    expect([...client.thread('t1').view.get().appeals]).toMatchObject([
      [offset, { state: 'waiting' }],
      [id, { state: 'waiting', reason: 'It is a quotation.' }],
    ]);

    // It may be let through yet.
    client.thread('t1').discard(id);
    expect(client.thread('t1').takeBack(id)).toBeUndefined();
    expect(pending(client)).toHaveLength(1);

    await until(() => JSON.parse(String(storage.get('appeals:ana') ?? '[]')).length === 2, 'both to be kept');
    server.dismiss({ name: 'superseded' });
    await until(() => client.connection.get().status === 'closed', 'the first tab to be done');
    const reloaded = newClient({ storage });
    await online(reloaded);
    await ready(reloaded);
    await until(() => server.received('guard.appeal').length === 4, 'both questions');
    const appeals = () => reloaded.thread('t1').view.get().appeals;
    expect(appeals().size).toBe(2);
    server.answer('guard.appeal', (appeal) =>
      appeal.offset === undefined
        ? { state: 'refused', decisionReason: 'It is not a quotation.' }
        : { state: 'waiting', decisionReason: null },
    );
    clock.advance(REVIEW_MS);
    await until(() => appeals().get(id)?.state === 'refused', 'the decision');
    expect(appeals().get(id)?.decisionReason).toBe('It is not a quotation.');
    world.release('t1', offset, 'museum@city.example');
    await until(() => !appeals().has(offset), 'the appeal to go with the mark');
    reloaded.thread('t1').discard(id);
    expect(appeals().size).toBe(0);
    const asked = server.received('guard.appeal').length;
    clock.advance(REVIEW_MS * 2);
    await reloaded.request('session.watch', { threadIds: [], userIds: [] });
    expect(server.received('guard.appeal')).toHaveLength(asked);
    await until(() => storage.get('appeals:ana') === null, 'the store to be tidy');
  });

  test('[WG6] an appeal that does not arrive rejects and is not shown; one about what is gone is forgotten', async () => {
    const { client, server, clock, world, online } = await setUp({ heartbeatMs: 3_600_000 });
    await online();
    await ready(client);
    const { offset } = world.post('t1', 'ana', MARK, 'masked-1', masked).message;
    server.answer('guard.appeal', () => {
      throw new ProtocolError('unavailable', 'Later.');
    });
    await expect(client.thread('t1').appeal(offset, 'Please.')).rejects.toMatchObject({ code: 'unavailable' });
    expect(client.thread('t1').view.get().appeals.size).toBe(0);
    server.answer('guard.appeal', () => ({ state: 'waiting', decisionReason: null }));
    await client.thread('t1').appeal(offset, 'Please.');
    server.answer('guard.appeal', () => {
      throw new ProtocolError('not_found', 'It was deleted.');
    });
    clock.advance(REVIEW_MS);
    await until(() => client.thread('t1').view.get().appeals.size === 0, 'the appeal to be forgotten');
  });

  test('[WG7] a text is previewed in a conversation and for a first message, and a first message can be confirmed', async () => {
    const { client, server, online } = await setUp();
    await online();
    const verdict = { action: 'mask' as const, findings: [finding('mask')], masked: MARK };
    server.answer('guard.preview', () => verdict);
    expect(await client.preview({ threadId: 't1' }, 'hello')).toEqual(verdict);
    expect(await client.preview({ proposalId: 'p1' }, 'hello')).toEqual(verdict);
    expect(server.received('guard.preview')).toEqual([
      { threadId: 't1', body: 'hello' },
      { proposalId: 'p1', body: 'hello' },
    ]);
    server.answer('proposal.message', ({ confirmed }) => {
      if (!confirmed) return refuse('unconfirmed')();
      throw new ProtocolError('not_found', 'It arrived with its confirmation.');
    });
    await expect(client.messageProposal('p1', 'hello', 'first-message-1')).rejects.toMatchObject({
      code: 'unconfirmed',
      details: { findings: [{ category: 'email' }] },
    });
    await expect(client.messageProposal('p1', 'hello', 'first-message-1', true)).rejects.toMatchObject({ code: 'not_found' });
  });
});
