/** Where a room is: a router on one worker, and the ear that hears who speaks. */
import type { types } from 'mediasoup';
import { MEDIA_CODECS } from './codecs.ts';
import type { MediaWorker } from './media-worker.ts';
import { isWorkerLost } from './refusals.ts';
import { createSpeakerWatch, type SpeakerWatch } from './speaker.ts';

export interface Place {
  readonly worker: MediaWorker;
  readonly router: types.Router;
  readonly speakers: SpeakerWatch;
}

/** Opens a router on the worker that `take` gives; on the next one when that dies meanwhile. */
export const openPlace = async (
  take: () => Promise<MediaWorker>,
  onSpeaker: (router: types.Router, producer: types.Producer | undefined) => void,
): Promise<Place> => {
  for (;;) {
    try {
      const worker = await take();
      const router = await worker.worker.createRouter({ mediaCodecs: MEDIA_CODECS });
      const speakers = await createSpeakerWatch(router, (producer) => onSpeaker(router, producer));
      return { worker, router, speakers };
    } catch (error) {
      if (!isWorkerLost(error)) throw error;
    }
  }
};
