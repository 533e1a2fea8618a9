/**
 * Who speaks in a room. The active speaker observer says who leads the talk: it follows speech, not loudness, and is slow to change
 * its mind. The audio level observer says who is heard at all, so that nobody speaks in silence, nor with the microphone off.
 */
import type { types } from 'mediasoup';
import { MAX_PARTICIPANTS } from '../protocol/index.ts';
import { unlessGone } from './refusals.ts';

const INTERVAL_MS = 500;
/** In dBov; a quiet voice is at about -45, a quiet room below -60. */
const AUDIBLE_ABOVE = -55;

export interface SpeakerWatch {
  add(producer: types.Producer): Promise<void>;
}

export const createSpeakerWatch = async (
  router: types.Router,
  /** Gets the speaking microphone's producer, or undefined in silence; only changes. */
  onChange: (producer: types.Producer | undefined) => void,
): Promise<SpeakerWatch> => {
  const [leader, level] = await Promise.all([
    router.createActiveSpeakerObserver({ interval: INTERVAL_MS }),
    router.createAudioLevelObserver({ interval: INTERVAL_MS, threshold: AUDIBLE_ABOVE, maxEntries: MAX_PARTICIPANTS }),
  ]);
  let dominant: types.Producer | undefined;
  /** Loudest first. */
  let audible: types.Producer[] = [];
  let told: types.Producer | undefined;

  const tell = (): void => {
    const speaker = dominant !== undefined && audible.includes(dominant) ? dominant : audible[0];
    if (speaker === told) return;
    told = speaker;
    onChange(speaker);
  };
  leader.on('dominantspeaker', ({ producer }) => {
    dominant = producer;
    tell();
  });
  level.on('volumes', (volumes) => {
    audible = volumes.map(({ producer }) => producer);
    tell();
  });
  level.on('silence', () => {
    audible = [];
    tell();
  });

  return {
    async add(producer) {
      const { id: producerId } = producer;
      producer.observer.once('close', () => {
        audible = audible.filter((other) => other !== producer);
        tell();
      });
      await unlessGone(() => Promise.all([leader.addProducer({ producerId }), level.addProducer({ producerId })]));
    },
  };
};
