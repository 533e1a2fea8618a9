/** Stands in for src/presence/redis-presence.ts. */
import * as real from '../../../src/presence/redis-presence.ts';
import { sabotagedPresence } from './presence.ts';

export * from '../../../src/presence/redis-presence.ts';

export const createRedisPresence: typeof real.createRedisPresence = (options) =>
  sabotagedPresence(real.createRedisPresence(options));
