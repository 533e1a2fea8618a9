/** The registry of one process: the node in it has every room. */
import type { Clock } from '../src/clock.ts';
import { fenceAt } from './fence.ts';
import type { MediaNodes, Placement } from './media-nodes.ts';

export const createMemoryMediaNodes = (options: {
  nodeId: string;
  bootId: string;
  workers: number;
  clock: Clock;
}): MediaNodes => {
  const { nodeId, bootId, workers } = options;
  const placement: Placement = { nodeId, bootId, url: '', fence: fenceAt(options.clock.now()) };
  return {
    place: async () => placement,
    find: async () => placement,
    move: async () => undefined,
    suspect: async () => {},
    forget: async () => {},
    drain: async () => {},
    list: async () => [{ nodeId, bootId, url: '', workers, cpu: 0, rooms: 0, draining: false }],
  };
};
