/**
 * Who speaks in a room. The active speaker observer says who leads the talk: it follows speech, not loudness, and is slow to change
 * its mind. The audio level observer says who is heard at all, so that nobody speaks in silence, nor with the microphone off.
 */
import type { types } from 'mediasoup';
import { MAX_PARTICIPANTS } from '../protocol/index.ts';
import { unlessGone } from './refusals.ts';
import type { RoomProducer } from './tracks.ts';

const INTERVAL_MS = 500;
/** In dBov; a quiet voice is at about -45, a quiet room below -60. */
const AUDIBLE_ABOVE = -55;

export interface SpeakerListener {
  /** Gets the speaking participant, or null in silence; only changes. */
  onSpeaker(participantId: string | null): void;
  /** Gets all who are heard, loudest first, every half second that somebody is. */
  onAudible(participantIds: readonly string[]): void;
}

export interface SpeakerWatch {
  /** A microphone of this participant, on this router. */
  add(participantId: string, producer: RoomProducer): Promise<void>;
}

export const createSpeakerWatch = async (router: types.Router, listener: SpeakerListener): Promise<SpeakerWatch> => {
  const [leader, level] = await Promise.all([
    router.createActiveSpeakerObserver({ interval: INTERVAL_MS }),
    router.createAudioLevelObserver({ interval: INTERVAL_MS, threshold: AUDIBLE_ABOVE, maxEntries: MAX_PARTICIPANTS }),
  ]);
  /** Whose microphone a producer is. */
  const owners = new Map<string, string>();
  let dominant: string | undefined;
  /** Loudest first. */
  let audible: string[] = [];
  let told: string | null = null;

  const tell = (): void => {
    const speaker = dominant !== undefined && audible.includes(dominant) ? dominant : (audible[0] ?? null);
    if (speaker === told) return;
    told = speaker;
    listener.onSpeaker(speaker);
  };
  leader.on('dominantspeaker', ({ producer }) => {
    dominant = owners.get(producer.id);
    tell();
  });
  level.on('volumes', (volumes) => {
    const speaking = volumes.map(({ producer }) => owners.get(producer.id));
    audible = [...new Set(speaking)].filter((participantId) => participantId !== undefined);
    listener.onAudible(audible);
    tell();
  });
  level.on('silence', () => {
    audible = [];
    tell();
  });

  return {
    async add(participantId, producer) {
      const { id: producerId } = producer;
      if (owners.has(producerId) || producer.closed) return;
      owners.set(producerId, participantId);
      producer.observer.once('close', () => {
        owners.delete(producerId);
        // While a participant moves they have two microphones for a moment.
        if (![...owners.values()].includes(participantId)) audible = audible.filter((other) => other !== participantId);
        tell();
      });
      await unlessGone(() => Promise.all([leader.addProducer({ producerId }), level.addProducer({ producerId })]));
    },
  };
};
