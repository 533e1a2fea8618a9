/**
 * Tracks on the routers of other places. A track is piped to a place the first time somebody there is to receive it; pausing,
 * resuming and closing follow the original by themselves.
 */
import type { types } from 'mediasoup';
import type { SentTrack } from './participant.ts';
import type { Place } from './place.ts';

export interface Pipes {
  /** The track's producer on a place's router. */
  reach(track: SentTrack, place: Place): Promise<types.Producer>;
}

export const createPipes = (): Pipes => {
  const piped = new WeakMap<SentTrack, Map<types.Router, Promise<types.Producer>>>();

  const pipe = async ({ place: from, producer }: SentTrack, to: Place): Promise<types.Producer> => {
    const { pipeProducer } = await from.router.pipeToRouter({
      producerId: producer.id,
      router: to.router,
      // Ids are the worker's: two routers of one worker cannot share one.
      keepId: from.worker !== to.worker,
      enableRtx: true,
      enableSctp: false,
    });
    if (pipeProducer === undefined) throw new Error('A piped track has no producer.');
    return pipeProducer;
  };

  return {
    async reach(track, place) {
      if (track.place === place) return track.producer;
      const reached = piped.get(track) ?? new Map<types.Router, Promise<types.Producer>>();
      piped.set(track, reached);
      const before = reached.get(place.router);
      if (before !== undefined) return before;
      const begun = pipe(track, place);
      reached.set(place.router, begun);
      // A failure is told to whoever asks; the next one tries again.
      begun.catch(() => reached.delete(place.router));
      return begun;
    },
  };
};
