/** Stands in for src/presence/memory-presence.ts: `ghost` never lets anybody go. */
import * as real from '../../../src/presence/memory-presence.ts';

export * from '../../../src/presence/memory-presence.ts';

export const createMemoryPresence: typeof real.createMemoryPresence = (options) => {
  const presence = real.createMemoryPresence(options);
  return process.env.PARLEY_TEST_SABOTAGE === 'ghost' ? { ...presence, release: () => {} } : presence;
};
