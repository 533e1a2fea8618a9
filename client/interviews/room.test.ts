import { describe, expect, test } from 'vitest';
import type { Consumer, Participant, Producer, RoomEvent, RoomState } from '../../protocol/index.ts';
import { encodingOf } from './encodings.ts';
import { layersFor } from './layers.ts';
import { applyRoomEvent, hasComeOver, type Room, receivedIn, roomOf, sentIn, withoutAwaited } from './room.ts';

const producer = (producerId: string, paused = false): Producer => ({ producerId, kind: 'video', source: 'camera', paused });
const participant = (participantId: string, ...producers: Producer[]): Participant => ({
  participantId,
  userId: `user of ${participantId}`,
  connected: true,
  joinedAt: 1,
  producers,
});
const consumer = (consumerId: string, participantId: string, producerId: string): Consumer => ({
  consumerId,
  producerId,
  participantId,
  kind: 'video',
  source: 'camera',
  type: 'simulcast',
  rtpParameters: { codecs: [], encodings: [] },
  producerPaused: false,
});
const state = (participants: Participant[], consumers: Consumer[] = []): RoomState => ({
  epoch: 1,
  seq: 0,
  participants,
  consumers,
  speakerId: null,
});
const folded = (room: Room, ...events: RoomEvent[]): Room => events.reduce(applyRoomEvent, room);
const fresh = { reopened: false };

describe('the room as a value', () => {
  test('[MV11] while it moves, whoever and whatever has not come over is as it was where it was', () => {
    const people = [participant('a'), participant('b', producer('p1')), participant('c', producer('p2', true))];
    const before = roomOf(state(people, [consumer('k1', 'b', 'p1'), consumer('k2', 'c', 'p2')]), undefined, fresh);
    const empty = roomOf(state([participant('a')]), before, { reopened: false, leaving: before });
    expect([...empty.participants.values()].sort((x, y) => (x.participantId < y.participantId ? -1 : 1))).toEqual(people);
    expect(receivedIn(empty).map(({ consumerId }) => consumerId)).toEqual(['k1', 'k2']);
    // Nobody to wait for here: they are waited for where they were.
    expect(hasComeOver(empty)).toBe(true);

    const arrived = folded(empty, { type: 'participant.joined', participant: participant('b') });
    expect(receivedIn(arrived).map(({ consumerId }) => consumerId)).toEqual(['k1', 'k2']);
    expect(sentIn(arrived, arrived.participants.get('b')!)).toEqual([producer('p1')]);
    expect(hasComeOver(arrived)).toBe(false);

    const sending = folded(
      arrived,
      { type: 'producer.opened', participantId: 'b', producer: producer('p3') },
      { type: 'consumers.opened', consumers: [consumer('k3', 'b', 'p3')] },
    );
    expect(receivedIn(sending).map(({ consumerId }) => consumerId)).toEqual(['k3', 'k2']);
    expect(sentIn(sending, sending.participants.get('b')!)).toEqual([producer('p3')]);
    expect(hasComeOver(sending)).toBe(true);

    const over = withoutAwaited(sending);
    expect([...over.participants.keys()].sort()).toEqual(['a', 'b']);
    expect(receivedIn(over).map(({ consumerId }) => consumerId)).toEqual(['k3']);
  });

  test('[CL51] a room folded from its events is the room that a fresh state gives', () => {
    const room = folded(
      roomOf(state([participant('a')]), undefined, fresh),
      { type: 'participant.joined', participant: participant('b') },
      { type: 'participant.joined', participant: participant('c') },
      { type: 'producer.opened', participantId: 'b', producer: producer('p1') },
      { type: 'producer.opened', participantId: 'b', producer: producer('p2') },
      { type: 'producer.opened', participantId: 'c', producer: producer('p3') },
      { type: 'consumers.opened', consumers: [consumer('k1', 'b', 'p1'), consumer('k2', 'b', 'p2'), consumer('k3', 'c', 'p3')] },
      { type: 'producer.paused', participantId: 'b', producerId: 'p1', paused: true },
      { type: 'consumer.closed', consumerId: 'k3' },
      { type: 'producer.closed', participantId: 'b', producerId: 'p2' },
      { type: 'participant.connection', participantId: 'b', connected: false },
      { type: 'speaker.changed', participantId: 'c' },
      { type: 'participant.left', participantId: 'c', reason: 'left' },
    );
    const b = { ...participant('b', producer('p1', true)), connected: false };
    const given = state([participant('a'), b], [{ ...consumer('k1', 'b', 'p1'), producerPaused: true }]);
    expect(room).toEqual(roomOf(given, undefined, fresh));
  });

  test('[CL51] events of what is gone change nothing, and an event that comes again changes nothing more', () => {
    const room = roomOf(state([participant('a', producer('p1'))]), undefined, fresh);
    const gone = folded(
      room,
      { type: 'producer.opened', participantId: 'x', producer: producer('p9') },
      { type: 'producer.paused', participantId: 'x', producerId: 'p9', paused: true },
      { type: 'participant.left', participantId: 'x', reason: 'lost' },
      { type: 'consumer.closed', consumerId: 'k9' },
      { type: 'room.reopened' },
    );
    expect(gone).toEqual(room);
    const twice = folded(
      room,
      { type: 'producer.opened', participantId: 'a', producer: producer('p1') },
      { type: 'producer.opened', participantId: 'a', producer: producer('p1') },
    );
    expect(twice).toEqual(room);
  });

  test('[CL45] those who are not back in a reopened room stay, as not connected, until they are or are given up', () => {
    const before = folded(
      roomOf(state([participant('a'), participant('b', producer('p1')), participant('c')]), undefined, fresh),
      { type: 'quality.changed', participantId: 'b', quality: 'poor' },
    );
    const reopened = roomOf(state([participant('a')]), before, { reopened: true });
    expect([...reopened.participants.values()].map(({ participantId, connected }) => [participantId, connected]).sort()).toEqual([
      ['a', true],
      ['b', false],
      ['c', false],
    ]);
    expect(reopened.participants.get('b')?.producers).toEqual([]);
    expect(reopened.qualities.get('b')).toBe('poor');
    const back = folded(reopened, { type: 'participant.joined', participant: participant('b') });
    expect([...withoutAwaited(back).participants.keys()].sort()).toEqual(['a', 'b']);
    const resumed = roomOf(state([participant('a')]), before, { reopened: false });
    expect([...resumed.participants.keys()]).toEqual(['a']);
  });
});

describe('what is sent and chosen', () => {
  test('[CL52] a camera goes in three layers of which the lowest fits a bad network; speech is mono and repairs itself', () => {
    const capabilities = {
      codecs: [
        { kind: 'video' as const, mimeType: 'video/H264', preferredPayloadType: 96, clockRate: 90_000 },
        { kind: 'video' as const, mimeType: 'video/VP8', preferredPayloadType: 97, clockRate: 90_000 },
      ],
    };
    const camera = encodingOf('camera', capabilities);
    expect(camera.codec?.mimeType).toBe('video/VP8');
    expect(camera.encodings?.map(({ scaleResolutionDownBy }) => scaleResolutionDownBy)).toEqual([4, 2, 1]);
    expect(camera.encodings?.[0]?.maxBitrate).toBeLessThanOrEqual(150_000);
    expect(camera.encodings?.reduce((sum, { maxBitrate = 0 }) => sum + maxBitrate, 0)).toBeLessThan(3_000_000);
    expect(encodingOf('screen', capabilities).encodings).toHaveLength(1);
    expect(encodingOf('microphone', capabilities).codecOptions).toMatchObject({
      opusDtx: true,
      opusFec: true,
      opusStereo: false,
    });
  });

  test('[CL48] the layer fits the tile in the pixels of the screen, with every frame', () => {
    const layerOf = (width: number, height: number, pixelRatio = 1) => layersFor({ width, height }, pixelRatio).spatialLayer;
    expect(layersFor({ width: 160, height: 90 }, 1)).toEqual({ spatialLayer: 0, temporalLayer: 2 });
    expect([layerOf(320, 180), layerOf(320, 180, 2), layerOf(320, 180, 9)]).toEqual([0, 1, 1]);
    expect([layerOf(640, 360), layerOf(700, 400), layerOf(1280, 720), layerOf(3840, 2160)]).toEqual([1, 1, 2, 2]);
    expect(layerOf(390, 844)).toBe(2);
  });
});
