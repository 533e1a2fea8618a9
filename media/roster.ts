/** Who is in a room, and what each of them is told: events numbered for each participant, kept for replay, within one epoch. */
import type { RoomEvent } from '../protocol/index.ts';
import type { MediaCommand, MediaEvent } from '../signaling/media-node.ts';
import type { Clock } from '../src/clock.ts';
import { createEventRing, type NumberedEvent } from './event-ring.ts';
import { createParticipant, type Participant, viewOf } from './participant.ts';
import { createQualityMeter } from './quality.ts';
import { gone } from './refusals.ts';

/** A connection that is bad for a shorter time is not worth a word. */
const QUALITY_SETTLE_MS = 2_000;

export interface Roster {
  readonly participants: ReadonlyMap<string, Participant>;
  readonly epoch: number;
  /** Takes a newcomer in and tells the others. */
  admit(who: Pick<MediaCommand<'join'>, 'participantId' | 'userId' | 'joinedAt'>): Participant;
  /** Takes one out; who is told what is the caller's. */
  remove(participant: Participant): void;
  /** Throws `gone` when they are not in the room. */
  get(participantId: string): Participant;
  setConnected(participantId: string, connected: boolean): void;
  /** A participant that does not hear yet is told nothing: the state in the reply to its joining will say it all. */
  tell(participant: Participant, event: RoomEvent): void;
  tellAll(event: RoomEvent): void;
  /** They hear from now on; whoever stands before now needs the state. */
  hear(participant: Participant): void;
  /** A state has no qualities in it: whatever is not good follows as events. */
  tellQualities(to: Participant): void;
  /** The events after `seq`, or undefined when only the state will do. */
  after(participant: Participant, from: { epoch: number; seq: number }): NumberedEvent[] | undefined;
  /** Begins another epoch: everyone hears, from number 1. */
  renew(epoch: number): void;
  clear(): void;
}

export const createRoster = (options: {
  roomId: string;
  epoch: number;
  clock: Clock;
  emit: (event: MediaEvent) => void;
}): Roster => {
  const { roomId, clock, emit } = options;
  const participants = new Map<string, Participant>();
  let { epoch } = options;

  const tell: Roster['tell'] = (participant, event) => {
    if (!participant.hears) return;
    const { participantId, events } = participant;
    emit({ type: 'participant', roomId, participantId, epoch, seq: events.push(event), event });
  };
  const tellAll: Roster['tellAll'] = (event) => {
    for (const participant of participants.values()) tell(participant, event);
  };

  return {
    participants,
    get epoch() {
      return epoch;
    },
    tell,
    tellAll,
    admit(who) {
      const { participantId } = who;
      const quality = createQualityMeter({
        clock,
        settleMs: QUALITY_SETTLE_MS,
        onChange: (value) => tellAll({ type: 'quality.changed', participantId, quality: value }),
      });
      const participant = createParticipant(who, quality);
      tellAll({ type: 'participant.joined', participant: viewOf(participant) });
      participants.set(participantId, participant);
      return participant;
    },
    remove(participant) {
      participant.quality.close();
      participants.delete(participant.participantId);
    },
    get(participantId) {
      const participant = participants.get(participantId);
      if (participant === undefined) throw gone();
      return participant;
    },
    setConnected(participantId, connected) {
      const participant = participants.get(participantId);
      if (participant === undefined || participant.connected === connected) return;
      participant.connected = connected;
      tellAll({ type: 'participant.connection', participantId, connected });
    },
    hear(participant) {
      participant.events.forget();
      participant.hears = true;
    },
    tellQualities(to) {
      for (const { participantId, quality } of participants.values()) {
        if (quality.quality !== 'good') tell(to, { type: 'quality.changed', participantId, quality: quality.quality });
      }
    },
    after: ({ events }, from) => (from.epoch === epoch ? events.after(from.seq) : undefined),
    renew(next) {
      epoch = next;
      for (const participant of participants.values()) {
        participant.events = createEventRing();
        participant.hears = true;
      }
    },
    clear() {
      for (const { quality } of participants.values()) quality.close();
      participants.clear();
    },
  };
};
