/**
 * Tracks between two routers that may be on different hosts: one pair of pipe transports for a pair of routers, encrypted, over which
 * each side forwards what the other asks for. Each host has its own end; what the ends say to each other are plain messages, carried
 * by whatever connects the hosts.
 */
import { randomUUID } from 'node:crypto';
import type { types } from 'mediasoup';
import { createOnce } from './once.ts';
import { unlessGone } from './refusals.ts';
import type { RoomProducer } from './tracks.ts';

/** Where an end receives, and with which keys. */
export interface BridgeAddress {
  readonly ip: string;
  readonly port: number;
  readonly srtpParameters: types.SrtpParameters;
}

/** A track as the other end needs it to produce it again. */
export interface BridgedTrack {
  /** The same for one track over one bridge. */
  readonly bridgedId: string;
  readonly kind: types.MediaKind;
  readonly rtpParameters: types.RtpParameters;
  readonly paused: boolean;
}

/** What an end tells the other of a track that it forwards. */
export type BridgeNotice = { bridgedId: string } & ({ type: 'paused'; paused: boolean } | { type: 'closed' });

export interface BridgeEnd {
  readonly address: BridgeAddress;
  /** Idempotent; the other end's address. */
  connect(other: BridgeAddress): Promise<void>;
  /** Forwards a producer of this router; once, however often it is asked for. */
  forward(producer: Pick<RoomProducer, 'id'>): Promise<BridgedTrack>;
  /** Makes the other end's track a producer here; once, however often it is asked for. */
  receive(track: BridgedTrack): Promise<RoomProducer>;
  /** What the other end noticed. What is not known here is passed over. */
  notice(notice: BridgeNotice): Promise<void>;
  /** Whether anything of the other end has come in. */
  hears(): Promise<boolean>;
  /** Stops forwarding what nobody at the other end needs any more. */
  stop(bridgedId: string): void;
  close(): void;
}

export const openBridgeEnd = async (options: {
  router: types.Router;
  listenInfo: types.TransportListenInfo;
  /** Goes to the other end's `notice`, in this order. */
  onNotice: (notice: BridgeNotice) => void;
  onClosed?: () => void;
}): Promise<BridgeEnd> => {
  const { router, listenInfo, onNotice } = options;
  const transport = await router.createPipeTransport({ listenInfo, enableRtx: true, enableSrtp: true });
  const { tuple, srtpParameters } = transport;
  if (srtpParameters === undefined) throw new Error('A pipe transport has no keys.');
  const forwarded = createOnce<string, BridgedTrack>();
  const consumers = new Map<string, types.Consumer>();
  const received = createOnce<string, types.Producer>();
  let connected: Promise<void> | undefined;
  transport.observer.once('close', () => options.onClosed?.());

  const consume = async (producer: Pick<RoomProducer, 'id'>): Promise<BridgedTrack> => {
    const consumer = await transport.consume({ producerId: producer.id });
    const bridgedId = randomUUID();
    consumers.set(bridgedId, consumer);
    consumer.observer.on('pause', () => onNotice({ type: 'paused', bridgedId, paused: true }));
    consumer.observer.on('resume', () => onNotice({ type: 'paused', bridgedId, paused: false }));
    consumer.observer.once('close', () => {
      consumers.delete(bridgedId);
      forwarded.forget(producer.id);
      onNotice({ type: 'closed', bridgedId });
    });
    return { bridgedId, kind: consumer.kind, rtpParameters: consumer.rtpParameters, paused: consumer.producerPaused };
  };

  return {
    address: { ip: listenInfo.announcedAddress ?? tuple.localAddress, port: tuple.localPort, srtpParameters },
    connect(other) {
      connected ??= transport.connect({ ip: other.ip, port: other.port, srtpParameters: other.srtpParameters });
      return connected;
    },
    forward: (producer) => forwarded.get(producer.id, () => consume(producer)),
    receive: ({ bridgedId, kind, rtpParameters, paused }) =>
      received.get(bridgedId, async () => {
        const producer = await transport.produce({ kind, rtpParameters, paused });
        producer.observer.once('close', () => received.forget(bridgedId));
        return producer;
      }),
    async notice(notice) {
      const producer = await received.known(notice.bridgedId);
      if (producer === undefined) return;
      if (notice.type === 'closed') producer.close();
      else await unlessGone(() => (notice.paused ? producer.pause() : producer.resume()));
    },
    async hears() {
      const stats = await transport.getStats();
      return stats.some(({ bytesReceived }) => bytesReceived > 0);
    },
    stop: (bridgedId) => consumers.get(bridgedId)?.close(),
    close: () => transport.close(),
  };
};
