// Holds docs/SPEC.md and the tests together: every rule is named in the title of a test, every rule that a title names
// exists, and no rule is stated twice. A title names its rules at its beginning: '[TH4] a reconnecting session …'.
// Usage: node check-spec.mjs [FOLDER]
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ROOT } from './setup/cache.mjs';

const root = resolve(process.argv[2] ?? ROOT);

/** A rule begins a line of the specification: `**TH4** …` or `- **TH4** …`. */
const RULE = /^(?:[-*] )?\*{0,2}\[?(?<id>[A-Z]{2,4}[0-9]+)\]?\b/gm;

/** The beginning of a string that names rules: one or more of `[TH4]`, and whatever calls the string a skipped test. */
const TITLE = /(?<skipped>\.(?:skip|todo)(?:\([^()]*\))?\(\s*)?(?<quote>['"`])(?<ids>(?:\[[A-Z]{2,4}[0-9]+\][ ,]*)+)/g;

/** Tests, and the suites in test/ that they share: a contract suite runs against every backend. */
const TESTS = ['**/*.test.ts', '**/*.test.tsx', 'test/**/*.ts', 'test/**/*.tsx'];
const IGNORED = (name) => ['node_modules', 'dist', '.git'].includes(name);

const problems = [];

const rules = new Set();
const spec = join(root, 'docs', 'SPEC.md');
if (!existsSync(spec)) problems.push('docs/SPEC.md is missing');
for (const { groups } of existsSync(spec) ? readFileSync(spec, 'utf8').matchAll(RULE) : []) {
  if (rules.has(groups.id)) problems.push(`docs/SPEC.md states ${groups.id} more than once`);
  rules.add(groups.id);
}

const proved = new Map();
for (const file of globSync(TESTS, { cwd: root, exclude: IGNORED })) {
  const source = readFileSync(join(root, file), 'utf8').replace(/^\s*\/\/.*$/gm, '');
  for (const { groups } of source.matchAll(TITLE)) {
    for (const [, id] of groups.ids.matchAll(/\[(\w+)\]/g)) {
      if (groups.skipped) problems.push(`${file} skips a test of ${id}`);
      else proved.set(id, file);
    }
  }
}

for (const id of rules) if (!proved.has(id)) problems.push(`docs/SPEC.md states ${id}, and no test's title names it`);
for (const [id, file] of proved) if (!rules.has(id)) problems.push(`${file} names ${id}, which docs/SPEC.md does not state`);

for (const problem of problems) console.log(problem);
console.log(`${rules.size} rules, ${[...rules].filter((id) => proved.has(id)).length} proved, ${problems.length} problems.`);
process.exitCode = problems.length === 0 ? 0 : 1;
