import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { startNode, type TestNode } from './node.ts';
import type { RtcClient } from './rtc-client.ts';

describe('a call', () => {
  let test: TestNode;
  beforeAll(async () => {
    test = await startNode();
  });
  afterEach(async () => {
    test.closeClients();
  });
  afterAll(() => test.close());

  /** Two people who send and receive both kinds. */
  const twoTalking = async (): Promise<[RtcClient, RtcClient]> => {
    const roomId = randomUUID();
    const [ada, bob] = [test.client('ada', roomId), test.client('bob', roomId)];
    await Promise.all([ada.join(), bob.join()]);
    for (const client of [ada, bob]) await Promise.all([client.sendCamera(), client.sendMicrophone()]);
    await Promise.all([ada.decodes(bob.participantId, 5), bob.decodes(ada.participantId, 5)]);
    return [ada, bob];
  };

  it('[ME1] two people see and hear each other', async () => {
    const [ada, bob] = await twoTalking();
    await Promise.all([
      ada.decodes(bob.participantId, 30),
      bob.decodes(ada.participantId, 30),
      ada.hears(bob.participantId),
      bob.hears(ada.participantId),
    ]);
  });

  it('[ME2] who joins later gets a consumer of everything in the reply, and has media after two round trips', async () => {
    const roomId = randomUUID();
    const [ada, bob] = [test.client('ada', roomId), test.client('bob', roomId)];
    await ada.join();
    await ada.sendCamera();
    await ada.sendMicrophone();
    expect(ada.roundTrips).toBe(3);
    await bob.prepare();
    await bob.join();
    expect(bob.state.consumers.map(({ kind, source, type, producerPaused }) => ({ kind, source, type, producerPaused }))).toEqual(
      [
        { kind: 'video', source: 'camera', type: 'simple', producerPaused: false },
        { kind: 'audio', source: 'microphone', type: 'simple', producerPaused: false },
      ],
    );
    expect(bob.state.participants.map(({ participantId, producers }) => [participantId, producers.length])).toEqual([
      [ada.participantId, 2],
      [bob.participantId, 0],
    ]);
    await Promise.all([bob.decodes(ada.participantId, 10), bob.hears(ada.participantId)]);
    // Joining; then connecting and resuming, which go together.
    expect(bob.roundTrips).toBe(3);
    expect(bob.events('consumers.opened')).toEqual([]);
  });

  it('[ME2] a client that joins without capabilities gives them later and gets the same', async () => {
    const roomId = randomUUID();
    const [ada, bob] = [test.client('ada', roomId), test.client('bob', roomId)];
    await ada.join();
    await ada.sendCamera();
    await ada.sendMicrophone();
    await bob.join({ lateCapabilities: true });
    expect(bob.state.consumers).toEqual([]);
    await Promise.all([bob.decodes(ada.participantId, 10), bob.hears(ada.participantId)]);
    expect(bob.events('consumers.opened').map(({ consumers }) => consumers.map(({ source }) => source))).toEqual([
      ['camera', 'microphone'],
    ]);
  });

  it('[ME26] media flows over TCP where UDP does not get through', async () => {
    const roomId = randomUUID();
    const [ada, bob] = [test.client('ada', roomId), test.client('bob', roomId)];
    for (const client of [ada, bob]) {
      client.protocol = 'tcp';
      await client.join();
      await client.sendCamera();
    }
    await Promise.all([ada.decodes(bob.participantId, 15), bob.decodes(ada.participantId, 15)]);
  });

  it('[ME3] three people receive each other, and one who leaves is gone for the others', async () => {
    const roomId = randomUUID();
    const people = [test.client('ada', roomId), test.client('bob', roomId), test.client('cleo', roomId)];
    const [ada, bob, cleo] = people as [RtcClient, RtcClient, RtcClient];
    for (const person of people) {
      await person.join();
      await person.sendCamera();
    }
    await Promise.all(
      people.flatMap((person) =>
        people.filter((other) => other !== person).map((other) => person.decodes(other.participantId, 15)),
      ),
    );
    await cleo.link.request('room.leave', cleo.as);
    await ada.event('participant.left', (event) => event.participantId === cleo.participantId && event.reason === 'left');
    expect(ada.events('producer.closed')).toMatchObject([{ participantId: cleo.participantId }]);
    expect(ada.events('consumer.closed')).toHaveLength(1);
    expect(ada.from(cleo.participantId, 'camera')).toBeUndefined();
    await Promise.all([ada.decodes(bob.participantId, 10), bob.decodes(ada.participantId, 10)]);
  });

  it('[ME4] nothing flows to a consumer before the client says it is ready, nor while it is paused', async () => {
    const roomId = randomUUID();
    const [ada, bob] = [test.client('ada', roomId), test.client('bob', roomId)];
    await ada.join();
    await ada.sendCamera();
    bob.isReady = false;
    await bob.join();
    await until('the connection', () => bob.states.includes('receive connected'));
    await stands(bob, ada);
    expect(bob.from(ada.participantId, 'camera')?.frames).toBe(0);
    const consumerIds = [bob.from(ada.participantId, 'camera')!.view.consumerId];
    await bob.link.request('consumer.resume', { ...bob.as, consumerIds });
    await bob.decodes(ada.participantId, 5);
    await bob.link.request('consumer.pause', { ...bob.as, consumerIds });
    await stands(bob, ada);
    await bob.link.request('consumer.resume', { ...bob.as, consumerIds });
    await bob.decodes(ada.participantId, 10);
  });

  it('[ME5] muting stops what the others receive and unmuting brings it back, and they are told', async () => {
    const [ada, bob] = await twoTalking();
    const camera = { ...ada.as, producerId: ada.producerId('camera') };
    await ada.link.request('producer.pause', camera);
    await bob.event('producer.paused', ({ producerId, paused }) => producerId === camera.producerId && paused);
    await stands(bob, ada);
    // Sound goes on, and so does the other direction.
    await Promise.all([bob.hears(ada.participantId), ada.decodes(bob.participantId, 10)]);
    await ada.link.request('producer.resume', camera);
    await bob.event('producer.paused', ({ producerId, paused }) => producerId === camera.producerId && !paused);
    await bob.decodes(ada.participantId, 20);

    const before = bob.events('producer.paused').length;
    await ada.link.request('producer.resume', camera);
    await ada.link.request('producer.pause', { ...ada.as, producerId: ada.producerId('microphone') });
    await until('the muted microphone', () => bob.events('producer.paused').length > before);
    expect(bob.events('producer.paused').slice(before)).toEqual([
      { type: 'producer.paused', participantId: ada.participantId, producerId: ada.producerId('microphone'), paused: true },
    ]);
  });

  it('[ME6] a camera sent in layers is received in the layer that was asked for', async () => {
    const roomId = randomUUID();
    const [ada, bob] = [test.client('ada', roomId), test.client('bob', roomId)];
    await ada.join();
    await ada.sendCamera({ simulcast: true, width: 640, height: 480 });
    await bob.join();
    expect(bob.state.consumers).toMatchObject([{ type: 'simulcast' }]);
    const seen = () => bob.from(ada.participantId, 'camera')?.width;
    await until('the large picture', () => seen() === 640, 20_000);
    const { consumerId } = bob.from(ada.participantId, 'camera')!.view;
    await bob.link.request('consumer.layers', { ...bob.as, consumerId, spatialLayer: 0, temporalLayer: 2 });
    await until('the small picture', () => seen() === 320, 20_000);
    await bob.link.request('consumer.layers', { ...bob.as, consumerId, spatialLayer: 3, temporalLayer: 3 });
    await until('the large picture again', () => seen() === 640, 20_000);
  });

  it('[ME7] everyone is told who speaks, and when nobody does', async () => {
    const roomId = randomUUID();
    const [ada, bob] = [test.client('ada', roomId), test.client('bob', roomId)];
    await Promise.all([ada.join(), bob.join()]);
    await ada.sendMicrophone({ loudness: 12_000 });
    await bob.sendMicrophone({ loudness: 0 });
    for (const person of [ada, bob])
      await person.event('speaker.changed', ({ participantId }) => participantId === ada.participantId);
    const late = test.client('cleo', roomId);
    await late.join();
    expect(late.state.speakerId).toBe(ada.participantId);
    await ada.link.request('producer.close', { ...ada.as, producerId: ada.producerId('microphone') });
    await bob.event('speaker.changed', ({ participantId }) => participantId === null);
  });

  it('[ME8] new ICE parameters for a transport leave the media as it is', async () => {
    const [ada, bob] = await twoTalking();
    for (const direction of ['send', 'receive'] as const) {
      const before = ada.joined![direction === 'send' ? 'sendTransport' : 'receiveTransport'].iceParameters;
      const { iceParameters } = await ada.restartIce(direction);
      expect(iceParameters.usernameFragment).not.toBe(before.usernameFragment);
    }
    await Promise.all([ada.decodes(bob.participantId, 20), bob.decodes(ada.participantId, 20)]);
    expect(bob.events('producer.closed')).toEqual([]);
  });

  it('[ME9] media goes on while a participant has no socket, and the others are told', async () => {
    const [ada, bob] = await twoTalking();
    const { interviewId: roomId, participantId } = ada;
    await test.node.request('setConnected', { roomId, participantId, connected: false });
    await test.node.request('setConnected', { roomId, participantId, connected: false });
    await Promise.all([ada.decodes(bob.participantId, 20), bob.decodes(ada.participantId, 20)]);
    await test.node.request('setConnected', { roomId, participantId, connected: true });
    await until('both events', () => bob.events('participant.connection').length === 2);
    expect(bob.events('participant.connection').map(({ connected }) => connected)).toEqual([false, true]);
  });

  it('[ME10] a person whose media stops arriving has a bad connection, and a good one when it is back', async () => {
    const [ada, bob] = await twoTalking();
    ada.goSilent();
    await bob.event('quality.changed', ({ participantId, quality }) => participantId === ada.participantId && quality === 'bad');
    const late = test.client('cleo', ada.interviewId);
    await late.join();
    await late.event('quality.changed', ({ participantId, quality }) => participantId === ada.participantId && quality === 'bad');
    await ada.join();
    await ada.sendMicrophone();
    await bob.event('quality.changed', ({ participantId, quality }) => participantId === ada.participantId && quality === 'good');
    expect(bob.events('quality.changed')).toHaveLength(2);
  });
});

/** No new frames for a while; what was under way when it stopped may still come. */
const stands = async (receiver: RtcClient, sender: RtcClient): Promise<void> => {
  const frames = () => receiver.from(sender.participantId, 'camera')!.frames;
  let last = { count: frames(), at: performance.now() };
  await until('the frames to stop', () => {
    if (frames() !== last.count) last = { count: frames(), at: performance.now() };
    return performance.now() - last.at > 600;
  });
};
