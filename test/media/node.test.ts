import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ROUTER_RTP_CAPABILITIES } from '../../media/codecs.ts';
import { createMediaNode } from '../../media/media-node.ts';
import { DEFAULT_PARTICIPANTS, type RoomEvent, TransportOptions } from '../../protocol/index.ts';
import type { MediaCommand } from '../../signaling/media-node.ts';
import { until } from '../support/until.ts';
import { codeOf, startNode, TEST_SETTINGS, type TestNode } from './node.ts';

describe('the media node', () => {
  let test: TestNode;
  beforeAll(async () => {
    test = await startNode();
  });
  afterEach(() => {
    test.closeClients();
    test.events.length = 0;
  });
  afterAll(() => test.close());

  const eventsOf = (participantId: string): RoomEvent[] =>
    test.events.flatMap((event) => (event.type === 'participant' && event.participantId === participantId ? [event.event] : []));
  const seqsOf = (participantId: string): number[] =>
    test.events.flatMap((event) => (event.type === 'participant' && event.participantId === participantId ? [event.seq] : []));

  it('[ME11] joining answers with both transports, UDP before TCP, and the room as it is', async () => {
    const [roomId, participantId] = [randomUUID(), randomUUID()];
    const { capabilities, reply } = {
      capabilities: await test.node.request('capabilities', {}),
      reply: await test.node.request('join', { roomId, participantId, userId: 'ada', joinedAt: 17 }),
    };
    expect(reply.routerRtpCapabilities).toEqual(capabilities.routerRtpCapabilities);
    expect(reply.routerRtpCapabilities.codecs.map(({ mimeType }) => mimeType)).toEqual([
      'audio/opus',
      'video/VP8',
      'video/rtx',
      'video/H264',
      'video/rtx',
      'video/VP9',
      'video/rtx',
    ]);
    for (const transport of [reply.sendTransport, reply.receiveTransport]) {
      expect(TransportOptions.parse(transport)).toEqual(transport);
      const [udp, tcp] = transport.iceCandidates;
      expect([udp?.protocol, tcp?.protocol, transport.iceCandidates.length]).toEqual(['udp', 'tcp', 2]);
      expect(udp!.priority).toBeGreaterThan(tcp!.priority);
    }
    expect(reply.sendTransport.transportId).not.toBe(reply.receiveTransport.transportId);
    const self = { participantId, userId: 'ada', connected: true, joinedAt: 17, producers: [] };
    expect(reply.state).toEqual({ epoch: expect.any(Number), seq: 0, participants: [self], consumers: [], speakerId: null });
    expect(structuredClone(reply)).toEqual(reply);
    await test.leave(roomId, participantId);
  });

  it('[ME12] events of a participant count 1, 2, 3 and are replayed exactly', async () => {
    const [roomId, ada] = [randomUUID(), randomUUID()];
    const { state } = await test.join(roomId, ada);
    const others = [randomUUID(), randomUUID()];
    for (const other of others) await test.join(roomId, other);
    for (const other of others) await test.leave(roomId, other);
    const seen = eventsOf(ada);
    expect(seen.map(({ type }) => type)).toEqual([
      'participant.joined',
      'participant.joined',
      'participant.left',
      'participant.left',
    ]);
    expect(seqsOf(ada)).toEqual([1, 2, 3, 4]);
    for (let seq = 0; seq <= 4; seq += 1) {
      expect(await test.node.request('replay', { roomId, participantId: ada, epoch: state.epoch, seq })).toEqual({
        recovered: true,
        epoch: state.epoch,
        seq: 4,
        events: seen.map((event, at) => ({ seq: at + 1, event })).slice(seq),
      });
    }
    await test.leave(roomId, ada);
  });

  it('[ME12] a participant that stands nowhere known gets the state instead of a part', async () => {
    const [roomId, ada, bob] = [randomUUID(), randomUUID(), randomUUID()];
    const { state } = await test.join(roomId, ada);
    await test.join(roomId, bob);
    for (let time = 0; time < 300; time += 1) {
      await test.node.request('setConnected', { roomId, participantId: bob, connected: time % 2 === 1 });
    }
    const participants = expect.arrayContaining([expect.objectContaining({ participantId: bob, connected: true })]);
    const wanted = { recovered: false, state: expect.objectContaining({ epoch: state.epoch, seq: 301, participants }) };
    const replay = (epoch: number, seq: number) => test.node.request('replay', { roomId, participantId: ada, epoch, seq });
    expect(await replay(state.epoch, 44)).toEqual(wanted);
    expect(await replay(state.epoch, 302)).toEqual(wanted);
    expect(await replay(state.epoch - 1, 301)).toEqual(wanted);
    const kept = await replay(state.epoch, 45);
    expect(kept).toMatchObject({ recovered: true, seq: 301 });
    expect(kept.recovered && kept.events.map(({ seq }) => seq)).toEqual(Array.from({ length: 256 }, (_, at) => 46 + at));
    for (const participantId of [ada, bob]) await test.leave(roomId, participantId);
  });

  it('[ME13] eight people are in a room, the ninth is told that it is full until one leaves', async () => {
    const roomId = randomUUID();
    const people = Array.from({ length: DEFAULT_PARTICIPANTS }, () => randomUUID());
    const joins = await Promise.all(people.map((participantId) => test.join(roomId, participantId)));
    const ninth = randomUUID();
    expect(await codeOf(test.join(roomId, ninth))).toBe('room_full');
    // Who is in it may join again.
    expect((await test.join(roomId, people[0])).state.participants).toHaveLength(DEFAULT_PARTICIPANTS);
    await test.leave(roomId, people[1]!);
    expect((await test.join(roomId, ninth)).state.participants).toHaveLength(DEFAULT_PARTICIPANTS);
    expect(new Set(joins.map(({ state }) => state.epoch)).size).toBe(1);
    await test.node.request('closeRoom', { roomId });
  });

  it('[ME13] of people who come at once, exactly eight get in', async () => {
    const roomId = randomUUID();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => codeOf(test.join(roomId))));
    expect(outcomes.filter((code) => code === undefined)).toHaveLength(DEFAULT_PARTICIPANTS);
    expect(new Set(outcomes)).toEqual(new Set([undefined, 'room_full']));
    await test.node.request('closeRoom', { roomId });
  });

  it('[ME14] joining again gives fresh transports, keeps the place in the room, and the others see the tracks go and come', async () => {
    const roomId = randomUUID();
    const [ada, bob] = [test.client('ada', roomId), test.client('bob', roomId)];
    await Promise.all([ada.join(), bob.join()]);
    await ada.sendCamera();
    await bob.decodes(ada.participantId, 5);
    const before = ada.joined!;
    const joinedAt = ada.state.participants.find(({ participantId }) => participantId === ada.participantId)!.joinedAt;
    await ada.join();
    expect(ada.joined!.sendTransport.transportId).not.toBe(before.sendTransport.transportId);
    expect(ada.state.epoch).toBe(before.state.epoch);
    expect(ada.state.participants).toContainEqual(
      expect.objectContaining({ participantId: ada.participantId, joinedAt, producers: [] }),
    );
    // Whoever stands before the joining lost what was told about the old transports.
    const { epoch } = ada.state;
    const standing = (seq: number) => test.node.request('replay', { roomId, participantId: ada.participantId, epoch, seq });
    expect(await standing(ada.state.seq - 1)).toMatchObject({ recovered: false });
    expect(await standing(ada.state.seq)).toMatchObject({ recovered: true, events: [] });
    await ada.sendCamera();
    await bob.decodes(ada.participantId, 10);
    const aboutAda = bob.pushes.map(({ event }) => event).filter(({ type }) => type !== 'quality.changed');
    expect(
      aboutAda
        .map(({ type }) => type)
        .slice(-6)
        .sort(),
    ).toEqual(
      ['producer.opened', 'consumers.opened', 'consumer.closed', 'producer.closed', 'producer.opened', 'consumers.opened'].sort(),
    );
    expect(bob.events('participant.left')).toEqual([]);
  });

  it('[ME15] commands of a participant are carried out in the order they were sent', async () => {
    const roomId = randomUUID();
    const [ada, bob] = [test.client('ada', roomId), test.client('bob', roomId)];
    await Promise.all([ada.join(), bob.join()]);
    await ada.sendMicrophone();
    const microphone = { roomId, participantId: ada.participantId, producerId: ada.producerId('microphone') };
    const commands = [true, false, true, false, true].map((paused) =>
      test.node.request('pauseProducer', { ...microphone, paused }),
    );
    await Promise.all([...commands, test.node.request('closeProducer', microphone)]);
    await test.node.request('pauseProducer', { ...microphone, paused: false });
    await bob.event('producer.closed');
    expect(bob.events('producer.paused').map(({ paused }) => paused)).toEqual([true, false, true, false, true]);
  });

  it('[ME16] what was done already, or is gone, is done: connecting, sending, pausing, closing and leaving again', async () => {
    const roomId = randomUUID();
    const [ada, bob] = [test.client('ada', roomId), test.client('bob', roomId)];
    await Promise.all([ada.join(), bob.join()]);
    const opens: { producerId: string }[] = [];
    ada.onRequest = (type, payload) => {
      if (type === 'producer.open') opens.push(payload as { producerId: string });
    };
    await ada.sendMicrophone();
    const at = { roomId, participantId: ada.participantId };
    const open = opens[0] as MediaCommand<'openProducer'>;
    expect(await test.node.request('openProducer', { ...open, ...at })).toEqual({ producerId: open.producerId });
    const { dtlsParameters } = open;
    if (dtlsParameters === undefined) throw new Error('The first producer did not bring the certificate.');
    const upper = {
      ...dtlsParameters,
      fingerprints: dtlsParameters.fingerprints.map((one) => ({ ...one, value: one.value.toUpperCase() })),
    };
    for (const again of [dtlsParameters, upper]) {
      expect(await test.node.request('connectTransport', { ...at, direction: 'send', dtlsParameters: again })).toEqual({});
    }
    const other = { ...dtlsParameters, fingerprints: [{ algorithm: 'sha-256' as const, value: Array(32).fill('AB').join(':') }] };
    expect(await codeOf(test.node.request('connectTransport', { ...at, direction: 'send', dtlsParameters: other }))).toBe(
      'conflict',
    );
    await bob.event('producer.opened');
    expect(bob.events('producer.opened')).toHaveLength(1);

    const nowhere = randomUUID();
    const { producerId } = open;
    expect(await test.node.request('closeProducer', { ...at, producerId })).toEqual({});
    expect(await test.node.request('closeProducer', { ...at, producerId })).toEqual({});
    expect(await test.node.request('pauseProducer', { ...at, producerId, paused: true })).toEqual({});
    expect(await test.node.request('pauseConsumers', { ...at, consumerIds: [nowhere], paused: false })).toEqual({});
    expect(await test.node.request('setLayers', { ...at, consumerId: nowhere, spatialLayer: 0, temporalLayer: 0 })).toEqual({});
    expect(await test.node.request('setConnected', { roomId, participantId: nowhere, connected: true })).toEqual({});
    for (let time = 0; time < 2; time += 1) expect(await test.leave(roomId, ada.participantId)).toEqual({});
    for (let time = 0; time < 2; time += 1) expect(await test.node.request('closeRoom', { roomId })).toEqual({});
  });

  it('[ME16] a participant that is not in the room is told to join again', async () => {
    const at = { roomId: randomUUID(), participantId: randomUUID() };
    await test.join(at.roomId);
    const dtlsParameters = { fingerprints: [{ algorithm: 'sha-256' as const, value: Array(32).fill('AB').join(':') }] };
    const commands = [
      test.node.request('connectTransport', { ...at, direction: 'send', dtlsParameters }),
      test.node.request('restartIce', { ...at, direction: 'receive' }),
      test.node.request('pauseProducer', { ...at, producerId: randomUUID(), paused: true }),
      test.node.request('requestConsumers', { ...at, rtpCapabilities: ROUTER_RTP_CAPABILITIES }),
      test.node.request('pauseConsumers', { ...at, consumerIds: [], paused: true }),
      test.node.request('replay', { ...at, epoch: 1, seq: 0 }),
    ];
    expect(await Promise.all(commands.map(codeOf))).toEqual(commands.map(() => 'gone'));
    await test.node.request('closeRoom', { roomId: at.roomId });
  });

  it('[ME17] a room closes when the last one leaves or when it is told to, and opens again under a larger epoch', async () => {
    const startedAt = Date.now();
    const [roomId, ada, bob] = [randomUUID(), randomUUID(), randomUUID()];
    const first = await test.join(roomId, ada);
    expect(first.state.epoch).toBeGreaterThanOrEqual(startedAt);
    await test.leave(roomId, ada);
    expect(eventsOf(ada)).toEqual([{ type: 'participant.left', participantId: ada, reason: 'left' }]);
    expect(test.events).toContainEqual({ type: 'room.emptied', roomId });
    expect(await codeOf(test.node.request('replay', { roomId, participantId: ada, epoch: 1, seq: 0 }))).toBe('gone');

    test.events.length = 0;
    const second = await test.join(roomId, ada);
    await test.join(roomId, bob);
    expect(second.state.epoch).toBeGreaterThan(first.state.epoch);
    await test.node.request('closeRoom', { roomId });
    for (const participantId of [ada, bob]) expect(eventsOf(participantId).at(-1)).toEqual({ type: 'room.closed' });
    expect(test.events.filter(({ type }) => type === 'room.emptied')).toEqual([]);
    expect((await test.join(roomId, ada)).state.epoch).toBeGreaterThan(second.state.epoch);
    await test.node.request('closeRoom', { roomId });
  });

  it('[ME17] a join that the end of the room overtakes is refused', async () => {
    const roomId = randomUUID();
    await test.join(roomId);
    const late = codeOf(test.join(roomId));
    await test.node.request('closeRoom', { roomId });
    expect(await late).toBe('gone');
  });
});

describe('the media node as a process', () => {
  const isRunning = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  it('[ME19] it leaves signals to the program, and closing it ends its workers', async () => {
    const listeners = () => ['SIGTERM', 'SIGINT'].map((signal) => process.listenerCount(signal));
    const before = listeners();
    const { node } = await startNode();
    expect(listeners()).toEqual(before);
    expect(node.ready()).toBe(true);
    const pids = (await node.request('stats', {})).workers.map(({ pid }) => pid);
    expect(pids.map(isRunning)).toEqual([true, true]);
    await Promise.all([node.close(), node.close()]);
    expect(pids.map(isRunning)).toEqual([false, false]);
    expect(node.ready()).toBe(false);
    expect(await codeOf(node.request('capabilities', {}))).toBe('unavailable');
  });

  it('[ME19] a worker that cannot be started stops the start', async () => {
    const settings = { ...TEST_SETTINGS, workerBin: '/nowhere/mediasoup-worker' };
    await expect(createMediaNode({ settings, log: pino({ level: 'silent' }) })).rejects.toThrow('/nowhere/mediasoup-worker');
  });

  it('[ME18] rooms are spread over the workers, and the gauges say what each carries', async () => {
    const test = await startNode();
    const carried = async () => {
      const { workers } = await test.node.request('stats', {});
      const sum = (key: 'rooms' | 'producers' | 'consumers') => workers.reduce((total, worker) => total + worker[key], 0);
      return { rooms: workers.map((worker) => worker.rooms), producers: sum('producers'), consumers: sum('consumers') };
    };
    const rooms = Array.from({ length: 4 }, () => randomUUID());
    for (const roomId of rooms) await test.join(roomId);
    const [ada, bob] = [test.client('ada', rooms[0]!), test.client('bob', rooms[0]!)];
    await Promise.all([ada.join(), bob.join()]);
    await ada.sendCamera();
    await bob.decodes(ada.participantId, 5);
    expect(await carried()).toEqual({ rooms: [2, 2], producers: 1, consumers: 1 });
    await until('a worker to be measured', async () => (await test.node.request('stats', {})).workers.some(({ cpu }) => cpu > 0));
    for (const roomId of rooms) await test.node.request('closeRoom', { roomId });
    expect(await carried()).toEqual({ rooms: [0, 0], producers: 0, consumers: 0 });
    await test.close();
  });

  it('[ME19] each worker has a port of its own, counted from the first', async () => {
    // Between the ports that tests are given and those that the system gives by itself.
    const portBase = 32_000 + Math.floor(Math.random() * 700);
    const test = await startNode({ portBase, announcedAddress: 'media.example.com' });
    const ports = new Set<number>();
    for (let room = 0; room < 2; room += 1) {
      const { sendTransport } = await test.join(randomUUID());
      for (const candidate of sendTransport.iceCandidates) ports.add(candidate.port);
      expect(sendTransport.iceCandidates.map(({ address }) => address)).toEqual(['media.example.com', 'media.example.com']);
    }
    expect([...ports].sort()).toEqual([portBase, portBase + 1]);
    await test.close();
  });
});
