/** The two WebRTC transports of one participant: one that receives what they send, one that sends what they receive. */
import type { types } from 'mediasoup';
import {
  type DtlsParameters,
  type IceParameters,
  ProtocolError,
  type RtpCapabilities,
  type RtpParameters,
  type TransportDirection,
  type TransportOptions,
} from '../protocol/index.ts';
import type { MediaWorker } from './media-worker.ts';
import { gone, refusing } from './refusals.ts';
import type { MediaSettings } from './settings.ts';
import { fromWorker, toWorker } from './shapes.ts';
import type { RoomConsumer, RoomProducer } from './tracks.ts';

const DEFAULT_ICE_CONSENT_TIMEOUT_MS = 40_000;
/** What a receiver's link is taken for until it is measured; the library's 600 kbps starts a call with a blurred picture. */
const INITIAL_OUTGOING_BITRATE = 1_000_000;

/** A track that the client sends. */
export interface Sent {
  readonly kind: types.MediaKind;
  readonly rtpParameters: RtpParameters;
  readonly paused: boolean;
  readonly keyFrameRequestDelay: number;
}

/** Directions are the client's: it sends on `send`. */
export interface Transports {
  readonly closed: boolean;
  /** One of them was connected and is not any more. */
  readonly cut: boolean;
  options(direction: TransportDirection): TransportOptions;
  /** Again with the same fingerprints is the same; with others it is a `conflict`. */
  connect(direction: TransportDirection, dtlsParameters: DtlsParameters): Promise<void>;
  restartIce(direction: TransportDirection): Promise<IceParameters>;
  /** Calls back when one of them was connected, or cut. */
  onStateChange(listener: () => void): void;
  produce(sent: Sent): Promise<RoomProducer>;
  /** A paused consumer of a producer of the same place; undefined when the client cannot play it. */
  consume(producer: RoomProducer, rtpCapabilities: RtpCapabilities): Promise<RoomConsumer | undefined>;
  /** Closes every producer and consumer on them too. */
  close(): void;
}

/** The same certificate whatever the order or the case it is written in. */
const fingerprintsOf = ({ fingerprints }: DtlsParameters): string =>
  fingerprints
    .map(({ algorithm, value }) => `${algorithm} ${value.toUpperCase()}`)
    .sort()
    .join(' ');

/** It was there and is not any more. */
const isCut = ({ iceState, dtlsState }: types.WebRtcTransport): boolean =>
  iceState === 'disconnected' || dtlsState === 'failed' || dtlsState === 'closed';

export const createTransports = async (
  { router, worker }: { router: types.Router; worker: MediaWorker },
  settings: MediaSettings,
): Promise<Transports> => {
  const create = () =>
    router.createWebRtcTransport({
      webRtcServer: worker.webRtcServer,
      enableUdp: true,
      enableTcp: true,
      preferUdp: true,
      initialAvailableOutgoingBitrate: INITIAL_OUTGOING_BITRATE,
      iceConsentTimeout: Math.ceil((settings.iceConsentTimeoutMs ?? DEFAULT_ICE_CONSENT_TIMEOUT_MS) / 1_000),
    });
  const [send, receive] = await Promise.all([create(), create()]);
  await send.setMaxIncomingBitrate(settings.maxIncomingKbps * 1_000);

  const transports = { send, receive };
  const connected = new Map<TransportDirection, { fingerprints: string; done: Promise<void> }>();
  const live = (direction: TransportDirection): types.WebRtcTransport => {
    const transport = transports[direction];
    if (transport.closed) throw gone();
    return transport;
  };

  return {
    get closed() {
      return send.closed || receive.closed;
    },
    get cut() {
      return isCut(send) || isCut(receive);
    },
    options: (direction) => fromWorker.transport(transports[direction]),
    async connect(direction, dtlsParameters) {
      const transport = live(direction);
      const fingerprints = fingerprintsOf(dtlsParameters);
      const before = connected.get(direction);
      if (before !== undefined && before.fingerprints !== fingerprints) {
        throw new ProtocolError('conflict', 'The transport is connected with another certificate.');
      }
      if (before !== undefined) return before.done;
      const done = refusing(() => transport.connect({ dtlsParameters: toWorker.dtlsParameters(dtlsParameters) }));
      connected.set(direction, { fingerprints, done });
      return done;
    },
    restartIce: (direction) => refusing(async () => fromWorker.iceParameters(await live(direction).restartIce())),
    onStateChange(listener) {
      for (const transport of [send, receive]) {
        transport.on('icestatechange', listener);
        transport.on('dtlsstatechange', listener);
      }
    },
    produce: ({ rtpParameters, ...track }) => send.produce({ ...track, rtpParameters: toWorker.rtpParameters(rtpParameters) }),
    async consume({ id: producerId }, capabilities) {
      const rtpCapabilities = toWorker.rtpCapabilities(capabilities);
      if (!router.canConsume({ producerId, rtpCapabilities })) return undefined;
      // For sound too: a lost Opus packet is asked for again.
      return receive.consume({ producerId, rtpCapabilities, paused: true, enableRtx: true });
    },
    close() {
      send.close();
      receive.close();
    },
  };
};
