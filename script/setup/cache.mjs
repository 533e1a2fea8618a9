// Where the set-up keeps what it fetched and built, and what it knows to be done already.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The cache folder as the environment names it, which is how script/run compares it. */
export const CACHE_AS_NAMED = process.env.PARLEY_CACHE || `${process.env.XDG_CACHE_HOME || `${homedir()}/.cache`}/parley`;

/** The cache folder, shared by every clone of this user: Node and mediasoup workers. */
export const CACHE = resolve(CACHE_AS_NAMED);

/** What was done for this clone's node_modules. It lies inside, so that removing node_modules forgets it too. */
export const STAMPS = join(ROOT, 'node_modules', '.parley');

export function hashOf(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
}

/** Writes the whole file or nothing: a reader never sees a half. */
export function writeAtomically(path, content, mode = 0o644) {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, content, { mode });
  renameSync(temporary, path);
}

/** A stamp's content, or undefined when that was never done. */
export function readStamp(name) {
  try {
    return readFileSync(join(STAMPS, name), 'utf8');
  } catch {
    return undefined;
  }
}

export function writeStamp(name, content) {
  writeAtomically(join(STAMPS, name), content);
}
