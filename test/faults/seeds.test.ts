import { describe, expect, it } from 'vitest';
import { TOPOLOGIES } from '../support/topologies.ts';
import { runFaults } from './harness.ts';
import { reportOf } from './report.ts';

/** Short runs that are always made: between them a kill, a drain, a hang, a cut line, lost answers. A seed that failed stays here, with what it found. */
const SEEDS: readonly (readonly [seed: number, why: string])[] = [
  [5, 'answers lost, a kill, a wrong clock'],
  [9, 'a drain, answers lost, a kill'],
  [15, 'a hang, a drain, a kill, a cut'],
];
const FOR_MS = 20_000;

describe.concurrent('nothing acknowledged is ever lost', () => {
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
