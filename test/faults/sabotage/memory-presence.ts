/** Stands in for src/presence/memory-presence.ts. */
import * as real from '../../../src/presence/memory-presence.ts';
import { sabotagedPresence } from './presence.ts';

export * from '../../../src/presence/memory-presence.ts';

export const createMemoryPresence: typeof real.createMemoryPresence = (options) =>
  sabotagedPresence(real.createMemoryPresence(options));
