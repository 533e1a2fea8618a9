/** `parley audit verify`: walks the chain of the audit log in the store that the configuration names, beside a server that runs. */
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import type { Config } from '../../config/index.ts';
import { type AuditRow, verifyChain } from './audit.ts';
import { sqlitePath } from './open-store.ts';
import { AUDIT_COLUMNS as POSTGRES_COLUMNS } from './postgres/audit.ts';
import { clientConfig } from './postgres/database.ts';
import { refusalOf } from './postgres/refusal.ts';
import { AUDIT_COLUMNS as SQLITE_COLUMNS } from './sqlite/audit.ts';

/** Rows read at a time. */
const BATCH = 1_000;

export class AuditError extends Error {
  override readonly name = 'AuditError';
}

export interface AuditAnswer {
  readonly ok: boolean;
  readonly text: string;
}

export const verifyAudit = async (
  config: Config,
  { from, expect: expected }: { from?: number | undefined; expect?: string | undefined },
): Promise<AuditAnswer> => {
  const { databaseUrl } = config.store;
  const rows = databaseUrl === undefined ? sqliteRows(sqlitePath(config), from ?? 1) : postgresRows(databaseUrl, from ?? 1);
  const { head, entries, broken } = await verifyChain(rows, { from, expected }).catch((error: unknown) => {
    throw new AuditError(`The audit log cannot be read: ${refusalOf(error) ?? (error as Error).message}.`);
  });
  if (broken !== undefined) return { ok: false, text: `BROKEN at entry ${broken.seq}: ${broken.why}.` };
  if (entries === 0)
    return { ok: true, text: from === undefined ? 'The audit log is empty.' : `There is no entry from ${from} on.` };
  return { ok: true, text: `${entries} entries hold together.\nhead ${head.seq} ${head.hash}` };
};

async function* sqliteRows(path: string, from: number): AsyncGenerator<AuditRow> {
  const connection = new DatabaseSync(path, { readOnly: true, timeout: 2_000 });
  try {
    const page = connection.prepare(`SELECT ${SQLITE_COLUMNS} FROM audit WHERE seq >= ? ORDER BY seq LIMIT ?`);
    for (let next = from; ; ) {
      const rows = page.all(next, BATCH) as unknown as AuditRow[];
      yield* rows;
      if (rows.length < BATCH) return;
      next = rows.at(-1)!.seq + 1;
    }
  } finally {
    connection.close();
  }
}

async function* postgresRows(url: string, from: number): AsyncGenerator<AuditRow> {
  const client = new pg.Client(clientConfig(url));
  client.on('error', () => {});
  await client.connect();
  try {
    for (let next = from; ; ) {
      const { rows } = await client.query<AuditRow>(
        `SELECT ${POSTGRES_COLUMNS} FROM audit a WHERE a.seq >= $1 ORDER BY a.seq LIMIT $2`,
        [next, BATCH],
      );
      yield* rows;
      if (rows.length < BATCH) return;
      next = rows.at(-1)!.seq + 1;
    }
  } finally {
    await client.end();
  }
}
