// libsrtp 2 on OpenSSL, from Debian's source package. The packaged library does its crypto through NSS, which costs
// 1.5 to 4 times as much per packet as OpenSSL does, and every packet of every call goes through it.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun, run } from '../../script/setup/shell.mjs';

const PACKAGE = 'libsrtp2';
const BINARY_PACKAGE = 'libsrtp2-dev';

/** The options of its build; part of the key of the worker that links it. */
export const MESON_OPTIONS = [
  '-Dcrypto-library=openssl',
  '-Dtests=disabled',
  '-Ddefault_library=static',
  '-Dbuildtype=release',
  '-Db_staticpic=true',
];

/** Puts libsrtp's headers and static library into `prefix`. Returns false, having said why, when it can't be had. */
export async function buildLibsrtp(prefix, buildDir, { doing }) {
  const folder = join(buildDir, 'libsrtp');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    const source = await fetchSource(folder);
    doing(`builds ${source.slice(folder.length + 1)} on OpenSSL from Debian's source package`);
    const build = join(folder, 'out');
    const env = { ...process.env, LC_ALL: 'C' };
    const setUp = ['setup', build, source, ...MESON_OPTIONS, '--prefix', prefix, '--libdir', 'lib'];
    await mustRun('Configuring libsrtp', 'meson', setUp, { env });
    await mustRun('Building libsrtp', 'ninja', ['-C', build, 'install'], { env });
    return true;
  } catch (error) {
    doing(`takes the packaged libsrtp: the faster one on OpenSSL could not be made (${error.message.split('\n').join(' | ')})`);
    return false;
  }
}

/** Unpacks the source package into the folder, with apt configured for this one call: the system's lists stay as they are. */
async function fetchSource(folder) {
  const sources = join(folder, 'sources.list');
  const lists = join(folder, 'lists');
  const cache = join(folder, 'cache');
  mkdirSync(join(lists, 'partial'), { recursive: true });
  mkdirSync(cache);
  writeFileSync(sources, `${await sourceLine()}\n`);
  const options = [
    `Dir::Etc::sourcelist=${sources}`,
    'Dir::Etc::sourceparts=/dev/null',
    `Dir::State::lists=${lists}`,
    `Dir::Cache=${cache}`,
    // The folder belongs to us alone, and apt's own user could not write there.
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
  const at = { cwd: folder, env: { ...process.env, LC_ALL: 'C' } };
  await mustRun('Reading the list of source packages', 'apt-get', [...options, 'update'], at);
  await mustRun('Fetching the source package', 'apt-get', [...options, 'source', PACKAGE], at);
  const unpacked = readdirSync(folder, { withFileTypes: true }).find(
    (entry) => entry.isDirectory() && entry.name.startsWith(`${PACKAGE}-`),
  );
  if (!unpacked) throw new Error('the source package was fetched and left no folder');
  return join(folder, unpacked.name);
}

/** The deb-src line of the archive that the binary package comes from. Its signature is checked with apt's own keys. */
async function sourceLine() {
  const env = { ...process.env, LC_ALL: 'C' };
  let line;
  // Such as: "   500 http://archive/debian bookworm/main amd64 Packages".
  await run('apt-cache', ['policy', BINARY_PACKAGE], {
    env,
    onLine: (text) => {
      line ??= text.match(/^\s*\d+ (?<uri>\S+:\S+) (?<suite>\S+)\/(?<component>[^/\s]+) \S+ Packages$/)?.groups;
    },
  });
  if (!line) throw new Error(`apt does not know where ${BINARY_PACKAGE} comes from`);
  return `deb-src ${line.uri} ${line.suite} ${line.component}`;
}
