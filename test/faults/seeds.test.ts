import { describe, expect, it } from 'vitest';
import { TOPOLOGIES } from '../support/topologies.ts';
import { runFaults } from './harness.ts';
import { reportOf } from './report.ts';

/** Short runs that are always made. A seed that failed stays here, with what it found. */
const SEEDS: readonly (readonly [seed: number, why: string])[] = [
  [1, 'a slow line, a wrong clock, a hung and a killed gateway'],
  [2, 'whatever comes'],
  [3, 'whatever comes'],
];
const FOR_MS = 20_000;

describe('nothing acknowledged is ever lost', () => {
  for (const topology of TOPOLOGIES)
    it.each(SEEDS)(
      `[FA1] [FA2] seed %i on ${topology}: %s`,
      async (seed) => {
        const run = await runFaults({ seed, forMs: FOR_MS, topology });
        console.info(reportOf(run));
        expect(run.violations.map(({ rule, says, trail }) => [`${rule}: ${says}`, ...trail].join('\n'))).toEqual([]);
        expect(run.counts.posts).toBeGreaterThan(50);
      },
      120_000,
    );
});
