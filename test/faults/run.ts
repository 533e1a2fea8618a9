/**
 * Breaks a real Parley by a seeded plan while people use it, and judges what became of it.
 *
 *     npm run faults -- --seed 7 --minutes 5 [--topology single|cluster] [--json FILE]
 *
 * Ends with 1 when anything that was promised was not kept.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { TOPOLOGIES } from '../support/topologies.ts';
import { runFaults } from './harness.ts';
import { recoveryFigures, reportOf } from './report.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    minutes: { type: 'string', default: '1' },
    topology: { type: 'string', default: 'single' },
    json: { type: 'string' },
  },
});
const topology = TOPOLOGIES.find((each) => each === values.topology);
const seed = Number(values.seed);
const minutes = Number(values.minutes);
if (topology === undefined || !Number.isInteger(seed) || !(minutes > 0)) {
  process.stderr.write(`--seed is a whole number, --minutes more than 0, --topology one of ${TOPOLOGIES.join(', ')}.\n`);
  process.exit(2);
}
// What was started ends with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.stdout.write(`seed ${seed}\n`);
const run = await runFaults({ seed, forMs: minutes * 60_000, topology, log: (line) => process.stdout.write(`${line}\n`) });
process.stdout.write(`${reportOf(run)}\n`);
if (values.json !== undefined) {
  const { output: _, ...told } = run;
  writeFileSync(values.json, `${JSON.stringify({ ...told, figures: recoveryFigures(run) }, null, 2)}\n`);
}
process.exit(run.violations.length === 0 ? 0 : 1);
