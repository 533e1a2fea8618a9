import { chmodSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith, moduleOf, ROOT, ran } from './setup.ts';

interface Entry {
  version: string;
  integrity?: string;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
}
const { agrees } = await moduleOf<{ agrees(locked: Record<string, Entry>, installed: Record<string, Entry>): boolean }>(
  'script/setup/packages.mjs',
);
const zod = { 'node_modules/zod': { version: '4.6.7', integrity: 'sha512-a' } };
const ws = { 'node_modules/ws': { version: '8.23.0', integrity: 'sha512-b' } };
const binding = (name: string, os: string) => ({
  [`node_modules/${name}`]: { version: '1.0.0', integrity: 'sha512-c', optional: true, os: [os], cpu: [process.arch] },
});
const otherPlatform = binding('cli-win32', 'no such system');

test('[RUN1] packages that agree with the lock file are left as they are, whoever installed them', () => {
  expect(agrees({ ...zod, ...ws, ...otherPlatform }, { ...zod, ...ws })).toBe(true);
});

test('[RUN17] an optional package that this platform needs is missed', () => {
  expect(agrees({ ...zod, ...binding('cli-here', process.platform) }, { ...zod })).toBe(false);
});

test('[RUN1] a package that is missing, too many or another version brings a new install', () => {
  expect(agrees({ ...zod, ...ws }, { ...zod })).toBe(false);
  expect(agrees({ ...zod }, { ...zod, ...ws })).toBe(false);
  expect(agrees({ ...zod }, { 'node_modules/zod': { version: '4.6.6', integrity: 'sha512-d' } })).toBe(false);
});

test('[RUN17] each package in the lock file is pinned to the content that was published', () => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Record<string, Entry> };
  const unpinned = Object.keys(packages).filter((name) => name !== '' && !packages[name]?.integrity?.startsWith('sha512-'));
  expect(unpinned).toEqual([]);
  expect(Object.keys(packages).length).toBeGreaterThan(200);
});

test('[RUN17] npm runs on the Node that runs Parley, whichever is on PATH', () => {
  // An older Node first on PATH, and an npm that tells which it was run by.
  const folder = folderWith({ node: '#!/bin/sh\necho old\n', npm: '#!/bin/sh\nnode -p process.version\nexit 1\n' });
  for (const name of ['node', 'npm']) chmodSync(join(folder, name), 0o755);
  const script = `import(process.argv[1]).then(({ npmCi }) => npmCi(() => {})).catch((error) => console.log(error.message))`;
  const env = { ...process.env, PATH: [folder, dirname(process.execPath), process.env.PATH].join(delimiter) };
  const { output } = ran(process.execPath, ['-e', script, join(ROOT, 'script/setup/packages.mjs')], { env });
  expect(output).toContain(process.version);
  expect(output).not.toContain('old');
});
