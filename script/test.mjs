// Builds the web application, runs vitest, and counts: what stopped before it became a test counts as a failed one, so
// that nothing that went wrong ends in "0 failed". PARLEY_TALLY names a file that takes the counts, passed, failed
// and skipped, in the place of the last line.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { say } from './setup/say.mjs';
import { closingLines, tallyOf } from './tally.mjs';

const folder = mkdtempSync(join(tmpdir(), 'parley-test-'));
const report = join(folder, 'report.json');

/** Runs a program with our own output; its exit code. */
const ran = (command, args) => spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] }).status;

const web = ran(process.execPath, [fileURLToPath(new URL('build-web.mjs', import.meta.url))]);
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
const vitest = ran('vitest', ['run', ...reporters, ...process.argv.slice(2)]);

const tally = tallyOf(report, vitest);
if (web !== 0) {
  tally.failed += 1;
  tally.remarks.push('The web application could not be built.');
}
for (const what of tally.remarks) say(what);
rmSync(folder, { recursive: true, force: true });

const { PARLEY_TALLY } = process.env;
const lines = closingLines(tally, process.argv.length === 2);
if (PARLEY_TALLY) {
  writeFileSync(PARLEY_TALLY, `${tally.passed} ${tally.failed} ${tally.skipped}\n`);
  lines.splice(-1);
}
for (const line of lines) process.stdout.write(`${line}\n`);
process.exitCode = tally.failed === 0 ? 0 : 1;
