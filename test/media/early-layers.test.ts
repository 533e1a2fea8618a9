import { EventEmitter } from 'node:events';
import type { types } from 'mediasoup';
import { describe, expect, it } from 'vitest';
import { hurryLayers, type Layers } from '../../media/early-layers.ts';
import { createFakeClock } from '../support/fake-clock.ts';

/** A consumer as its worker has it: what it forwards follows a wish, as far as the worker has measured the layers by then. */
const setStage = (wanted?: Layers) => {
  const clock = createFakeClock();
  const wishes: Layers[] = [];
  let measured = 0;
  const consumer = Object.assign(new EventEmitter(), {
    closed: false,
    preferredLayers: { spatialLayer: 2, temporalLayer: 2 },
    currentLayers: undefined as Layers | undefined,
    async setPreferredLayers(layers: Layers) {
      wishes.push(layers);
      forward({ spatialLayer: 1, temporalLayer: Math.min(measured, layers.temporalLayer) });
    },
  });
  const forward = (layers: Layers | undefined): void => {
    consumer.currentLayers = layers;
    consumer.emit('layerschange', layers);
  };
  hurryLayers({ consumer: consumer as unknown as types.Consumer, clock, wanted: () => wanted, quietly: (work) => work() });
  return { clock, wishes, consumer, forward, measure: (layers: number) => (measured = layers) };
};

describe('the first second of a picture', () => {
  it('[ME50] its frame rate is raised as soon as the worker has measured more, and asked for no longer then', () => {
    const { clock, wishes, consumer, forward, measure } = setStage();
    clock.advance(1_000);
    expect(wishes).toEqual([]);
    forward({ spatialLayer: 1, temporalLayer: 0 });
    clock.advance(120);
    expect(consumer.currentLayers?.temporalLayer).toBe(0);
    measure(2);
    clock.advance(130);
    expect(consumer.currentLayers?.temporalLayer).toBe(2);
    expect(wishes.at(-1)).toEqual({ spatialLayer: 2, temporalLayer: 2 });
    const asked = wishes.length;
    clock.advance(5_000);
    expect(wishes).toHaveLength(asked);
  });

  it('[ME50] what the client asked for last holds, and a picture that never gets more is left alone after half a second', () => {
    const { clock, wishes, forward, consumer } = setStage({ spatialLayer: 0, temporalLayer: 1 });
    forward({ spatialLayer: 0, temporalLayer: 0 });
    clock.advance(10_000);
    expect(wishes).toHaveLength(6);
    expect(wishes.at(-1)).toEqual({ spatialLayer: 0, temporalLayer: 1 });
    forward(undefined);
    consumer.closed = true;
    clock.advance(10_000);
    expect(wishes).toHaveLength(6);
  });
});
