import { createHmac, randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Link } from '../media/links.ts';
import { RtcClient } from '../media/rtc-client.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { until } from '../support/until.ts';
import { type Scenario, scenario, TURN_SECRET, type World } from './world.ts';

const linkTo = (socket: RawSocket): Link => ({
  request: (type, payload) => socket.request(type, payload),
  onRoom(listener) {
    const hear = (data: { toString(): string }): void => {
      const frame = JSON.parse(data.toString());
      if (frame.push === 'room') listener(frame.room);
    };
    socket.ws.on('message', hear);
    return () => socket.ws.off('message', hear);
  },
});

/** Two people in a live call, each hearing the other. */
const inCall = async (world: World, work: (call: Call) => Promise<void>): Promise<void> => {
  const hiring = await world.hire();
  const [one, other] = [await world.open(hiring.client), await world.open(hiring.talent)];
  const interviewId = randomUUID();
  await one.socket.request('interview.call', { threadId: hiring.threadId, interviewId, media: 'audio' });
  await other.socket.request('interview.answer', { interviewId });
  const ada = new RtcClient(linkTo(one.socket), interviewId);
  const bob = new RtcClient(linkTo(other.socket), interviewId);
  try {
    await Promise.all([ada.join(), bob.join()]);
    await Promise.all([ada.sendMicrophone(), bob.sendMicrophone()]);
    await Promise.all([ada.hears(bob.participantId), bob.hears(ada.participantId)]);
    await work({ ada, bob, one, other, interviewId, ...hiring });
  } finally {
    ada.close();
    bob.close();
    one.socket.terminate();
    other.socket.terminate();
  }
};

interface Call {
  readonly ada: RtcClient;
  readonly bob: RtcClient;
  readonly one: Awaited<ReturnType<World['open']>>;
  readonly other: Awaited<ReturnType<World['open']>>;
  readonly interviewId: string;
  readonly client: string;
  readonly talent: string;
}

export const media: readonly Scenario[] = [
  scenario('[ME2] who joins second has media after two round trips', (world) =>
    inCall(world, async ({ ada, interviewId, other }) => {
      const again = new RtcClient(linkTo(other.socket), interviewId);
      try {
        await again.prepare();
        await again.join();
        await again.hears(ada.participantId);
        // Joining; then connecting and resuming, which go together.
        expect(again.roundTrips).toBe(3);
      } finally {
        again.close();
      }
    }),
  ),
  scenario('[ME5] who mutes is not heard, and unmuting brings the sound back', (world) =>
    inCall(world, async ({ ada, bob }) => {
      const producerId = ada.producerId('microphone');
      await ada.link.request('producer.pause', { ...ada.as, producerId });
      await until('silence', async () => {
        const before = bob.from(ada.participantId, 'microphone')?.energy;
        await new Promise((resolve) => setTimeout(resolve, 400));
        return bob.from(ada.participantId, 'microphone')?.energy === before;
      });
      await ada.link.request('producer.resume', { ...ada.as, producerId });
      await bob.hears(ada.participantId);
    }),
  ),
  scenario('[IN15] a cut socket leaves media alone, and the participant is resumed where it stood', (world) =>
    inCall(world, async ({ ada, bob, one, interviewId, client }) => {
      const seq = ada.pushes.at(-1)?.seq ?? 0;
      one.socket.terminate();
      await bob.hears(ada.participantId);
      const { sessionId, resumeToken } = one.opened;
      const back = await world.open(client, { resume: { sessionId, resumeToken } });
      const { epoch } = ada.state;
      const participantToken = ada.joined?.participantToken ?? '';
      const as = { interviewId, participantId: ada.participantId };
      expect((await back.socket.request('room.resume', { ...as, participantToken, epoch, seq })).recovered).toBe(true);
      await ada.hears(bob.participantId);
      back.socket.terminate();
    }),
  ),
  scenario('[IN14] a participant is nobody else’s', (world) =>
    inCall(world, async ({ ada, other, interviewId }) => {
      const as = { interviewId, participantId: ada.participantId };
      // A gateway knows the participants of its own sessions alone.
      const refusal = await other.socket.refused('producer.pause', { ...as, producerId: randomUUID() });
      expect(refusal.code).toMatch(/^(forbidden|gone)$/);
      const stolen = { ...as, participantToken: 'guess', epoch: 1, seq: 0 };
      expect((await other.socket.refused('room.resume', stolen)).code).toBe('forbidden');
    }),
  ),
  scenario('[IN12] when the interview ends everybody is told, and who comes later is told it is gone', (world) =>
    inCall(world, async ({ bob, one, other, interviewId }) => {
      await one.socket.request('interview.end', { interviewId });
      await bob.event('room.closed');
      expect((await other.socket.refused('room.join', { interviewId, participantId: randomUUID() })).code).toBe('gone');
    }),
  ),
  scenario('[ME3] who leaves is gone for the other, with all they sent', (world) =>
    inCall(world, async ({ ada, bob }) => {
      await ada.link.request('room.leave', ada.as);
      await bob.event('participant.left', ({ participantId }) => participantId === ada.participantId);
      await until('the sound to be gone', () => bob.from(ada.participantId, 'microphone') === undefined);
    }),
  ),
  scenario('[TN3] who joins, or restarts ICE, gets a TURN credential of their own that is good from now on', (world) =>
    inCall(world, async ({ ada, bob, client, talent }) => {
      const restarted = await ada.link.request('transport.restart_ice', { ...ada.as, direction: 'send' });
      for (const [servers, userId] of [
        [ada.joined?.iceServers, client],
        [bob.joined?.iceServers, talent],
        [restarted.iceServers, client],
      ] as const) {
        const { username = '', credential } = servers?.find(({ urls }) => urls[0]?.startsWith('turn:')) ?? {};
        const [expiry, owner] = username.split(':');
        expect(owner).toBe(userId);
        expect(Number(expiry)).toBeGreaterThan(Date.now() / 1_000);
        expect(credential).toBe(createHmac('sha1', TURN_SECRET).update(username).digest('base64'));
      }
    }),
  ),
  scenario('[ME20] a media worker is killed under a call: both stay, join again and hear each other', (world) =>
    inCall(world, async ({ ada, bob }) => {
      const { epoch } = ada.state;
      process.kill(await busyWorker(world), 'SIGKILL');
      await Promise.all([ada, bob].map(comesBack));
      await Promise.all([ada.hears(bob.participantId), bob.hears(ada.participantId)]);
      expect(ada.state.epoch).toBeGreaterThan(epoch);
      expect(ada.events('participant.left')).toEqual([]);
    }),
  ),
  scenario(
    '[CT17] a media node is killed under a call: it goes on on the other, in the same interview',
    (world) =>
      inCall(world, async ({ ada, bob, interviewId }) => {
        const node = await nodeOf(world);
        await node.stop('SIGKILL');
        await Promise.all([ada, bob].map(comesBack));
        await Promise.all([ada.hears(bob.participantId), bob.hears(ada.participantId)]);
        expect(ada.interviewId).toBe(interviewId);
        await node.start();
      }),
    'cluster',
  ),
];

/** What a client does by itself: joins again as the same participant and sends what it sent. */
const comesBack = async (client: RtcClient): Promise<void> => {
  await until(`word that ${client.participantId} has to join again`, () => client.events('room.reopened')[0], 20_000);
  const participantToken = client.joined?.participantToken;
  const refusals: string[] = [];
  const joins = (): Promise<boolean> =>
    client.join(participantToken === undefined ? {} : { participantToken }).then(
      () => true,
      (error: Error) => {
        refusals.push(error.message);
        return false;
      },
    );
  await until(`${client.participantId} to be back`, joins, 30_000).catch((error: Error) => {
    throw new Error(`${error.message} ${refusals.length} refusals, the last: ${refusals.at(-1)}`);
  });
  await client.sendMicrophone();
};

/** The processes with media in them, and what each worker of theirs receives. */
const workersOf = async (world: World) => {
  const { mediaNodes, gateways } = world.deployment;
  const servers = mediaNodes.length > 0 ? mediaNodes : gateways.map(({ server }) => server);
  const found = await Promise.all(
    servers.map(async (server) => {
      const text = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
      const producers = text.matchAll(/^parley_media_producers\{worker="(\d+)"\} (\d+)/gm);
      return [...producers].map(([, pid, count]) => ({ server, pid: Number(pid), producers: Number(count) }));
    }),
  );
  return found.flat();
};
/** Where this call is: those of the scenarios before it are over a grace after their sockets closed. */
const busiest = (world: World) =>
  until(
    'one worker alone to have a call',
    async () => {
      const busy = (await workersOf(world)).filter(({ producers }) => producers > 0);
      return busy.length === 1 && busy[0];
    },
    20_000,
  );
const busyWorker = async (world: World): Promise<number> => (await busiest(world)).pid;
const nodeOf = async (world: World) => (await busiest(world)).server;
