/**
 * The room: an interview's live call. A participant is a session in a room; its media outlives its socket for a grace.
 * Room events are numbered per participant (`seq` 1, 2, 3 … within a room epoch). A client that sees a hole, or comes
 * back after its socket broke, asks `room.resume` with the last seq it has. A new room epoch (the worker died, the room
 * moved) voids transports, producers, consumers and seqs: join again with the same participant id.
 */
import { z } from 'zod';
import { InterviewId, ParticipantId, Timestamp, UserId } from './ids.ts';
import { IceServer, MediaKind, MediaSource, RtpCapabilities, RtpParameters, TransportOptions } from './rtp.ts';

export const ProducerId = z.uuid();
export const ConsumerId = z.string().min(1).max(64);
export const RoomEpoch = z.int().min(1);
/** Number of a room event for one participant; 0 is "none yet". */
export const RoomSeq = z.int().min(0);

export const Producer = z.object({
  producerId: ProducerId,
  kind: MediaKind,
  source: MediaSource,
  /** Muted by its owner. */
  paused: z.boolean(),
});

export const Participant = z.object({
  participantId: ParticipantId,
  userId: UserId,
  /** False while their socket is away and the grace runs; media may well go on. */
  connected: z.boolean(),
  joinedAt: Timestamp,
  producers: z.array(Producer),
});

/** A consumer as the client needs it; made paused, starts with `consumer.resume`. */
export const Consumer = z.object({
  consumerId: ConsumerId,
  producerId: ProducerId,
  participantId: ParticipantId,
  kind: MediaKind,
  source: MediaSource,
  type: z.enum(['simple', 'simulcast', 'svc']),
  rtpParameters: RtpParameters,
  /** The producer is muted. */
  producerPaused: z.boolean(),
});

/** How well media flows for one participant: from packet scores, both ways. */
export const Quality = z.enum(['good', 'poor', 'bad']);

export const RoomEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('participant.joined'), participant: Participant }),
  z.object({ type: z.literal('participant.left'), participantId: ParticipantId, reason: z.enum(['left', 'lost', 'superseded']) }),
  z.object({ type: z.literal('participant.connection'), participantId: ParticipantId, connected: z.boolean() }),
  z.object({ type: z.literal('producer.opened'), participantId: ParticipantId, producer: Producer }),
  z.object({ type: z.literal('producer.paused'), participantId: ParticipantId, producerId: ProducerId, paused: z.boolean() }),
  z.object({ type: z.literal('producer.closed'), participantId: ParticipantId, producerId: ProducerId }),
  /** Always a batch; consume them all, then `consumer.resume`. */
  z.object({ type: z.literal('consumers.opened'), consumers: z.array(Consumer) }),
  z.object({ type: z.literal('consumer.closed'), consumerId: ConsumerId }),
  /** Null when nobody speaks. */
  z.object({ type: z.literal('speaker.changed'), participantId: ParticipantId.nullable() }),
  z.object({ type: z.literal('quality.changed'), participantId: ParticipantId, quality: Quality }),
  /**
   * The room moves elsewhere, make before break: join again with `move` within this time, while what one has flows on. When the new
   * place fails, what one has is good until the time is up.
   */
  z.object({ type: z.literal('room.moving'), withinMs: z.int().min(0) }),
  /** One's own media is gone, that of others is not, and the epoch lasts: join again. */
  z.object({ type: z.literal('media.lost') }),
  /** The room's worker or node died and the room lives on under a new epoch: join again. */
  z.object({ type: z.literal('room.reopened') }),
  z.object({ type: z.literal('room.closed') }),
]);

export const RoomPush = z.object({
  interviewId: InterviewId,
  participantId: ParticipantId,
  epoch: RoomEpoch,
  seq: RoomSeq,
  event: RoomEvent,
});

/** The room as one participant sees it at `seq`. */
export const RoomState = z.object({
  epoch: RoomEpoch,
  seq: RoomSeq,
  /** The others and oneself. */
  participants: z.array(Participant),
  consumers: z.array(Consumer),
  speakerId: ParticipantId.nullable(),
});

/** Everything a client needs for media, in one reply. */
export const Joined = z.object({
  interviewId: InterviewId,
  participantId: ParticipantId,
  /** Proves the participant on `room.resume` and on joining again, from any session of the same user. */
  participantToken: z.string(),
  /** How long the participant stays without a socket. */
  graceMs: z.int(),
  routerRtpCapabilities: RtpCapabilities,
  sendTransport: TransportOptions,
  receiveTransport: TransportOptions,
  iceServers: z.array(IceServer),
  state: RoomState,
});

export const RoomRecovery = z.discriminatedUnion('recovered', [
  z.object({
    recovered: z.literal(true),
    epoch: RoomEpoch,
    seq: RoomSeq,
    events: z.array(z.object({ seq: RoomSeq, event: RoomEvent })),
  }),
  z.object({ recovered: z.literal(false), state: RoomState }),
]);

export type Producer = z.infer<typeof Producer>;
export type Participant = z.infer<typeof Participant>;
export type Consumer = z.infer<typeof Consumer>;
export type Quality = z.infer<typeof Quality>;
export type RoomEvent = z.infer<typeof RoomEvent>;
export type RoomPush = z.infer<typeof RoomPush>;
export type RoomState = z.infer<typeof RoomState>;
export type Joined = z.infer<typeof Joined>;
export type RoomRecovery = z.infer<typeof RoomRecovery>;
