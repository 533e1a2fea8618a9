/** Somebody with the database in their hands, and what `parley audit verify` says afterwards. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type PostgresServer, startPostgres } from '../../test/support/engines/postgres.ts';
import { openPostgresStore } from './postgres-store.ts';
import { openSqliteStore } from './sqlite-store.ts';
import type { Store } from './store.ts';

const MAIN = new URL('../main.ts', import.meta.url).pathname;

/** A store with ten entries, and its owner's means to do what they like. */
interface Tampered {
  readonly env: Record<string, string>;
  run(sql: string): Promise<void>;
  /** Lets the database itself forget that the log is only appended to. */
  disarm(): Promise<void>;
}

const verify = async (env: Record<string, string>, ...args: string[]) => {
  const command = ['--disable-warning=ExperimentalWarning', MAIN, 'audit', 'verify', ...args];
  const options = { env: { PATH: process.env.PATH ?? '', ...env } };
  return promisify(execFile)(process.execPath, command, options).then(
    ({ stdout }) => ({ code: 0, text: stdout }),
    (error: { code: number; stdout: string; stderr: string }) => ({ code: error.code, text: error.stdout + error.stderr }),
  );
};

const fill = async (store: Store): Promise<void> => {
  for (let at = 1; at <= 10; at += 1) {
    await store.appendAudit({ at, actor: 'mo', action: 'case.decided', subject: `case-${at}`, details: { outcome: 'granted' } });
  }
};

const headOf = (text: string): { seq: string; hash: string } => {
  const [, seq, hash] = /head (\d+) ([0-9a-f]{64})/.exec(text) ?? [];
  return { seq: seq!, hash: hash! };
};

const held = (name: string, open: () => Promise<Tampered>): void => {
  describe(name, () => {
    it('[AU2] the database itself refuses to change or remove an entry', async () => {
      const { run, env } = await open();
      for (const sql of ["UPDATE audit SET actor = 'ma' WHERE seq = 3", 'DELETE FROM audit WHERE seq = 3']) {
        await expect(run(sql)).rejects.toThrow('the audit log is only appended to');
      }
      expect((await verify(env)).text).toContain('10 entries hold together');
    });

    it('[AU3] an entry that was changed, removed, moved or put between is named by its number', async () => {
      const { run, disarm, env } = await open();
      await disarm();
      const expectBroken = async (seq: number, ...args: string[]) => {
        const { code, text } = await verify(env, ...args);
        expect(code, text).toBe(1);
        expect(text).toContain(`BROKEN at entry ${seq}:`);
      };
      const swap = async (one: number, other: number) => {
        await run(`UPDATE audit SET seq = 1000 WHERE seq = ${one}`);
        await run(`UPDATE audit SET seq = ${one} WHERE seq = ${other}`);
        await run(`UPDATE audit SET seq = ${other} WHERE seq = 1000`);
      };
      for (const [column, value, original] of [
        ['actor', "'ma'", "'mo'"],
        ['actor', 'NULL', "'mo'"],
        ['at', '99', '4'],
        ['subject', "'case-9'", "'case-4'"],
        ['action', "'case.reviewed'", "'case.decided'"],
        ['details', `'{"outcome":"refused"}'`, `'{"outcome":"granted"}'`],
        ['details', `'{"outcome": "granted"}'`, `'{"outcome":"granted"}'`],
      ]) {
        await run(`UPDATE audit SET ${column} = ${value} WHERE seq = 4`);
        await expectBroken(4);
        await run(`UPDATE audit SET ${column} = ${original} WHERE seq = 4`);
      }
      await swap(5, 6);
      await expectBroken(5);
      await swap(5, 6);
      expect((await verify(env)).code).toBe(0);
      await run(`UPDATE audit SET hash = '${'a'.repeat(64)}' WHERE seq = 7`);
      await expectBroken(7);
      expect((await verify(env, '--from', '8')).text).toContain('3 entries hold together');
      await run('DELETE FROM audit WHERE seq = 2');
      await expectBroken(2);
      await run('DELETE FROM audit WHERE seq = 1');
      await expectBroken(1);
      expect((await verify(env, '--from', '3')).text).toContain('BROKEN at entry 7:');
    });

    it('[AU4] that the end was cut off, or all was written anew, is seen by a head that was kept elsewhere', async () => {
      const { run, disarm, env } = await open();
      const kept = headOf((await verify(env)).text);
      expect(kept.seq).toBe('10');
      expect((await verify(env, '--expect', kept.hash)).code).toBe(0);
      await disarm();
      await run('DELETE FROM audit WHERE seq > 8');
      const shorter = await verify(env);
      expect(shorter).toMatchObject({ code: 0, text: expect.stringContaining('head 8 ') });
      const { code, text } = await verify(env, '--expect', kept.hash);
      expect(code).toBe(1);
      expect(text).toContain('BROKEN at entry 9:');
      expect((await verify(env, '--from', 'x')).code).toBe(2);
    });
  });
};

let folder: string;
let server: PostgresServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-audit-'));
  server = await startPostgres();
});
afterAll(async () => {
  await server.dispose();
  await rm(folder, { recursive: true });
});

let files = 0;
held('on SQLite', async () => {
  const dataDir = join(folder, `${++files}`);
  const path = join(dataDir, 'parley.sqlite');
  // The server runs on while the log is verified.
  const store = await openSqliteStore({ path });
  onTestFinished(() => store.close());
  await fill(store);
  const run = async (sql: string): Promise<void> => {
    const connection = new DatabaseSync(path);
    try {
      connection.exec(sql);
    } finally {
      connection.close();
    }
  };
  return {
    env: { PARLEY_DATA_DIR: dataDir },
    run,
    async disarm() {
      await run('DROP TRIGGER audit_is_not_changed');
      await run('DROP TRIGGER audit_is_not_deleted');
    },
  };
});

held('on PostgreSQL', async () => {
  const url = await server.createDatabase();
  const store = await openPostgresStore({ url, poolSize: 2 });
  onTestFinished(() => store.close());
  await fill(store);
  const run = async (sql: string): Promise<void> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  };
  return { env: { DATABASE_URL: url }, run, disarm: () => run('DROP TRIGGER audit_is_not_changed ON audit') };
});
