/**
 * What one receives from a room, over one transport: a track for each consumer that the room has made. Consumers
 * begin paused, and start when this side is ready, so that the first frame of a picture is a whole one.
 */
import type { types } from 'mediasoup-client';
import type { Consumer, MediaSource } from '../../protocol/index.ts';
import type { Clock } from '../clock.ts';
import type { Candidate } from './handover.ts';
import { type Layers, layersFor, type TileSize } from './layers.ts';
import type { Signal } from './signal.ts';

export interface Receiver {
  /** Makes what is received agree with what the room sends. */
  sync(consumers: ReadonlyMap<string, Consumer>): void;
  /** What can be played of one source of a participant, oldest first: two while they move. */
  candidates(participantId: string, source: MediaSource): Candidate[];
  /** Whether everything that is to be shown has brought its first frame. */
  isFlowing(hasFlowed: (candidate: Candidate) => boolean): boolean;
  /** How large a participant's camera is shown; null when it is not. */
  setTileSize(participantId: string, size: TileSize | null): void;
  consumers(): ReadonlyMap<string, types.Consumer>;
}

interface Received {
  offered: Consumer;
  consumer?: types.Consumer;
  /** What the room was told of this consumer's tile. */
  paused: boolean;
  layers?: Layers;
}

/** A window that is being resized settles first. */
const TILE_DEBOUNCE_MS = 250;

export const createReceiver = (options: {
  transport: types.Transport;
  signal: Signal;
  clock: Clock;
  onTracks: () => void;
  /** The room refused the transport's DTLS side. */
  onRefused: () => void;
  /** Of the screen. */
  pixelRatio: () => number;
}): Receiver => {
  const { transport, signal, clock } = options;
  const received = new Map<string, Received>();
  const tiles = new Map<string, TileSize | null>();
  const waiting = new Set<string>();

  transport.on('connect', ({ dtlsParameters }, done) => {
    // Not waited for: the first `consumer.resume` goes in the same flight.
    signal.ask('transport.connect', { direction: 'receive', dtlsParameters }).catch(() => {
      if (!transport.closed) options.onRefused();
    });
    done();
  });

  const consume = async (entry: Received): Promise<void> => {
    const { consumerId, producerId, participantId, kind, source, rtpParameters } = entry.offered;
    // Sound and picture of one person belong together, those of a screen to each other.
    const streamId = `${participantId}-${source.startsWith('screen') ? 'screen' : 'person'}`;
    const consumer = await transport.consume({
      id: consumerId,
      producerId,
      kind,
      rtpParameters: rtpParameters as types.RtpParameters,
      streamId,
    });
    entry.consumer = consumer;
    if (received.get(consumerId) !== entry) consumer.close();
  };

  const add = async (entries: readonly Received[]): Promise<void> => {
    for (const entry of entries) received.set(entry.offered.consumerId, entry);
    // One that this browser cannot take is left out; the others play.
    await Promise.allSettled(entries.map(consume));
    if (transport.closed) return;
    const ready = entries.filter((entry) => entry.consumer?.closed === false);
    options.onTracks();
    const shown = ready.filter((entry) => tileOf(entry) !== null);
    for (const entry of ready) entry.paused = !shown.includes(entry);
    if (shown.length > 0) tellShown(shown, true);
    for (const entry of shown) chooseLayers(entry);
  };

  /** What was said before is answered first, so that what is said last holds. Refusals are of what is gone. */
  let said: Promise<unknown> = Promise.resolve();
  const tell = (ask: () => Promise<unknown>): void => {
    said = said.then(ask).catch(() => {});
  };
  const tellShown = (entries: readonly Received[], isShown: boolean): void => {
    const consumerIds = entries.map(({ offered }) => offered.consumerId);
    tell(() => signal.ask(isShown ? 'consumer.resume' : 'consumer.pause', { consumerIds }));
  };

  /** Only a camera has a tile whose size is known; everything else is always shown, at its best. */
  const tileOf = ({ offered }: Received): TileSize | null | undefined =>
    offered.source === 'camera' ? tiles.get(offered.participantId) : undefined;

  const chooseLayers = (entry: Received): void => {
    const tile = tileOf(entry);
    if (tile === undefined || tile === null || entry.offered.type === 'simple') return;
    const layers = layersFor(tile, options.pixelRatio());
    if (entry.layers?.spatialLayer === layers.spatialLayer) return;
    entry.layers = layers;
    tell(() => signal.ask('consumer.layers', { consumerId: entry.offered.consumerId, ...layers }));
  };

  const candidateOf = ({ consumer, paused, offered }: Received): Candidate | undefined =>
    consumer && { consumer, transport, silent: offered.producerPaused || (paused && tiles.get(offered.participantId) === null) };

  const adapt = (participantId: string): void => {
    waiting.delete(participantId);
    for (const entry of received.values()) {
      if (entry.offered.participantId !== participantId || entry.consumer === undefined) continue;
      const paused = tileOf(entry) === null;
      if (paused !== entry.paused) {
        entry.paused = paused;
        tellShown([entry], !paused);
      }
      chooseLayers(entry);
    }
  };

  return {
    sync(consumers) {
      for (const [consumerId, entry] of received) {
        entry.offered = consumers.get(consumerId) ?? entry.offered;
        if (consumers.has(consumerId)) continue;
        received.delete(consumerId);
        entry.consumer?.close();
      }
      const added = [...consumers.values()].filter(({ consumerId }) => !received.has(consumerId));
      if (added.length > 0) void add(added.map((offered) => ({ offered, paused: true })));
    },
    candidates: (participantId, source) =>
      [...received.values()]
        .filter(({ offered }) => offered.participantId === participantId && offered.source === source)
        .flatMap((entry) => candidateOf(entry) ?? []),
    isFlowing: (hasFlowed) =>
      [...received.values()].every((entry) => {
        const candidate = candidateOf(entry);
        return candidate !== undefined && hasFlowed(candidate);
      }),
    setTileSize(participantId, size) {
      tiles.set(participantId, size);
      if (waiting.has(participantId)) return;
      waiting.add(participantId);
      clock.after(TILE_DEBOUNCE_MS, () => adapt(participantId));
    },
    consumers: () =>
      new Map(
        [...received].flatMap(([consumerId, { consumer }]) => (consumer === undefined ? [] : [[consumerId, consumer] as const])),
      ),
  };
};
