// Puts what production runs into a new folder: the Dockerfile's build stage does it, and so does who runs Parley without
// containers. It needs the same system that set it up. Usage: node stage.mjs FOLDER
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, existsSync, globSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ROOT } from './setup/cache.mjs';
import { SetupError, say, step } from './setup/say.mjs';
import { mustRun, onPath, run } from './setup/shell.mjs';

const SOURCES = [
  'package.json',
  'package-lock.json',
  '.npmrc',
  'LICENSE',
  'protocol',
  'config',
  'src',
  'signaling',
  'media',
  'web/dist',
];

/** The worker's recipe is for building it, what these names say is for tests, and what the guard has learned from it knows. */
const isLeftOut = (path) => path === join(ROOT, 'media', 'worker') || /\.(?:test|fixture)\.tsx?$|\.jsonl$/.test(path);

const LAUNCHER = `#!/bin/sh
# Runs Parley's program with what lies beside it. It becomes that program, so signals reach it.
set -eu
root=$(dirname "$(dirname "$(readlink -f "$0")")")
export MEDIASOUP_WORKER_BIN="\${MEDIASOUP_WORKER_BIN:-$root/bin/mediasoup-worker}"
export PARLEY_WEB_ROOT="\${PARLEY_WEB_ROOT-$root/web/dist}"
exec node --disable-warning=ExperimentalWarning "$root/src/main.ts" "$@"
`;

/** uWebSockets.js brings 20 binaries; this system's, as the set-up left it, is the one that stays. */
function stageSockets(folder) {
  const at = (...parts) => join(...parts, 'node_modules', 'uWebSockets.js');
  const ours = `uws_${process.platform}_${process.arch}_${process.versions.modules}.node`;
  for (const file of globSync('uws_*.node', { cwd: at(folder) })) if (file !== ours) rmSync(join(at(folder), file));
  copyFileSync(join(at(ROOT), ours), join(at(folder), ours));
}

/** The worker that the set-up found; the sources in its package are for building one. */
function stageWorker(folder) {
  const worker = join(folder, 'bin', 'mediasoup-worker');
  copyFileSync(process.env.MEDIASOUP_WORKER_BIN, worker);
  chmodSync(worker, 0o755);
  rmSync(join(folder, 'node_modules', 'mediasoup', 'worker'), { recursive: true });
  return worker;
}

/** Debian's packages whose libraries the worker loads: a system without them needs them installed to run it. */
async function librariesOf(worker) {
  if (!onPath('dpkg-query') || !onPath('ldd')) return [];
  const packages = new Set();
  const files = [];
  await run('ldd', [worker], {
    onLine: (line) => {
      const path = line.match(/=> (?<path>\/\S+)/)?.groups.path;
      if (path) files.push(realpathSync(path));
    },
  });
  await run('dpkg-query', ['--search', ...files], {
    onLine: (line) => {
      const name = line.match(/^(?<name>[a-z0-9][a-z0-9+.-]+)[^ ]*: \//)?.groups.name;
      if (name) packages.add(name);
    },
  });
  return [...packages].sort();
}

try {
  const [folder] = process.argv.slice(2);
  if (existsSync(folder)) throw new SetupError(`${folder} is there already; it must be a new folder.`);
  await step('production tree', { quiet: false }, async ({ doing }) => {
    mkdirSync(join(folder, 'bin'), { recursive: true });
    for (const source of SOURCES)
      cpSync(join(ROOT, source), join(folder, source), { recursive: true, filter: (path) => !isLeftOut(path) });
    doing('npm ci takes the packages without those for development');
    const flags = ['--omit=dev', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
    await mustRun('npm ci', 'npm', ['ci', ...flags], { cwd: folder });
    stageSockets(folder);
    const worker = stageWorker(folder);
    const libraries = await librariesOf(worker);
    writeFileSync(join(folder, 'bin', 'worker-libraries'), libraries.map((name) => `${name}\n`).join(''));
    writeFileSync(join(folder, 'bin', 'parley'), LAUNCHER, { mode: 0o755 });
    const { status, stderr } = spawnSync(join(folder, 'bin', 'parley'), ['help'], { encoding: 'utf8' });
    if (status !== 0) throw new SetupError(`What was put into ${basename(folder)} does not start:\n${stderr}`);
    return folder;
  });
} catch (error) {
  say(error instanceof SetupError ? error.message : error.stack);
  process.exitCode = 1;
}
