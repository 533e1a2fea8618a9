import { describe, expect, it } from 'vitest';
import type { Presence, UserId } from '../../protocol/index.ts';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { createMemoryPresence } from './memory-presence.ts';

const setUp = () => {
  const clock = createFakeClock();
  const seen = new Map<UserId, number>();
  const store = {
    setLastSeen: async (userId: UserId, at: number) => void seen.set(userId, at),
    lastSeen: async (userIds: readonly UserId[]) =>
      new Map(userIds.flatMap((id) => (seen.has(id) ? [[id, seen.get(id) as number]] : []))),
  };
  const presence = createMemoryPresence({
    graceMs: 10_000,
    clock,
    store,
    onError: (error) => {
      throw error;
    },
  });
  const changes: Presence[] = [];
  presence.onChange((change) => changes.push(change));
  return { clock, presence, changes, seen };
};

describe('presence in memory', () => {
  it('[PR2] a socket that comes back within the grace changes nothing', () => {
    const { clock, presence, changes } = setUp();
    presence.hold('ada', 's1');
    presence.release('ada', 's1', { atOnce: false });
    clock.advance(9_999);
    presence.hold('ada', 's1');
    clock.advance(60_000);
    expect(changes).toEqual([{ userId: 'ada', online: true, lastSeenAt: null }]);
  });

  it('[PR2] last seen is when the socket went, not when the grace ended', async () => {
    const { clock, presence, changes } = setUp();
    presence.hold('ada', 's1');
    const leftAt = clock.now();
    presence.release('ada', 's1', { atOnce: false });
    clock.advance(10_000);
    expect(changes.at(-1)).toEqual({ userId: 'ada', online: false, lastSeenAt: leftAt });
    expect(await presence.get(['ada', 'bob'])).toEqual([
      { userId: 'ada', online: false, lastSeenAt: leftAt },
      { userId: 'bob', online: false, lastSeenAt: null },
    ]);
  });

  it('[PR1] one device leaving does not clear the other', () => {
    const { clock, presence, changes } = setUp();
    presence.hold('ada', 's1');
    presence.hold('ada', 's2');
    presence.release('ada', 's1', { atOnce: true });
    clock.advance(60_000);
    expect(changes).toHaveLength(1);
    presence.release('ada', 's2', { atOnce: true });
    expect(changes).toHaveLength(2);
  });

  it('[PR2] a session that ends after its grace began does not announce twice', () => {
    const { clock, presence, changes } = setUp();
    presence.hold('ada', 's1');
    presence.release('ada', 's1', { atOnce: false });
    clock.advance(10_000);
    presence.release('ada', 's1', { atOnce: false });
    presence.release('ada', 's1', { atOnce: true });
    clock.advance(60_000);
    expect(changes).toHaveLength(2);
  });

  it('[PR2] closing remembers when those online were last seen', async () => {
    const { clock, presence, seen } = setUp();
    presence.hold('ada', 's1');
    clock.advance(5_000);
    await presence.close();
    expect(seen.get('ada')).toBe(clock.now());
  });
});
