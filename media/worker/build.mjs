// Builds the mediasoup worker from the sources in its npm package against the system's libraries, for hosts that can't
// fetch upstream's prebuilt one. Upstream's own build downloads its dependencies; ours takes libuv, OpenSSL, Abseil and
// flatbuffers from the distribution, and libsrtp through libsrtp.mjs. What differs is in edits.mjs and overlay/.
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashOf } from '../../script/setup/cache.mjs';
import { mustRun } from '../../script/setup/shell.mjs';
import { applyEdits, EDITS } from './edits.mjs';
import { buildLibsrtp, MESON_OPTIONS } from './libsrtp.mjs';

const OVERLAY = join(dirname(fileURLToPath(import.meta.url)), 'overlay');

/** What the build needs from the distribution, by Debian's names. */
export const PACKAGES = [
  'meson',
  'ninja-build',
  'g++',
  'pkg-config',
  'dpkg-dev',
  'libuv1-dev',
  'libssl-dev',
  'libsrtp2-dev',
  'libflatbuffers-dev',
  'flatbuffers-compiler',
  'libabsl-dev',
];

const SETUP = ['--buildtype', 'release', '-Db_ndebug=true', '--wrap-mode=nodownload'];

/** Changes whenever the recipe does, whatever else changes in these files; part of the worker's place in the cache. */
export function recipeHash() {
  const files = globSync('**', { cwd: OVERLAY, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const overlay = files.flatMap((file) => [file.slice(OVERLAY.length), readFileSync(file)]);
  return hashOf(JSON.stringify(EDITS), JSON.stringify([SETUP, MESON_OPTIONS]), ...overlay).slice(0, 12);
}

/**
 * Builds the worker of the mediasoup package in `packageDir`, working in `buildDir`. Returns the binary's path. A build that
 * was interrupted goes on where it stopped.
 */
export async function buildWorker({ packageDir, buildDir, steps }) {
  const source = join(buildDir, 'worker');
  const out = join(buildDir, 'out');
  if (!existsSync(join(out, 'build.ninja'))) {
    rmSync(buildDir, { recursive: true, force: true });
    mkdirSync(buildDir, { recursive: true });
    await configure({ packageDir, buildDir, source, out, steps });
  }
  steps.doing(`compiles the worker on ${availableParallelism()} cores; that takes about 3 minutes on two`);
  await mustRun('Compiling the mediasoup worker', 'ninja', ['-C', out, 'mediasoup-worker'], {
    onLine: (line) => {
      const counts = line.match(/^\[(?<done>\d+)\/(?<all>\d+)\]/)?.groups;
      if (counts) steps.progress(`${counts.done} of ${counts.all} files compiled`);
    },
  });
  return join(out, 'mediasoup-worker');
}

async function configure({ packageDir, buildDir, source, out, steps }) {
  cpSync(join(packageDir, 'worker'), source, { recursive: true });
  // With its wrap file gone, a subproject is the folder of its name, which the overlay brings.
  for (const wrap of globSync('subprojects/*.wrap', { cwd: source })) rmSync(join(source, wrap));
  cpSync(OVERLAY, source, { recursive: true });
  applyEdits(source);
  const own = await buildLibsrtp(join(source, 'subprojects', 'libsrtp3', 'prefix'), buildDir, steps);
  const options = [...SETUP, `-Dlibsrtp3:own-srtp2=${own}`];
  await mustRun('Configuring the mediasoup worker', 'meson', ['setup', out, source, ...options]);
}
