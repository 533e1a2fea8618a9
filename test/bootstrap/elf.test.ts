import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith, moduleOf, ROOT, ran } from './setup.ts';

const { lowerGlibc } = await moduleOf<{ lowerGlibc(bytes: Buffer): string[] }>('script/setup/elf.mjs');

/** Binaries of another Node's ABI: the set-up edits ours alone, so these are as they were published. */
const binaryOf = (arch: string) => join(ROOT, 'node_modules', 'uWebSockets.js', `uws_linux_${arch}_141.node`);

test.each([
  { arch: 'x64', names: ['sscanf', 'strtol', 'strtoul'] },
  { arch: 'arm64', names: ['strtol', 'strtoul'] },
])(
  '[RUN3] the edit moves C23 names to plain ones on $arch, changes few bytes, and finds nothing to do again',
  ({ arch, names }) => {
    const before = readFileSync(binaryOf(arch));
    const after = Buffer.from(before);
    expect(lowerGlibc(after).sort()).toEqual(names);
    expect(after.length).toBe(before.length);
    // A name's offset and a version for each symbol, and the flags of the version that is needed no more.
    expect(after.filter((byte, at) => byte !== before[at]).length).toBeLessThanOrEqual(names.length * (4 + 2) + 2);

    const again = Buffer.from(after);
    expect(lowerGlibc(again)).toEqual([]);
    expect(again.equals(after)).toBe(true);
  },
);

test('[RUN3] the edit refuses a binary that needs something else of the newer glibc', () => {
  const bytes = readFileSync(binaryOf('x64'));
  bytes.write('__isoc24_strtol', bytes.indexOf('__isoc23_strtol\0'), 'latin1');
  expect(() => lowerGlibc(bytes)).toThrow('it needs 1 more symbols of GLIBC_2.38');
});

test('[RUN3] the edit refuses what is no ELF file', () => {
  expect(() => lowerGlibc(Buffer.from('#!/bin/sh\n'))).toThrow('not a little-endian ELF64 file');
});

// The binary is for another Node, which Node says only after the system's loader has taken it in: an older glibc's loader
// says "GLIBC_2.38 not found" instead when the edit is missing.
test.runIf(process.platform === 'linux')("[RUN3] the system's loader takes the edited binary", () => {
  const copy = join(folderWith(), 'uws.node');
  copyFileSync(binaryOf(process.arch), copy);
  const bytes = readFileSync(copy);
  lowerGlibc(bytes);
  writeFileSync(copy, bytes);
  const { output } = ran(process.execPath, ['-e', 'require(process.argv[1])', copy]);
  expect(output).not.toContain('GLIBC');
  expect(output).toContain('did not self-register');
});

test('[RUN3] after the set-up uWebSockets.js loads and listens', () => {
  const script = `import uws from 'uWebSockets.js'; uws.App().listen('127.0.0.1', 0, (s) => process.exit(s ? 0 : 1))`;
  expect(ran(process.execPath, ['--input-type=module', '-e', script], { cwd: ROOT })).toEqual({ code: 0, output: '' });
});
