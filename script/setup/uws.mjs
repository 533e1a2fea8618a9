// The uWebSockets.js binary that this Node uses: tried in a child process, and edited to load where glibc is too old.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, readStamp, writeAtomically, writeStamp } from './cache.mjs';
import { lowerGlibc } from './elf.mjs';
import { SetupError } from './say.mjs';
import { run } from './shell.mjs';

const PACKAGE = join(ROOT, 'node_modules', 'uWebSockets.js');
const STAMP = 'uws';

/** The glibc of this host, such as 2.36, or undefined where there is none. */
function glibcVersion() {
  process.report.excludeNetwork = true;
  return process.report.getReport().header.glibcVersionRuntime;
}

const isOlderThan238 = (version) => {
  const [major, minor] = version.split('.').map(Number);
  return major < 2 || (major === 2 && minor < 38);
};

/** Loads the package and takes a port with it, in a process of its own: a bad binary may end the process it is loaded by. */
async function triedToLoad() {
  const script = `import(${JSON.stringify(join(PACKAGE, 'ESM_wrapper.mjs'))}).then(({ default: uws }) =>
		uws.App().listen('127.0.0.1', 0, (socket) => process.exit(socket ? 0 : 3)))`;
  return run(process.execPath, ['--input-type=module', '-e', script]);
}

export async function uwsStep({ doing }) {
  const file = join(PACKAGE, `uws_${process.platform}_${process.arch}_${process.versions.modules}.node`);
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found) {
    throw new SetupError(
      `uWebSockets.js has no binary for ${process.platform} ${process.arch} (Node ABI ${process.versions.modules}). ` +
        'It runs on Linux with glibc and on macOS, on x64 and arm64.',
    );
  }
  const stampOf = ({ size, mtimeMs }) => `${file} ${size} ${mtimeMs}`;
  if (readStamp(STAMP) === stampOf(found)) return 'loads';

  let tried = await triedToLoad();
  const glibc = glibcVersion();
  if (tried.code !== 0 && glibc && isOlderThan238(glibc)) {
    const bytes = readFileSync(file);
    const moved = lowerGlibc(bytes);
    doing(`its binary asks for glibc 2.38 and this host has ${glibc}: edits it to use the plain ${moved.join(', ')}`);
    writeAtomically(file, bytes, 0o755);
    tried = await triedToLoad();
  }
  if (tried.code !== 0) throw new SetupError(`The binary does not load on this host (${tried.code}):\n${tried.output}`);
  writeStamp(STAMP, stampOf(statSync(file)));
  return 'loads';
}
