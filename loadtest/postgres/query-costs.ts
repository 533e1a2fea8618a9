/**
 * What the store's operations cost in a generated store: each statement that an operation makes is prepared as the store does,
 * explained, run, and rolled back.
 */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { type Database, SESSION, types, type Value } from '../../src/store/postgres/database.ts';
import { postTogether } from '../../src/store/postgres/messages.ts';
import { OPERATIONS } from '../../src/store/postgres/operations.ts';

export interface Cost {
  readonly operation: string;
  readonly rows: number;
  /** Pages of 8 KiB that were looked at, in memory or not. */
  readonly buffers: number;
  readonly ms: number;
  /** Rows read by scans of whole tables. */
  readonly scanned: number;
}

interface Explained {
  readonly Plan: Readonly<Record<string, unknown>> & {
    'Shared Hit Blocks': number;
    'Shared Read Blocks': number;
    'Actual Rows': number;
  };
  readonly 'Execution Time': number;
}

const literal = (value: Value): string => {
  if (value === null) return 'NULL';
  if (Array.isArray(value)) return pg.escapeLiteral(`{${value.map((item) => JSON.stringify(item)).join(',')}}`);
  return pg.escapeLiteral(Buffer.isBuffer(value) ? `\\x${value.toString('hex')}` : String(value));
};

export const queryCosts = async (url: string): Promise<Cost[]> => {
  const client = new pg.Client({ connectionString: url, types });
  await client.connect();
  try {
    const one = async <Row>(sql: string): Promise<Row> => (await client.query(sql)).rows[0] as Row;
    const epoch = (await one<{ value: string }>(`SELECT value FROM meta WHERE key = 'epoch'`)).value;
    const costs: Cost[] = [];

    const measure = async (operation: string, work: (db: Database) => Promise<unknown>): Promise<void> => {
      const total = { rows: 0, buffers: 0, ms: 0, scanned: 0 };
      let statements = 0;
      const scanned = async (): Promise<number> =>
        (await one<{ rows: number }>('SELECT coalesce(sum(seq_tup_read), 0)::bigint AS rows FROM pg_stat_xact_user_tables')).rows;
      const explain = async (sql: string, values: readonly Value[]): Promise<void> => {
        statements += 1;
        const name = `explained_${statements}`;
        await client.query(`PREPARE ${name} AS ${sql}`);
        const given = values.length === 0 ? '' : `(${values.map(literal).join(', ')})`;
        const before = await scanned();
        await client.query('SAVEPOINT explained');
        // Once for the caches of the server and of its functions, once to be measured.
        await client.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE ${name} ${given}`);
        await client.query('ROLLBACK TO explained');
        const { rows } = await client.query<{ 'QUERY PLAN': Explained[] }>(
          `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE ${name} ${given}`,
        );
        await client.query('ROLLBACK TO explained');
        await client.query(`DEALLOCATE ${name}`);
        const explained = rows[0]!['QUERY PLAN'][0]!;
        total.scanned += (await scanned()) - before;
        total.rows += explained.Plan['Actual Rows'];
        total.buffers += explained.Plan['Shared Hit Blocks'] + explained.Plan['Shared Read Blocks'];
        total.ms += explained['Execution Time'];
      };
      const all = async <Row>(sql: string, ...values: readonly Value[]): Promise<Row[]> => {
        await explain(sql, values);
        return (await client.query({ text: sql, values: [...values] })).rows as Row[];
      };
      const queryable = {
        all,
        get: async <Row>(sql: string, ...values: readonly Value[]) => (await all<Row>(sql, ...values))[0],
      };
      const settings = {
        url,
        replayLimit: 1_000,
        inboxKeep: 10_000,
        poolSize: 1,
        connectTimeoutMs: 0,
        statementTimeoutMs: 0,
        lockTimeoutMs: 0,
        outbox: [],
      };
      const db: Database = { ...queryable, settings, epoch, again: false, transaction: (transact) => transact(queryable) };
      await client.query('BEGIN');
      try {
        await work(db);
      } finally {
        await client.query('ROLLBACK');
      }
      costs.push({ operation, ...total, ms: Number(total.ms.toFixed(2)) });
    };

    // The worst there are: the longest thread, and who has the most threads in their list and entries in their inbox.
    const thread = await one<{ id: string; head: number; user: string }>(
      `SELECT t.thread_id AS id, t.head, u.user_id AS "user" FROM threads t JOIN members m ON m.thread = t.thread
       JOIN users u ON u.user = m.user ORDER BY t.head DESC, m.user LIMIT 1`,
    );
    const busy = await one<{ user: string; head: number }>(
      `SELECT u.user_id AS "user", i.head FROM users u JOIN inboxes i ON i.user = u.user
       ORDER BY (SELECT count(*) FROM members m WHERE m.user = u.user) DESC LIMIT 1`,
    );
    const middle = await one<{ activeAt: number; threadId: string }>(
      `SELECT m.active_at AS "activeAt", m.thread_id AS "threadId" FROM members m JOIN users u ON u.user = m.user
       WHERE u.user_id = '${busy.user}' ORDER BY m.active_at OFFSET 60 LIMIT 1`,
    );
    // People as most are: few threads.
    const { count } = await one<{ count: number }>('SELECT count(*) FROM users');
    const users = Array.from({ length: 100 }, (_, index) => `user-${count - index}`);
    const threadId = thread.id;
    const own = await one<{ offset: number; user: string }>(
      `SELECT m.offset, u.user_id AS "user" FROM messages m JOIN threads t ON t.thread = m.thread JOIN users u ON u.user = m.sender
       WHERE t.thread_id = '${threadId}' ORDER BY m.offset DESC LIMIT 1`,
    );
    const at = 1_900_000_000_000;
    const due = await one<{ delivery: number }>('SELECT delivery FROM outbox WHERE leads LIMIT 1');
    const { rows: places } = await client.query<{ threadId: string; senderId: string }>(
      `SELECT DISTINCT ON (m.thread) t.thread_id AS "threadId", u.user_id AS "senderId" FROM members m JOIN threads t USING (thread)
       JOIN users u ON u.user = m.user WHERE m.thread <= 20 ORDER BY m.thread, m.user`,
    );
    const posts = places.map((place) => ({ ...place, clientMessageId: randomUUID(), body: 'A new message.', at }));
    const message = { threadId, senderId: thread.user, clientMessageId: randomUUID(), body: 'A new message.', at };
    const target = { threadId, offset: own.offset, actorId: own.user, at };
    const employer = await one<{ user: string; job: string }>(
      `SELECT u.user_id AS "user", (SELECT j.job_id FROM jobs j WHERE j.client = u.user LIMIT 1) AS job FROM users u
       ORDER BY (SELECT count(*) FROM jobs j WHERE j.client = u.user) DESC LIMIT 1`,
    );
    const { user: applicant } = await one<{ user: string }>(
      `SELECT u.user_id AS "user" FROM users u ORDER BY (SELECT count(*) FROM proposals p WHERE p.freelancer = u.user) DESC LIMIT 1`,
    );
    const { jobsOf, proposalsOf, listProposals, listUsers } = OPERATIONS;
    const { history, threads, search, since, heads, postMessage, editMessage, deleteMessage, moveCursor, contactsAmong } =
      OPERATIONS;
    const operations: Record<string, (db: Database) => Promise<unknown>> = {
      'history, newest 50': (db) => history(db, thread.user, { threadId, limit: 50 }),
      'history, 50 before the middle': (db) =>
        history(db, thread.user, { threadId, before: Math.floor(thread.head / 2), limit: 50 }),
      'history, first 50': (db) => history(db, thread.user, { threadId, after: 0, limit: 50 }),
      'thread list, first 50': (db) => threads(db, busy.user, { limit: 50 }),
      'thread list, 50 further down': (db) => threads(db, busy.user, { before: middle, limit: 50 }),
      'thread list, 10 archived': (db) => threads(db, busy.user, { marked: 'archived', limit: 10 }),
      'jobs of a client, 5': (db) => jobsOf(db, employer.user, { limit: 5 }),
      'proposals of a person, 20 sent': (db) => proposalsOf(db, applicant, { side: 'sent', limit: 20 }),
      'proposals for a job, 10': (db) => proposalsOf(db, employer.user, { jobId: employer.job, limit: 10 }),
      'all proposals, 50 further down': (db) => listProposals(db, { after: 'proposal-2', limit: 50 }),
      'all users, 50 further down': (db) => listUsers(db, { after: 'user-2', limit: 50 }),
      'search, a word of every message, 20': (db) =>
        search(db, busy.user, { query: { words: ['message'], prefix: null }, limit: 20 }),
      'search, the beginning of a word of every message, 20': (db) =>
        search(db, busy.user, { query: { words: [], prefix: 'mess' }, limit: 20 }),
      [OLDEST]: (db) => search(db, thread.user, { query: { words: ['message', '2'], prefix: null }, threadId, limit: 20 }),
      [NOWHERE]: (db) => search(db, busy.user, { query: { words: ['nowhere'], prefix: null }, limit: 20 }),
      'since, 100 entries': (db) => since(db, busy.user, { epoch, position: busy.head - 100 }),
      'since, nothing missed': (db) => since(db, busy.user, { epoch, position: busy.head }),
      'since, snapshot of 50 threads': (db) => since(db, busy.user, undefined),
      'one thread': (db) => OPERATIONS.thread(db, thread.user, threadId),
      'heads of 100 users': (db) => heads(db, users),
      [CONTACTS]: (db) => contactsAmong(db, busy.user, users.slice(0, 20)),
      'cursor, and what is unread after it': (db) =>
        moveCursor(db, { threadId, userId: thread.user, readOffset: thread.head - 1, at }),
      post: (db) => postMessage(db, message),
      '20 posts together': (db) => postTogether(db, db.settings, posts),
      edit: (db) => editMessage(db, { ...target, body: 'Another body.' }),
      delete: (db) => deleteMessage(db, target),
      'webhooks, what leads in a backlog of three threads': (db) =>
        OPERATIONS.takeDue(db, { address: 'the-receiver', now: at, leaseMs: 1, limit: 16 }),
      'webhooks, one of it settled': (db) =>
        OPERATIONS.settleDelivery(db, { deliveryId: due.delivery, attempt: 0, outcome: { status: 'delivered' } }),
      'webhooks, 100 sent again': (db) => OPERATIONS.replaySince(db, { since: 0, after: 0, until: at, limit: 100 }, at),
    };
    await client.query(SESSION);
    for (const [operation, work] of Object.entries(operations)) await measure(operation, work);
    return costs;
  } finally {
    await client.end();
  }
};

/** Pages that a larger store may look at: its indexes are a level or two deeper. What follows the history grows a hundredfold. */
const grown = (buffers: number): number => buffers * 2 + 50;

/** Stops at the first shared thread, which a small store has sooner: its cost follows the threads of those asked about. */
const CONTACTS = 'contacts among 20';

/** Looks into all threads of a person, 500 at most, which a small store does not have. */
const NOWHERE = 'search, a word that nobody wrote';
/** Holds 1,000 messages of one thread against the query, which a small store does not have. */
const OLDEST = 'search, in the longest thread, two words';
/** These have bounds of their own (SEARCH_BOUNDS), or stop earlier in a small store. */
const BOUNDED_OTHERWISE: ReadonlySet<string> = new Set([CONTACTS, NOWHERE, OLDEST]);

/** What is wrong with these costs, in words; `small` are those of the same pages in a small store. */
export const problemsOf = (costs: readonly Cost[], small: readonly Cost[]): string[] =>
  costs.flatMap((cost, index) => {
    const name = cost.operation;
    const before = small[index]!.buffers;
    return [
      ...(cost.scanned > 0 ? [`${name} scans whole tables: ${cost.scanned} rows`] : []),
      ...(cost.buffers > grown(before) && !BOUNDED_OTHERWISE.has(name)
        ? [`${name} looks at ${cost.buffers} pages, and at ${before} in a small store`]
        : []),
    ];
  });
