/**
 * The line between a gateway and a media node, as both see it: commands that name who speaks, replies, and events for the sessions
 * of this gateway. It is the same in one process (media/authority.ts) and over a socket (src/link/).
 *
 * The node is the authority on who is in a room: which gateway and session hold a participant, whether it has a socket, how long it
 * stays without one, and that a person is in a room once. So any gateway can take a participant over, and none is missed when it dies.
 *
 * Every command about a room carries the `fence` of its placement: the node refuses one that is older than what it has seen
 * (`StalePlacement`), does nothing for it, and keeps the room. The schemas are what the socket's edge validates by.
 */
import { z } from 'zod';
import {
  ConsumerId,
  DtlsParameters,
  IceParameters,
  InterviewId,
  MediaKind,
  MediaSource,
  ParticipantId,
  ProducerId,
  RoomEpoch,
  RoomEvent,
  RoomRecovery,
  RoomSeq,
  RoomState,
  RtpCapabilities,
  RtpParameters,
  SessionId,
  Timestamp,
  TransportDirection,
  TransportOptions,
  UserId,
} from '../protocol/index.ts';
import { LendRequest, LentEvent } from './lending.ts';

/** A placement's fencing token; a later placement of the same room has a larger one. */
export const Fence = z.int().min(1);
const room = { roomId: InterviewId, fence: Fence };
/** A participant, and the session that speaks for it. */
const held = { ...room, participantId: ParticipantId, sessionId: SessionId };
const nothing = z.object({});

const command = <Command extends z.ZodType, Reply extends z.ZodType>(schema: Command, reply: Reply) => ({
  command: schema,
  reply,
});
const speaker = { userId: UserId, proven: z.boolean(), graceMs: z.int().min(0), connected: z.boolean() };

export const MediaStats = z.object({
  workers: z.array(
    z.object({
      pid: z.int(),
      /** Share of one core over the last interval, 0 to 1. */
      cpu: z.number(),
      rooms: z.int(),
      /** Of these, how many are a part of a room of another node. */
      lent: z.int(),
      consumers: z.int(),
      producers: z.int(),
    }),
  ),
});

export const LINK_COMMANDS = {
  /** What this node routes; the same on every node of a release. */
  capabilities: command(nothing, z.object({ routerRtpCapabilities: RtpCapabilities })),
  /**
   * Puts the participant in, or, when it is there, gives it fresh transports and to this session. `proven`: it showed the
   * participant's token. With `move` what it had flows on until `settle`. Others of the same user leave as superseded. `connected: false`: the session has no socket, the grace runs.
   */
  join: command(
    z.object({
      ...held,
      ...speaker,
      joinedAt: Timestamp,
      rtpCapabilities: RtpCapabilities.optional(),
      move: z.boolean(),
      maxParticipants: z.int().min(1),
    }),
    z.object({
      routerRtpCapabilities: RtpCapabilities,
      sendTransport: TransportOptions,
      receiveTransport: TransportOptions,
      state: RoomState,
    }),
  ),
  /** This session takes the participant over, and gets what happened after `seq`. */
  resume: command(z.object({ ...held, ...speaker, epoch: RoomEpoch, seq: RoomSeq }), RoomRecovery),
  /** What happened after `seq`, for the session that holds it. */
  replay: command(z.object({ ...held, epoch: RoomEpoch, seq: RoomSeq }), RoomRecovery),
  /** The participant has moved: answered when the others have what it sends over its new transports. */
  settle: command(z.object(held), nothing),
  /**
   * To the node that a room moves away from: the participant has media in the new place. What it has here flows on until everyone
   * has arrived; `over` says whether nothing of the room is left here. Others of the same user leave as superseded.
   */
  arrived: command(z.object({ ...room, participantId: ParticipantId, userId: UserId }), z.object({ over: z.boolean() })),
  leave: command(z.object(held), nothing),
  /** The session's socket came or went; the grace ends or begins. Of a participant that it does not hold: nothing. */
  setConnected: command(z.object({ ...held, connected: z.boolean() }), nothing),
  connectTransport: command(z.object({ ...held, direction: TransportDirection, dtlsParameters: DtlsParameters }), nothing),
  restartIce: command(z.object({ ...held, direction: TransportDirection }), z.object({ iceParameters: IceParameters })),
  openProducer: command(
    z.object({
      ...held,
      producerId: ProducerId,
      kind: MediaKind,
      source: MediaSource,
      rtpParameters: RtpParameters,
      paused: z.boolean(),
      dtlsParameters: DtlsParameters.optional(),
    }),
    z.object({ producerId: ProducerId }),
  ),
  pauseProducer: command(z.object({ ...held, producerId: ProducerId, paused: z.boolean() }), nothing),
  closeProducer: command(z.object({ ...held, producerId: ProducerId }), nothing),
  requestConsumers: command(z.object({ ...held, rtpCapabilities: RtpCapabilities }), nothing),
  pauseConsumers: command(z.object({ ...held, consumerIds: z.array(ConsumerId), paused: z.boolean() }), nothing),
  setLayers: command(z.object({ ...held, consumerId: ConsumerId, spatialLayer: z.int(), temporalLayer: z.int() }), nothing),
  /** The user may no longer be in the room. */
  removeUser: command(z.object({ ...room, userId: UserId }), nothing),
  /** The interview is over: everyone in the room is told, and it is gone. */
  closeRoom: command(z.object(room), nothing),
  /** How many are in a room, and since when nobody is, in ms; null when the node does not know it. */
  occupancy: command(z.object(room), z.object({ participants: z.int(), emptyForMs: z.number().nullable() })),
  /** The rooms that somebody is in. */
  rooms: command(nothing, z.object({ roomIds: z.array(InterviewId) })),
  stats: command(nothing, MediaStats),
  /** What a node asks of another that lends it a place (lending.ts); the reply is that of the command in it. */
  lend: command(LendRequest, z.unknown()),
} as const;

export type LinkCommandName = keyof typeof LINK_COMMANDS;
export type LinkCommand<Name extends LinkCommandName> = z.output<(typeof LINK_COMMANDS)[Name]['command']>;
export type LinkReply<Name extends LinkCommandName> = z.output<(typeof LINK_COMMANDS)[Name]['reply']>;
export type MediaStats = z.infer<typeof MediaStats>;

/** What a node tells a gateway. */
export const LinkEvent = z.discriminatedUnion('type', [
  /** For the participant's session, which this gateway has. */
  z.object({
    type: z.literal('participant'),
    ...held,
    epoch: RoomEpoch,
    seq: RoomSeq,
    event: RoomEvent,
  }),
  /** The last one left. */
  z.object({ type: z.literal('room.emptied'), roomId: InterviewId }),
  /** Another node has the room: it was placed anew while this one was out of reach. */
  z.object({ type: z.literal('room.lost'), roomId: InterviewId }),
  /** For a node that borrowed a place. */
  z.object({ type: z.literal('lent'), lent: LentEvent }),
]);
export type LinkEvent = z.infer<typeof LinkEvent>;

/** A command with the fence of a placement that is no longer the room's. Never reaches a client. */
export class StalePlacement extends Error {
  override readonly name = 'StalePlacement';
}

export interface MediaLink {
  /**
   * Rejects with a ProtocolError, `unavailable` when the node cannot be reached in time, or StalePlacement. Commands of one
   * participant are carried out in the order they were sent, each once at most.
   */
  request<Name extends LinkCommandName>(name: Name, command: LinkCommand<Name>): Promise<LinkReply<Name>>;
  /** Whether the node answers now. */
  isUp(): boolean;
  close(): void;
}

export interface LinkListener {
  /** In the order they happened; a link that came up again may have missed some (`onState`). */
  onEvent(event: LinkEvent): void;
  /** It came up, again after a break; or the node no longer answers. */
  onState(isUp: boolean): void;
}
