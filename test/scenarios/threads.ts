import { expect } from 'vitest';
import { until } from '../support/until.ts';
import { numbers, post, type Scenario, scenario } from './world.ts';

export const threads: readonly Scenario[] = [
  scenario('[TH2] an outsider is refused alike for a thread that exists and one that does not', async (world) => {
    const { outsider, threadId } = await world.hire();
    const socket = await world.signIn(outsider);
    for (const id of [threadId, 'no-such-thread'])
      for (const type of ['thread.get', 'thread.history', 'typing.set'] as const)
        expect((await socket.refused(type, { threadId: id, typing: true })).code).toBe('not_member');
  }),
  scenario('[SR9] a search tells the messages found with their threads and people, and only to members', async (world) => {
    const { client, talent, outsider, threadId } = await world.hire();
    const socket = await world.signIn(client);
    const message = await post(socket, threadId, 'The lighthouse is drawn');
    const reader = await world.signIn(talent);
    const page = await reader.request('message.search', { query: 'LIGHTHOUSE dra', threadId });
    expect(page).toMatchObject({ messages: [message], threads: [{ threadId, lastMessage: message }], next: null });
    expect(page.users.map(({ userId }) => userId).sort()).toEqual([client, talent].sort());
    const other = await world.signIn(outsider);
    expect((await other.refused('message.search', { query: 'lighthouse', threadId })).code).toBe('not_member');
    expect((await other.request('message.search', { query: 'lighthouse' })).messages).toEqual([]);
  }),
  scenario('[SR6] a query without a word, too long or with a broken place is refused, and the session goes on', async (world) => {
    const { client } = await world.hire();
    const socket = await world.signIn(client);
    for (const wrong of [{ query: '' }, { query: ' ?! ' }, { query: 'x'.repeat(201) }, { query: 'x', after: {} }, { query: 7 }])
      expect((await socket.refused('message.search', wrong)).code).toBe('invalid');
    expect((await socket.request('message.search', { query: 'x' })).messages).toEqual([]);
  }),
  scenario('[TH3] an edit reaches every device, and only its sender makes it', async (world) => {
    const { client, talent, threadId } = await world.hire();
    const [phone, laptop, other] = [await world.signIn(client), await world.signIn(client), await world.signIn(talent)];
    const { offset } = await post(phone, threadId, 'Frist');
    expect((await other.refused('message.edit', { threadId, offset, body: 'Hacked' })).code).toBe('forbidden');
    await laptop.request('message.edit', { threadId, offset, body: 'First' });
    for (const socket of [phone, laptop, other])
      await socket.inbox('the edit', (event) => event.type === 'message.edited' && event.message.body === 'First');
  }),
  scenario('[TH3] a deleted message leaves a tombstone, and its body is given to nobody any more', async (world) => {
    const { client, talent, threadId } = await world.hire();
    const socket = await world.signIn(client);
    const { opened } = await world.open(talent);
    const { offset } = await post(socket, threadId, 'Regretted');
    await socket.request('message.delete', { threadId, offset });
    const { epoch, position } = opened.inbox;
    const back = await world.open(talent, { inbox: { epoch, position } });
    const given = [
      back.opened,
      await back.socket.request('thread.history', { threadId }),
      await back.socket.request('thread.get', { threadId }),
    ];
    expect(JSON.stringify(given)).not.toContain('Regretted');
    expect(JSON.stringify(given)).toContain('"deletedAt":1');
  }),
  scenario('[ST53] of an edit and a deletion at once the deletion stands', async (world) => {
    const { client, threadId } = await world.hire();
    const [phone, laptop] = [await world.signIn(client), await world.signIn(client)];
    for (const index of numbers(0, 10)) {
      const { offset } = await post(phone, threadId, `Number ${index}`);
      const edit = laptop.reply(laptop.ask('message.edit', { threadId, offset, body: 'Edited' }));
      await phone.request('message.delete', { threadId, offset });
      const answer = await edit;
      if (answer.error !== undefined) expect(answer.error.code).toBe('gone');
      const { events } = await phone.request('thread.history', { threadId, after: offset - 1, limit: 1 });
      expect(events[0]).toMatchObject({ message: { body: '', deletedAt: expect.any(Number) } });
    }
  }),
  scenario('[ST51] of edits at once from two devices one stands, and everybody has the same', async (world) => {
    const { client, talent, threadId } = await world.hire();
    const [phone, laptop, other] = [await world.signIn(client), await world.signIn(client), await world.signIn(talent)];
    const { offset } = await post(phone, threadId, 'Draft');
    await Promise.all(
      numbers(0, 10).map((index) =>
        (index % 2 === 0 ? phone : laptop).request('message.edit', { threadId, offset, body: `Edit ${index}` }),
      ),
    );
    for (const socket of [phone, laptop, other])
      await until('ten edits', () => socket.pushes('inbox').filter(({ event }) => event.type === 'message.edited').length === 10);
    // Pushes of two gateways may overtake one another; their positions say which is the last.
    const last = [phone, laptop, other].map(
      (socket) =>
        socket
          .pushes('inbox')
          .toSorted((a, b) => a.position - b.position)
          .at(-1)?.event.message.body,
    );
    const { events } = await other.request('thread.history', { threadId, after: offset - 1, limit: 1 });
    expect(new Set([...last, events[0]?.type === 'message.posted' && events[0].message.body]).size).toBe(1);
  }),
  scenario('[TH4] history comes in pages both ways without overlap or hole', async (world) => {
    const { client, threadId } = await world.hire();
    const socket = await world.signIn(client);
    for (const index of numbers(0, 20)) await post(socket, threadId, `Number ${index}`);
    const back: number[] = [];
    for (let before: number | undefined, more = true; more; before = back[0]) {
      const page = await socket.request('thread.history', { threadId, limit: 6, ...(before === undefined ? {} : { before }) });
      back.unshift(...page.events.map(({ offset }) => offset));
      more = page.more;
    }
    expect(back).toEqual(numbers(1, 22));
  }),
  scenario('[TH5] a body that is too long, empty or no text is refused and stores nothing', async (world) => {
    const { client, threadId } = await world.hire();
    const socket = await world.signIn(client);
    for (const body of ['x'.repeat(3_001), '', ' \n ', 'nul\u0000', '\ud800'])
      expect((await socket.refused('message.post', { threadId, clientMessageId: 'bad-body-message', body })).code).toBe(
        'invalid',
      );
    expect((await socket.request('thread.get', { threadId })).thread.head).toBe(2);
  }),
  scenario('[ST50] a body comes back as it was sent', async (world) => {
    const { client, talent, threadId } = await world.hire();
    const [socket, other] = [await world.signIn(client), await world.signIn(talent)];
    const body = '界 🧑🏽‍💻 "quoted" \\ \t <b> \u202e ﷽\u2028end';
    await post(socket, threadId, body);
    await other.inbox('it', (event) => event.message?.body === body);
  }),
  scenario('[TH6] a read cursor moves forward only, and is heard by the reader’s devices and the other', async (world) => {
    const { client, talent, threadId } = await world.hire();
    const [socket, phone, laptop] = [await world.signIn(client), await world.signIn(talent), await world.signIn(talent)];
    const { offset } = await post(socket, threadId, 'Read me');
    expect(await phone.request('cursor.move', { threadId, readOffset: offset })).toEqual({ readOffset: offset, unread: 0 });
    expect(await laptop.request('cursor.move', { threadId, readOffset: 1 })).toEqual({ readOffset: offset, unread: 0 });
    for (const each of [socket, laptop])
      await each.inbox('the cursor', (event) => event.type === 'cursor.moved' && event.readOffset === offset);
    expect(laptop.pushes('inbox').filter(({ event }) => event.type === 'cursor.moved')).toHaveLength(1);
  }),
  scenario('[ST54] unread counts what others said after the cursor, without what was deleted', async (world) => {
    const { client, talent, threadId } = await world.hire();
    const [socket, other] = [await world.signIn(client), await world.signIn(talent)];
    const said = await Promise.all(numbers(0, 5).map((index) => post(socket, threadId, `Number ${index}`)));
    await post(other, threadId, 'My own');
    await socket.request('message.delete', { threadId, offset: said[4]!.offset });
    expect((await other.request('thread.get', { threadId })).thread.unread).toBe(5);
    const first = Math.min(...said.map(({ offset }) => offset));
    expect((await other.request('cursor.move', { threadId, readOffset: first })).unread).toBeLessThan(5);
  }),
  scenario('[TH7] a newcomer has the whole history and hears what follows; who leaves hears nothing more', async (world) => {
    const [owner, member, newcomer] = await world.people('owner', 'member', 'newcomer');
    const threadId = await world.group(owner, member);
    const [one, two, three] = [await world.signIn(owner), await world.signIn(member), await world.signIn(newcomer)];
    await post(one, threadId, 'Before');
    await one.request('member.add', { threadId, userId: newcomer });
    for (const socket of [one, two, three]) await socket.inbox('the newcomer', (event) => event.type === 'member.joined');
    const { events } = await three.request('thread.history', { threadId });
    expect(JSON.stringify(events)).toContain('Before');
    await post(two, threadId, 'Welcome');
    await three.inbox('the welcome', (event) => event.message?.body === 'Welcome');
    await three.request('member.remove', { threadId, userId: newcomer });
    await post(two, threadId, 'Among ourselves');
    await one.inbox('it', (event) => event.message?.body === 'Among ourselves');
    expect(JSON.stringify(three.frames)).not.toContain('Among ourselves');
    expect((await three.refused('thread.get', { threadId })).code).toBe('not_member');
  }),
  scenario('[ST43] who was taken out while away is told of that alone', async (world) => {
    const [owner, member] = await world.people('owner', 'member', 'other');
    const threadId = await world.group(owner, member);
    const { socket: away, opened } = await world.open(member);
    away.terminate();
    const socket = await world.signIn(owner);
    await post(socket, threadId, 'You will not see this');
    await socket.request('member.remove', { threadId, userId: member });
    const { epoch, position } = opened.inbox;
    const { inbox } = (await world.open(member, { inbox: { epoch, position } })).opened;
    expect(inbox.recovered && inbox.entries.map(({ event }) => event.type)).toEqual(['member.left']);
    expect(JSON.stringify(inbox)).not.toContain('You will not see this');
  }),
  scenario('[TH7] a thread of a proposal takes nobody in, and a member of a group takes nobody out', async (world) => {
    const { client, outsider, threadId } = await world.hire();
    expect((await (await world.signIn(client)).refused('member.add', { threadId, userId: outsider })).code).toBe('forbidden');
    const [owner, member, third] = await world.people('owner', 'member', 'third');
    const group = await world.group(owner, member, third);
    expect((await (await world.signIn(member)).refused('member.remove', { threadId: group, userId: third })).code).toBe(
      'forbidden',
    );
  }),
];
