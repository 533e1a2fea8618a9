/**
 * Where a part of a room is: a router on one worker. On a worker of this node it also has an ear, that hears who speaks; on one that
 * another node lends (borrowed-place.ts) it does not.
 */
import type { types } from 'mediasoup';
import { type BridgeEnd, type BridgeNotice, openBridgeEnd } from './bridge.ts';
import { MEDIA_CODECS } from './codecs.ts';
import { bridgeInfoOf } from './listen-infos.ts';
import type { MediaWorker } from './media-worker.ts';
import { isWorkerLost } from './refusals.ts';
import type { MediaSettings } from './settings.ts';
import { createSpeakerWatch, type SpeakerListener, type SpeakerWatch } from './speaker.ts';
import type { RoomProducer } from './tracks.ts';
import { createTransports, type Transports } from './transports.ts';

export interface Place {
  /** Of this node; undefined when it is another's. */
  readonly worker: MediaWorker | undefined;
  /** Of the worker: share of one core over the last interval, and consumers that it carries. */
  readonly load: Load;
  openTransports(): Promise<Transports>;
  /** The producer on another place of the same node, without a bridge; undefined when that place is on another. */
  pipe(producer: RoomProducer, to: Place): Promise<RoomProducer> | undefined;
  openBridge(onNotice: (notice: BridgeNotice) => void): Promise<BridgeEnd>;
  /** Closes what is on it. */
  close(): void;
  /** People who are about to have media here. */
  expected: number;
  /** It carries as much as it should; new people go elsewhere while they can. */
  full: boolean;
  /** Its people are being moved elsewhere; nobody new comes. */
  leaving: boolean;
}

export interface Load {
  readonly cpu: number;
  readonly consumers: number;
}

export interface LocalPlace extends Place {
  readonly worker: MediaWorker;
  readonly router: types.Router;
  readonly speakers: SpeakerWatch;
}

export const isLocal = (place: Place): place is LocalPlace => place.worker !== undefined;

/** A router on a worker, as a place is made of it. */
export const openRouter = (worker: MediaWorker): Promise<types.Router> =>
  worker.worker.createRouter({ mediaCodecs: MEDIA_CODECS });

/** A producer on another router of this node. */
export const pipeBetween = async (
  from: { router: types.Router; worker: MediaWorker },
  producerId: string,
  to: { router: types.Router; worker: MediaWorker },
): Promise<types.Producer> => {
  const { pipeProducer } = await from.router.pipeToRouter({
    producerId,
    router: to.router,
    // Ids are the worker's: two routers of one worker cannot share one.
    keepId: from.worker !== to.worker,
    enableRtx: true,
    enableSctp: false,
  });
  if (pipeProducer === undefined) throw new Error('A piped track has no producer.');
  return pipeProducer;
};

/** Opens a router on the worker that `take` gives; on the next one when that dies meanwhile. */
export const openPlace = async (
  take: () => Promise<MediaWorker>,
  settings: MediaSettings,
  listenerFor: (router: types.Router) => SpeakerListener,
): Promise<LocalPlace> => {
  for (;;) {
    try {
      const worker = await take();
      const router = await openRouter(worker);
      const speakers = await createSpeakerWatch(router, listenerFor(router));
      return localPlace({ worker, router, speakers }, settings);
    } catch (error) {
      if (!isWorkerLost(error)) throw error;
    }
  }
};

const localPlace = (on: Pick<LocalPlace, 'worker' | 'router' | 'speakers'>, settings: MediaSettings): LocalPlace => {
  const { worker, router } = on;
  return {
    ...on,
    get load() {
      return { cpu: worker.cpu, consumers: worker.carries.consumers };
    },
    openTransports: () => createTransports(on, settings),
    pipe: (producer, to) => (isLocal(to) ? pipeBetween(on, producer.id, to) : undefined),
    openBridge: (onNotice) => openBridgeEnd({ router, listenInfo: bridgeInfoOf(settings), onNotice }),
    close: () => router.close(),
    expected: 0,
    full: false,
    leaving: false,
  };
};
