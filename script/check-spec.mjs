// Holds docs/SPEC.md and the tests together: every rule is named in the title of a test, every rule that a title names
// exists, and no rule is stated twice. What a test proves that runs on some machines only is said as such; a run of
// script/test says which it has not proved.
// Usage: node check-spec.mjs [FOLDER]
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ROOT } from './setup/cache.mjs';
import { titlesIn } from './titles.mjs';

const root = resolve(process.argv[2] ?? ROOT);

/** A rule begins a line of the specification: `**TH4** …` or `- **TH4** …`. */
const RULE = /^(?:[-*] )?\*{0,2}\[?(?<id>[A-Z]{2,4}[0-9]+)\]?\b/gm;

/** Tests, and the suites in test/ that they share: a contract suite runs against every backend. */
const TESTS = ['**/*.test.ts', '**/*.test.tsx', 'test/**/*.ts', 'test/**/*.tsx'];
const IGNORED = (name) => ['node_modules', 'dist', '.git', '.parley'].includes(name);

const problems = [];

const rules = new Set();
const spec = join(root, 'docs', 'SPEC.md');
if (!existsSync(spec)) problems.push('docs/SPEC.md is missing');
for (const { groups } of existsSync(spec) ? readFileSync(spec, 'utf8').matchAll(RULE) : []) {
  if (rules.has(groups.id)) problems.push(`docs/SPEC.md states ${groups.id} more than once`);
  rules.add(groups.id);
}

/** By rule, the file of a test that always runs, and of one that sometimes does. */
const proved = new Map();
const provedSometimes = new Map();
for (const file of globSync(TESTS, { cwd: root, exclude: IGNORED })) {
  for (const { ids, runs } of titlesIn(readFileSync(join(root, file), 'utf8'), file)) {
    for (const id of ids) {
      if (runs === 'never') problems.push(`${file} skips a test of ${id}`);
      else (runs === 'always' ? proved : provedSometimes).set(id, file);
    }
  }
}
for (const id of proved.keys()) provedSometimes.delete(id);

const named = new Map([...provedSometimes, ...proved]);
for (const id of rules) if (!named.has(id)) problems.push(`docs/SPEC.md states ${id}, and no test's title names it`);
for (const [id, file] of named) if (!rules.has(id)) problems.push(`${file} names ${id}, which docs/SPEC.md does not state`);

for (const [id, file] of provedSometimes) console.log(`${id} is proved only where ${file} can run it`);
for (const problem of problems) console.log(problem);
const count = (of) => [...rules].filter((id) => of.has(id)).length;
const sometimes = provedSometimes.size > 0 ? ` and ${count(provedSometimes)} on some machines` : '';
console.log(`${rules.size} rules, ${count(proved)} proved${sometimes}, ${problems.length} problems.`);
process.exitCode = problems.length === 0 ? 0 : 1;
