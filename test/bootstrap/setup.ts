// What the tests of the set-up share: its modules, which are plain JavaScript, with the types the tests rely on, and running
// programs as a person would.
import { type SpawnSyncOptions, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll } from 'vitest';

export const ROOT = resolve(import.meta.dirname, '..', '..');

/** One of the repository's plain JavaScript modules, such as `script/setup/elf.mjs`. */
export async function moduleOf<T>(path: string): Promise<T> {
  return (await import(pathToFileURL(join(ROOT, path)).href)) as T;
}

/** A production tree is thousands of files, and the disk may be busy. */
const REMOVAL_MS = 300_000;

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}, REMOVAL_MS);

/** A new temporary folder whose path has a space in it, with these files; removed when the file's tests are over. */
export function folderWith(files: Record<string, string> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley test '));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** Runs a program to its end: its exit code, and its output as it stands on a terminal. */
export function ran(command: string, args: string[], options: SpawnSyncOptions = {}): { code: number | null; output: string } {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (error) throw error;
  return { code: status, output: `${stdout}${stderr}` };
}
