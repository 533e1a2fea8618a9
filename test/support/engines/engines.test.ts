import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { answers } from './engine.ts';
import { startPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';

describe('the engines that tests start', () => {
  it('[RUN10] Redis and PostgreSQL start on free ports, survive a kill and leave nothing behind', async () => {
    const redis = await startRedis();
    await redis.stop();
    expect(await answers(redis.port)).toBe(false);
    await redis.start();
    expect(await answers(redis.port)).toBe(true);
    await redis.stop();

    const postgres = await startPostgres();
    const connectionString = await postgres.createDatabase();
    const ask = async (query: string) => {
      const client = new pg.Client({ connectionString });
      await client.connect();
      const { rows } = await client.query(query);
      await client.end();
      return rows;
    };
    await ask('CREATE TABLE kept AS SELECT 1 AS one');
    await postgres.stop('SIGQUIT');
    await postgres.start();
    expect(await ask('SELECT one FROM kept')).toEqual([{ one: 1 }]);
    await postgres.dispose();
    expect(await answers(postgres.port)).toBe(false);
  });
});
