/**
 * Group commit: many writes, one sync of the disk. Each write has a savepoint of its own, so that one that is refused takes
 * nothing with it; none has an outcome before the commit, and when the commit fails none has happened.
 */
import type { StoreStats } from './calls.ts';
import type { Database } from './database.ts';
import { isFatal } from './failures.ts';

export type Outcome = { readonly value: unknown } | { readonly error: unknown };

export interface GroupCommit {
  /** Runs the writes in one transaction and returns their outcomes in order. Throws when the file can no longer be trusted. */
  commit(writes: readonly (() => unknown)[]): Outcome[];
  stats(): StoreStats;
}

/** Why a whole group was given up. */
export class CommitFailed extends Error {
  override readonly name = 'CommitFailed';

  constructor(cause: unknown) {
    super(`The transaction was given up: ${cause instanceof Error ? cause.message : String(cause)}.`, { cause });
  }
}

export const createGroupCommit = (db: Database): GroupCommit => {
  let commits = 0;
  let committed = 0;
  return {
    commit(writes) {
      try {
        db.run('BEGIN IMMEDIATE');
        const outcomes = writes.map((write) => attempt(db, write));
        db.run('COMMIT');
        commits += 1;
        committed += writes.length;
        return outcomes;
      } catch (cause) {
        if (db.inTransaction) db.run('ROLLBACK');
        if (isFatal(cause)) throw cause;
        const error = new CommitFailed(cause);
        return writes.map(() => ({ error }));
      }
    },
    stats: () => ({ commits, writes: committed }),
  };
};

const attempt = (db: Database, write: () => unknown): Outcome => {
  db.run('SAVEPOINT one_write');
  try {
    const value = write();
    db.run('RELEASE one_write');
    return { value };
  } catch (error) {
    // A full disk or failed I/O may have ended the transaction, and the neighbours' writes with it.
    if (isFatal(error) || !db.inTransaction) throw error;
    db.run('ROLLBACK TO one_write');
    db.run('RELEASE one_write');
    return { error };
  }
};
