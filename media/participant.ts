/**
 * A participant as the media node keeps them. They outlive their media: after a room reopened, or while they join again, they
 * are in the room without any. What changes with each joining is in `Media`, so that work begun for the old one is told apart.
 */
import type {
  MediaKind,
  MediaSource,
  Participant as ParticipantView,
  Producer,
  RtpCapabilities,
  UserId,
} from '../protocol/index.ts';
import type { Layers } from './early-layers.ts';
import { createEventRing, type EventRing } from './event-ring.ts';
import type { Place } from './place.ts';
import type { QualityMeter } from './quality.ts';
import type { RoomConsumer, RoomProducer } from './tracks.ts';
import type { Transports } from './transports.ts';

/** Something a participant sends. Its id is the client's; the worker has one of its own, since ids are worker-wide there. */
export interface SentTrack {
  readonly producerId: string;
  readonly participantId: string;
  readonly kind: MediaKind;
  readonly source: MediaSource;
  readonly producer: RoomProducer;
  /** Where the producer is. */
  readonly place: Place;
  /** The same source over the participant's new transports, while they move: who comes now gets only that. */
  successor: SentTrack | undefined;
}

/** Something a participant receives. */
export interface ReceivedTrack {
  readonly track: SentTrack;
  readonly consumer: RoomConsumer;
  /** The client has not started it, or does not show it. */
  unwanted: boolean;
  /** The room holds it back: too many speak for everyone to be heard by everyone. */
  held: boolean;
  /** The participant has been told of it, in a state or in an event. */
  announced: boolean;
  /** What the client asked for last. */
  layers: Layers | undefined;
}

export interface Media {
  readonly place: Place;
  readonly transports: Transports;
  /** By producer id. */
  readonly sent: Map<string, SentTrack>;
  /** By consumer id. */
  readonly received: Map<string, ReceivedTrack>;
  /** What they have a consumer of, or will have in a moment. */
  readonly offered: Set<SentTrack>;
  /** Undefined until the client has said what it can receive. */
  rtpCapabilities: RtpCapabilities | undefined;
}

export interface Participant {
  readonly participantId: string;
  readonly userId: UserId;
  readonly joinedAt: number;
  connected: boolean;
  media: Media | undefined;
  /** While the participant moves: what they had before, which flows on until they have settled. */
  previous: Media | undefined;
  /** Of the present epoch. */
  events: EventRing;
  /** False until the state in the reply to a join says it all; events are neither numbered nor sent before. */
  hears: boolean;
  readonly quality: QualityMeter;
}

export const createParticipant = (
  who: { participantId: string; userId: UserId; joinedAt: number },
  quality: QualityMeter,
): Participant => ({
  ...who,
  connected: true,
  media: undefined,
  previous: undefined,
  events: createEventRing(),
  hears: false,
  quality,
});

export const createMedia = (place: Place, transports: Transports, rtpCapabilities: RtpCapabilities | undefined): Media => ({
  place,
  transports,
  sent: new Map(),
  received: new Map(),
  offered: new Set(),
  rtpCapabilities,
});

export const viewOfTrack = ({ producerId, kind, source, producer }: SentTrack): Producer => ({
  producerId,
  kind,
  source,
  paused: producer.paused,
});

/** All that flows from and to them: two sets of transports while they move. */
export const mediasOf = ({ media, previous }: Participant): Media[] =>
  [media, previous].filter((present) => present !== undefined);

/** All they send. */
export const sentBy = (participant: Participant): SentTrack[] => mediasOf(participant).flatMap(({ sent }) => [...sent.values()]);

export const viewOf = (participant: Participant): ParticipantView => {
  const { participantId, userId, connected, joinedAt } = participant;
  const producers = sentBy(participant)
    .filter(({ successor }) => successor === undefined)
    .map(viewOfTrack);
  return { participantId, userId, connected, joinedAt, producers };
};
