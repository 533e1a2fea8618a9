/**
 * How a test's WebRTC client reaches the server: over a media node's commands, or over the gateway's handlers. Both check what
 * goes each way against the protocol's schemas, as the frame and the SDK do.
 */
import type { z } from 'zod';
import {
  type Joined,
  MAX_PARTICIPANTS,
  type Payload,
  type PayloadInput,
  REQUESTS,
  type RequestType,
  type Result,
  RoomPush,
} from '../../protocol/index.ts';
import type { MediaNode } from '../../signaling/media-node.ts';
import type { Caller, Handlers } from '../../src/handlers.ts';
import type { RawSocket } from '../support/raw-socket.ts';

export type RoomRequest = Extract<
  RequestType,
  `room.${string}` | `transport.${string}` | `producer.${string}` | `consumer.${string}`
>;

export interface Link {
  request<Type extends RoomRequest>(type: Type, payload: PayloadInput<Type>): Promise<Result<Type>>;
  onRoom(listener: (push: RoomPush) => void): () => void;
}

const checked = <Type extends RequestType>(type: Type, payload: PayloadInput<Type>): Payload<Type> =>
  (REQUESTS[type].payload as z.ZodType).parse(JSON.parse(JSON.stringify(payload))) as Payload<Type>;
const answered = <Type extends RequestType>(type: Type, result: unknown): Result<Type> =>
  (REQUESTS[type].result as z.ZodType).parse(JSON.parse(JSON.stringify(result))) as Result<Type>;

/** The verbs of a room, as commands of a media node. */
const commands = (
  node: MediaNode,
  userId: string,
): { readonly [Type in RoomRequest]: (payload: Payload<Type>) => Promise<unknown> } => {
  const at = ({ interviewId: roomId, participantId }: { interviewId: string; participantId: string }) => ({
    roomId,
    participantId,
  });
  return {
    'room.capabilities': () => node.request('capabilities', {}),
    async 'room.join'(payload) {
      const { rtpCapabilities, move } = payload;
      const join = { ...at(payload), userId, joinedAt: Date.now(), rtpCapabilities, move, maxParticipants: MAX_PARTICIPANTS };
      const reply = await node.request('join', join);
      const { interviewId, participantId } = payload;
      return { interviewId, participantId, participantToken: 'none', graceMs: 0, iceServers: [], ...reply } satisfies Joined;
    },
    'room.resume': (payload) => node.request('replay', { ...at(payload), epoch: payload.epoch, seq: payload.seq }),
    'room.settled': (payload) => node.request('settle', at(payload)),
    'room.leave': (payload) => node.request('leave', { ...at(payload), reason: 'left' }),
    'transport.connect': ({ direction, dtlsParameters, ...payload }) =>
      node.request('connectTransport', { ...at(payload), direction, dtlsParameters }),
    async 'transport.restart_ice'({ direction, ...payload }) {
      return { ...(await node.request('restartIce', { ...at(payload), direction })), iceServers: [] };
    },
    'producer.open': (payload) => node.request('openProducer', { ...at(payload), ...payload }),
    'producer.pause': (payload) =>
      node.request('pauseProducer', { ...at(payload), producerId: payload.producerId, paused: true }),
    'producer.resume': (payload) =>
      node.request('pauseProducer', { ...at(payload), producerId: payload.producerId, paused: false }),
    'producer.close': (payload) => node.request('closeProducer', { ...at(payload), producerId: payload.producerId }),
    'consumer.request': (payload) =>
      node.request('requestConsumers', { ...at(payload), rtpCapabilities: payload.rtpCapabilities }),
    'consumer.resume': (payload) =>
      node.request('pauseConsumers', { ...at(payload), consumerIds: payload.consumerIds, paused: false }),
    'consumer.pause': (payload) =>
      node.request('pauseConsumers', { ...at(payload), consumerIds: payload.consumerIds, paused: true }),
    'consumer.layers': ({ consumerId, spatialLayer, temporalLayer, ...payload }) =>
      node.request('setLayers', { ...at(payload), consumerId, spatialLayer, temporalLayer }),
  };
};

/** Hears the events of every participant, or of one, as a client hears its own. */
export const linkToNode = (node: MediaNode, userId: string, participantId?: string): Link => {
  const table = commands(node, userId);
  return {
    request: async (type, payload) => answered(type, await table[type](checked(type, payload))),
    onRoom: (listener) =>
      node.onEvent((event) => {
        if (event.type !== 'participant' || (participantId ?? event.participantId) !== event.participantId) return;
        const { type: _, roomId: interviewId, ...push } = event;
        listener(RoomPush.parse(JSON.parse(JSON.stringify({ ...push, interviewId }))));
      }),
  };
};

/** One session of the gateway. */
export const linkToHandlers = (
  handlers: Handlers<RoomRequest>,
  caller: Caller,
  onRoom: (listener: (push: RoomPush) => void) => () => void,
): Link => ({
  request: async (type, payload) => answered(type, await handlers[type](caller, checked(type, payload))),
  onRoom: (listener) => onRoom((push) => listener(RoomPush.parse(JSON.parse(JSON.stringify(push))))),
});

/** A session on a socket of its own. */
export const linkToSocket = (socket: RawSocket): Link => ({
  request: (type, payload) => socket.request(type, payload),
  onRoom(listener) {
    const hear = (data: unknown): void => {
      const frame = JSON.parse(String(data));
      if (frame.push === 'room') listener(RoomPush.parse(frame.room));
    };
    socket.ws.on('message', hear);
    return () => socket.ws.off('message', hear);
  },
});
