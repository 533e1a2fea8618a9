/** What pages cost in a store of 20,000 messages; loadtest/query-plans.ts asks the same of a million. */
import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { generateStore } from '../../../loadtest/postgres/generate.ts';
import { problemsOf, queryCosts } from '../../../loadtest/postgres/query-costs.ts';
import { startPostgres } from '../../../test/support/engines/postgres.ts';
import { migrateDatabase } from '../postgres-store.ts';

it('[ST96][WH14] no page scans a large table, and its cost does not grow with the history', async () => {
  const server = await startPostgres();
  onTestFinished(() => server.dispose());
  const costsOf = async (messages: number) => {
    const url = await server.createDatabase();
    await migrateDatabase(url);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await generateStore(client, { messages, threads: messages / 10, users: messages / 20, seed: 1 });
    await client.end();
    return queryCosts(url);
  };
  const small = await costsOf(4_000);
  const large = await costsOf(20_000);
  expect(large.length).toBe(29);
  expect(problemsOf(large, small)).toEqual([]);
});
