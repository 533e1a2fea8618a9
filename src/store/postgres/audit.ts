/** The audit log: appended to in the transaction of what it tells, by one writer at a time. */
import type { AuditEntry } from '../../../protocol/index.ts';
import { type AuditHead, type AuditRow, entryOf, nextEntry, ORIGIN } from '../audit.ts';
import type { NewAuditEntry } from '../moderation-store.ts';
import type { Database, Queryable } from './database.ts';

export const AUDIT_COLUMNS = 'a.seq, a.at, a.actor, a.action, a.subject, a.details, a.previous_hash AS "previousHash", a.hash';

/** "AUDI": the advisory lock of whoever appends. */
const LOCK = 0x41554449;

/** The last thing that a transaction does, since the lock is held until its commit. */
export const appendTo = async (tx: Queryable, entry: NewAuditEntry): Promise<AuditEntry> => {
  await tx.all('SELECT pg_advisory_xact_lock($1)', LOCK);
  const head = (await tx.get<AuditHead>('SELECT a.seq, a.hash FROM audit a ORDER BY a.seq DESC LIMIT 1')) ?? ORIGIN;
  const row = nextEntry(head, entry);
  await tx.all(
    'INSERT INTO audit (seq, at, actor, action, subject, details, previous_hash, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)',
    row.seq,
    row.at,
    row.actor,
    row.action,
    row.subject,
    row.details,
    row.previousHash,
    row.hash,
  );
  return entryOf(row);
};

export const appendAudit = (db: Database, entry: NewAuditEntry): Promise<AuditEntry> =>
  db.transaction((tx) => appendTo(tx, entry));

export const auditEntries = async (db: Queryable, { after, limit }: { after: number; limit: number }): Promise<AuditEntry[]> => {
  const rows = await db.all<AuditRow>(
    `SELECT ${AUDIT_COLUMNS} FROM audit a WHERE a.seq > $1 ORDER BY a.seq LIMIT $2`,
    after,
    limit,
  );
  return rows.map(entryOf);
};
