import { describe, expect, it } from 'vitest';
import type { Topology } from '../support/deployment.ts';
import { runFaults } from './harness.ts';
import type { Planned } from './schedule.ts';

const REGISTER = new URL('./sabotage/register.ts', import.meta.url).href;

/** Enough to make each of them show: an absence to be replayed, and a death. */
const PLAN: readonly Planned[] = [
  { kind: 'line cut', atMs: 2_000, lastsMs: 800, target: 0 },
  { kind: 'gateway killed', atMs: 4_500, lastsMs: 200, target: 0 },
];

const broken = (sabotage: string, topology: Topology) =>
  runFaults({
    seed: 1,
    forMs: 6_000,
    topology,
    plan: PLAN,
    // Presence is looked at when all else is well.
    settleMs: sabotage === 'ghost' ? 90_000 : 3_000,
    env: { PARLEY_TEST_SABOTAGE: sabotage, NODE_OPTIONS: `--import ${REGISTER}` },
  });

describe.concurrent('a Parley that was broken on purpose', () => {
  it.each([
    ['early-acknowledgement', /lost/],
    ['lost-push', /missed|hole/],
    ['double-post', /invented/],
    ['lost-edit', /edit/],
    ['partial-replay', /hole|missed|state/],
    ['undead-message', /resurrected/],
    ['ghost', /presence/],
  ])('[FA3] is caught by the judge: %s', async (sabotage, rules) => {
    const { violations } = await broken(sabotage, 'single');
    expect(violations.map(({ rule }) => rule).join(' ')).toMatch(rules);
  });
});

// A cluster is ten processes: one after the other.
describe('a cluster that was broken on purpose', () => {
  it.each([
    ['early-acknowledgement', /lost/],
    ['lost-push', /missed|hole/],
    ['double-post', /invented/],
    ['ghost', /presence/],
  ])(
    '[FA3] is caught by the judge: %s',
    async (sabotage, rules) => {
      const { violations } = await broken(sabotage, 'cluster');
      expect(violations.map(({ rule }) => rule).join(' ')).toMatch(rules);
    },
    240_000,
  );
});
