/** Posts that go to the database together, on a real server. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGroup, people, post, rejected, tick } from '../../../test/contracts/store/fixtures.ts';
import { type PostgresServer, startPostgres } from '../../../test/support/engines/postgres.ts';
import { openPostgresStore, type PostgresStore } from '../postgres-store.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.dispose());

const THREADS = 40;

interface There {
  readonly store: PostgresStore;
  readonly admin: pg.Client;
  /** Is in every thread, with one other person each. */
  readonly hub: string;
  readonly others: readonly string[];
  readonly threadIds: readonly string[];
}

const using = async (options: { inboxKeep?: number }, test: (there: There) => Promise<void>): Promise<void> => {
  const url = await server.createDatabase();
  const store = await openPostgresStore({ url, poolSize: 8, ...options });
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  try {
    const [hub, ...others] = (await people(store, THREADS + 1)) as [string, ...string[]];
    const threadIds = await Promise.all(others.map((other) => openGroup(store, [hub, other])));
    await test({ store, admin, hub, others, threadIds });
    expect(store.statements().some((sql) => sql.includes('post_messages'))).toBe(true);
  } finally {
    await admin.end();
    await store.close();
  }
};

describe('posts that go together', () => {
  it('[ST99] are each posted, returned again or refused by themselves, and told in the order of each inbox', async () => {
    await using({}, async ({ store, hub, others, threadIds }) => {
      const told: [string, number][] = [];
      const keys = threadIds.map(() => randomUUID());
      const rounds = 6;
      const good = threadIds.flatMap((threadId, index) =>
        Array.from({ length: rounds }, async (_, round) => {
          const { result, deliveries } = await store.postMessage({
            threadId,
            senderId: round % 2 === 0 ? hub : others[index]!,
            clientMessageId: round === 0 ? keys[index]! : randomUUID(),
            body: `${round}`,
            at: tick(),
          });
          for (const { positions } of deliveries) told.push(...(positions as [string, number][]));
          expect(result).toMatchObject({ replayed: false, message: { threadId, body: `${round}` } });
          return result.message;
        }),
      );
      const bad = threadIds.flatMap((threadId, index) => [
        rejected(post(store, threadId, others[(index + 1) % THREADS]!), 'not_member'),
        rejected(post(store, randomUUID(), hub), 'not_member'),
        // PostgreSQL takes no NUL in a text, and then refuses all that came with it.
        expect(post(store, threadId, hub, 'nul \u0000')).rejects.toThrow(),
      ]);
      const posted = await Promise.all(good);
      await Promise.all(bad);
      const again = await Promise.all(
        threadIds.map((threadId, index) =>
          store.postMessage({ threadId, senderId: hub, clientMessageId: keys[index]!, body: '0', at: tick() }),
        ),
      );
      for (const [index, { result, deliveries }] of again.entries()) {
        expect(result).toEqual({ replayed: true, message: posted[index * rounds] });
        expect(deliveries).toEqual([]);
      }
      await Promise.all(
        threadIds.map((threadId, index) => rejected(post(store, threadId, hub, 'another', keys[index]), 'conflict')),
      );

      for (const threadId of threadIds) {
        const offsets = posted.filter((message) => message.threadId === threadId).map(({ offset }) => offset);
        expect(offsets).toEqual(Array.from({ length: rounds }, (_, index) => 2 + index));
      }
      // The opening of each thread came first.
      for (const [userId, count] of [[hub, THREADS * rounds] as const, ...others.map((other) => [other, rounds] as const)]) {
        const positions = told.filter(([of]) => of === userId).map(([, position]) => position);
        const before = userId === hub ? THREADS : 1;
        expect(positions).toEqual(Array.from({ length: count }, (_, index) => before + 1 + index));
      }
      const { threads } = await store.threads(hub, { limit: THREADS });
      expect(threads.map(({ head, unread }) => [head, unread])).toEqual(threads.map(() => [1 + rounds, rounds / 2]));
    });
  });

  it('[ST100] a thread that somebody else has locked holds up no other', async () => {
    await using({}, async ({ store, admin, hub, threadIds }) => {
      const [locked, ...free] = threadIds as [string, ...string[]];
      await admin.query('BEGIN');
      await admin.query('SELECT 1 FROM threads WHERE thread_id = $1 FOR UPDATE', [locked]);
      let isPosted = false;
      const waiting = post(store, locked, hub).then(() => {
        isPosted = true;
      });
      for (let round = 0; round < 5; round += 1) await Promise.all(free.map((threadId) => post(store, threadId, hub)));
      expect(isPosted).toBe(false);
      await admin.query('ROLLBACK');
      await waiting;
    });
  });

  it('[ST99] inboxes stay within what they keep, and have no holes', async () => {
    await using({ inboxKeep: 20 }, async ({ store, admin, hub, threadIds }) => {
      for (let round = 0; round < 8; round += 1) {
        await Promise.all(threadIds.map((threadId) => post(store, threadId, hub)));
        const { rows } = await admin.query<{ kept: number; span: number; head: number; last: number }>(
          `SELECT count(*)::int AS kept, (max(e.position) - min(e.position) + 1)::int AS span, max(i.head)::int AS head,
             max(e.position)::int AS last
           FROM inbox e JOIN inboxes i ON i.user = e.user JOIN users u ON u.user = e.user WHERE u.user_id = $1`,
          [hub],
        );
        const [{ kept, span, head, last }] = rows as [(typeof rows)[number]];
        expect(kept).toBeLessThanOrEqual(20);
        expect(kept).toBeGreaterThan(0);
        expect([span, last]).toEqual([kept, head]);
      }
    });
  });
});
