import { expect, test } from 'vitest';
import { moduleOf } from './setup.ts';

interface Entry {
  version: string;
  integrity?: string;
  optional?: boolean;
}
const { agrees } = await moduleOf<{ agrees(locked: Record<string, Entry>, installed: Record<string, Entry>): boolean }>(
  'script/setup/packages.mjs',
);
const zod = { 'node_modules/zod': { version: '4.6.7', integrity: 'sha512-a' } };
const ws = { 'node_modules/ws': { version: '8.23.0', integrity: 'sha512-b' } };
const otherPlatform = { 'node_modules/cli-win32': { version: '1.0.0', integrity: 'sha512-c', optional: true } };

test('[RUN1] packages that agree with the lock file are left as they are, whoever installed them', () => {
  expect(agrees({ ...zod, ...ws, ...otherPlatform }, { ...zod, ...ws })).toBe(true);
});

test('[RUN1] a package that is missing, too many or another version brings a new install', () => {
  expect(agrees({ ...zod, ...ws }, { ...zod })).toBe(false);
  expect(agrees({ ...zod }, { ...zod, ...ws })).toBe(false);
  expect(agrees({ ...zod }, { 'node_modules/zod': { version: '4.6.6', integrity: 'sha512-d' } })).toBe(false);
});
