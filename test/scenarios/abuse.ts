import { expect } from 'vitest';
import { until } from '../support/until.ts';
import { numbers, post, type Scenario, scenario } from './world.ts';

export const abuse: readonly Scenario[] = [
  scenario('[SE1] who begins with anything but an opening is closed for good', async (world) => {
    for (const frame of ['nonsense', '{}', '{"id":1,"type":"thread.list","payload":{}}']) {
      const socket = await world.connect();
      socket.send(frame);
      expect((await socket.whenClosed()).code).toBe(4504);
    }
  }),
  scenario('[SE12] [SE13] [SE14] broken frames get typed errors, and the session goes on', async (world) => {
    const { client, threadId } = await world.hire();
    const socket = await world.signIn(client);
    socket.send('{"id": 7, "type"');
    expect((await socket.reply(null)).error.code).toBe('malformed');
    expect((await socket.refused('message.destroy', {})).code).toBe('unknown_type');
    expect((await socket.refused('__proto__', {})).code).toBe('unknown_type');
    expect((await socket.refused('message.post', { threadId, clientMessageId: 'no-body-at-all' })).code).toBe('invalid');
    await post(socket, threadId, 'Still here');
  }),
  scenario('[SE15] a frame that is too large is not read, and the session goes on', async (world) => {
    const { client, threadId } = await world.hire();
    const socket = await world.signIn(client);
    const payload = { threadId, clientMessageId: 'far-too-large', body: 'x'.repeat(300_000) };
    socket.send(JSON.stringify({ id: 50, type: 'message.post', payload }));
    expect((await socket.reply(null)).error.code).toBe('too_large');
    expect((await socket.request('thread.get', { threadId })).thread.head).toBe(2);
  }),
  scenario('[SE16] bytes that are no text are refused, and the session goes on', async (world) => {
    const { client } = await world.hire();
    const socket = await world.signIn(client);
    socket.send(Buffer.from([0x7b, 0xc3, 0x28, 0x7d]));
    expect((await socket.reply(null)).error.code).toBe('malformed');
    await socket.request('thread.list', {});
  }),
  scenario(
    '[SE17] a flood is limited with typed replies, stores nothing of what it refused, and keeps nobody else out',
    async (world) => {
      const { client, talent, threadId } = await world.hire();
      const [socket, other] = [await world.signIn(client), await world.signIn(talent)];
      const ids = numbers(0, 3_000).map((index) =>
        socket.ask('message.post', { threadId, clientMessageId: `flood-message-${index}`, body: 'x' }),
      );
      await post(other, threadId, 'Meanwhile');
      await until('all replies', () => socket.frames.filter((frame) => ids.includes(frame.id)).length === 3_000, 30_000);
      const replies = socket.frames.filter((frame) => ids.includes(frame.id));
      const refused = replies.filter(({ error }) => error !== undefined);
      const limited = refused.filter(({ error }) => error.code === 'rate_limited');
      expect(limited.length).toBeGreaterThan(500);
      for (const { error } of limited) expect(error).toMatchObject({ retryAfterMs: expect.any(Number) });
      // A store that is slower than the rate refuses what it cannot begin in time.
      for (const { error } of refused)
        expect(error).toMatchObject({ code: expect.stringMatching(/^(rate_limited|unavailable)$/), retryable: true });
      expect((await other.request('thread.get', { threadId })).thread.head).toBe(3 + replies.length - refused.length);
    },
  ),
  scenario('[SE3] a person the host platform never told of is refused', async (world) => {
    const socket = await world.connect();
    expect((await socket.refused('session.open', { protocol: 1, token: world.token('stranger') })).code).toBe('unauthenticated');
  }),
];
