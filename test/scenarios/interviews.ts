import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Frame, RawSocket } from '../support/raw-socket.ts';
import { type Scenario, scenario, type World } from './world.ts';

const told = (socket: RawSocket, interviewId: string, state: string): Promise<Frame> =>
  socket.inbox(
    `the interview being ${state}`,
    ({ type, interview }) => type === 'interview.changed' && interview.interviewId === interviewId && interview.state === state,
  );

/** A client who calls, and a talent on two devices. */
const calling = async (world: World) => {
  const hiring = await world.hire();
  const caller = await world.signIn(hiring.client);
  const [phone, laptop] = [await world.signIn(hiring.talent), await world.signIn(hiring.talent)];
  const interviewId = randomUUID();
  await caller.request('interview.call', { threadId: hiring.threadId, interviewId, media: 'audio' });
  for (const socket of [phone, laptop]) await told(socket, interviewId, 'ringing');
  return { ...hiring, caller, phone, laptop, interviewId };
};

export const interviews: readonly Scenario[] = [
  scenario('[RI1] a call rings on every device of the other', async (world) => {
    const { laptop, interviewId, talent } = await calling(world);
    expect((await told(laptop, interviewId, 'ringing')).event.interview.invitedIds).toEqual([talent]);
  }),
  scenario('[RI2] an answer on one device stops the ringing on all', async (world) => {
    const { caller, phone, laptop, interviewId } = await calling(world);
    await phone.request('interview.answer', { interviewId });
    for (const socket of [caller, phone, laptop]) await told(socket, interviewId, 'live');
  }),
  scenario('[IN2] of answers from all devices at once one is stored, and all are told the same', async (world) => {
    const { phone, laptop, interviewId, threadId } = await calling(world);
    const answers = await Promise.all(
      [phone, laptop, phone, laptop].map((socket) => socket.request('interview.answer', { interviewId })),
    );
    expect(new Set(answers.map(({ interview }) => JSON.stringify(interview))).size).toBe(1);
    const { events } = await phone.request('thread.history', { threadId });
    const live = events.filter((event) => event.type === 'interview.changed' && event.interview.state === 'live');
    expect(live).toHaveLength(1);
  }),
  scenario('[IN6] an answer and a taking back at once leave one of them standing, the same for both', async (world) => {
    const { caller, phone, interviewId, threadId } = await calling(world);
    await Promise.all([
      caller.reply(caller.ask('interview.cancel', { interviewId })),
      phone.reply(phone.ask('interview.answer', { interviewId })),
    ]);
    const states = async (socket: RawSocket) =>
      (await socket.request('thread.history', { threadId })).events.flatMap((event) =>
        event.type === 'interview.changed' ? [[event.interview.version, event.interview.state]] : [],
      );
    expect((await states(caller)).slice(0, 2)).toEqual([
      [1, 'ringing'],
      [2, expect.stringMatching(/^(live|cancelled)$/)],
    ]);
    expect((await states(phone)).slice(0, 2)).toEqual((await states(caller)).slice(0, 2));
  }),
  scenario('[RI3] a call that is declined is over for all', async (world) => {
    const { caller, phone, laptop, interviewId } = await calling(world);
    await laptop.request('interview.decline', { interviewId });
    for (const socket of [caller, phone]) await told(socket, interviewId, 'declined');
    expect((await phone.refused('interview.answer', { interviewId })).code).toBe('gone');
  }),
  scenario('[IN4] only who was called declines, only the caller takes back', async (world) => {
    const { caller, phone, interviewId } = await calling(world);
    expect((await caller.refused('interview.decline', { interviewId })).code).toBe('forbidden');
    expect((await phone.refused('interview.cancel', { interviewId })).code).toBe('forbidden');
    await caller.request('interview.cancel', { interviewId });
    await told(phone, interviewId, 'cancelled');
  }),
  scenario('[IN5] a call that nobody answers is missed', async (world) => {
    const { caller, phone, laptop, interviewId } = await calling(world);
    for (const socket of [caller, phone, laptop]) await told(socket, interviewId, 'missed');
  }),
  scenario('[IN10] a live interview whose room stays empty ends by the clock', async (world) => {
    const { caller, phone, interviewId } = await calling(world);
    await phone.request('interview.answer', { interviewId });
    expect((await told(caller, interviewId, 'ended')).event.interview.endedBy).toBeNull();
  }),
  scenario('[IN1] [RI4] a thread has one call at a time, and an outsider no part in it', async (world) => {
    const { phone, outsider, threadId, interviewId } = await calling(world);
    const other = { threadId, interviewId: randomUUID(), media: 'audio' };
    expect(await phone.refused('interview.call', other)).toMatchObject({ code: 'conflict', conflictsWith: interviewId });
    const stranger = await world.signIn(outsider);
    for (const type of ['interview.answer', 'interview.decline', 'interview.cancel', 'interview.end'])
      expect((await stranger.refused(type, { interviewId })).code).toBe('not_member');
  }),
  scenario('[IN1] of calls from both sides at once one rings, and the other is told of it', async (world) => {
    const { client, talent, threadId } = await world.hire();
    const [one, other] = [await world.signIn(client), await world.signIn(talent)];
    const call = (socket: RawSocket) => {
      const interviewId = randomUUID();
      return socket.reply(socket.ask('interview.call', { threadId, interviewId, media: 'audio' }));
    };
    const answers = await Promise.all([call(one), call(other)]);
    const [rings] = answers.flatMap(({ result }) => (result === undefined ? [] : [result.interview]));
    const [refused] = answers.flatMap(({ error }) => (error === undefined ? [] : [error]));
    expect(refused).toMatchObject({ code: 'conflict', conflictsWith: rings.interviewId });
  }),
  scenario('[RI5] who is taken out of the thread during a call leaves its room', async (world) => {
    const [owner, member, third] = await world.people('owner', 'member', 'third');
    const threadId = await world.group(owner, member, third);
    const [one, two] = [await world.signIn(owner), await world.signIn(member)];
    const interviewId = randomUUID();
    await one.request('interview.call', { threadId, interviewId, media: 'audio' });
    await two.request('interview.answer', { interviewId });
    await one.request('room.join', { interviewId, participantId: randomUUID() });
    await two.request('room.join', { interviewId, participantId: randomUUID() });
    await one.request('member.remove', { threadId, userId: member });
    await two.inbox('having left', (event) => event.type === 'member.left');
    expect((await two.refused('room.join', { interviewId, participantId: randomUUID() })).code).toBe('not_member');
    await one.request('interview.end', { interviewId });
    await told(one, interviewId, 'ended');
  }),
];
