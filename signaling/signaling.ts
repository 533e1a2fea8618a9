/** Interviews on this gateway, wired: the handlers of their requests, and what the sessions have to tell. */
import type { Logger } from 'pino';
import type { IceServer, RequestType, RoomPush, UserId } from '../protocol/index.ts';
import type { Clock } from '../src/clock.ts';
import type { Deliver, Handlers } from '../src/handlers.ts';
import { createInterviews, type InterviewStore } from './interviews.ts';
import type { Lease } from './lease.ts';
import type { MediaFleet } from './media-fleet.ts';
import type { ParticipantTokens } from './participant-token.ts';
import { createRooms, type Rooms } from './rooms.ts';
import type { InterviewSettings } from './settings.ts';
import { type TurnSettings, turnServerFor } from './turn.ts';

export type SignalingRequest = Extract<
  RequestType,
  `interview.${string}` | `room.${string}` | `transport.${string}` | `producer.${string}` | `consumer.${string}`
>;

export interface Signaling {
  readonly handlers: Handlers<SignalingRequest>;
  /** The session has a socket. */
  sessionAttached(sessionId: string, userId: UserId): void;
  /** Its socket went away; its participants' grace begins. */
  sessionDetached(sessionId: string): void;
  /** The session is over. */
  sessionEnded(sessionId: string): void;
  /** The user is no longer a member of the thread, and so not in its room. */
  memberLeft(threadId: string, userId: UserId): void;
  /** One has blocked the other: they are in no call together any more, in threads where the block holds. */
  parted(userId: UserId, otherId: UserId): void;
  /** Takes up the interviews that were active when the process ended. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** The verbs that only carry a participant's word to its room. */
const mediaHandlers = (
  { carry, settle }: Rooms,
  iceServersFor: (userId: UserId) => IceServer[],
): Omit<
  Handlers<SignalingRequest>,
  `interview.${string}` | Exclude<Extract<SignalingRequest, `room.${string}`>, 'room.settled'>
> => ({
  'transport.connect': (caller, payload) => {
    const { direction, dtlsParameters } = payload;
    return carry(caller, payload, 'connectTransport', { direction, dtlsParameters });
  },
  'transport.restart_ice': async (caller, payload) => {
    const { iceParameters } = await carry(caller, payload, 'restartIce', { direction: payload.direction });
    return { iceParameters, iceServers: iceServersFor(caller.userId) };
  },
  'producer.open': (caller, payload) => {
    const { interviewId: _, participantId: __, ...track } = payload;
    return carry(caller, payload, 'openProducer', track);
  },
  'producer.pause': (caller, payload) =>
    carry(caller, payload, 'pauseProducer', { producerId: payload.producerId, paused: true }),
  'producer.resume': (caller, payload) =>
    carry(caller, payload, 'pauseProducer', { producerId: payload.producerId, paused: false }),
  'producer.close': (caller, payload) => carry(caller, payload, 'closeProducer', { producerId: payload.producerId }),
  'room.settled': settle,
  'consumer.request': (caller, payload) =>
    carry(caller, payload, 'requestConsumers', { rtpCapabilities: payload.rtpCapabilities }),
  'consumer.resume': (caller, payload) =>
    carry(caller, payload, 'pauseConsumers', { consumerIds: payload.consumerIds, paused: false }),
  'consumer.pause': (caller, payload) =>
    carry(caller, payload, 'pauseConsumers', { consumerIds: payload.consumerIds, paused: true }),
  'consumer.layers': (caller, payload) => {
    const { consumerId, spatialLayer, temporalLayer } = payload;
    return carry(caller, payload, 'setLayers', { consumerId, spatialLayer, temporalLayer });
  },
});

export const createSignaling = (options: {
  store: InterviewStore;
  deliver: Deliver;
  fleet: MediaFleet;
  tokens: ParticipantTokens;
  /** Who among the gateways watches the clocks of all interviews. */
  lease: Lease;
  /** Sends to the session's socket; nothing happens when it has none. */
  sendRoom: (sessionId: string, push: RoomPush) => void;
  clock: Clock;
  log: Logger;
  settings: InterviewSettings;
  iceServers: readonly IceServer[];
  turn: TurnSettings;
  /** A room of people of this gateway was placed on another node, because its own was lost. */
  onReopened: () => void;
}): Signaling => {
  const { store, deliver, fleet, tokens, lease, sendRoom, clock, log, settings, iceServers, turn } = options;
  const iceServersFor = (userId: UserId): IceServer[] => {
    const minted = turnServerFor(turn, userId, clock.now());
    return minted === undefined ? [...iceServers] : [...iceServers, minted];
  };
  const interviews = createInterviews({
    store,
    deliver,
    clock,
    log,
    settings,
    lease,
    occupancy: (interviewId) => rooms.occupancy(interviewId),
    closeOrphans: (isOver) => rooms.closeOrphans(isOver),
    onOver: ({ interviewId }) => rooms.closeRoom(interviewId),
  });
  const rooms = createRooms({
    fleet,
    tokens,
    sendRoom,
    clock,
    log,
    graceMs: settings.graceMs,
    maxParticipants: settings.maxParticipants,
    iceServersFor,
    enter: interviews.enter,
    isActive: interviews.isActive,
    onEmptied: interviews.roomEmptied,
    onReopened: options.onReopened,
  });

  return {
    handlers: {
      'interview.call': async ({ userId }, call) => ({ interview: await interviews.call(userId, call) }),
      'interview.answer': async ({ userId }, { interviewId }) => ({
        interview: await interviews.act(userId, interviewId, 'answer'),
      }),
      'interview.decline': async ({ userId }, { interviewId }) => ({
        interview: await interviews.act(userId, interviewId, 'decline'),
      }),
      'interview.cancel': async ({ userId }, { interviewId }) => ({
        interview: await interviews.act(userId, interviewId, 'cancel'),
      }),
      'interview.end': async ({ userId }, { interviewId }) => ({ interview: await interviews.act(userId, interviewId, 'end') }),
      'room.capabilities': () => fleet.ask('capabilities', {}),
      'room.join': rooms.join,
      'room.resume': rooms.resume,
      'room.leave': rooms.leave,
      ...mediaHandlers(rooms, iceServersFor),
    },
    sessionAttached: (sessionId) => rooms.sessionAttached(sessionId),
    sessionDetached: (sessionId) => rooms.sessionDetached(sessionId),
    sessionEnded: (sessionId) => rooms.sessionEnded(sessionId),
    memberLeft(threadId, userId) {
      const removed = interviews.activeIn(threadId).then((active) => active && rooms.removeUser(active.interviewId, userId));
      removed.catch((error) => log.error({ err: error, threadId }, 'a member who left could not be taken out of the room'));
    },
    parted(userId, otherId) {
      const part = async (): Promise<void> => {
        for (const { interviewId, threadId } of await interviews.activeOf(userId, otherId)) {
          if (!(await store.isApart(userId, threadId))) continue;
          // From a call of more than two the one who blocks goes, and the others go on.
          if (!(await interviews.endFor(userId, interviewId))) await rooms.removeUser(interviewId, userId);
        }
      };
      part().catch((error) => log.error({ err: error }, 'a call goes on between two of whom one has blocked the other'));
    },
    start: interviews.start,
    async close() {
      interviews.close();
      rooms.close();
      fleet.close();
    },
  };
};
