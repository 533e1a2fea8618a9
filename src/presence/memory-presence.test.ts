import { expect, it } from 'vitest';
import type { Presence, UserId } from '../../protocol/index.ts';
import { presenceContract } from '../../test/contracts/presence.ts';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { createMemoryPresence } from './memory-presence.ts';

const graceMs = 10_000;

const setUp = async () => {
  const clock = createFakeClock();
  const seen = new Map<UserId, number>();
  const changes: Presence[] = [];
  const store = {
    setLastSeen: async (userId: UserId, at: number) => void seen.set(userId, at),
    lastSeen: async (userIds: readonly UserId[]) => new Map([...seen].filter(([userId]) => userIds.includes(userId))),
  };
  const presence = createMemoryPresence({
    graceMs,
    clock,
    store,
    tell: (change) => changes.push(change),
    onError: (error) => {
      throw error;
    },
  });
  return {
    presence,
    graceMs,
    changes,
    seen,
    watch: async () => {},
    now: clock.now,
    pass: async (ms: number) => clock.advance(ms),
    close: presence.close,
  };
};

presenceContract('memory', setUp);

it('[PR2] closing remembers when those online were last seen', async () => {
  const { presence, seen, now, pass } = await setUp();
  presence.hold('ada', 's1');
  await pass(5_000);
  await presence.close();
  expect(seen.get('ada')).toBe(now());
});
