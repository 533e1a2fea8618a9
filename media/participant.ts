/**
 * A participant as the media node keeps them. They outlive their media: after a room reopened, or while they join again, they
 * are in the room without any. What changes with each joining is in `Media`, so that work begun for the old one is told apart.
 */
import type { types } from 'mediasoup';
import type {
  MediaKind,
  MediaSource,
  Participant as ParticipantView,
  Producer,
  RtpCapabilities,
  UserId,
} from '../protocol/index.ts';
import { createEventRing, type EventRing } from './event-ring.ts';
import type { QualityMeter } from './quality.ts';
import type { Transports } from './transports.ts';

/** Something a participant sends. Its id is the client's; the worker has one of its own, since ids are worker-wide there. */
export interface SentTrack {
  readonly producerId: string;
  readonly participantId: string;
  readonly kind: MediaKind;
  readonly source: MediaSource;
  readonly producer: types.Producer;
}

/** Something a participant receives. */
export interface ReceivedTrack {
  readonly track: SentTrack;
  readonly consumer: types.Consumer;
  /** The participant has been told of it, in a state or in an event. */
  announced: boolean;
}

export interface Media {
  readonly router: types.Router;
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
  /** Of the present epoch. */
  events: EventRing;
  /** False until the state in the reply to a join says it all; events are neither numbered nor sent before. */
  hears: boolean;
  readonly quality: QualityMeter;
}

export const createParticipant = (
  who: { participantId: string; userId: UserId; joinedAt: number },
  quality: QualityMeter,
): Participant => ({ ...who, connected: true, media: undefined, events: createEventRing(), hears: false, quality });

export const createMedia = (
  router: types.Router,
  transports: Transports,
  rtpCapabilities: RtpCapabilities | undefined,
): Media => ({
  router,
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

export const viewOf = ({ participantId, userId, connected, joinedAt, media }: Participant): ParticipantView => ({
  participantId,
  userId,
  connected,
  joinedAt,
  producers: [...(media?.sent.values() ?? [])].map(viewOfTrack),
});
