import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mintToken } from '../../src/identity/tokens.ts';
import { JWT_SECRET, openThread, startGateway, type TestGateway } from '../support/gateway.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { startServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';

describe('calling', () => {
  let gateway: TestGateway;
  let threadId: string;
  let client: RawSocket;
  let phone: RawSocket;
  let laptop: RawSocket;

  beforeAll(async () => {
    gateway = await startGateway({ 'interview.ringMs': 1_000, 'interview.emptyMs': 300 });
    threadId = await openThread(gateway);
  });
  afterAll(() => gateway.close());
  beforeEach(async () => {
    [client, phone, laptop] = (await Promise.all(['client', 'talent', 'talent'].map((userId) => gateway.signIn(userId)))) as [
      RawSocket,
      RawSocket,
      RawSocket,
    ];
  });
  afterEach(async () => {
    const { thread } = await client.request('thread.get', { threadId });
    if (thread.interview !== null)
      await until(
        'the interview to be over',
        async () => (await client.request('thread.get', { threadId })).thread.interview === null,
      );
    for (const socket of [client, phone, laptop]) socket.terminate();
  });

  const call = async (media: 'audio' | 'video' = 'video') => {
    const interviewId = randomUUID();
    const { interview } = await client.request('interview.call', { threadId, interviewId, media });
    return interview;
  };
  const state = (socket: RawSocket, interviewId: string, wanted: string) =>
    socket.inbox(
      `the interview being ${wanted}`,
      (event) =>
        event.type === 'interview.changed' && event.interview.interviewId === interviewId && event.interview.state === wanted,
    );

  it('[RI1] [RI2] rings on every device of the others, and stops everywhere when one answers', async () => {
    const { interviewId, ringsUntil } = await call();
    expect(ringsUntil).toBeGreaterThan(Date.now());
    for (const socket of [phone, laptop]) {
      const push = await state(socket, interviewId, 'ringing');
      expect(push.event.interview).toMatchObject({ invitedIds: ['talent'], startedBy: 'client', media: 'video' });
    }
    const answered = await phone.request('interview.answer', { interviewId });
    expect(answered.interview).toMatchObject({ state: 'live', answeredBy: 'talent' });
    for (const socket of [client, phone, laptop]) await state(socket, interviewId, 'live');
    expect((await laptop.refused('interview.decline', { interviewId })).code).toBe('conflict');
    await client.request('interview.end', { interviewId });
    for (const socket of [client, phone, laptop]) await state(socket, interviewId, 'ended');
  });

  it('[RI3] is declined by those called, taken back by the caller, missed when time runs out', async () => {
    const declined = await call('audio');
    expect((await client.refused('interview.decline', declined)).code).toBe('forbidden');
    await phone.request('interview.decline', declined);
    for (const socket of [client, laptop]) await state(socket, declined.interviewId, 'declined');

    const cancelled = await call('audio');
    expect((await phone.refused('interview.cancel', cancelled)).code).toBe('forbidden');
    await client.request('interview.cancel', cancelled);
    for (const socket of [phone, laptop]) await state(socket, cancelled.interviewId, 'cancelled');

    const missed = await call('audio');
    for (const socket of [client, phone, laptop]) await state(socket, missed.interviewId, 'missed');
    const { events } = await client.request('thread.history', { threadId, limit: 100 });
    const told = events.flatMap((event) =>
      event.type === 'interview.changed' && event.interview.media === 'audio' ? [event.interview.state] : [],
    );
    expect(told).toEqual(['ringing', 'declined', 'ringing', 'cancelled', 'ringing', 'missed']);
  });

  it('[RI4] outsiders have no part in it, and a thread has one interview at a time', async () => {
    const { interviewId } = await call();
    const outsider = await gateway.signIn('outsider');
    for (const type of ['interview.answer', 'interview.decline', 'interview.cancel', 'interview.end'] as const) {
      expect((await outsider.refused(type, { interviewId })).code).toBe('not_member');
    }
    expect((await outsider.refused('room.join', { interviewId, participantId: randomUUID() })).code).toBe('not_member');
    expect((await phone.refused('interview.answer', { interviewId: randomUUID() })).code).toBe('not_found');
    expect(await phone.refused('interview.call', { threadId, interviewId: randomUUID(), media: 'audio' })).toMatchObject({
      code: 'conflict',
      conflictsWith: interviewId,
    });
    expect((await client.request('interview.call', { threadId, interviewId, media: 'video' })).interview.version).toBe(1);
    await client.request('interview.cancel', { interviewId });
  });

  it('[RI5] a person who leaves the thread leaves the room', async () => {
    const group = {
      threadKey: 'group-call',
      kind: 'group',
      members: [{ userId: 'client', role: 'owner' }, { userId: 'talent' }, { userId: 'outsider' }],
    };
    const { body } = await gateway.host('POST', '/v1/threads', group);
    const interviewId = randomUUID();
    await client.request('interview.call', { threadId: body.threadId, interviewId, media: 'audio' });
    await phone.request('interview.answer', { interviewId });
    const mine = randomUUID();
    const theirs = randomUUID();
    await client.request('room.join', { interviewId, participantId: mine });
    await phone.request('room.join', { interviewId, participantId: theirs });
    await client.request('member.remove', { threadId: body.threadId, userId: 'talent' });
    const left = await until('them to have left the room', () =>
      client.pushes('room').find(({ room }) => room.event.type === 'participant.left'),
    );
    expect(left.room.event).toMatchObject({ participantId: theirs });
    expect((await phone.refused('producer.pause', { interviewId, participantId: theirs, producerId: randomUUID() })).code).toBe(
      'gone',
    );
    expect((await phone.refused('room.join', { interviewId, participantId: theirs })).code).toBe('not_member');
    await client.request('interview.end', { interviewId });
  });
});

describe('an interview and a killed server', () => {
  it('[RI6] is live after the restart while somebody comes back, and ends when nobody does', async () => {
    const server = await startServer({ PARLEY_DEMO: 'true', PARLEY_ROOM_EMPTY_MS: '1500' });
    const signIn = async (userId: string): Promise<RawSocket> => {
      const socket = await RawSocket.connect(server.socketUrl);
      await socket.request('session.open', { protocol: 1, token: mintToken(JWT_SECRET, userId, { ttlSeconds: 600 }) });
      return socket;
    };
    try {
      const interviewId = randomUUID();
      const participantId = randomUUID();
      let dana = await signIn('dana');
      const tomas = await signIn('tomas');
      const { threadId } = await dana.request('proposal.message', {
        proposalId: 'proposal-tomas',
        clientMessageId: 'before-the-call',
        body: 'Now?',
      });
      await dana.request('interview.call', { threadId, interviewId, media: 'audio' });
      await tomas.request('interview.answer', { interviewId });
      const before = await dana.request('room.join', { interviewId, participantId });
      await server.stop('SIGKILL');
      await server.start();
      dana = await signIn('dana');
      expect((await dana.request('thread.get', { threadId })).thread.interview?.state).toBe('live');
      expect(
        (
          await dana.refused('room.resume', {
            interviewId,
            participantId,
            participantToken: before.participantToken,
            epoch: before.state.epoch,
            seq: 0,
          })
        ).code,
      ).toBe('gone');
      const after = await dana.request('room.join', { interviewId, participantId, participantToken: before.participantToken });
      expect(after.state.epoch).toBeGreaterThan(before.state.epoch);
      await server.stop('SIGKILL');
      await server.start();
      dana = await signIn('dana');
      const ended = await dana.inbox(
        'the end',
        (event) => event.type === 'interview.changed' && event.interview.state === 'ended',
      );
      expect(ended.event.interview.endedBy).toBeNull();
      dana.terminate();
    } finally {
      await server.dispose();
    }
  });
});
