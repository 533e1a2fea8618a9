import { describe, expect, it } from 'vitest';
import type { Topology } from '../support/deployment.ts';
import { runFaults } from './harness.ts';
import { reportOf } from './report.ts';

/** Short runs that are always made. A seed that failed stays here, with what it found. */
const SEEDS: readonly (readonly [topology: Topology, seed: number, why: string])[] = [
  ['single', 5, 'answers lost, a kill, a wrong clock'],
  ['single', 9, 'a drain, answers lost, a kill'],
  ['single', 15, 'a hang, a drain, a kill, a cut'],
  ['cluster', 46, 'a drain, a slow line, the master of Redis is killed'],
  ['cluster', 125, 'PostgreSQL crashes, Redis fails over, its next master is killed'],
  ['cluster', 185, 'the master of Redis and a gateway are killed, Redis is emptied, a media node is killed'],
];
const FOR_MS = 20_000;
/** Of a machine that does other things at the same time; who is quicker does not wait. */
const PATIENCE = { settleMs: 90_000, presenceMs: 60_000 };

describe.concurrent('nothing acknowledged is ever lost', () => {
  it.each(SEEDS)(
    '[FA1] [FA2] on %s, seed %i: %s',
    async (topology, seed) => {
      const run = await runFaults({ seed, forMs: FOR_MS, topology, ...PATIENCE });
      console.info(reportOf(run));
      expect(run.violations.map(({ rule, says, trail }) => [`${rule}: ${says}`, ...trail].join('\n'))).toEqual([]);
      expect(run.counts.posts).toBeGreaterThan(20);
    },
    300_000,
  );
});
