import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith, moduleOf, ROOT, ran } from './setup.ts';

interface Lacking {
  packages: string[];
  why: string;
  wayOut?: string;
}
const { lackingText } = await moduleOf<{ lackingText(lacking: Lacking[], hasApt: boolean): string }>('script/setup/lacking.mjs');

const LACKING = [
  { packages: ['meson', 'g++'], why: 'build the worker', wayOut: 'Or name a worker.' },
  { packages: ['redis-server', 'g++'], why: 'run the tests' },
];

test('[RUN15] what is missing is named once, in one command, with what each is for', () => {
  expect(lackingText(LACKING, true).split('\n')).toEqual([
    'Some packages are missing. Install them and run this again:',
    '  sudo apt-get install --no-install-recommends meson g++ redis-server',
    'They are needed',
    '  to build the worker: meson g++',
    '  to run the tests: redis-server g++',
    'Or name a worker.',
  ]);
  expect(lackingText(LACKING, false)).toContain('apt-get is not here to install them');
});

/** Steps of a set-up that lack packages, one that does not, and one that fails otherwise when it is told to. */
const PROGRAM = `
import { needPackages } from './setup/apt.mjs';
import { collectLacking } from './setup/lacking.mjs';
import { SetupError, say, step } from './setup/say.mjs';
// Somebody who is not root.
if (process.getuid() === 0) process.setuid(65534);
const { collect, end } = collectLacking();
try {
  await step('one', { quiet: false }, collect((steps) => needPackages(['no-such-package-a', 'no-such-package-b'], 'do one', steps)));
  await step('two', { quiet: false }, collect(async () => 'there'));
  await step('three', { quiet: false }, collect((steps) => needPackages(['no-such-package-b', 'no-such-package-c'], 'do three', steps)));
  if (process.argv[2] === 'broken') await step('four', { quiet: false }, collect(async () => { throw new SetupError('Four is broken.'); }));
  end();
} catch (error) {
  say(error instanceof SetupError ? error.message : error.stack);
  process.exitCode = 1;
}
`;

const setUp = (...args: string[]): { code: number | null; lines: string[] } => {
  const folder = folderWith({ 'main.mjs': PROGRAM });
  cpSync(join(ROOT, 'script', 'setup'), join(folder, 'setup'), { recursive: true });
  const { code, output } = ran(process.execPath, ['main.mjs', ...args], { cwd: folder });
  return { code, lines: output.trimEnd().split('\n') };
};

test('[RUN15] a set-up without the right to install goes on to its end and names all that it lacks', () => {
  const { code, lines } = setUp();
  expect(code).toBe(1);
  expect(lines.slice(0, 3)).toEqual(['one: lacks packages.', 'two: there.', 'three: lacks packages.']);
  const named = lines.filter((line) => line.includes('no-such-package-a no-such-package-b no-such-package-c'));
  expect(named).toHaveLength(1);
  expect(lines.slice(-2).map((line) => line.trim())).toEqual([
    'to do one: no-such-package-a no-such-package-b',
    'to do three: no-such-package-b no-such-package-c',
  ]);
});

test('[RUN15] a step that fails for another reason ends it', () => {
  expect(setUp('broken').lines.at(-1)).toBe('Four is broken.');
});

interface Steps {
  doing(what: string): void;
  progress(what: string): void;
}

test('[RUN15] a step that takes long says where it is, again and again, and how long it took', async () => {
  const { step } = await moduleOf<{
    step(name: string, options: { quiet: boolean; everyMs: number }, work: (steps: Steps) => Promise<string>): Promise<void>;
  }>('script/setup/say.mjs');
  const said: string[] = [];
  const write = process.stderr.write.bind(process.stderr);
  process.stderr.write = ((chunk: string) => said.push(chunk) > 0) as typeof process.stderr.write;
  try {
    const heard = (part: string) => async (): Promise<void> => {
      while (!said.some((line) => line.includes(part))) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await step('a step', { quiet: true, everyMs: 10 }, async ({ doing, progress }) => {
      doing('fetches');
      await heard('… fetches')();
      progress('3 of 7');
      await heard('… 3 of 7')();
      return 'there';
    });
  } finally {
    process.stderr.write = write;
  }
  expect(said[0]).toBe('a step: fetches\n');
  expect(said.at(-1)).toMatch(/^a step: there, in \d+\.\d s\.\n$/);
  expect(said).toContainEqual(expect.stringMatching(/^a step: … 3 of 7 \(\d+\.\d s\)\n$/));
});
