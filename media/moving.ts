/**
 * Moving the people of a room from one place to another, make before break: everyone is asked to join again while what they have
 * flows on, over pipes where the others are already gone. Who has not moved by the deadline loses their media, and joins anew.
 */
import type { Clock } from '../src/clock.ts';
import type { Media, Participant } from './participant.ts';
import { mediasOf } from './participant.ts';
import type { Place } from './place.ts';
import type { Places } from './places.ts';
import type { Receiving } from './receiving.ts';
import type { RoomContext } from './room-context.ts';
import type { Sending } from './sending.ts';

/** The others need a key frame of what is new before what was before may go. */
const KEY_FRAME_MS = 500;
/** Somebody who does not take what is new is not waited for any longer. */
const TAKE_MS = 3_000;
const LOOK_EVERY_MS = 50;

export interface Moving {
  /** Asks everyone on these places to move. */
  begin(from: readonly Place[], withinMs: number): void;
  /** Those who have not moved stay. */
  callOff(places: readonly Place[]): void;
  /** Resolves when the others have what the participant sends now, and what they had before is closed, if that was on this node. */
  settle(participant: Participant): Promise<void>;
  /** A place is gone, or is to go: who has media there is told to join again. */
  lose(place: Place): void;
}

export const createMoving = (options: {
  room: Pick<RoomContext, 'participants' | 'tell'>;
  places: Places;
  sending: Sending;
  receiving: Receiving;
  clock: Clock;
}): Moving => {
  const { places, sending, receiving, clock } = options;
  const { participants, tell } = options.room;
  const deadlines = new Map<Place, () => void>();

  const pause = (delayMs: number): Promise<void> => new Promise((resolve) => void clock.after(delayMs, resolve));

  const stopWaiting = (place: Place): void => {
    deadlines.get(place)?.();
    deadlines.delete(place);
  };

  const lose: Moving['lose'] = (place) => {
    stopWaiting(place);
    for (const participant of participants.values()) {
      const { media, previous } = participant;
      if (previous?.place === place) {
        participant.previous = undefined;
        sending.closeMedia(previous);
      }
      if (media?.place === place) {
        participant.media = undefined;
        sending.closeMedia(media);
        tell(participant, { type: 'media.lost' });
      }
    }
    places.close(place);
  };

  /** It flows, and everyone who is to have it has started it. */
  const isOver = ({ sent }: Media): boolean =>
    [...sent.values()].every((track) => {
      const { paused, score } = track.producer;
      return (paused || score.some((stream) => stream.score > 0)) && receiving.isTaken(track);
    });

  return {
    lose,
    begin(from, withinMs) {
      places.leave(from);
      for (const place of from) {
        stopWaiting(place);
        deadlines.set(
          place,
          clock.after(withinMs, () => lose(place)),
        );
      }
      for (const participant of participants.values()) {
        const isThere = mediasOf(participant).some(({ place }) => from.includes(place));
        if (isThere) tell(participant, { type: 'room.moving', withinMs });
      }
      places.closeUnused();
    },
    callOff(back) {
      for (const place of back) stopWaiting(place);
      places.stay(back);
    },
    async settle(participant) {
      const { media, previous } = participant;
      if (media === undefined) return;
      const isStale = (): boolean => participant.previous !== previous || participant.media !== media;
      const until = clock.now() + TAKE_MS;
      while (!isStale() && !isOver(media) && clock.now() < until) await pause(LOOK_EVERY_MS);
      await pause(KEY_FRAME_MS);
      if (isStale() || previous === undefined) return;
      participant.previous = undefined;
      sending.closeMedia(previous);
      places.closeUnused();
    },
  };
};
