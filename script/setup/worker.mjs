// The mediasoup worker: the binary the environment names, the cached one, upstream's prebuilt one, or one we build. A
// prebuilt or built one has to get through a real call before it is kept.

import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildWorker, PACKAGES, recipeHash } from '../../media/worker/build.mjs';
import { needPackages } from './apt.mjs';
import { CACHE, ROOT } from './cache.mjs';
import { MissingPackages } from './lacking.mjs';
import { fetchPrebuilt } from './prebuilt.mjs';
import { SetupError } from './say.mjs';
import { mustRun } from './shell.mjs';

const PACKAGE = join(ROOT, 'node_modules', 'mediasoup');
const TRIAL = join(ROOT, 'media', 'worker', 'trial.mjs');

/** The worker's exit code when it is started without a parent: it was loaded, with all its libraries, and ran. */
const RAN_WITHOUT_PARENT = 41;

/** Whether the binary starts on this host; takes some milliseconds. */
const starts = (binary) => spawnSync(binary, { env: {}, stdio: 'ignore' }).status === RAN_WITHOUT_PARENT;

/** A built worker belongs to the libraries it was linked with, so to a release of a distribution. */
function system() {
  if (process.platform !== 'linux') return process.platform;
  const release = Object.fromEntries(
    readFileSync('/etc/os-release', 'utf8')
      .split('\n')
      .map((line) => line.replaceAll('"', '').split('=')),
  );
  return `${release.ID}${release.VERSION_ID ?? ''}`;
}

/** Returns a worker that runs here: its path, where it was found, in words, and whether the environment named it. */
export async function workerStep(steps) {
  const named = process.env.MEDIASOUP_WORKER_BIN;
  // script/run names the cached worker to what it starts, which may be a script that sets up again.
  if (named && !named.startsWith(join(CACHE, 'worker'))) {
    if (!starts(named)) throw new SetupError(`MEDIASOUP_WORKER_BIN names ${named}, which does not run here.`);
    return { path: named, where: 'named by MEDIASOUP_WORKER_BIN', isNamed: true };
  }
  const { version } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8'));
  const host = `${version}-${process.platform}-${process.arch}`;
  const folderOf = (kind) => join(CACHE, 'worker', `${host}-${kind}`);
  const [upstream, built] = [folderOf('upstream'), folderOf(`${system()}-${recipeHash()}`)];

  for (const folder of [upstream, built]) {
    const path = join(folder, 'mediasoup-worker');
    if (existsSync(path) && starts(path)) return { path, where: `${version}, in the cache` };
  }

  const fetchDir = join(CACHE, 'build', 'upstream');
  try {
    const fetched = await fetchPrebuilt({ packageDir: PACKAGE, folder: fetchDir, starts, steps });
    if (fetched) return { path: await tryAndKeep(fetched, upstream, steps), where: `${version}, upstream's prebuilt` };
  } catch (error) {
    steps.doing(`goes on without upstream's prebuilt worker. ${error.message}`);
  } finally {
    rmSync(fetchDir, { recursive: true, force: true });
  }

  const buildDir = join(CACHE, 'build', built.slice(join(CACHE, 'worker').length + 1));
  const wayOut = 'Or name a worker binary of your own in MEDIASOUP_WORKER_BIN.';
  try {
    await needPackages(PACKAGES, 'build the mediasoup worker', steps);
    const binary = await buildWorker({ packageDir: PACKAGE, buildDir, steps });
    const path = await tryAndKeep(binary, built, steps);
    rmSync(buildDir, { recursive: true, force: true });
    return { path, where: `${version}, built here` };
  } catch (error) {
    if (error instanceof MissingPackages) throw new MissingPackages(error.packages, error.why, wayOut);
    if (error instanceof SetupError) error.message += `\n${wayOut}`;
    throw error;
  }
}

/** Puts the binary through a call, then into the cache, where it appears whole or not at all. */
async function tryAndKeep(binary, folder, { doing }) {
  doing('puts the worker through a call before it is kept');
  await mustRun('The trial call', process.execPath, [TRIAL], {
    cwd: ROOT,
    env: { ...process.env, MEDIASOUP_WORKER_BIN: binary },
  });
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'mediasoup-worker');
  copyFileSync(binary, `${path}.tmp`);
  chmodSync(`${path}.tmp`, 0o755);
  renameSync(`${path}.tmp`, path);
  return path;
}
