/**
 * The schema, as forward-only migrations, each in a transaction of its own. Whichever node starts first runs them; the others
 * wait for it. One that has been released is never changed; the last also puts the functions in their present form.
 */
import { randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import type { Epoch } from '../../../protocol/index.ts';
import { FUNCTIONS } from './functions.ts';
import { indexMessages } from './search.ts';
import { BESIDE, CONTRACTS, MARKS, MODERATION, NEWS, OUTBOX, OUTBOX_LEADS, SEALS, TABLES, WORDS } from './tables.ts';

export type Migration = string | ((client: ClientBase) => Promise<void>);

export const MIGRATIONS: readonly Migration[] = [
  TABLES,
  async (client) => {
    await client.query(WORDS);
    await indexMessages(client);
  },
  async (client) => {
    await client.query(CONTRACTS);
  },
  async (client) => {
    await client.query(OUTBOX);
  },
  async (client) => {
    await client.query(MARKS);
  },
  async (client) => {
    await client.query(SEALS);
  },
  async (client) => {
    await client.query(MODERATION);
  },
  async (client) => {
    await client.query(OUTBOX_LEADS);
    await client.query(NEWS);
    await client.query(FUNCTIONS);
  },
  async (client) => {
    await client.query(BESIDE);
  },
];

/** "PARL": the advisory lock under which nodes migrate. */
const LOCK = 0x5041524c;

export interface Migrated {
  /** Versions of the schema; 0 is an empty database. */
  readonly from: number;
  readonly to: number;
  readonly epoch: Epoch;
}

/** Brings the database to this release's schema. Rejects when it is of a later release or another program's. */
export const migrate = async (client: ClientBase, migrations: readonly Migration[] = MIGRATIONS): Promise<Migrated> => {
  // Migrations may wait for each other and may be long.
  await client.query('SET statement_timeout = 0; SET lock_timeout = 0');
  await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
  try {
    await claim(client);
    const from = Number((await meta(client, 'schema')) ?? 0);
    if (from > migrations.length) {
      throw new Error(
        `its schema is version ${from} and this release knows ${migrations.length}: run the release that wrote it, or a later one`,
      );
    }
    for (const [index, migration] of migrations.entries()) {
      if (index < from) continue;
      await inTransaction(client, async () => {
        if (typeof migration === 'string') await client.query(migration);
        else await migration(client);
        await client.query(
          `INSERT INTO meta (key, value) VALUES ('schema', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
          [String(index + 1)],
        );
      });
    }
    // Made when it is missing, so that removing the row from a restored copy voids the positions its clients hold.
    await client.query(`INSERT INTO meta (key, value) VALUES ('epoch', $1) ON CONFLICT (key) DO NOTHING`, [randomUUID()]);
    return { from, to: migrations.length, epoch: (await meta(client, 'epoch'))! };
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [LOCK]);
  }
};

/** Marks an empty database as ours and refuses another program's, before anything is changed in it. */
const claim = async (client: ClientBase): Promise<void> => {
  const { rows } = await client.query<{ name: string }>(
    'SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()',
  );
  const isOurs = rows.some(({ name }) => name === 'meta') && (await meta(client, 'program').catch(() => undefined)) === 'parley';
  if (isOurs) return;
  if (rows.length > 0) throw new Error('it is the database of another program');
  await inTransaction(client, async () => {
    await client.query('CREATE TABLE meta (key text PRIMARY KEY, value text NOT NULL)');
    await client.query(`INSERT INTO meta (key, value) VALUES ('program', 'parley')`);
  });
};

const meta = async (client: ClientBase, key: string): Promise<string | undefined> => {
  const { rows } = await client.query<{ value: string }>('SELECT value FROM meta WHERE key = $1', [key]);
  return rows[0]?.value;
};

const inTransaction = async (client: ClientBase, work: () => Promise<void>): Promise<void> => {
  await client.query('BEGIN');
  try {
    await work();
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
};
