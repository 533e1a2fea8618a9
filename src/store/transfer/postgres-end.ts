/** A database as an end of a transfer, on one connection and in one transaction. */
import pg from 'pg';
import { clientConfig } from '../postgres/database.ts';
import { migrate } from '../postgres/schema.ts';
import { addAllWords } from '../postgres/search.ts';
import { BATCH, type Cell, type End, pageQuery, quoted, type Row, type Table } from './format.ts';

export const openPostgresEnd = async (url: string, use: 'read' | 'write'): Promise<End> => {
  const client = new pg.Client(clientConfig(url));
  client.on('error', () => {});
  await client.connect();
  const { epoch } = await migrate(client).catch(async (error: unknown) => {
    await client.end();
    throw error;
  });
  await client.query(use === 'read' ? 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY' : 'BEGIN');
  // A gateway that was started too early waits, and finds the store as it is to be.
  if (use === 'write') await client.query('LOCK TABLE users, threads, last_seen IN EXCLUSIVE MODE');

  return {
    epoch,
    isEmpty: async () => {
      const { rows } = await client.query(
        'SELECT 1 WHERE EXISTS (SELECT FROM users) OR EXISTS (SELECT FROM threads) OR EXISTS (SELECT FROM last_seen)',
      );
      return rows.length === 0;
    },
    async *rows(table) {
      let last: Row | undefined;
      for (;;) {
        const after: Cell[] = last === undefined ? [] : table.key.map((name) => last![name]!);
        const { rows } = await client.query<Record<string, Cell>>(
          pageQuery(table, last === undefined, (index) => `$${index}`),
          [...after, BATCH],
        );
        const found = rows.map((row) => withBytes(table, row, (bytes) => (bytes as Buffer).toString('hex')));
        if (found.length > 0) yield found;
        if (found.length < BATCH) return;
        last = found.at(-1);
      }
    },
    async insert(table, rows) {
      const names = table.columns.map(({ name }) => quoted(name)).join(', ');
      await client.query(
        `INSERT INTO ${table.name} (${names}) SELECT ${names} FROM json_populate_recordset(NULL::${table.name}, $1)`,
        [JSON.stringify(rows.map((row) => withBytes(table, row, (hex) => `\\x${hex as string}`)))],
      );
      if (table.name === 'messages') {
        await addAllWords(
          client,
          rows.map(({ thread, offset, body }) => ({ thread: thread as number, offset: offset as number, body: body as string })),
        );
      }
    },
    async commit(epoch) {
      for (const [table, key] of [
        ['users', 'user'],
        ['jobs', 'job'],
        ['threads', 'thread'],
        ['proposals', 'proposal'],
        ['outbox', 'delivery'],
        ['announcements', 'announcement'],
      ] as const) {
        await client.query(
          `SELECT setval(pg_get_serial_sequence('${table}', '${key}'), max(${quoted(key)})) FROM ${table} HAVING max(${quoted(key)}) > 0`,
        );
      }
      await client.query(`UPDATE meta SET value = $1 WHERE key = 'epoch'`, [epoch]);
      await client.query('COMMIT');
      await client.query('ANALYZE');
    },
    close: () => client.end(),
  };
};

const withBytes = ({ columns }: Table, row: Row, convert: (cell: Cell) => Cell): Row => {
  const bytes = columns.filter(({ name, kind }) => kind === 'bytes' && row[name] !== null);
  return bytes.length === 0 ? row : { ...row, ...Object.fromEntries(bytes.map(({ name }) => [name, convert(row[name]!)])) };
};
