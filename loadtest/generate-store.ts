/**
 * Fills an empty PostgreSQL database with a store of 1,000,000 messages in 100,000 threads of 10,000 people.
 *
 *     DATABASE_URL=postgres://… script/run node loadtest/generate-store.ts [messages] [seed]
 *
 * With fewer messages there are fewer threads and people in proportion. The same seed makes the same store.
 */
import pg from 'pg';
import { migrateDatabase } from '../src/store/postgres-store.ts';
import { generateStore } from './postgres/generate.ts';

const url = process.env.DATABASE_URL;
if (url === undefined) throw new Error('DATABASE_URL names an empty database.');
const [messages, seed] = [Number(process.argv[2] ?? 1_000_000), Number(process.argv[3] ?? 1)];
await migrateDatabase(url);
const client = new pg.Client({ connectionString: url });
await client.connect();
const started = performance.now();
await generateStore(client, {
  messages,
  threads: Math.ceil(messages / 10),
  users: Math.max(100, Math.ceil(messages / 100)),
  seed,
});
const { rows } = await client.query(
  'SELECT (SELECT count(*) FROM messages) AS messages, (SELECT count(*) FROM threads) AS threads, (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM inbox) AS entries, pg_size_pretty(pg_database_size(current_database())) AS size',
);
console.table(rows);
console.log(`Seed ${seed}, ${((performance.now() - started) / 1_000).toFixed(1)} s.`);
await client.end();
