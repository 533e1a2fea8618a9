import { describe, expect, it } from 'vitest';
import { createRandom } from '../../test/support/random.ts';
import { planReconnects } from './drain.ts';

describe('the plan of a drain', () => {
  const pace = { reconnectsPerSecond: 1_000, maxSpreadMs: 15_000 };
  const planned = (count: number, seed = 1) => planReconnects(count, pace, createRandom(seed).next);

  it.each([
    [10_000, 10_000],
    [5, 2_000],
    [100_000, 15_000],
  ])('[SE27] %i sessions are asked back over %i ms, one in each slot of equal width', (count, spreadMs) => {
    const plan = planned(count);
    const slotMs = spreadMs / count;
    expect(plan).toHaveLength(count);
    for (const [slot, atMs] of plan.entries()) {
      expect(atMs).toBeGreaterThanOrEqual(Math.floor(slot * slotMs));
      expect(atMs).toBeLessThanOrEqual((slot + 1) * slotMs);
    }
  });

  it('[SE27] no sessions need no plan', () => {
    expect(planned(0)).toEqual([]);
  });
});
