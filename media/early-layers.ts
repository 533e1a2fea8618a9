/**
 * The frame rate of a picture that has only begun. A worker forwards a temporal layer once it has measured it, and looks for layers
 * that it can add about once a second: of a new picture it knows the lowest frame rate alone, and would show that for its first second.
 * So it is made to look again as soon as there is something to see.
 */
import type { Clock } from '../src/clock.ts';
import type { RoomConsumer } from './tracks.ts';

export interface Layers {
  readonly spatialLayer: number;
  readonly temporalLayer: number;
}

/** Every layer of a picture of 20 frames a second has come within 200 ms. */
const LOOK_AFTER_MS = [120, 250, 500];

/** Watches a consumer of several layers from its making. `wanted` are the layers the client asked for last, if it did. */
export const hurryLayers = (options: {
  consumer: RoomConsumer;
  clock: Clock;
  wanted: () => Layers | undefined;
  quietly: (work: () => Promise<unknown>) => unknown;
}): void => {
  const { consumer, clock, wanted, quietly } = options;
  let flows = false;

  const look = (): void => {
    const { spatialLayer = 0, temporalLayer = 0 } = wanted() ?? consumer.preferredLayers ?? {};
    const present = consumer.currentLayers?.temporalLayer;
    if (consumer.closed || present === undefined || present >= temporalLayer) return;
    // The same wish again changes nothing in the worker; these two leave together and are carried out before the next packet.
    const wishes = [temporalLayer - 1, temporalLayer];
    quietly(() => Promise.all(wishes.map((layer) => consumer.setPreferredLayers({ spatialLayer, temporalLayer: layer }))));
  };

  consumer.on('layerschange', (layers) => {
    const began = !flows && layers !== undefined;
    flows = layers !== undefined;
    if (began) for (const delayMs of LOOK_AFTER_MS) clock.after(delayMs, look);
  });
};
