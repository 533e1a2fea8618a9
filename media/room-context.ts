/** The room, as the parts of it see it. */
import type { Logger } from 'pino';
import type { RoomEvent } from '../protocol/index.ts';
import type { Clock } from '../src/clock.ts';
import { type Media, type Participant, type SentTrack, sentBy } from './participant.ts';
import type { Place } from './place.ts';
import { gone } from './refusals.ts';
import type { RoomProducer } from './tracks.ts';

export interface RoomContext {
  readonly participants: ReadonlyMap<string, Participant>;
  readonly clock: Clock;
  readonly log: Logger;
  speakerId(): string | null;
  tell(participant: Participant, event: RoomEvent): void;
  tellAll(event: RoomEvent): void;
  /** The track's producer on a place's router, piped there if need be. */
  reach(track: SentTrack, place: Place): Promise<RoomProducer>;
  /** Whether a participant's sound is forwarded now: in a large room only those who spoke last are. */
  isForwarded(track: SentTrack): boolean;
  /** A microphone was opened: listen whether it speaks. */
  onMicrophone(track: SentTrack): void;
  /** Packet scores of this participant changed, or what counts among them. */
  onScore(participant: Participant): void;
}

/** What a participant needs to send or receive anything. Throws `gone` when it was lost: join again. */
export const mediaOf = (participant: Participant): Media => {
  if (participant.media === undefined || participant.media.transports.closed) throw gone();
  return participant.media;
};

/** Everything that is sent in the room. */
export const sentIn = ({ participants }: Pick<RoomContext, 'participants'>): SentTrack[] =>
  [...participants.values()].flatMap(sentBy);
