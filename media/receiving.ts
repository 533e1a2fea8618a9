/**
 * What the participants of a room receive: a consumer of everything the others send, for everyone who can play it. Consumers are
 * made paused and told in batches; the client starts them when it is ready, so that no picture begins black.
 */
import type { Consumer, RtpCapabilities, RtpParameters } from '../protocol/index.ts';
import { hurryLayers, type Layers } from './early-layers.ts';
import { type Media, mediasOf, type Participant, type ReceivedTrack, type SentTrack } from './participant.ts';
import { priorityOf } from './priority.ts';
import { unlessGone } from './refusals.ts';
import { mediaOf, type RoomContext, sentIn } from './room-context.ts';

export interface Receiving {
  /** Makes the consumers of a new track; each participant is told when theirs is there. */
  offer(track: SentTrack): void;
  /** Makes what the participant can have and has not; told at once when the participant hears already. */
  offerAll(participant: Participant): Promise<void>;
  setCapabilities(participant: Participant, rtpCapabilities: RtpCapabilities): Promise<void>;
  /** Closes every consumer of a track, before its producer goes. */
  withdraw(track: SentTrack): void;
  /** Those that are gone are passed over. */
  pause(participant: Participant, consumerIds: readonly string[], paused: boolean): Promise<void>;
  setLayers(participant: Participant, consumerId: string, layers: Layers): Promise<void>;
  /** All consumers of a participant, told from now on. */
  state(participant: Participant): Consumer[];
  /** The speaker changed: their picture comes first now. */
  updatePriorities(): void;
  /** Others are forwarded now than before. */
  updateHeld(): void;
  /** Whether everyone who is to have this track has started it. */
  isTaken(track: SentTrack): boolean;
}

const viewOf = ({ track, consumer }: ReceivedTrack): Consumer => ({
  consumerId: consumer.id,
  producerId: track.producerId,
  participantId: track.participantId,
  kind: track.kind,
  source: track.source,
  type: consumer.type as Consumer['type'],
  rtpParameters: consumer.rtpParameters as RtpParameters,
  producerPaused: track.producer.paused,
});

const isGiven = <Value>(value: Value | undefined): value is Value => value !== undefined;

const markAnnounced = (received: Iterable<ReceivedTrack>): ReceivedTrack[] => {
  const fresh = [...received].filter(({ announced }) => !announced);
  for (const track of fresh) track.announced = true;
  return fresh;
};

export const createReceiving = (room: RoomContext): Receiving => {
  const { participants, clock, log, tell } = room;

  /** For what is nobody's request: a failure is logged, and what became pointless meanwhile is no failure. */
  const quietly = (work: () => Promise<unknown>): Promise<void> =>
    unlessGone(work).catch((error) => log.warn({ err: error }, 'a media worker refused a command'));

  const announce = (participant: Participant): void => {
    if (!participant.hears) return;
    const consumers = markAnnounced(participant.media?.received.values() ?? []).map(viewOf);
    if (consumers.length > 0) tell(participant, { type: 'consumers.opened', consumers });
  };

  /** Flows when the client wants it and the room does not hold it back. */
  const apply = ({ consumer, unwanted, held }: ReceivedTrack): Promise<void> =>
    unwanted || held ? consumer.pause() : consumer.resume();

  const prioritize = ({ track, consumer }: ReceivedTrack): void => {
    const priority = priorityOf(track.source, track.participantId === room.speakerId());
    if (track.kind === 'video' && consumer.priority !== priority) void quietly(() => consumer.setPriority(priority));
  };

  const allReceived = (): ReceivedTrack[] =>
    [...participants.values()].flatMap(mediasOf).flatMap(({ received }) => [...received.values()]);

  const consume = async (participant: Participant, media: Media, track: SentTrack, rtpCapabilities: RtpCapabilities) => {
    const producer = await room.reach(track, media.place);
    const consumer = await media.transports.consume(producer, rtpCapabilities);
    if (consumer === undefined) {
      media.offered.delete(track);
      log.debug({ producerId: track.producerId }, 'a participant cannot play a track');
      return;
    }
    if (participant.media !== media || track.producer.closed) {
      consumer.close();
      return;
    }
    const held = !room.isForwarded(track);
    const received: ReceivedTrack = {
      track,
      consumer,
      unwanted: true,
      held,
      announced: false,
      layers: undefined,
    };
    media.received.set(consumer.id, received);
    consumer.on('score', () => room.onScore(participant));
    if (consumer.type === 'simulcast') hurryLayers({ consumer, clock, wanted: () => received.layers, quietly });
    prioritize(received);
  };

  /** A consumer of one track for one participant; at most one, whoever asks first. */
  const offerTo = async (participant: Participant, track: SentTrack): Promise<void> => {
    const { media } = participant;
    if (track.participantId === participant.participantId || media?.rtpCapabilities === undefined) return;
    const { rtpCapabilities, offered } = media;
    if (offered.has(track) || track.successor !== undefined) return;
    offered.add(track);
    try {
      await unlessGone(() => consume(participant, media, track, rtpCapabilities));
    } catch (error) {
      // Whoever asks next tries again.
      offered.delete(track);
      log.warn({ err: error }, 'a media worker refused a command');
    }
  };

  const offerAll: Receiving['offerAll'] = async (participant) => {
    await Promise.all(sentIn(room).map((track) => offerTo(participant, track)));
    announce(participant);
  };

  return {
    offerAll,
    offer(track) {
      for (const participant of participants.values()) {
        // One event for all that was made in one turn.
        void offerTo(participant, track).then(() => setImmediate(announce, participant));
      }
    },
    async setCapabilities(participant, rtpCapabilities) {
      mediaOf(participant).rtpCapabilities = rtpCapabilities;
      await offerAll(participant);
    },
    withdraw(track) {
      for (const participant of participants.values()) {
        for (const media of mediasOf(participant)) {
          media.offered.delete(track);
          for (const [consumerId, received] of media.received) {
            if (received.track !== track) continue;
            media.received.delete(consumerId);
            received.consumer.close();
            if (received.announced && media === participant.media) tell(participant, { type: 'consumer.closed', consumerId });
          }
        }
      }
    },
    async pause(participant, consumerIds, paused) {
      const received = consumerIds.map((consumerId) => participant.media?.received.get(consumerId)).filter(isGiven);
      for (const track of received) track.unwanted = paused;
      await Promise.all(received.map((track) => unlessGone(() => apply(track))));
      room.onScore(participant);
    },
    async setLayers(participant, consumerId, layers) {
      const received = participant.media?.received.get(consumerId);
      if (received === undefined) return;
      received.layers = layers;
      await unlessGone(() => received.consumer.setPreferredLayers(layers));
    },
    state(participant) {
      const received = [...(participant.media?.received.values() ?? [])];
      markAnnounced(received);
      return received.map(viewOf);
    },
    updatePriorities() {
      for (const received of allReceived()) prioritize(received);
    },
    updateHeld() {
      for (const received of allReceived()) {
        const held = !room.isForwarded(received.track);
        if (held === received.held) continue;
        received.held = held;
        void quietly(() => apply(received));
      }
    },
    isTaken: (track) =>
      [...participants.values()].every(({ participantId, media }) => {
        if (participantId === track.participantId || media === undefined || !media.offered.has(track)) return true;
        return [...media.received.values()].some((received) => received.track === track && !received.unwanted);
      }),
  };
};
