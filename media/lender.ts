/**
 * The places that this node lends others (signaling/lending.ts): each is a router on the least busy worker, and what was asked for on it.
 * A borrower whose line breaks has lost them; they flow on for a moment, so that its people see something until they are elsewhere.
 */
import type { types } from 'mediasoup';
import type { Logger } from 'pino';
import type { LendCommand, LendCommandName, LendReply, LentEvent } from '../signaling/lending.ts';
import type { Clock } from '../src/clock.ts';
import { type BridgeAddress, type BridgedTrack, type BridgeEnd, openBridgeEnd } from './bridge.ts';
import { bridgeInfoOf } from './listen-infos.ts';
import type { MediaWorker } from './media-worker.ts';
import { openRouter, pipeBetween } from './place.ts';
import { isWorthAPlace } from './placement.ts';
import { gone, refusing } from './refusals.ts';
import type { MediaSettings } from './settings.ts';
import type { RoomConsumer, RoomProducer } from './tracks.ts';
import { createTransports, type Transports } from './transports.ts';
import type { Workers } from './workers.ts';

/** What one borrower asks. Rejects with ProtocolErrors: `gone` for a place or what is on it, `invalid` for parameters that a worker refuses. */
export interface Borrower {
  request<Name extends LendCommandName>(name: Name, command: LendCommand<Name>): Promise<LendReply<Name>>;
  /** Its line broke. */
  detach(): void;
}

export interface Lender {
  attach(tell: (event: LentEvent) => void): Borrower;
  /** Nothing more is lent, and what is lent is asked to be left within this time; or again. */
  setDraining(draining: boolean, withinMs: number): void;
  /** How many places are lent on the worker of this process id. */
  lentOn(pid: number): number;
  /** Whether nothing is lent. */
  isEmpty(): boolean;
  close(): void;
}

const LOAD_EVERY_MS = 1_000;
const DETACHED_MS = 5_000;

interface LentPlace {
  readonly placeId: string;
  readonly roomId: string;
  readonly worker: MediaWorker;
  readonly router: types.Router;
  readonly tell: (event: LentEvent) => void;
  readonly transports: Map<string, Transports>;
  readonly producers: Map<string, RoomProducer>;
  readonly consumers: Map<string, RoomConsumer>;
  readonly bridges: Map<string, BridgeEnd>;
}

type Handlers = {
  readonly [Name in Exclude<LendCommandName, 'openPlace'>]: (
    place: LentPlace,
    command: LendCommand<Name>,
  ) => Promise<LendReply<Name>>;
};

const found = <Value>(known: ReadonlyMap<string, Value>, id: string): Value => {
  const value = known.get(id);
  if (value === undefined) throw gone();
  return value;
};

/** From now on the borrower is told of it. */
const keepProducer = ({ placeId, producers, tell }: LentPlace, producer: RoomProducer): { producerId: string } => {
  const { id: producerId } = producer;
  if (producers.has(producerId)) return { producerId };
  producers.set(producerId, producer);
  producer.on('score', () =>
    tell({ about: 'producer', placeId, producerId, score: producer.score.map(({ score }) => ({ score })) }),
  );
  producer.observer.once('close', () => {
    producers.delete(producerId);
    tell({ about: 'producer closed', placeId, producerId });
  });
  return { producerId };
};

const keepConsumer = ({ placeId, consumers, tell }: LentPlace, consumer: RoomConsumer): LendReply<'consume'> => {
  const { id: consumerId, type, rtpParameters, priority } = consumer;
  consumers.set(consumerId, consumer);
  consumer.on('score', () => tell({ about: 'consumer', placeId, consumerId, score: consumer.score.score }));
  consumer.on('layerschange', (layers) => {
    const { spatialLayer = 0, temporalLayer } = layers ?? {};
    const present = { spatialLayer, ...(temporalLayer === undefined ? {} : { temporalLayer }) };
    tell({ about: 'layers', placeId, consumerId, layers: layers === undefined ? null : present });
  });
  return { consumer: { consumerId, type, rtpParameters: { ...rtpParameters }, priority } };
};

export const createLender = (options: {
  workers: Pick<Workers, 'take' | 'spare'>;
  settings: MediaSettings;
  clock: Clock;
  log: Logger;
  /** Whether anything may be lent. */
  mayLend: () => boolean;
}): Lender => {
  const { workers, settings, clock, log } = options;
  const lent = new Map<string, LentPlace>();
  let drain: { readonly withinMs: number } | undefined;
  let cancelLoad = (): void => {};

  const tellLoad = (): void => {
    cancelLoad();
    if (lent.size === 0) return;
    for (const { placeId, worker, tell } of lent.values()) {
      tell({ about: 'load', placeId, cpu: worker.cpu, consumers: worker.carries.consumers });
    }
    cancelLoad = clock.after(LOAD_EVERY_MS, tellLoad);
  };
  const close = (place: LentPlace): void => {
    if (lent.get(place.placeId) !== place) return;
    lent.delete(place.placeId);
    place.router.close();
  };

  const open = async (
    { placeId, roomId, busy }: LendCommand<'openPlace'>,
    tell: LentPlace['tell'],
  ): Promise<LendReply<'openPlace'>> => {
    const used = [...lent.values()].flatMap((place) => (place.roomId === roomId ? [place.worker] : []));
    const worker = drain === undefined && options.mayLend() ? workers.spare(used) : undefined;
    if (worker === undefined || !isWorthAPlace({ cpu: worker.cpu, consumers: worker.carries.consumers }, busy))
      return { lent: false };
    const router = await refusing(() => openRouter(worker));
    const place = {
      placeId,
      roomId,
      worker,
      router,
      tell,
      transports: new Map(),
      producers: new Map(),
      consumers: new Map(),
      bridges: new Map(),
    };
    lent.set(placeId, place);
    // Not when it was closed on purpose: then its worker died.
    router.observer.once('close', () => lent.delete(placeId) && tell({ about: 'place closed', placeId }));
    log.info({ roomId, placeId }, 'a place is lent to a room of another node');
    tellLoad();
    return { lent: true };
  };

  const handlers: Handlers = {
    async closePlace(place) {
      close(place);
      return {};
    },
    async openTransports(place, { placeId, mediaId }) {
      const transports = await refusing(() => createTransports(place, settings));
      place.transports.set(mediaId, transports);
      transports.onStateChange(() => place.tell({ about: 'transports', placeId, mediaId, cut: transports.cut }));
      return { send: transports.options('send'), receive: transports.options('receive') };
    },
    async connectTransport({ transports }, { mediaId, direction, dtlsParameters }) {
      await found(transports, mediaId).connect(direction, dtlsParameters);
      return {};
    },
    restartIce: async ({ transports }, { mediaId, direction }) => ({
      iceParameters: await found(transports, mediaId).restartIce(direction),
    }),
    async closeTransports({ transports }, { mediaId }) {
      transports.get(mediaId)?.close();
      transports.delete(mediaId);
      return {};
    },
    async produce(place, { mediaId, kind, rtpParameters, paused, keyFrameRequestDelay }) {
      const track = { kind, rtpParameters, paused, keyFrameRequestDelay };
      return keepProducer(place, await refusing(() => found(place.transports, mediaId).produce(track)));
    },
    async pauseProducer({ producers }, { producerId, paused }) {
      const producer = found(producers, producerId);
      await refusing(() => (paused ? producer.pause() : producer.resume()));
      return {};
    },
    async closeProducer({ producers }, { producerId }) {
      producers.get(producerId)?.close();
      return {};
    },
    async consume(place, { mediaId, producerId, rtpCapabilities }) {
      const transports = found(place.transports, mediaId);
      const producer = found(place.producers, producerId);
      const consumer = await refusing(() => transports.consume(producer, rtpCapabilities));
      return consumer === undefined ? { consumer: null } : keepConsumer(place, consumer);
    },
    async pauseConsumer({ consumers }, { consumerId, paused }) {
      const consumer = found(consumers, consumerId);
      await refusing(() => (paused ? consumer.pause() : consumer.resume()));
      return {};
    },
    async setPreferredLayers({ consumers }, { consumerId, spatialLayer, temporalLayer }) {
      await refusing(() => found(consumers, consumerId).setPreferredLayers({ spatialLayer, temporalLayer }));
      return {};
    },
    async setPriority({ consumers }, { consumerId, priority }) {
      await refusing(() => found(consumers, consumerId).setPriority(priority));
      return {};
    },
    async closeConsumer({ consumers }, { consumerId }) {
      consumers.get(consumerId)?.close();
      consumers.delete(consumerId);
      return {};
    },
    async pipe(place, { producerId, toPlaceId }) {
      const to = found(lent, toPlaceId);
      return keepProducer(to, await refusing(() => pipeBetween(place, found(place.producers, producerId).id, to)));
    },
    async openBridge(place, { placeId, bridgeId }) {
      const onNotice: Parameters<typeof openBridgeEnd>[0]['onNotice'] = (notice) =>
        place.tell({ about: 'bridge', placeId, bridgeId, notice });
      const end = await refusing(() => openBridgeEnd({ router: place.router, listenInfo: bridgeInfoOf(settings), onNotice }));
      place.bridges.set(bridgeId, end);
      return { address: end.address };
    },
    async connectBridge({ bridges }, { bridgeId, other }) {
      await refusing(() => found(bridges, bridgeId).connect(other as BridgeAddress));
      return {};
    },
    async forward({ bridges, producers }, { bridgeId, producerId }) {
      const track = await refusing(() => found(bridges, bridgeId).forward(found(producers, producerId)));
      return { track: { ...track, rtpParameters: { ...track.rtpParameters } } };
    },
    async receive(place, { bridgeId, track }) {
      return keepProducer(place, await refusing(() => found(place.bridges, bridgeId).receive(track as BridgedTrack)));
    },
    async notice({ bridges }, { bridgeId, notice }) {
      await bridges.get(bridgeId)?.notice(notice);
      return {};
    },
    hears: async ({ bridges }, { bridgeId }) => ({ hears: await refusing(() => found(bridges, bridgeId).hears()) }),
    async stop({ bridges }, { bridgeId, bridgedId }) {
      bridges.get(bridgeId)?.stop(bridgedId);
      return {};
    },
    async closeBridge({ bridges }, { bridgeId }) {
      bridges.get(bridgeId)?.close();
      bridges.delete(bridgeId);
      return {};
    },
  };

  return {
    attach(tell) {
      const own = new Set<string>();
      return {
        async request<Name extends LendCommandName>(name: Name, command: LendCommand<Name>): Promise<LendReply<Name>> {
          if (name === 'openPlace') {
            own.add(command.placeId);
            return (await open(command as LendCommand<'openPlace'>, tell)) as LendReply<Name>;
          }
          const place = own.has(command.placeId) ? lent.get(command.placeId) : undefined;
          if (place === undefined) throw gone();
          const handle = handlers[name as Exclude<Name, 'openPlace'>] as (
            place: LentPlace,
            command: LendCommand<Name>,
          ) => Promise<LendReply<Name>>;
          return handle(place, command);
        },
        detach() {
          const left = [...own].flatMap((placeId) => lent.get(placeId) ?? []);
          if (left.length > 0) clock.after(DETACHED_MS, () => left.forEach(close));
        },
      };
    },
    setDraining(draining, withinMs) {
      if (draining === (drain !== undefined)) return;
      drain = draining ? { withinMs } : undefined;
      for (const { placeId, tell } of lent.values()) {
        tell(draining ? { about: 'place leaving', placeId, withinMs } : { about: 'place staying', placeId });
      }
    },
    lentOn: (pid) => [...lent.values()].filter(({ worker }) => worker.worker.pid === pid).length,
    isEmpty: () => lent.size === 0,
    close() {
      cancelLoad();
      for (const place of [...lent.values()]) close(place);
    },
  };
};
