/**
 * What a room uses of a producer and of a consumer, wherever they are: mediasoup's own on a worker of this node, or those of a worker
 * that another node lends (borrowed-tracks.ts).
 */
import type { types } from 'mediasoup';
import type { Layers } from './early-layers.ts';

interface Closing {
  once(event: 'close', listener: () => void): unknown;
}

export interface RoomProducer {
  /** The worker's. */
  readonly id: string;
  readonly closed: boolean;
  readonly paused: boolean;
  /** Of each of its streams, 0 to 10. */
  readonly score: readonly { readonly score: number }[];
  readonly observer: Closing;
  pause(): Promise<void>;
  resume(): Promise<void>;
  close(): void;
  on(event: 'score', listener: () => void): unknown;
}

/** Layers that a consumer has or is to have; without the temporal one the worker means all. */
export interface WorkerLayers {
  readonly spatialLayer: number;
  readonly temporalLayer?: number | undefined;
}

export interface RoomConsumer {
  readonly id: string;
  readonly type: types.ConsumerType;
  readonly rtpParameters: types.RtpParameters;
  readonly closed: boolean;
  readonly paused: boolean;
  readonly priority: number;
  readonly score: { readonly score: number };
  readonly preferredLayers: WorkerLayers | undefined;
  readonly currentLayers: WorkerLayers | undefined;
  pause(): Promise<void>;
  resume(): Promise<void>;
  setPreferredLayers(layers: Layers): Promise<void>;
  setPriority(priority: number): Promise<void>;
  close(): void;
  on(event: 'score', listener: () => void): unknown;
  on(event: 'layerschange', listener: (layers: WorkerLayers | undefined) => void): unknown;
}
