// Builds the web application into web/dist when anything it is made of changed since, and says nothing otherwise.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashOf, ROOT, readStamp, writeStamp } from './setup/cache.mjs';
import { SetupError, say, step } from './setup/say.mjs';
import { mustRun } from './setup/shell.mjs';

const STAMP = 'web';
const SOURCES = ['web', 'client', 'protocol'];
const OUTPUT = join(ROOT, 'web', 'dist');

/** A hash over the names and contents of all that goes into the pages. */
function sourceHash() {
  const files = SOURCES.flatMap((folder) =>
    globSync(`${folder}/**`, {
      cwd: ROOT,
      withFileTypes: true,
      exclude: (entry) => join(entry.parentPath, entry.name) === OUTPUT,
    })
      .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name)),
  ).sort();
  const parts = [...files, join(ROOT, 'package-lock.json')].flatMap((file) => [file.slice(ROOT.length), readFileSync(file)]);
  return hashOf(...parts);
}

try {
  await step('web application', { quiet: true }, async ({ doing }) => {
    const hash = sourceHash();
    if (existsSync(join(OUTPUT, 'index.html')) && readStamp(STAMP) === hash) return 'built';
    doing('vite builds it into web/dist');
    await mustRun('Building the web application', 'vite', ['build', 'web'], { cwd: ROOT });
    writeStamp(STAMP, hash);
    return 'built';
  });
} catch (error) {
  say(error instanceof SetupError ? error.message : error.stack);
  process.exitCode = 1;
}
