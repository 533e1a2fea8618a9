import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ThreadEventOf } from '../../protocol/index.ts';
import { openThread, startGateway, type TestGateway } from '../support/gateway.ts';
import type { RawSocket } from '../support/raw-socket.ts';

const UUID = '8c9ac3cc-0f5a-4a9e-9d2a-3f2d6b3e7a11';

describe('threads', () => {
  let gateway: TestGateway;
  let threadId: string;
  let client: RawSocket;
  let talent: RawSocket;
  let outsider: RawSocket;

  beforeAll(async () => {
    gateway = await startGateway({ 'session.requestBurst': 5_000 });
    threadId = await openThread(gateway);
    [client, talent, outsider] = (await Promise.all(
      ['client', 'talent', 'outsider'].map((userId) => gateway.signIn(userId)),
    )) as [RawSocket, RawSocket, RawSocket];
  });
  afterAll(() => gateway.close());

  it('[TH2] outsiders are refused alike for threads that exist and threads that do not', async () => {
    const before = await client.request('thread.get', { threadId });
    for (const id of [threadId, UUID]) {
      for (const [type, payload] of [
        ['thread.get', {}],
        ['thread.history', {}],
        ['message.post', { clientMessageId: 'from-outside', body: 'Hello' }],
        ['message.edit', { offset: 2, body: 'Mine now' }],
        ['message.delete', { offset: 2 }],
        ['cursor.move', { readOffset: 2 }],
        ['typing.set', { typing: true }],
        ['member.add', { userId: 'outsider' }],
        ['member.remove', { userId: 'client' }],
        ['interview.call', { interviewId: UUID, media: 'video' }],
      ] as const) {
        expect([type, (await outsider.refused(type, { ...payload, threadId: id })).code]).toEqual([type, 'not_member']);
      }
    }
    expect(await client.request('thread.get', { threadId })).toEqual(before);
    expect((await outsider.request('thread.list', {})).threads).toEqual([]);
    expect(outsider.pushes('inbox')).toEqual([]);
  });

  it('[TH3] a message is edited and deleted by its sender only, and its body is gone afterwards', async () => {
    const { message } = await client.request('message.post', { threadId, clientMessageId: 'to-be-edited', body: 'Frist' });
    const { offset } = message;
    expect((await talent.refused('message.edit', { threadId, offset, body: 'Mine' })).code).toBe('forbidden');
    expect((await talent.refused('message.delete', { threadId, offset })).code).toBe('forbidden');
    expect((await client.refused('message.edit', { threadId, offset: 9_999, body: 'Nothing' })).code).toBe('not_found');
    const edited = await client.request('message.edit', { threadId, offset, body: 'First' });
    expect(edited.message).toMatchObject({ body: 'First', editedAt: expect.any(Number), deletedAt: null });
    await talent.inbox('the edit', (event) => event.type === 'message.edited' && event.message.body === 'First');
    const deleted = await client.request('message.delete', { threadId, offset });
    expect(deleted.message).toMatchObject({ body: '', deletedAt: expect.any(Number) });
    expect((await client.request('message.delete', { threadId, offset })).message).toEqual(deleted.message);
    expect((await client.refused('message.edit', { threadId, offset, body: 'Again' })).code).toBe('gone');
    await talent.inbox('the deletion', (event) => event.type === 'message.deleted' && event.message.offset === offset);
    const { epoch } = (await talent.request('inbox.since', { epoch: 'none', position: 0 })) as { epoch: string };
    const everything = JSON.stringify([
      await talent.request('inbox.since', { epoch, position: 0 }),
      await talent.request('thread.history', { threadId, limit: 100 }),
      await talent.request('thread.get', { threadId }),
    ]);
    expect(everything).not.toMatch(/Frist|"First"/);
  });

  it('[TH4] history comes in pages both ways, without overlap or hole', async () => {
    for (let index = 0; index < 25; index++)
      await client.request('message.post', { threadId, clientMessageId: `page-${index}-message`, body: `Page ${index}` });
    const whole = await client.request('thread.history', { threadId, limit: 100 });
    expect(whole.more).toBe(false);
    const all = whole.events.map(({ offset }) => offset);
    expect(all).toEqual([...all].sort((a, b) => a - b));

    const backwards: number[] = [];
    for (let before: number | undefined; ; ) {
      const page = await client.request('thread.history', { threadId, limit: 7, ...(before === undefined ? {} : { before }) });
      backwards.unshift(...page.events.map(({ offset }) => offset));
      before = page.events[0]?.offset;
      if (!page.more) break;
    }
    expect(backwards).toEqual(all);

    const forwards: number[] = [];
    for (let after = 0; ; after = forwards.at(-1) as number) {
      const page = await client.request('thread.history', { threadId, limit: 7, after });
      forwards.push(...page.events.map(({ offset }) => offset));
      if (!page.more) break;
    }
    expect(forwards).toEqual(all);
    expect((await client.refused('thread.history', { threadId, before: 3, after: 1 })).code).toBe('invalid');
    expect((await client.refused('thread.history', { threadId, limit: 101 })).code).toBe('invalid');
  });

  it('[TH5] a body that is too long, empty or that no store can hold is refused', async () => {
    const before = (await client.request('thread.get', { threadId })).thread.head;
    for (const body of ['x'.repeat(10_000), 'x'.repeat(3_001), '', ' \n\t ', 'nul\u0000', '\ud800 lone']) {
      const refused = await client.refused('message.post', { threadId, clientMessageId: 'bad-body-message', body });
      expect(refused).toMatchObject({ code: 'invalid', issues: [{ path: 'body' }] });
    }
    expect((await client.request('thread.get', { threadId })).thread.head).toBe(before);
    const { message } = await client.request('message.post', {
      threadId,
      clientMessageId: 'longest-body',
      body: '界'.repeat(3_000),
    });
    expect(message.body).toHaveLength(3_000);
  });

  it('[TH6] a read cursor moves forward only and is heard by both sides', async () => {
    const otherDevice = await gateway.signIn('talent');
    const { thread } = await talent.request('thread.get', { threadId });
    expect(thread.unread).toBeGreaterThan(0);
    const moved = await talent.request('cursor.move', { threadId, readOffset: thread.head });
    expect(moved).toEqual({ readOffset: thread.head, unread: 0 });
    for (const socket of [client, otherDevice]) {
      const push = await socket.inbox('the cursor', (event) => event.type === 'cursor.moved' && event.readOffset === thread.head);
      expect(push.event).toMatchObject({ userId: 'talent', unread: 0, threadId });
    }
    expect(await talent.request('cursor.move', { threadId, readOffset: 1 })).toEqual(moved);
    await client.request('message.post', { threadId, clientMessageId: 'one-more-unread', body: 'Unread' });
    expect((await talent.request('thread.get', { threadId })).thread.unread).toBe(1);
    expect(
      (await client.request('thread.get', { threadId })).thread.members.find(({ userId }) => userId === 'talent')?.readOffset,
    ).toBe(thread.head);
  });

  it('[TH7] members of a group thread come and go, heard by all; a proposal thread refuses them', async () => {
    expect((await client.refused('member.add', { threadId, userId: 'outsider' })).code).toBe('forbidden');
    const { body } = await gateway.host('POST', '/v1/threads', {
      threadKey: 'group-1',
      kind: 'group',
      title: 'Kick-off',
      members: [{ userId: 'client', role: 'owner' }, { userId: 'talent' }],
    });
    const group = body.threadId;
    expect((await talent.refused('member.add', { threadId: group, userId: 'outsider' })).code).toBe('forbidden');
    const { member } = await client.request('member.add', { threadId: group, userId: 'outsider' });
    expect(member).toMatchObject({ userId: 'outsider', role: 'member' });
    for (const socket of [client, talent, outsider]) {
      const push = await socket.inbox('the newcomer', (event) => event.type === 'member.joined' && event.threadId === group);
      expect((push.event as ThreadEventOf<'member.joined'>).user.displayName).toBe('Olga Outsider');
    }
    expect((await outsider.request('thread.history', { threadId: group })).events[0]?.type).toBe('thread.opened');
    expect((await outsider.refused('member.remove', { threadId: group, userId: 'talent' })).code).toBe('forbidden');
    await outsider.request('member.remove', { threadId: group, userId: 'outsider' });
    await outsider.inbox('having left', (event) => event.type === 'member.left' && event.userId === 'outsider');
    await client.request('message.post', { threadId: group, clientMessageId: 'after-they-left', body: 'Among ourselves' });
    await talent.inbox('the message', (event) => event.message?.clientMessageId === 'after-they-left');
    expect((await outsider.refused('thread.history', { threadId: group })).code).toBe('not_member');
    expect(JSON.stringify(outsider.frames)).not.toContain('Among ourselves');
  });
});
