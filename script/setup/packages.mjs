// node_modules, as package-lock.json says. No dependency's own install script runs: .npmrc says so, and the steps after
// this one do their work.
import { readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { hashOf, ROOT, readStamp, writeStamp } from './cache.mjs';
import { SetupError } from './say.mjs';
import { mustRun, onPath } from './shell.mjs';

const STAMP = 'packages';
const LOCK = join(ROOT, 'package-lock.json');

/** npm's own record of what lies in node_modules; written last, so it is missing after an install that was interrupted. */
const INSTALLED = join(ROOT, 'node_modules', '.package-lock.json');

/** The packages that a lock file names, or undefined when it can't be read. */
function packagesIn(path) {
  try {
    const { packages } = JSON.parse(readFileSync(path, 'utf8'));
    delete packages[''];
    return packages;
  } catch {
    return undefined;
  }
}

const libcHere = () => (process.report.getReport().header.glibcVersionRuntime === undefined ? 'musl' : 'glibc');

/** Whether an optional package is the one of several that this machine needs: npm leaves it out without a word when it ran on too old a Node. */
const isForHere = ({ os = [], cpu = [], libc }) =>
  os.includes(process.platform) && cpu.includes(process.arch) && (libc === undefined || libc.includes(libcHere()));

/** Whether node_modules holds what the lock file names: true after someone's own `npm install`, which needs no second one. */
export function agrees(locked, installed) {
  const same = (name) =>
    locked[name]?.version === installed[name].version && locked[name]?.integrity === installed[name].integrity;
  return (
    Object.keys(installed).every(same) &&
    Object.entries(locked).every(([name, entry]) => name in installed || (entry.optional && !isForHere(entry)))
  );
}

/** By the Node that runs this: an older one that is first on PATH would leave out what asks for a newer. */
export function npmCi(onFetched) {
  let fetched = 0;
  // At this level npm says a line for each request that was answered: one about a package, one for its archive.
  return mustRun('npm ci', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=http'], {
    cwd: ROOT,
    env: { ...process.env, PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) },
    onLine: (line) => {
      if (!line.startsWith('npm http ')) return true;
      if (line.includes('.tgz ')) fetched += 1;
      onFetched(fetched);
      return false;
    },
  });
}

export async function packagesStep({ doing, progress }) {
  const key = hashOf(readFileSync(LOCK));
  const installed = packagesIn(INSTALLED);
  if (installed && readStamp(STAMP) === key) return 'as the lock file says';

  const locked = packagesIn(LOCK);
  if (!locked) throw new SetupError('package-lock.json is not readable as JSON.');
  if (!installed || !agrees(locked, installed)) {
    if (!onPath('npm')) throw new SetupError('npm is needed to install the packages and is not on PATH.');
    const all = Object.keys(locked).length;
    doing(`npm ci fetches up to ${all} packages from the npm registry`);
    await npmCi((fetched) => progress(`${fetched} fetched, of up to ${all}`));
  }
  writeStamp(STAMP, key);
  return 'as the lock file says';
}
