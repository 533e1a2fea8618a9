// Debian's packages: the ones a step needs, installed when we are root and apt-get is here, named for the person otherwise.

import { MissingPackages } from './lacking.mjs';
import { mustRun, onPath, run } from './shell.mjs';

// With run level 1 no package starts the service that it brings: the tests start their own.
const QUIET = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C', RUNLEVEL: '1' };

/** Which of these packages are not installed. */
async function missingOf(packages) {
  const installed = new Set();
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholders are dpkg-query's.
  const format = '${db:Status-Status} ${Package}\\n';
  await run('dpkg-query', ['-W', '-f', format, ...packages], {
    env: QUIET,
    onLine: (line) => line.startsWith('installed ') && installed.add(line.slice('installed '.length)),
  });
  return packages.filter((name) => !installed.has(name));
}

/** Makes sure of the packages, or throws which are missing. `why` ends the sentence "… is needed to". */
export async function needPackages(packages, why, { doing, progress }) {
  if (!onPath('apt-get')) throw new MissingPackages(packages, why);
  const missing = await missingOf(packages);
  if (missing.length === 0) return;
  if (process.getuid() !== 0) throw new MissingPackages(missing, why);
  doing(`apt-get installs ${missing.length} packages and what they depend on: ${missing.join(' ')}`);
  const onLine = (line) => progress(line.trim().slice(0, 100));
  // An update that fails in part (a foreign source that does not answer) leaves the others usable.
  await run('apt-get', ['update'], { env: QUIET, onLine });
  await mustRun(
    `Installing packages to ${why}`,
    'apt-get',
    ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...missing],
    { env: QUIET, onLine },
  );
}
