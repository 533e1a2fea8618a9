import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ProtocolError } from '../../protocol/index.ts';
import { openGroup, people, post, rejected, tick, unique } from '../../test/contracts/store/fixtures.ts';
import { storeContract } from '../../test/contracts/store.ts';
import { openSqliteStore, type SqliteStore, type SqliteStoreOptions } from './sqlite-store.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-store-'));
});
afterAll(() => rm(folder, { recursive: true }));

const newPath = (): string => join(folder, unique('folder'), 'store.sqlite');

const using = async <Value>(options: SqliteStoreOptions, use: (store: SqliteStore) => Promise<Value>): Promise<Value> => {
  const store = await openSqliteStore(options);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
};

/** A store with a thread of two in it, closed. */
const seed = (path: string) =>
  using({ path }, async (store) => {
    const [me, other] = (await people(store, 2)) as [string, string];
    return { me, other, threadId: await openGroup(store, [me, other]) };
  });

const runNode = (program: string) => spawnSync(process.execPath, ['--eval', program], { encoding: 'utf8' });

storeContract('the SQLite store', async (options = {}) => {
  const path = newPath();
  let store = await openSqliteStore({ path, ...options });
  return {
    store,
    async reopen() {
      await store.close();
      store = await openSqliteStore({ path, ...options });
      return store;
    },
    dispose: () => store.close(),
  };
});

describe('group commit', () => {
  it('[ST9] posts that arrive while a commit runs share the next one', async () => {
    await using({ path: newPath() }, async (store) => {
      const [me, other] = (await people(store, 2)) as [string, string];
      const threadId = await openGroup(store, [me, other]);
      const before = await store.stats();
      await Promise.all(Array.from({ length: 500 }, () => post(store, threadId, me)));
      const after = await store.stats();
      expect(after.writes - before.writes).toBe(500);
      expect(after.commits - before.commits).toBeLessThan(250);
    });
  });
});

describe('trouble', () => {
  it("[ST9] while an operator's transaction holds the file, writes are refused as unavailable; then all is well again", async () => {
    const path = newPath();
    const error = vi.fn<(fields: object, message: string) => void>();
    await using({ path, log: { info: () => {}, error } }, async (store) => {
      const [me, other] = (await people(store, 2)) as [string, string];
      const threadId = await openGroup(store, [me, other]);
      const operator = new DatabaseSync(path);
      operator.exec('BEGIN IMMEDIATE');
      const refused = [post(store, threadId, me), post(store, threadId, other)];
      await Promise.all(refused.map((call) => rejected(call, 'unavailable')));
      operator.exec('ROLLBACK');
      operator.close();
      expect(error).toHaveBeenCalledWith({ path, reason: expect.stringContaining('locked') }, 'the store could not write');
      expect((await post(store, threadId, me)).offset).toBe(2);
    });
  });

  it('[ST2] what breaks the schema is a bug: an error that names the place, no value, and harms no other write', async () => {
    await using({ path: ':memory:' }, async (store) => {
      const [me, other] = (await people(store, 2)) as [string, string];
      const threadId = await openGroup(store, [me, other]);
      const members = [{ userId: me, role: 'owner' as const }];
      const taken = { threadKey: unique('key'), threadId, kind: 'group' as const, title: 'Planning', members, at: tick() };
      const calls = await Promise.allSettled([post(store, threadId, me), store.openThread(taken), post(store, threadId, me)]);
      expect(calls.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      const { reason } = calls[1] as PromiseRejectedResult;
      expect(reason).not.toBeInstanceOf(ProtocolError);
      expect(reason.message).toBe('UNIQUE constraint failed: threads.thread_id');
      expect(reason.stack).toContain('open-threads.ts');
      expect((await store.thread(me, threadId)).thread.head).toBe(3);
    });
  });
});

describe('opening', () => {
  it('[ST10] a store that is open is refused to a second opener, who is told why, and free again when it is closed', async () => {
    const path = newPath();
    await using({ path }, async () => {
      await expect(openSqliteStore({ path })).rejects.toThrow(`${path} cannot be opened: another process has it open`);
      // Locks are kept by process, so another one must be refused as well.
      const opener = runNode(`
        import { openSqliteStore } from ${JSON.stringify(new URL('./sqlite-store.ts', import.meta.url))};
        await openSqliteStore({ path: ${JSON.stringify(path)} });`);
      expect(opener.stderr).toContain('another process has it open');
    });
    await using({ path }, async (store) => expect(await store.activeInterviews()).toEqual([]));
  });

  it('[ST10] another process can make a backup while the store is open', async () => {
    const [path, copy] = [newPath(), join(folder, 'copy.sqlite')];
    await using({ path }, async (store) => {
      const [me, other] = (await people(store, 2)) as [string, string];
      const threadId = await openGroup(store, [me, other]);
      await post(store, threadId, me, 'Before the backup.');
      const { stderr } = runNode(`
        import { backup, DatabaseSync } from 'node:sqlite';
        await backup(new DatabaseSync(${JSON.stringify(path)}, { readOnly: true }), ${JSON.stringify(copy)});`);
      expect(stderr).toBe('');
      await post(store, threadId, me, 'After the backup.');
      await using({ path: copy }, async (restored) => {
        expect((await restored.thread(me, threadId)).thread.lastMessage?.body).toBe('Before the backup.');
      });
    });
  });

  it('[ST10] a store of a later release is refused and left as it is', async () => {
    const path = newPath();
    await seed(path);
    const later = new DatabaseSync(path);
    later.exec('PRAGMA user_version = 999');
    later.close();
    const before = readFileSync(path);
    await expect(openSqliteStore({ path })).rejects.toThrow('its schema is version 999');
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("[ST10] another program's database, or a file that is none, is refused and left as it is", async () => {
    const [foreign, text] = [join(folder, 'foreign.sqlite'), join(folder, 'notes.txt')];
    const other = new DatabaseSync(foreign);
    other.exec('CREATE TABLE recipes (name TEXT)');
    other.close();
    writeFileSync(text, 'Buy two lamps. '.repeat(100));
    const before = [foreign, text].map((path) => readFileSync(path));
    await expect(openSqliteStore({ path: foreign })).rejects.toThrow('it is the database of another program');
    await expect(openSqliteStore({ path: text })).rejects.toThrow('it is not a database');
    expect([foreign, text].map((path) => readFileSync(path))).toEqual(before);
  });

  it('[ST10] the file is made with its folder and is for its owner alone', async () => {
    const path = newPath();
    await using({ path }, async (store) => {
      await people(store, 1);
      const made = readdirSync(dirname(path));
      expect(made).toEqual(['store.sqlite', 'store.sqlite-lock', 'store.sqlite-shm', 'store.sqlite-wal']);
      for (const file of made) expect(statSync(join(dirname(path), file)).mode & 0o077).toBe(0);
    });
  });

  it('[ST10] a store in memory works and begins a new epoch each time', async () => {
    const begin = () =>
      using({ path: ':memory:' }, async (store) => {
        const [me, other] = (await people(store, 2)) as [string, string];
        expect((await post(store, await openGroup(store, [me, other]), me)).offset).toBe(2);
        return store.epoch;
      });
    expect(await begin()).not.toBe(await begin());
  });
});

describe('erasing', () => {
  it('[ST8] soon after a delete or an edit the old body is in none of the files, while the store is open', async () => {
    const path = newPath();
    await using({ path }, async (store) => {
      const [me, other] = (await people(store, 2)) as [string, string];
      const threadIds = await Promise.all(Array.from({ length: 5 }, () => openGroup(store, [me, other])));
      // Bodies of all sizes in a mixed order, so that pages split and rows move while the secrets are in them.
      const posts = await Promise.all(
        Array.from({ length: 400 }, (_, index) => {
          const body = `${index % 4 === 0 ? 'SECRET' : 'public'}-${index} ${'.'.repeat((index * 97) % 3_000)}`;
          return post(store, threadIds[index % threadIds.length]!, me, body);
        }),
      );
      const secrets = posts.filter(({ body }) => body.startsWith('SECRET'));
      const changes = secrets.map(({ threadId, offset }, index) => {
        const target = { threadId, offset, actorId: me, at: tick() };
        return index % 2 === 0 ? store.deleteMessage(target) : store.editMessage({ ...target, body: 'Replaced.' });
      });
      await Promise.all(changes);
      await vi.waitFor(() => expect(statSync(`${path}-wal`).size).toBe(0), { timeout: 10_000 });
      // By another process: closing a descriptor of the file here would drop the store's lock.
      const bytes = execFileSync('cat', [path, `${path}-wal`], { maxBuffer: 2 ** 30, encoding: 'latin1' });
      expect(bytes).toContain('public-');
      expect(bytes).toContain('Replaced.');
      expect(bytes.match(/SECRET-\d+/g)).toBeNull();
    });
  });
});

describe('a lost store', () => {
  it('[ST11] when the file is damaged every call is refused as unavailable and onFatal is told once', async () => {
    const path = newPath();
    const { me, threadId } = await seed(path);
    const onFatal = vi.fn<(error: Error) => void>();
    const error = vi.fn<(fields: object, message: string) => void>();
    const store = await openSqliteStore({ path, onFatal, log: { info: () => {}, error } });
    // All but the first page, which holds the header that opening has read.
    const descriptor = openSync(path, 'r+');
    writeSync(descriptor, Buffer.alloc(statSync(path).size - 4_096, 0xa5), 0, undefined, 4_096);
    closeSync(descriptor);

    const calls = [store.thread(me, threadId), post(store, threadId, me), store.heads([me])];
    await Promise.all(calls.map((call) => rejected(call, 'unavailable')));
    await rejected(store.heads([me]), 'unavailable');
    await store.close();
    await rejected(store.heads([me]), 'unavailable');
    expect(onFatal).toHaveBeenCalledTimes(1);
    expect(onFatal.mock.calls[0]![0].message).toContain('malformed');
    expect(error).toHaveBeenCalledTimes(1);
  });
});
