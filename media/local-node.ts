/** The media node of this process: its rooms, and the authority on who is in them. */
import type { Logger } from 'pino';
import type { MediaNode } from '../signaling/media-node.ts';
import { type Clock, systemClock } from '../src/clock.ts';
import { createMediaAuthority, type MediaAuthority } from './authority.ts';
import type { Lender } from './lender.ts';
import { createMediaNode } from './media-node.ts';
import { type Neighbours, noNeighbours } from './neighbours.ts';
import type { MediaSettings } from './settings.ts';

export interface LocalNode {
  readonly node: MediaNode;
  readonly authority: MediaAuthority;
  readonly lender: Lender;
  close(): Promise<void>;
}

export const createLocalNode = async (options: {
  settings: MediaSettings;
  log: Logger;
  clock?: Clock;
  /** Whether rooms that are not here yet may open. */
  mayOpen?: () => boolean;
  neighbours?: Neighbours;
}): Promise<LocalNode> => {
  const { settings, log, clock = systemClock, mayOpen = () => true, neighbours = noNeighbours } = options;
  const fenceOf = (roomId: string): number => authority.fenceOf(roomId);
  // Epochs begin after the fence itself, under which gateways tell people that the room has moved.
  const node = await createMediaNode({
    settings,
    log,
    clock,
    epochFloor: (roomId) => fenceOf(roomId) + 1,
    neighbours,
    mayLend: mayOpen,
  });
  const authority = createMediaAuthority({ node, lender: node.lender, clock, log, mayOpen });
  return {
    node,
    authority,
    lender: node.lender,
    async close() {
      authority.close();
      await node.close();
    },
  };
};
