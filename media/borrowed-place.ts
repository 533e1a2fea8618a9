/** A place on another node, as a room uses it: the same as one of its own, but for the ear, which no borrowed place has. */
import { randomUUID } from 'node:crypto';
import type { types } from 'mediasoup';
import { borrowedConsumer, borrowedProducer, type Lender } from './borrowed-tracks.ts';
import type { BridgeEnd, BridgeNotice } from './bridge.ts';
import { createOnce } from './once.ts';
import type { Load, Place } from './place.ts';
import { gone } from './refusals.ts';
import type { RoomProducer } from './tracks.ts';
import type { Transports } from './transports.ts';

export interface BorrowedPlace extends Place {
  readonly lender: Lender;
  load: Load;
}

const openTransports = async (lender: Lender): Promise<Transports> => {
  const mediaId = randomUUID();
  const options = await lender.ask('openTransports', { mediaId });
  const listeners = new Set<() => void>();
  let cut = false;
  let closed = false;
  const forget = lender.listen(mediaId, (event) => {
    if (event.about !== 'transports') return;
    cut = event.cut;
    for (const listener of listeners) listener();
  });
  const live = (): void => {
    if (closed) throw gone();
  };
  return {
    get closed() {
      return closed;
    },
    get cut() {
      return cut;
    },
    options: (direction) => options[direction],
    async connect(direction, dtlsParameters) {
      live();
      await lender.ask('connectTransport', { mediaId, direction, dtlsParameters });
    },
    async restartIce(direction) {
      live();
      return (await lender.ask('restartIce', { mediaId, direction })).iceParameters;
    },
    onStateChange: (listener) => void listeners.add(listener),
    async produce(sent) {
      const { producerId } = await lender.ask('produce', { mediaId, ...sent });
      return borrowedProducer(lender, producerId, sent);
    },
    async consume({ id: producerId }, rtpCapabilities) {
      const { consumer } = await lender.ask('consume', { mediaId, producerId, rtpCapabilities });
      return consumer === null ? undefined : borrowedConsumer(lender, consumer);
    },
    close() {
      if (!closed) lender.say('closeTransports', { mediaId });
      closed = true;
      forget();
    },
  };
};

const openBridge = async (lender: Lender, onNotice: (notice: BridgeNotice) => void): Promise<BridgeEnd> => {
  const bridgeId = randomUUID();
  const forget = lender.listen(bridgeId, (event) => event.about === 'bridge' && onNotice(event.notice));
  const received = createOnce<string, RoomProducer>();
  const { address } = await lender.ask('openBridge', { bridgeId });
  return {
    address: address as BridgeEnd['address'],
    async connect(other) {
      await lender.ask('connectBridge', { bridgeId, other });
    },
    async forward({ id: producerId }) {
      const { track } = await lender.ask('forward', { bridgeId, producerId });
      return { ...track, rtpParameters: track.rtpParameters as types.RtpParameters };
    },
    receive: (track) =>
      received.get(track.bridgedId, async () => {
        const { producerId } = await lender.ask('receive', {
          bridgeId,
          track: { ...track, rtpParameters: { ...track.rtpParameters } },
        });
        const producer = borrowedProducer(lender, producerId, track);
        producer.observer.once('close', () => received.forget(track.bridgedId));
        return producer;
      }),
    async notice(notice) {
      await lender.ask('notice', { bridgeId, notice });
    },
    hears: async () => (await lender.ask('hears', { bridgeId })).hears,
    stop: (bridgedId) => lender.say('stop', { bridgeId, bridgedId }),
    close() {
      lender.say('closeBridge', { bridgeId });
      forget();
    },
  };
};

export const borrowedPlace = (lender: Lender, load: Load, onClose: () => void): BorrowedPlace => ({
  lender,
  worker: undefined,
  load,
  openTransports: () => openTransports(lender),
  pipe(producer, to) {
    if (!isBorrowed(to) || to.lender.nodeId !== lender.nodeId) return undefined;
    const toPlaceId = to.lender.placeId;
    return lender
      .ask('pipe', { producerId: producer.id, toPlaceId })
      .then(({ producerId }) => borrowedProducer(to.lender, producerId, producer));
  },
  openBridge: (onNotice) => openBridge(lender, onNotice),
  close() {
    lender.say('closePlace', {});
    onClose();
  },
  expected: 0,
  full: false,
  leaving: false,
});

const isBorrowed = (place: Place): place is BorrowedPlace => place.worker === undefined;
