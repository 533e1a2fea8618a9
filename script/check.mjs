// Runs every check, one after the other, and fails when any did.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { say, seconds } from './setup/say.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

// Biome colours its output where CI is set, terminal or not.
const colors = process.stdout.isTTY ? [] : ['--colors=off'];

const CHECKS = [
  ['format and lint', 'biome', ['ci', ...colors, '--max-diagnostics=200', '.']],
  ['types', 'tsc', []],
  ['rules', process.execPath, [here('check-spec.mjs')]],
  ['imports', process.execPath, [here('check-imports.mjs')]],
  ['deployment', process.execPath, ['--disable-warning=ExperimentalWarning', here('check-deploy.mjs')]],
];

const failed = [];
for (const [name, command, args] of CHECKS) {
  const begun = performance.now();
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (error) say(error.message);
  if (status !== 0) failed.push(name);
  say(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds(begun)})`);
}
say(failed.length === 0 ? 'All checks passed.' : `Failed: ${failed.join(', ')}.`);
process.exitCode = failed.length === 0 ? 0 : 1;
