// One set-up at a time. The lock is a transaction on an empty SQLite file: the operating system ends it with its process,
// however that ends, so there is no lock left over to find out about.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { say } from './say.mjs';

const SQLITE_BUSY = 5;
const LOOK_EVERY_MS = 200;

/** Takes the lock of this file, waiting as long as another process has it. Returns the function that gives it back. */
export async function takeLock(file) {
  mkdirSync(dirname(file), { recursive: true });
  const database = new DatabaseSync(file, { timeout: 0 });
  for (let told = false; ; told = true) {
    try {
      database.exec('BEGIN EXCLUSIVE');
      return () => database.close();
    } catch (error) {
      if (error.errcode !== SQLITE_BUSY) throw error;
    }
    if (!told) say(`Waiting for another set-up to finish (the lock is ${file}).`);
    await sleep(LOOK_EVERY_MS);
  }
}
