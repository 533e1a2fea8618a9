/** The store on a real server that is killed, stopped and restarted, and two stores on one database. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { burst, expectExactlyOnce, rooms } from '../../../test/contracts/store/faults.ts';
import { dump, openGroup, people, post, proposed, rejected, sendMessage, tick } from '../../../test/contracts/store/fixtures.ts';
import { type PostgresServer, startPostgres } from '../../../test/support/engines/postgres.ts';
import { until } from '../../../test/support/until.ts';
import { migrateDatabase, openPostgresStore, type PostgresStore, type PostgresStoreOptions } from '../postgres-store.ts';
import { MIGRATIONS, migrate } from './schema.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.dispose());

const using = async <Value>(
  options: Omit<PostgresStoreOptions, 'url'> & { url?: string },
  use: (store: PostgresStore, url: string) => Promise<Value>,
): Promise<Value> => {
  const url = options.url ?? (await server.createDatabase());
  const store = await openPostgresStore({ poolSize: 8, ...options, url });
  try {
    return await use(store, url);
  } finally {
    await store.close();
  }
};

const asAdmin = async <Row>(url: string, sql: string, values: unknown[] = []): Promise<Row[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql, values)).rows as Row[];
  } finally {
    await client.end();
  }
};

/** Processes of the server that hold a connection. */
const backends = async (url: string): Promise<number[]> => {
  const sql = 'SELECT pid FROM pg_stat_activity WHERE datname IS NOT NULL AND pid <> pg_backend_pid()';
  return (await asAdmin<{ pid: number }>(url, sql)).map(({ pid }) => pid);
};

describe('a lost database', () => {
  it('[ST90][ST91] connections killed in a burst of posts: each acknowledged message is there once, in order, and none is doubled', async () => {
    await using({}, async (store, url) => {
      const there = await rooms(store, 4);
      const posting = burst([store], there, 12);
      for (let kills = 1; kills <= 5; kills += 1) {
        await until('more posts', () => posting.posts.acknowledged.size >= kills * 40);
        await asAdmin(
          url,
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
        );
      }
      await until('more posts', () => posting.posts.acknowledged.size >= 300);
      await expectExactlyOnce(store, there, await posting.stop());
    });
  });

  it('[ST90][ST91][ST92] the server crashes in a burst of posts: calls are unavailable until it is back, without opening the store again', async () => {
    await using({ connectTimeoutMs: 500 }, async (store) => {
      const there = await rooms(store, 4);
      const posting = burst([store], there, 12);
      await until('posts', () => posting.posts.acknowledged.size >= 100);
      await server.stop('SIGQUIT');
      await until('a refusal', () => posting.posts.refused.length > 0);
      await until('to know of it', () => !store.ready());
      await server.start();
      const size = posting.posts.acknowledged.size;
      await until('posts again', () => posting.posts.acknowledged.size >= size + 100);
      expect(store.ready()).toBe(true);
      await expectExactlyOnce(store, there, await posting.stop());
    });
  });

  it('[ST90][ST91][ST92] the server hangs for 3 s in a burst of posts: what was refused is sent again and is there once', async () => {
    await using({ connectTimeoutMs: 400, statementTimeoutMs: 400 }, async (store, url) => {
      const there = await rooms(store, 4);
      const posting = burst([store], there, 12);
      await until('posts', () => posting.posts.acknowledged.size >= 100);
      const pids = await backends(url);
      server.signal('SIGSTOP');
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      await until('a refusal', () => posting.posts.refused.length > 0 && !store.ready());
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      for (const pid of pids) process.kill(pid, 'SIGCONT');
      server.signal('SIGCONT');
      const size = posting.posts.acknowledged.size;
      await until('posts again', () => posting.posts.acknowledged.size >= size + 100);
      await expectExactlyOnce(store, there, await posting.stop());
    });
  });

  it('[ST92] a lost connection that nobody uses is noticed, and the store is ready again by itself', async () => {
    await using({ connectTimeoutMs: 300 }, async (store) => {
      const [me, other] = (await people(store, 2)) as [string, string];
      const threadId = await openGroup(store, [me, other]);
      await server.stop('SIGQUIT');
      await until('the loss', () => !store.ready());
      await rejected(post(store, threadId, me), 'unavailable');
      await server.start();
      await until('the return', () => store.ready());
      expect((await post(store, threadId, me)).offset).toBe(2);
    });
  });

  it('[ST91] many posts into one thread of a server that hangs are refused together, not one after the other', async () => {
    await using({ connectTimeoutMs: 300, statementTimeoutMs: 300 }, async (store, url) => {
      const [me, other] = (await people(store, 2)) as [string, string];
      const threadId = await openGroup(store, [me, other]);
      const pids = await backends(url);
      server.signal('SIGSTOP');
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      try {
        await Promise.all(Array.from({ length: 300 }, () => rejected(post(store, threadId, me), 'unavailable')));
      } finally {
        for (const pid of pids) process.kill(pid, 'SIGCONT');
        server.signal('SIGCONT');
      }
      await until('the return', () => store.ready());
    });
  });

  it('[ST91] a lock that is held too long refuses the write as unavailable, and nothing of it happened', async () => {
    await using({ lockTimeoutMs: 50 }, async (store, url) => {
      const [me, other] = (await people(store, 2)) as [string, string];
      const threadId = await openGroup(store, [me, other]);
      const operator = new pg.Client({ connectionString: url });
      await operator.connect();
      await operator.query('BEGIN; SELECT 1 FROM threads FOR UPDATE');
      await rejected(post(store, threadId, me), 'unavailable');
      await operator.query('ROLLBACK');
      await operator.end();
      expect((await post(store, threadId, me)).offset).toBe(2);
    });
  });
});

describe('several stores on one database', () => {
  it('[WH15] each has what it writes told by its own types, whichever started last', async () => {
    await using({ outbox: ['message.posted'] }, (one, url) =>
      using({ url, outbox: ['thread.opened'] }, (two) =>
        using({ url }, async (three) => {
          const [owner, member] = (await people(one, 2)) as [string, string];
          for (const store of [one, two, three]) await post(store, await openGroup(store, [owner, member]), owner);
          const told = await three.deliveries({ after: 0, limit: 10 });
          expect(told.map(({ type }) => type)).toEqual(['message.posted', 'thread.opened']);
        }),
      ),
    );
  });

  it('[ST4][ST5][ST93] two post into the same threads: no hole in offsets or positions, and a third that reads meanwhile never sees one', async () => {
    await using({}, (one, url) =>
      using({ url }, (two) =>
        using({ url }, async (reader) => {
          const there = await rooms(one, 5);
          const userIds = [...new Set(there.flatMap(({ members }) => members))];
          const positions = new Map(userIds.map((userId) => [userId, 0]));
          const posting = burst([one, two], there, 24);
          const poll = async (): Promise<void> => {
            for (const userId of userIds) {
              const position = positions.get(userId)!;
              const recovery = await reader.since(userId, { epoch: reader.epoch, position });
              if (!recovery.recovered) throw new Error('the reader fell behind');
              const { entries } = recovery;
              expect(entries.map((entry) => entry.position)).toEqual(entries.map((_, index) => position + 1 + index));
              expect(recovery.position).toBe(position + entries.length);
              positions.set(userId, recovery.position);
            }
          };
          await until('500 posts', async () => {
            await poll();
            return posting.posts.acknowledged.size >= 500;
          });
          const posts = await posting.stop();
          expect(posts.refused).toEqual([]);
          await expectExactlyOnce(reader, there, posts);
          await poll();
          expect(positions).toEqual(await one.heads(userIds));
        }),
      ),
    );
  });

  it('[ST93] edits, cursors, profiles, joining and leaving at once on two stores neither deadlock nor leave a hole', async () => {
    await using({}, (one, url) =>
      using({ url }, async (two) => {
        const [owner, ...others] = (await people(one, 5)) as [string, ...string[]];
        const threads = await Promise.all([1, 2, 3].map(() => openGroup(one, [owner, ...others.slice(0, 3)])));
        const acts = Array.from({ length: 240 }, (_, index) => {
          const store = index % 2 === 0 ? one : two;
          const threadId = threads[index % threads.length]!;
          const at = tick();
          switch (index % 6) {
            case 0:
              return store.putUser(
                { userId: others[index % 4]!, displayName: `Name ${index}`, headline: '', avatarUrl: null, timeZone: null },
                at,
              );
            case 1:
              return store.moveCursor({ threadId, userId: owner, readOffset: index, at });
            case 2:
              return store.addMember({ threadId, actorId: owner, userId: others[3]!, role: 'member', at });
            case 3:
              return store.removeMember({ threadId, actorId: owner, userId: others[3]!, at });
            default:
              return post(store, threadId, others[index % 3]!);
          }
        });
        const outcomes = await Promise.allSettled(acts);
        expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([]);
        const heads = await one.heads([owner, ...others]);
        for (const userId of [owner, ...others]) {
          const recovery = await two.since(userId, { epoch: two.epoch, position: 0 });
          expect(recovery.position).toBe(heads.get(userId));
        }
        await expectWholeLogs(one, owner, threads);
      }),
    );
  });

  const expectWholeLogs = async (store: PostgresStore, userId: string, threads: readonly string[]): Promise<void> => {
    for (const threadId of threads) {
      const { events } = await store.history(userId, { threadId, limit: 200 });
      const { thread } = await store.thread(userId, threadId);
      expect(events.map(({ offset }) => offset)).toEqual(Array.from({ length: thread.head }, (_, index) => index + 1));
    }
  };
});

describe('the schema', () => {
  it('[ST94] four nodes that start at once on an empty database have one schema and one epoch', async () => {
    const url = await server.createDatabase();
    const stores = await Promise.all([1, 2, 3, 4].map(() => openPostgresStore({ url, poolSize: 2 })));
    expect(new Set(stores.map(({ epoch }) => epoch)).size).toBe(1);
    await Promise.all(stores.map((store) => store.close()));
  });

  it('[ST94] a database of a later release, or of another program, is refused and left as it is', async () => {
    const url = await server.createDatabase();
    await using({ url }, async () => {});
    await asAdmin(url, `UPDATE meta SET value = '99' WHERE key = 'schema'`);
    await expect(openPostgresStore({ url })).rejects.toThrow(
      `its schema is version 99 and this release knows ${MIGRATIONS.length}`,
    );

    const foreign = await server.createDatabase();
    await asAdmin(foreign, 'CREATE TABLE invoices (id integer)');
    await expect(openPostgresStore({ url: foreign })).rejects.toThrow('it is the database of another program');
    const tables = await asAdmin(foreign, `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`);
    expect(tables).toEqual([{ tablename: 'invoices' }]);
  });

  it('[ST94] a migration that fails leaves nothing of itself, and the next start tries again', async () => {
    const url = await server.createDatabase();
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await expect(
      migrate(client, ['CREATE TABLE half (id integer)', 'CREATE TABLE other (id integer); SELECT 1 / 0']),
    ).rejects.toThrow('division by zero');
    const tables = () =>
      asAdmin<{ name: string }>(url, `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`);
    expect(await tables()).toEqual([{ name: 'half' }, { name: 'meta' }]);
    expect(await migrate(client, ['', 'CREATE TABLE other (id integer)'])).toMatchObject({ from: 1, to: 2 });
    expect(await tables()).toEqual([{ name: 'half' }, { name: 'meta' }, { name: 'other' }]);
    await client.end();
  });

  it('[SR8] [HF7] [MK7] a database from before there were search, contracts and marks has its messages searched, and its threads without', async () => {
    const url = await server.createDatabase();
    await using({ url }, async (store) => {
      const [me, other] = (await people(store, 2)) as [string, string];
      const threadId = await openGroup(store, [me, other]);
      for (let count = 0; count < 1_100; count += 1) await post(store, threadId, me, count === 7 ? 'An old lantern' : undefined);
      const search = { query: { words: ['lantern'], prefix: null }, limit: 10 };
      const before = await store.search(other, search);
      expect(before.messages).toHaveLength(1);
      const { proposalId, clientId } = await proposed(store);
      await sendMessage(store, proposalId, clientId);
      // Releases before told of no proposal without a thread.
      await asAdmin(url, 'DELETE FROM inbox WHERE thread IS NULL AND about IS NULL');
      const seen = await dump(store, [me, other, clientId]);
      // Back to the first schema, as far as these are concerned.
      await asAdmin(
        url,
        `DROP TABLE words; ALTER TABLE messages DROP COLUMN words; DROP TABLE contracts; DROP TABLE outbox; DROP TABLE outbox_stops;
         ALTER TABLE proposals DROP COLUMN manager; DROP INDEX inbox_marks; DROP INDEX inbox_proposals;
         DROP INDEX proposals_for_job; DROP INDEX proposals_of_job; DROP INDEX proposals_counted; DROP INDEX jobs_of_client;
         ALTER TABLE proposals DROP COLUMN listed_at;
         ALTER TABLE members DROP COLUMN archived, DROP COLUMN favourite, DROP COLUMN hidden, DROP COLUMN marks_version, DROP COLUMN marks_at;
         ALTER TABLE messages DROP COLUMN masked, DROP COLUMN seal; DROP TABLE releases, exceptions, cases, blocks, audit;
         DROP FUNCTION refuse_change; ALTER TABLE users DROP COLUMN created_at, DROP COLUMN country, DROP COLUMN kind;
         DROP TABLE announcements, dismissals, help_votes, help_counts;
         ALTER TABLE threads DROP COLUMN contracts, DROP COLUMN beside; UPDATE threads SET proposal = proposal - 'managerId';
         UPDATE events SET payload = payload #- '{proposal,managerId}' WHERE jsonb_typeof(payload -> 'proposal') = 'object';
         UPDATE events SET payload = payload - 'contracts'; UPDATE meta SET value = '1' WHERE key = 'schema'`,
      );
      expect(await migrateDatabase(url)).toMatchObject({ from: 1, to: MIGRATIONS.length });
      expect(await store.search(other, search)).toEqual(before);
      expect(await dump(store, [me, other, clientId])).toEqual(seen);
    });
  });

  it('[ST91] a server that is not there refuses the start and says so', async () => {
    await expect(openPostgresStore({ url: 'postgres://parley@127.0.0.1:1/none' })).rejects.toThrow(
      'The database cannot be opened',
    );
  });
});
