/** Presence that breaks what it promises: `ghost` never lets anybody go. */
import type { PresenceTracker } from '../../../src/presence/presence.ts';

export const sabotagedPresence = (presence: PresenceTracker): PresenceTracker =>
  process.env.PARLEY_TEST_SABOTAGE === 'ghost' ? { ...presence, release: () => {} } : presence;
