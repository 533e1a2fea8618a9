import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InboxRecovery, ThreadEvent } from '../../protocol/index.ts';
import { openThread, startGateway, type TestGateway } from '../support/gateway.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { until } from '../support/until.ts';

const post = (socket: RawSocket, threadId: string, clientMessageId: string, body = clientMessageId) =>
  socket.request('message.post', { threadId, clientMessageId, body });

const positionsOf = (socket: RawSocket): number[] => socket.pushes('inbox').map(({ position }) => position);

const consecutive = (positions: readonly number[]): boolean =>
  positions.every((position, index) => index === 0 || position === positions[index - 1]! + 1);

describe('delivery', () => {
  let gateway: TestGateway;
  let threadId: string;

  beforeAll(async () => {
    gateway = await startGateway({ 'session.heartbeatMs': 300, 'store.replayLimit': 20, 'session.requestBurst': 5_000 });
    threadId = await openThread(gateway);
  });
  afterAll(() => gateway.close());

  it('[DE2] [DE3] a message is posted exactly once by its client message id', async () => {
    const [client, talent] = await Promise.all([gateway.signIn('client'), gateway.signIn('talent')]);
    const first = await post(client, threadId, 'once-and-only', 'The same body');
    expect(first.replayed).toBe(false);
    const again = await Promise.all([1, 2, 3].map(() => post(client, threadId, 'once-and-only', 'The same body')));
    for (const { message, replayed } of again) expect({ message, replayed }).toEqual({ message: first.message, replayed: true });
    const conflict = await client.refused('message.post', { threadId, clientMessageId: 'once-and-only', body: 'Another body' });
    expect(conflict).toMatchObject({ code: 'conflict', retryable: false });
    // Another person's id of the same text is another message.
    expect((await post(talent, threadId, 'once-and-only', 'The same body')).replayed).toBe(false);
    await until('both pushes', () => talent.pushes('inbox').length >= 2);
    const mine = talent
      .pushes('inbox')
      .filter(({ event }) => event.message?.clientMessageId === 'once-and-only' && event.actorId === 'client');
    expect(mine).toHaveLength(1);
  });

  it('[DE4] [TH1] every device of every member hears each event once, in order, with consecutive positions', async () => {
    const sockets = await Promise.all(['client', 'client', 'talent'].map((userId) => gateway.signIn(userId)));
    const [client, , talent] = sockets as [RawSocket, RawSocket, RawSocket];
    const posted = await Promise.all(
      Array.from({ length: 60 }, (_, index) => post(index % 2 === 0 ? client : talent, threadId, `in-order-${index}`)),
    );
    const offsets = posted.map(({ message }) => message.offset).sort((a, b) => a - b);
    for (const socket of sockets) {
      await until('60 pushes', () => socket.pushes('inbox').length >= 60);
      expect(consecutive(positionsOf(socket))).toBe(true);
      expect(socket.pushes('inbox').map(({ event }) => event.offset)).toEqual(offsets);
    }
    expect(consecutive(offsets)).toBe(true);
    const bodies = sockets.map((socket) => JSON.stringify(socket.pushes('inbox').map(({ event }) => event)));
    expect(new Set(bodies).size).toBe(1);
  });

  it('[DE5] a client that comes back with its position gets everything it missed, in order', async () => {
    const [client, talent] = await Promise.all([gateway.signIn('client'), gateway.connect()]);
    const opened = await talent.request('session.open', { protocol: 1, token: gateway.token('talent') });
    const { epoch, position } = opened.inbox;
    talent.terminate();
    for (let index = 0; index < 10; index++) await post(client, threadId, `while-away-${index}`);
    const back = await gateway.connect();
    const { inbox } = await back.request('session.open', {
      protocol: 1,
      token: gateway.token('talent'),
      inbox: { epoch, position },
    });
    const recovered = inbox as Extract<InboxRecovery, { recovered: true }>;
    expect(recovered.recovered).toBe(true);
    expect(recovered.entries.map((entry) => entry.position)).toEqual(
      Array.from({ length: 10 }, (_, index) => position + 1 + index),
    );
    expect(recovered.entries.map(({ event }) => (event as ThreadEvent & { message: { body: string } }).message.body)).toEqual(
      Array.from({ length: 10 }, (_, index) => `while-away-${index}`),
    );
    expect(recovered.position).toBe(position + 10);
    const none = await back.request('inbox.since', { epoch, position: recovered.position });
    expect(none).toMatchObject({ recovered: true, entries: [], position: recovered.position });
  });

  it('[DE6] a position that cannot be recovered is answered with a snapshot, never with a part', async () => {
    const client = await gateway.signIn('client');
    const talent = await gateway.connect();
    const { inbox } = await talent.request('session.open', { protocol: 1, token: gateway.token('talent') });
    expect(inbox.recovered).toBe(false);
    await Promise.all(Array.from({ length: 21 }, (_, index) => post(client, threadId, `too-many-${index}`)));
    for (const from of [
      { epoch: 'another-life', position: inbox.position },
      { epoch: inbox.epoch, position: inbox.position + 1_000 },
      { epoch: inbox.epoch, position: inbox.position },
    ]) {
      const recovery = await talent.request('inbox.since', from);
      expect(recovery.recovered).toBe(false);
      if (!recovery.recovered) expect(recovery.snapshot.threads.map((thread) => thread.threadId)).toContain(threadId);
      expect(recovery.position).toBe(inbox.position + 21);
    }
  });

  it('[DE7] the heartbeat carries the inbox head, also when nothing was pushed', async () => {
    const talent = await gateway.connect();
    const { inbox } = await talent.request('session.open', { protocol: 1, token: gateway.token('talent') });
    const beat = await until('a heartbeat', () => talent.pushes('heartbeat')[0]);
    expect(beat).toMatchObject({ epoch: inbox.epoch, head: inbox.position });
    const client = await gateway.signIn('client');
    await post(client, threadId, 'moves-the-head');
    await until('the next head', () => talent.pushes('heartbeat').some(({ head }) => head === inbox.position + 1));
  });
});
