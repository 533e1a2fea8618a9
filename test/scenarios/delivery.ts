import { expect } from 'vitest';
import type { RawSocket } from '../support/raw-socket.ts';
import { until } from '../support/until.ts';
import { bodies, numbers, post, type Scenario, scenario } from './world.ts';

/** By their positions: two gateways' pushes may overtake each other. */
const inOrder = (socket: RawSocket) => socket.pushes('inbox').sort((a, b) => a.position - b.position);

export const delivery: readonly Scenario[] = [
  scenario('[DE2] the same message posted again by another device is the same message', async (world) => {
    const { client, threadId } = await world.hire();
    const [phone, laptop] = [await world.signIn(client), await world.signIn(client)];
    const first = await post(phone, threadId, 'Once', 'one-message');
    expect(await post(laptop, threadId, 'Once', 'one-message')).toEqual(first);
    await laptop.inbox('it', (event) => event.message?.body === 'Once');
    await post(phone, threadId, 'After');
    await laptop.inbox('the next', (event) => event.message?.body === 'After');
    expect(bodies(laptop)).toEqual(['Once', 'After']);
  }),
  scenario('[DE2] the same message posted twenty times at once is stored once', async (world) => {
    const { client, threadId } = await world.hire();
    const devices = await Promise.all([1, 2, 3, 4].map(() => world.signIn(client)));
    const ask = () => devices.map((socket) => post(socket, threadId, 'At once', 'the-only-message'));
    const messages = await Promise.all(numbers(0, 5).flatMap(ask));
    expect(new Set(messages.map(({ offset }) => offset)).size).toBe(1);
    expect((await devices[0]!.request('thread.get', { threadId })).thread.head).toBe(messages[0]?.offset);
  }),
  scenario('[DE3] another body under a used id is a conflict and stores nothing', async (world) => {
    const { client, threadId } = await world.hire();
    const [phone, laptop] = [await world.signIn(client), await world.signIn(client)];
    const { offset } = await post(phone, threadId, 'One body', 'one-message');
    const other = { threadId, clientMessageId: 'one-message', body: 'Another body' };
    expect(await laptop.refused('message.post', other)).toMatchObject({ code: 'conflict', retryable: false });
    expect((await phone.request('thread.get', { threadId })).thread.head).toBe(offset);
  }),
  scenario('[DE2] another person’s id of the same text is another message', async (world) => {
    const { client, talent, threadId } = await world.hire();
    const [one, other] = [await world.signIn(client), await world.signIn(talent)];
    const mine = await post(one, threadId, 'Mine', 'one-message');
    expect((await post(other, threadId, 'Theirs', 'one-message')).offset).toBe(mine.offset + 1);
  }),
  scenario('[DE4] every device of everybody hears everything once, at consecutive positions', async (world) => {
    const { client, talent, threadId } = await world.hire();
    const sockets = [
      await world.signIn(client),
      await world.signIn(client),
      await world.signIn(talent),
      await world.signIn(talent),
    ];
    await Promise.all(numbers(0, 40).map((index) => post(sockets[index % 4]!, threadId, `Number ${index}`)));
    for (const socket of sockets) {
      await until('forty pushes', () => socket.pushes('inbox').length >= 40);
      const positions = inOrder(socket).map(({ position }) => position);
      expect(positions).toEqual(numbers(positions[0], 40));
      expect(new Set(bodies(socket)).size).toBe(40);
    }
  }),
  scenario('[TH1] everybody sees the same events at the same offsets, whoever posts at the same time', async (world) => {
    const people = await world.people('ada', 'bob', 'cleo');
    const threadId = await world.group(...people);
    const sockets = await Promise.all(people.map((userId) => world.signIn(userId)));
    await Promise.all(numbers(0, 60).map((index) => post(sockets[index % 3]!, threadId, `Number ${index}`)));
    for (const socket of sockets) await until('sixty pushes', () => socket.pushes('inbox').length >= 60);
    const heard = sockets.map((socket) => JSON.stringify(inOrder(socket).map(({ event }) => event)));
    expect(new Set(heard).size).toBe(1);
    expect(inOrder(sockets[0]!).map(({ event }) => event.offset)).toEqual(numbers(2, 60));
  }),
  scenario('[DE5] who comes back with a position is given what was missed, in order', async (world) => {
    const { client, talent, threadId } = await world.hire();
    const { socket: away, opened } = await world.open(talent);
    away.terminate();
    const socket = await world.signIn(client);
    for (const index of numbers(0, 12)) await post(socket, threadId, `Number ${index}`);
    const { epoch, position } = opened.inbox;
    const { inbox } = (await world.open(talent, { inbox: { epoch, position } })).opened;
    expect(inbox.recovered && inbox.entries.map((entry) => entry.position)).toEqual(numbers(position + 1, 12));
  }),
  scenario('[DE5] nothing is missed or told twice between the reply to the opening and the first push', async (world) => {
    const { client, talent, threadId } = await world.hire();
    const socket = await world.signIn(client);
    const { opened } = await world.open(talent);
    const { epoch, position } = opened.inbox;
    const posting = Promise.all(numbers(0, 60).map((index) => post(socket, threadId, `Number ${index}`)));
    const { socket: back, opened: again } = await world.open(talent, { inbox: { epoch, position } });
    await posting;
    await until(
      'the end',
      () => back.pushes('inbox').some((push) => push.position === position + 60) || again.inbox.position === position + 60,
    );
    const replayed = again.inbox.recovered ? again.inbox.entries.map((entry) => entry.position) : [];
    const pushed = back
      .pushes('inbox')
      .map((push) => push.position)
      .filter((each) => each > again.inbox.position);
    expect([...replayed, ...pushed]).toEqual(numbers(position + 1, 60));
  }),
  scenario('[DE6] who fell too far behind is given a snapshot, never a part', async (world) => {
    const { client, talent, threadId } = await world.hire();
    const { opened } = await world.open(talent);
    const socket = await world.signIn(client);
    await Promise.all(numbers(0, 160).map((index) => post(socket, threadId, `Number ${index}`)));
    const { epoch, position } = opened.inbox;
    const { inbox } = (await world.open(talent, { inbox: { epoch, position } })).opened;
    expect(inbox).toMatchObject({ recovered: false, position: position + 160 });
    expect(inbox.recovered || inbox.snapshot.threads[0]).toMatchObject({ threadId, unread: 161 });
  }),
  scenario('[DE6] a position of another life of the store, or beyond the head, is answered with a snapshot', async (world) => {
    const { client } = await world.hire();
    const { socket, opened } = await world.open(client);
    const { epoch, position } = opened.inbox;
    expect((await socket.request('inbox.since', { epoch: 'another', position })).recovered).toBe(false);
    expect((await socket.request('inbox.since', { epoch, position: position + 1 })).recovered).toBe(false);
    expect((await socket.request('inbox.since', { epoch, position })).recovered).toBe(true);
  }),
  scenario('[DE7] the heartbeat carries the head of the inbox', async (world) => {
    const { client, talent, threadId } = await world.hire();
    const { socket, opened } = await world.open(talent);
    await post(await world.signIn(client), threadId, 'Moves it');
    await until('the head', () => socket.pushes('heartbeat').some(({ head }) => head === opened.inbox.position + 1));
  }),
  scenario('[CL18] a device that was cut off has everything, once, without loading again', async (world) => {
    const { client, talent, threadId } = await world.hire();
    const { client: device, line } = await world.sdk(talent);
    device.thread(threadId).open();
    line.cut();
    const socket = await world.signIn(client);
    for (const index of numbers(0, 10)) await post(socket, threadId, `Number ${index}`);
    line.restore();
    device.reconnectNow();
    const shown = () =>
      device
        .thread(threadId)
        .view.get()
        .items.flatMap((item) =>
          item.kind === 'event' && item.event.type === 'message.posted' ? [item.event.message.body] : [],
        );
    await until('all of it', () => shown().length === 11);
    expect(shown()).toEqual(['Hello!', ...numbers(0, 10).map((index) => `Number ${index}`)]);
  }),
  scenario('[CL23] a post that a frozen line swallowed is stored once, and shown as sent only then', async (world) => {
    const { client, threadId } = await world.hire();
    const { client: device, line } = await world.sdk(client);
    device.thread(threadId).open();
    await until('the page', () => device.thread(threadId).view.get().status === 'ready');
    line.freeze('down');
    device.thread(threadId).post('Into the void');
    const items = () =>
      device
        .thread(threadId)
        .view.get()
        .items.filter((item) => JSON.stringify(item).includes('Into the void'));
    expect(items().map(({ kind }) => kind)).toEqual(['pending']);
    await until('the line to be given up', () => device.connection.get().status !== 'online');
    line.cut();
    line.restore();
    device.reconnectNow();
    await until('it to be sent', () => items().some(({ kind }) => kind === 'event'));
    expect(items()).toHaveLength(1);
    const { events } = await (await world.signIn(client)).request('thread.history', { threadId });
    expect(events.filter((event) => JSON.stringify(event).includes('Into the void'))).toHaveLength(1);
  }),
  scenario('[SE18] a slow reader is closed with a code that says reconnect, and misses nothing', async (world) => {
    const { client, talent, threadId } = await world.hire();
    const { socket: slow, opened } = await world.open(talent);
    const socket = await world.signIn(client);
    slow.ws.pause();
    const body = 'x'.repeat(3_000);
    let posted = 0;
    const isClosed = async (): Promise<boolean> => {
      const texts = await Promise.all(
        world.deployment.gateways.map(async ({ server }) => (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text()),
      );
      return texts.some((text) => /parley_slow_consumers_total [1-9]/.test(text));
    };
    await until(
      'it to be closed',
      async () => {
        // As fast as the session may.
        await Promise.all(numbers(0, 40).map(() => post(socket, threadId, body)));
        posted += 40;
        await new Promise((resolve) => setTimeout(resolve, 60));
        return isClosed();
      },
      30_000,
    );
    slow.ws.resume();
    expect((await slow.whenClosed()).code).toBe(4001);
    const { epoch, position } = opened.inbox;
    const { inbox } = (await world.open(talent, { inbox: { epoch, position: position + slow.pushes('inbox').length } })).opened;
    expect(inbox.position).toBe(position + posted);
  }),
];
