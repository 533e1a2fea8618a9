// Holds Dockerfile and deploy/ to what their engines take and to what Parley has: schemas, settings, ports, metrics, probes,
// users, secrets; and parses the shell scripts. Works without a network. Usage: node check-deploy.mjs [FOLDER]
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { checkCompose } from './deploy/compose.mjs';
import { checkDockerfile } from './deploy/dockerfile.mjs';
import { checkKubernetes } from './deploy/kubernetes.mjs';
import { checkDashboard, checkRules } from './deploy/metrics.mjs';
import { checkShell, shellScripts } from './deploy/shell.mjs';
import { ROOT } from './setup/cache.mjs';

const root = resolve(process.argv[2] ?? ROOT);
const problems = [];
let files = 0;

/** Gives the file to a check, whose findings are listed under the file's name. */
async function check(file, parse, ...checks) {
  files += 1;
  const found = [];
  try {
    const content = parse(readFileSync(join(root, file), 'utf8'), found);
    for (const each of checks) await each(content, (problem) => found.push(problem), join(root, file));
  } catch (error) {
    found.push(error.message.split('\n')[0]);
  }
  for (const problem of new Set(found)) problems.push(`${file}: ${problem}`);
}

const text = (content) => content;

/** Every document of a YAML file; the errors of the parser are findings. */
function yaml(content, found) {
  // Compose has merge keys, which YAML 1.2 left out.
  const documents = parseAllDocuments(content, { merge: true });
  for (const { errors } of documents) for (const { message } of errors) found.push(message.split('\n')[0]);
  return documents.map((document) => document.toJS({ maxAliasCount: 1_000 }));
}

const list = (pattern) => globSync(pattern, { cwd: root }).sort();

if (existsSync(join(root, 'Dockerfile'))) await check('Dockerfile', text, checkDockerfile);
for (const file of list('deploy/compose*.yaml')) await check(file, yaml, checkCompose);
for (const file of list('deploy/kubernetes/**/*.yaml')) await check(file, yaml, checkKubernetes);
for (const file of list('deploy/dashboards/*.json')) await check(file, JSON.parse, checkDashboard);
for (const file of list('deploy/dashboards/*.yaml')) await check(file, yaml, checkRules);
for (const file of shellScripts(root)) await check(file, text, checkShell);

for (const problem of problems) console.log(problem);
console.log(`${files} files, ${problems.length} problems.`);
process.exitCode = problems.length === 0 ? 0 : 1;
