/** The audit log: appended to in the transaction of what it tells. */
import type { AuditEntry } from '../../../protocol/index.ts';
import { type AuditHead, type AuditRow, entryOf, nextEntry, ORIGIN } from '../audit.ts';
import type { NewAuditEntry } from '../moderation-store.ts';
import type { Database } from './database.ts';

export const AUDIT_COLUMNS = 'seq, at, actor, action, subject, details, previous_hash AS previousHash, hash';

export const appendAudit = (db: Database, entry: NewAuditEntry): AuditEntry => {
  const head = db.get<AuditHead>('SELECT seq, hash FROM audit WHERE seq = (SELECT max(seq) FROM audit)') ?? ORIGIN;
  const row = nextEntry(head, entry);
  db.run(
    'INSERT INTO audit (seq, at, actor, action, subject, details, previous_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
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

export const auditEntries = (db: Database, { after, limit }: { after: number; limit: number }): AuditEntry[] =>
  db.all<AuditRow>(`SELECT ${AUDIT_COLUMNS} FROM audit WHERE seq > ? ORDER BY seq LIMIT ?`, after, limit).map(entryOf);
