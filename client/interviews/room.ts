/** The room as a value, as one participant sees it, and how each of its events changes it. Pure. */
import type { Consumer, Participant, Producer, Quality, RoomEvent, RoomState } from '../../protocol/index.ts';

export interface Room {
  /** In order of joining. */
  readonly participants: ReadonlyMap<string, Participant>;
  readonly consumers: ReadonlyMap<string, Consumer>;
  readonly speakerId: string | null;
  readonly qualities: ReadonlyMap<string, Quality>;
  /** Participants of the room before it reopened or moved who are not back yet. */
  readonly awaitedIds: ReadonlySet<string>;
  /** While the room moves to another node: as it was where it was, which is seen and heard until what is new flows. */
  readonly leaving?: Room | undefined;
}

/**
 * A room from its state. Those who were in a room that `reopened` are kept, as not connected, until they are back or
 * given up; those in the one that is being left, as they are there.
 */
export const roomOf = (
  state: RoomState,
  before: Room | undefined,
  { reopened, leaving }: { reopened: boolean; leaving?: Room | undefined },
): Room => {
  const present = new Map(state.participants.map((participant) => [participant.participantId, participant]));
  const isAbsent = ({ participantId }: Participant): boolean => !present.has(participantId);
  const lost = [...((reopened ? before?.participants.values() : undefined) ?? [])]
    .filter(isAbsent)
    .map((participant): Participant => ({ ...participant, connected: false, producers: [] }));
  const awaited = leaving === undefined ? lost : [...leaving.participants.values()].filter(isAbsent);
  return {
    participants: new Map([...awaited.map((participant) => [participant.participantId, participant] as const), ...present]),
    consumers: new Map(state.consumers.map((consumer) => [consumer.consumerId, consumer])),
    speakerId: state.speakerId,
    qualities: before?.qualities ?? new Map(),
    awaitedIds: new Set(awaited.map(({ participantId }) => participantId)),
    leaving: leaving && { ...leaving, leaving: undefined },
  };
};

/** What is received: of the place that is being left, what the new one does not have yet. */
export const receivedIn = ({ consumers, participants, leaving }: Room): Consumer[] => {
  const present = [...consumers.values()];
  const isNew = (old: Consumer): boolean => present.some((consumer) => isSameSource(consumer, old));
  const old = [...(leaving?.consumers.values() ?? [])];
  return [...present, ...old.filter((consumer) => participants.has(consumer.participantId) && !isNew(consumer))];
};

/** What a participant sends, by the same rule. */
export const sentIn = ({ leaving }: Room, { participantId, producers }: Participant): Producer[] => {
  const old = leaving?.participants.get(participantId)?.producers ?? [];
  return [...producers, ...old.filter(({ source }) => !producers.some((producer) => producer.source === source))];
};

/** Whether the new place has all that those who are in it sent in the old one. */
export const hasComeOver = (room: Room): boolean =>
  receivedIn(room).every(
    ({ consumerId, participantId, producerPaused }) =>
      room.consumers.has(consumerId) || producerPaused || room.awaitedIds.has(participantId),
  );

const isSameSource = (a: Consumer, b: Consumer): boolean => a.participantId === b.participantId && a.source === b.source;

export const withoutAwaited = (room: Room): Room => ({
  ...room,
  participants: without(room.participants, ([participantId]) => room.awaitedIds.has(participantId)),
  awaitedIds: new Set(),
  leaving: undefined,
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
