/**
 * The rooms of a media node: commands in, replies and events out, all of them plain messages (structured-clone safe). Who may say
 * what is decided before (media/authority.ts); gateways speak to it through a link (media-link.ts).
 *
 * Promised by the node: commands of one participant are carried out in the order they were sent; every command is idempotent by the ids in it;
 * events of one participant are numbered 1, 2, 3 … within a room epoch and kept for replay (`replay`). Errors are ProtocolErrors:
 * `gone` for a participant that is not in the room (join again), `room_full`, `invalid` for parameters the worker refuses.
 * Pausing, resuming, closing or leaving what is gone is success, and so is setting its layers.
 * What happens in a room is told to everyone in it, to the one it is about as well; a participant that leaves hears its own
 * `participant.left` last. A state has no qualities: after one, whatever is not `good` follows as `quality.changed`.
 * Owed by who asks: payloads that passed the protocol's schemas, and participants that are authorized.
 */
import type {
  DtlsParameters,
  IceParameters,
  MediaKind,
  MediaSource,
  RoomEvent,
  RoomRecovery,
  RoomState,
  RtpCapabilities,
  RtpParameters,
  TransportDirection,
  TransportOptions,
  UserId,
} from '../protocol/index.ts';
import type { MediaStats } from './media-link.ts';

/** Every command: what it carries and what it answers. A room is named by its interview's id. */
export interface MediaCommands {
  /** What this node routes; the same on every node of a release. */
  capabilities: { command: Record<string, never>; reply: { routerRtpCapabilities: RtpCapabilities } };
  /**
   * Opens the room if it is not open; puts the participant in, or, when it is there, gives it fresh transports. With `move` what it had
   * flows on until `settle`, another join, or the deadline of the move.
   */
  join: {
    command: {
      roomId: string;
      participantId: string;
      userId: UserId;
      joinedAt: number;
      rtpCapabilities?: RtpCapabilities | undefined;
      move?: boolean | undefined;
      /** People the room takes; 8 when not given. */
      maxParticipants?: number | undefined;
    };
    reply: {
      routerRtpCapabilities: RtpCapabilities;
      sendTransport: TransportOptions;
      receiveTransport: TransportOptions;
      state: RoomState;
    };
  };
  /** The participant has moved: answers when the others have what it sends over its new transports, and old ones here are closed. */
  settle: { command: Addressed; reply: Done };
  leave: { command: Addressed & { reason: 'left' | 'lost' | 'superseded' }; reply: Done };
  /** Says to the others whether the participant's socket is there. */
  setConnected: { command: Addressed & { connected: boolean }; reply: Done };
  connectTransport: { command: Addressed & { direction: TransportDirection; dtlsParameters: DtlsParameters }; reply: Done };
  restartIce: { command: Addressed & { direction: TransportDirection }; reply: { iceParameters: IceParameters } };
  openProducer: {
    command: Addressed & {
      producerId: string;
      kind: MediaKind;
      source: MediaSource;
      rtpParameters: RtpParameters;
      paused: boolean;
      dtlsParameters?: DtlsParameters | undefined;
    };
    reply: { producerId: string };
  };
  pauseProducer: { command: Addressed & { producerId: string; paused: boolean }; reply: Done };
  closeProducer: { command: Addressed & { producerId: string }; reply: Done };
  /** Sets what the participant can receive and makes consumers of all that is produced; they come as an event. */
  requestConsumers: { command: Addressed & { rtpCapabilities: RtpCapabilities }; reply: Done };
  pauseConsumers: { command: Addressed & { consumerIds: readonly string[]; paused: boolean }; reply: Done };
  setLayers: { command: Addressed & { consumerId: string; spatialLayer: number; temporalLayer: number }; reply: Done };
  /** The events after `seq`, or the state when they are no longer kept or the epoch differs. */
  replay: { command: Addressed & { epoch: number; seq: number }; reply: RoomRecovery };
  closeRoom: { command: { roomId: string }; reply: Done };
  /** Moves a room to another worker, make before break; who has not moved by the deadline is told to join again. `unavailable` without one. */
  moveRoom: { command: { roomId: string; deadlineMs: number }; reply: Done };
  /** Another node has been given the room: says `room.moving` to everyone in it. */
  announceMove: { command: { roomId: string; withinMs: number }; reply: Done };
  /** A worker takes no new rooms and its rooms move; `draining: false` calls it off for what has not moved. `not_found` without it. */
  drainWorker: { command: { pid: number; draining: boolean; deadlineMs: number }; reply: Done };
  stats: { command: Record<string, never>; reply: MediaStats };
}

export interface Addressed {
  readonly roomId: string;
  readonly participantId: string;
}
export type Done = Record<string, never>;

export type MediaCommandName = keyof MediaCommands;
export type MediaCommand<Name extends MediaCommandName> = MediaCommands[Name]['command'];
export type MediaReply<Name extends MediaCommandName> = MediaCommands[Name]['reply'];

/** What the node tells unasked. `participant` events go on to that participant's socket as they are. */
export type MediaEvent =
  | { type: 'participant'; roomId: string; participantId: string; epoch: number; seq: number; event: RoomEvent }
  /** The room has nobody left in it and is closed. */
  | { type: 'room.emptied'; roomId: string }
  /** A worker died; its rooms reopened on another (their participants have been told) or, with no worker left, closed. */
  | { type: 'worker.died'; pid: number; reopenedRoomIds: readonly string[]; closedRoomIds: readonly string[] };

export interface MediaNode {
  request<Name extends MediaCommandName>(name: Name, command: MediaCommand<Name>): Promise<MediaReply<Name>>;
  /** Events in the order they happened; returns how to stop listening. */
  onEvent(listener: (event: MediaEvent) => void): () => void;
  /** Whether it can take rooms now. */
  ready(): boolean;
  close(): Promise<void>;
}
