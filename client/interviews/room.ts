/** The room as a value, as one participant sees it, and how each of its events changes it. Pure. */
import type { Consumer, Participant, Producer, Quality, RoomEvent, RoomState } from '../../protocol/index.ts';

export interface Room {
  /** In order of joining. */
  readonly participants: ReadonlyMap<string, Participant>;
  readonly consumers: ReadonlyMap<string, Consumer>;
  readonly speakerId: string | null;
  readonly qualities: ReadonlyMap<string, Quality>;
  /** Participants of the room before it reopened who are not back yet. */
  readonly awaitedIds: ReadonlySet<string>;
}

/**
 * A room from its state. Those who were in a room that `reopened` are kept, as not connected, until they are back or
 * given up.
 */
export const roomOf = (state: RoomState, before: Room | undefined, { reopened }: { reopened: boolean }): Room => {
  const present = new Map(state.participants.map((participant) => [participant.participantId, participant]));
  const awaited = [...((reopened ? before?.participants.values() : undefined) ?? [])]
    .filter(({ participantId }) => !present.has(participantId))
    .map((participant): Participant => ({ ...participant, connected: false, producers: [] }));
  return {
    participants: new Map([...awaited.map((participant) => [participant.participantId, participant] as const), ...present]),
    consumers: new Map(state.consumers.map((consumer) => [consumer.consumerId, consumer])),
    speakerId: state.speakerId,
    qualities: before?.qualities ?? new Map(),
    awaitedIds: new Set(awaited.map(({ participantId }) => participantId)),
  };
};

export const withoutAwaited = (room: Room): Room => ({
  ...room,
  participants: without(room.participants, ([participantId]) => room.awaitedIds.has(participantId)),
  awaitedIds: new Set(),
});

export const applyRoomEvent = (room: Room, event: RoomEvent): Room => {
  switch (event.type) {
    case 'participant.joined': {
      const { participantId } = event.participant;
      return {
        ...room,
        participants: new Map(room.participants).set(participantId, event.participant),
        awaitedIds: new Set([...room.awaitedIds].filter((id) => id !== participantId)),
      };
    }
    case 'participant.left':
      return {
        ...room,
        participants: without(room.participants, ([participantId]) => participantId === event.participantId),
        consumers: without(room.consumers, ([, consumer]) => consumer.participantId === event.participantId),
        speakerId: room.speakerId === event.participantId ? null : room.speakerId,
      };
    case 'participant.connection':
      return changeParticipant(room, event.participantId, () => ({ connected: event.connected }));
    case 'producer.opened':
      return changeProducers(room, event.participantId, (producers) => [
        ...producers.filter(({ producerId }) => producerId !== event.producer.producerId),
        event.producer,
      ]);
    case 'producer.paused':
      return {
        ...changeProducers(room, event.participantId, (producers) =>
          producers.map((producer) =>
            producer.producerId === event.producerId ? { ...producer, paused: event.paused } : producer,
          ),
        ),
        consumers: new Map(
          [...room.consumers].map(([consumerId, consumer]) => [
            consumerId,
            consumer.producerId === event.producerId ? { ...consumer, producerPaused: event.paused } : consumer,
          ]),
        ),
      };
    case 'producer.closed':
      return {
        ...changeProducers(room, event.participantId, (producers) =>
          producers.filter(({ producerId }) => producerId !== event.producerId),
        ),
        consumers: without(room.consumers, ([, consumer]) => consumer.producerId === event.producerId),
      };
    case 'consumers.opened': {
      const opened = event.consumers.map((consumer) => [consumer.consumerId, consumer] as const);
      return { ...room, consumers: new Map([...room.consumers, ...opened]) };
    }
    case 'consumer.closed':
      return { ...room, consumers: without(room.consumers, ([consumerId]) => consumerId === event.consumerId) };
    case 'speaker.changed':
      return { ...room, speakerId: event.participantId };
    case 'quality.changed':
      return { ...room, qualities: new Map(room.qualities).set(event.participantId, event.quality) };
    case 'room.moving':
    case 'media.lost':
    case 'room.reopened':
    case 'room.closed':
      return room;
  }
};

const changeParticipant = (room: Room, participantId: string, change: (present: Participant) => Partial<Participant>): Room => {
  const present = room.participants.get(participantId);
  if (present === undefined) return room;
  return { ...room, participants: new Map(room.participants).set(participantId, { ...present, ...change(present) }) };
};

const changeProducers = (room: Room, participantId: string, change: (producers: Producer[]) => Producer[]): Room =>
  changeParticipant(room, participantId, ({ producers }) => ({ producers: change(producers) }));

const without = <Key, Value>(
  map: ReadonlyMap<Key, Value>,
  leaves: (entry: readonly [Key, Value]) => boolean,
): ReadonlyMap<Key, Value> => new Map([...map].filter((entry) => !leaves(entry)));
