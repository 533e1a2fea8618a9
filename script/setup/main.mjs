// The set-up after Node 24 was found: the npm packages, the native binaries, and for the tests a browser. What it found goes
// to a file that the shell scripts read. Usage: node main.mjs [--quiet] [--test]
import { join } from 'node:path';
import { CACHE, CACHE_AS_NAMED, ROOT, readStamp, writeStamp } from './cache.mjs';
import { chromiumStep } from './chromium.mjs';
import { enginesStep } from './engines.mjs';
import { collectLacking } from './lacking.mjs';
import { takeLock } from './lock.mjs';
import { packagesStep } from './packages.mjs';
import { SetupError, say, seconds, step } from './say.mjs';
import { endChildren } from './shell.mjs';
import { uwsStep } from './uws.mjs';
import { workerStep } from './worker.mjs';

const quiet = process.argv.includes('--quiet');
const withTest = process.argv.includes('--test');
const begun = performance.now();

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
]) {
  process.on(signal, () => {
    endChildren(signal);
    process.exit(code);
  });
}

/** A value as a word of POSIX sh. */
const quoted = (value) => `'${value.replaceAll("'", `'\\''`)}'`;

try {
  const locks = [await takeLock(join(ROOT, '.parley', 'set-up.lock')), await takeLock(join(CACHE, 'set-up.lock'))];
  const found = { PARLEY_NODE: process.execPath, PARLEY_CACHE_USED: CACHE_AS_NAMED };
  await step('npm packages', { quiet }, packagesStep);
  await step('uWebSockets.js', { quiet }, uwsStep);
  const { collect, end } = collectLacking();
  const findWorker = async (steps) => {
    const worker = await workerStep(steps);
    if (!worker.isNamed) found.PARLEY_WORKER = worker.path;
    return worker.where;
  };
  await step('mediasoup worker', { quiet }, collect(findWorker));
  if (withTest) {
    const findBrowser = async (steps) => {
      const path = await chromiumStep(steps);
      writeStamp('browser', path);
      return path;
    };
    await step('Chromium', { quiet }, collect(findBrowser));
    await step('Redis, PostgreSQL and coturn', { quiet }, collect(enginesStep));
  }
  end();
  found.PARLEY_BROWSER = readStamp('browser') ?? '';
  const lines = Object.entries(found).map(([name, value]) => `${name}=${quoted(value)}\n`);
  writeStamp('env', lines.join(''));
  for (const free of locks.reverse()) free();
  if (!quiet) say(`Ready in ${seconds(begun)}.`);
} catch (error) {
  say(error instanceof SetupError ? `Set-up stopped. ${error.message}` : error.stack);
  process.exit(1);
}
