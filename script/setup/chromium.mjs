// A Chromium for the tests in the browser: the one the environment names, one that is installed, or Debian's package.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { needPackages } from './apt.mjs';
import { MissingPackages } from './lacking.mjs';
import { SetupError } from './say.mjs';
import { onPath, run } from './shell.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** Without fonts of its own a server shows boxes for what the page's font does not have: emoji first of all. */
const FONTS = ['fonts-dejavu-core', 'fonts-noto-color-emoji'];

function installed() {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), ...MAC].find((path) => existsSync(path));
}

/** Returns the path of a Chromium that runs. */
export async function chromiumStep(steps) {
  const named = process.env.PARLEY_CHROMIUM;
  if (named && !existsSync(named)) throw new SetupError(`PARLEY_CHROMIUM names ${named}, which is not there.`);
  if (named) return named;
  const wayOut = 'Install Chromium or Chrome, or name its binary in PARLEY_CHROMIUM.';
  const why = 'run the tests in a browser';
  if (!installed() && !onPath('apt-get')) throw new MissingPackages(['chromium'], why, wayOut);
  // A person's own machine has its fonts; on a server, root and apt-get are there to bring them.
  const packages = installed() ? FONTS : ['chromium', ...FONTS];
  if (!installed() || (onPath('apt-get') && process.getuid() === 0)) await needPackages(packages, why, steps);
  const path = installed();
  if (!path) throw new SetupError(`Chromium was installed and is not on PATH. ${wayOut}`);
  const { code, output } = await run(path, ['--version']);
  if (code !== 0) throw new SetupError(`${path} does not run:\n${output}\n${wayOut}`);
  return path;
}
