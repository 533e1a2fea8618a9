/** Where a part of a room is: a router on one worker, and the ear that hears who speaks there. */
import type { types } from 'mediasoup';
import { MEDIA_CODECS } from './codecs.ts';
import type { MediaWorker } from './media-worker.ts';
import { isWorkerLost } from './refusals.ts';
import { createSpeakerWatch, type SpeakerListener, type SpeakerWatch } from './speaker.ts';

export interface Place {
  readonly worker: MediaWorker;
  readonly router: types.Router;
  readonly speakers: SpeakerWatch;
  /** People who are about to have media here. */
  expected: number;
  /** It carries as much as it should; new people go elsewhere while they can. */
  full: boolean;
  /** Its people are being moved elsewhere; nobody new comes. */
  leaving: boolean;
}

/** Opens a router on the worker that `take` gives; on the next one when that dies meanwhile. */
export const openPlace = async (
  take: () => Promise<MediaWorker>,
  listenerFor: (router: types.Router) => SpeakerListener,
): Promise<Place> => {
  for (;;) {
    try {
      const worker = await take();
      const router = await worker.worker.createRouter({ mediaCodecs: MEDIA_CODECS });
      const speakers = await createSpeakerWatch(router, listenerFor(router));
      return { worker, router, speakers, expected: 0, full: false, leaving: false };
    } catch (error) {
      if (!isWorkerLost(error)) throw error;
    }
  }
};
