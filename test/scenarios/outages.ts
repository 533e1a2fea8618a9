/** What breaks the whole deployment for a while; these play one after the other. */
import { expect } from 'vitest';
import { until } from '../support/until.ts';
import { bodies, numbers, post, type Scenario, scenario } from './world.ts';

export const outages: readonly Scenario[] = [
  scenario('[DE1] what was acknowledged before a kill is there once, in order, after the restart', async (world) => {
    const { client, threadId } = await world.hire();
    const { server } = world.deployment.gateways[0]!;
    const sockets = await Promise.all(world.deployment.gateways.map(() => world.signIn(client)));
    const acknowledged: string[] = [];
    const posting = numbers(0, 200).map(async (index) => {
      const { body } = await post(sockets[index % sockets.length]!, threadId, `Number ${index}`);
      acknowledged.push(body);
      if (acknowledged.length === 40) await server.stop('SIGKILL');
    });
    await until('the kill', () => sockets.some(({ closed }) => closed !== undefined));
    void Promise.allSettled(posting);
    await server.start();
    const socket = await world.signIn(client);
    const all: string[] = [];
    for (let after = 0, more = true; more; ) {
      const page = await socket.request('thread.history', { threadId, after, limit: 100 });
      all.push(...page.events.flatMap((event) => (event.type === 'message.posted' ? [event.message.body] : [])));
      after = page.events.at(-1)?.offset ?? after;
      more = page.more;
    }
    for (const body of acknowledged) expect(all.filter((each) => each === body)).toEqual([body]);
    expect(acknowledged.length).toBeGreaterThanOrEqual(40);
  }),
  scenario('[CL36] devices come back by themselves after a kill, with what they wrote meanwhile', async (world) => {
    const { client, talent, threadId } = await world.hire();
    const [one, other] = [await world.sdk(client), await world.sdk(talent)];
    for (const { client: device } of [one, other]) device.thread(threadId).open();
    const { server } = world.deployment.gateways[0]!;
    await server.stop('SIGKILL');
    for (const index of numbers(0, 5)) one.client.thread(threadId).post(`Offline ${index}`);
    await server.start();
    const shown = () =>
      other.client
        .thread(threadId)
        .view.get()
        .items.flatMap((item) =>
          item.kind === 'event' && item.event.type === 'message.posted' ? [item.event.message.body] : [],
        );
    await until('all of it', () => shown().length === 6, 30_000);
    expect(shown()).toEqual(['Hello!', ...numbers(0, 5).map((index) => `Offline ${index}`)]);
  }),
  scenario('[SE22] a gateway that drains closes each socket with a delay of its own, and loses nothing', async (world) => {
    const { client, talent, threadId } = await world.hire();
    const gateway = world.deployment.gateways[0]!;
    const sockets = await Promise.all(numbers(0, 6).map(() => world.open(talent)));
    const socket = await world.signIn(client);
    await post(socket, threadId, 'Before');
    await gateway.server.stop('SIGTERM');
    const closes = sockets.flatMap((each) => (each.socket.closed === undefined ? [] : [each.socket.closed]));
    expect(closes.length).toBeGreaterThan(0);
    expect(closes.every(({ code }) => code === 4000)).toBe(true);
    expect(new Set(closes.map(({ reason }) => JSON.parse(reason).delayMs)).size).toBeGreaterThan(1);
    await gateway.server.start();
    const { epoch, position } = sockets[0]!.opened.inbox;
    const { inbox } = (await world.open(talent, { inbox: { epoch, position } })).opened;
    expect(inbox.position).toBe(position + 1);
  }),
  scenario('[IN11] a call that rang when the gateway was killed is missed in its time', async (world) => {
    const { client, talent, threadId } = await world.hire();
    const interviewId = crypto.randomUUID();
    await (await world.signIn(client)).request('interview.call', { threadId, interviewId, media: 'audio' });
    const { server } = world.deployment.gateways[0]!;
    await server.stop('SIGKILL');
    await server.start();
    const socket = await world.signIn(talent);
    await until('it to be over', async () => (await socket.request('thread.get', { threadId })).thread.interview === null);
    const { events } = await socket.request('thread.history', { threadId });
    expect(events.at(-1)).toMatchObject({ type: 'interview.changed', interview: { state: 'missed', version: 2 } });
  }),
  scenario('[DE5] a hung gateway goes on where it stood', async (world) => {
    const { client, talent, threadId } = await world.hire();
    const [one, other] = [await world.signIn(client), await world.signIn(talent)];
    const pid = world.deployment.gateways[0]!.server.pid();
    process.kill(pid, 'SIGSTOP');
    const posting = numbers(0, 5).map((index) => post(one, threadId, `Number ${index}`));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    process.kill(pid, 'SIGCONT');
    await Promise.all(posting);
    await until('all of it', () => bodies(other).length === 5);
    expect(bodies(other)).toEqual(numbers(0, 5).map((index) => `Number ${index}`));
  }),
  scenario('[CL4] a device on a frozen line notices, and has everything when the line is back', async (world) => {
    const { client, talent, threadId } = await world.hire();
    const { client: device, line } = await world.sdk(talent);
    line.freeze();
    await post(await world.signIn(client), threadId, 'Into the silence');
    await until('it to notice', () => device.connection.get().status !== 'online');
    line.restore();
    await until('it', () => device.inbox.get().threads[0]?.lastMessage?.body === 'Into the silence', 20_000);
  }),
];
