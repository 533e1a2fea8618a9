/** A store's file as an end of a transfer. The server that has it must be stopped. */
import { openDatabase } from '../sqlite/database.ts';
import { addWords } from '../sqlite/search.ts';
import { BATCH, type Cell, type Column, type End, pageQuery, quoted, type Row } from './format.ts';

/** Heads are not kept but follow from the inbox. */
const INBOXES = `(SELECT users.user, coalesce((SELECT max(position) FROM inbox WHERE inbox.user = users.user), 0) AS head,
  coalesce(floor, 0) AS floor FROM users LEFT JOIN inbox_floors USING (user))`;

type SqlValue = string | number | Uint8Array | null;

export const openSqliteEnd = (path: string): End => {
  const db = openDatabase({ path, replayLimit: 0, inboxKeep: 0, outbox: [] });
  db.run('BEGIN IMMEDIATE');
  return {
    epoch: db.epoch,
    isEmpty: async () =>
      db.get('SELECT 1 FROM users UNION ALL SELECT 1 FROM threads UNION ALL SELECT 1 FROM last_seen LIMIT 1') === undefined,
    async *rows(table) {
      const from = table.name === 'inboxes' ? INBOXES : table.name;
      let last: Record<string, SqlValue> | undefined;
      for (;;) {
        const after = last === undefined ? [] : table.key.map((name) => last![name]!);
        const sql = pageQuery(table, last === undefined, (index) => `?${index}`, from);
        const found = db.all<Record<string, SqlValue>>(sql, ...after, BATCH);
        if (found.length > 0) {
          yield found.map((row) =>
            Object.fromEntries(table.columns.map((column) => [column.name, toCell(column, row[column.name]!)])),
          );
        }
        if (found.length < BATCH) return;
        last = found.at(-1);
      }
    },
    async insert(table, rows) {
      if (table.name === 'inboxes') {
        for (const { user, floor } of rows) {
          if (floor !== 0) db.run('INSERT INTO inbox_floors (user, floor) VALUES (?, ?)', user as number, floor as number);
        }
        return;
      }
      const names = table.columns.map(({ name }) => quoted(name)).join(', ');
      const sql = `INSERT INTO ${table.name} (${names}) VALUES (${table.columns.map(() => '?').join(', ')})`;
      for (const row of rows) {
        db.run(sql, ...valuesOf(table.columns, row));
        if (table.name === 'messages') addWords(db, row.thread as number, row.offset as number, row.body as string);
      }
    },
    async commit(epoch) {
      db.run("UPDATE meta SET value = ? WHERE key = 'epoch'", epoch);
      db.run('COMMIT');
    },
    async close() {
      if (db.inTransaction) db.run('ROLLBACK');
      db.close();
    },
  };
};

const toCell = ({ kind }: Column, value: SqlValue): Cell => {
  if (value === null) return null;
  if (kind === 'json') return JSON.parse(value as string) as object;
  if (kind === 'boolean') return value === 1;
  return kind === 'bytes' ? Buffer.from(value as Uint8Array).toString('hex') : (value as string | number);
};

const valuesOf = (columns: readonly Column[], row: Row): SqlValue[] =>
  columns.map(({ name, kind }) => {
    const cell = row[name]!;
    if (cell === null) return null;
    if (kind === 'json') return JSON.stringify(cell);
    if (kind === 'boolean') return cell === true ? 1 : 0;
    return kind === 'bytes' ? Buffer.from(cell as string, 'hex') : (cell as string | number);
  });
