/**
 * The connection to a store's file: the only one that writes, durable at every commit, with each statement prepared once.
 * Synchronous, so it belongs in the worker (`../sqlite-worker.ts`) or in a test.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { Epoch } from '../../../protocol/index.ts';
import { explain } from './failures.ts';
import { migrate } from './schema.ts';

export interface Settings {
  /** A file, or `:memory:`. */
  readonly path: string;
  /** A user further behind than this gets a snapshot. */
  readonly replayLimit: number;
  /** The most entries one user's inbox keeps. */
  readonly inboxKeep: number;
  /** Types of events that the host platform is told. */
  readonly outbox: readonly string[];
}

export interface Database {
  readonly settings: Settings;
  readonly epoch: Epoch;
  readonly inTransaction: boolean;
  /** The first row. `Row` is what the caller knows about its own SQL. */
  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined;
  all<Row>(sql: string, ...values: SQLInputValue[]): Row[];
  /** Returns the number of rows changed. */
  run(sql: string, ...values: SQLInputValue[]): number;
  /** The text of every statement used so far. */
  statements(): string[];
  /** Moves the write-ahead log into the file and cuts it off. False when a reader, such as a backup, is in the way. */
  truncateLog(): boolean;
  close(): void;
}

/** "PARL", in the header of every file we make. */
const APPLICATION_ID = 0x5041524c;

/** How long to wait for a predecessor that is still closing the file, or for an operator's own transaction. */
const LOCK_TIMEOUT_MS = 2_000;

const PRAGMAS = [
  'PRAGMA journal_mode = WAL',
  // The write-ahead log is synced at every commit, not only at checkpoints.
  'PRAGMA synchronous = FULL',
  // Deleted bodies are overwritten with zeros.
  'PRAGMA secure_delete = ON',
  // A burst touches many threads' pages again and again: 16 MiB of log before they are written to their places.
  'PRAGMA wal_autocheckpoint = 4000',
  'PRAGMA temp_store = MEMORY',
  'PRAGMA cache_size = -65536',
  'PRAGMA journal_size_limit = 67108864',
];

/** Opens or creates the store. Throws an Error that names the file and says why. */
export const openDatabase = (settings: Settings): Database => {
  const { path } = settings;
  const opened: DatabaseSync[] = [];
  const open = (file: string): DatabaseSync => {
    if (path !== ':memory:') createPrivately(file);
    const connection = new DatabaseSync(file, { timeout: LOCK_TIMEOUT_MS });
    opened.unshift(connection);
    return connection;
  };
  const close = (): void => {
    for (const connection of opened) connection.close();
  };
  try {
    if (path !== ':memory:') lock(open(`${path}-lock`));
    const connection = open(path);
    claim(connection);
    for (const pragma of PRAGMAS) connection.exec(pragma);
    migrate(connection);
    return wrap(connection, settings, close);
  } catch (error) {
    close();
    throw new Error(`The store ${path} cannot be opened: ${explain(error)}.`, { cause: error });
  }
};

/**
 * Keeps other processes out for as long as this one lives: the transaction never ends, and the system drops its lock with
 * the process, however that dies. The lock is on a file of its own, so that an online backup can read the store meanwhile.
 */
const lock = (connection: DatabaseSync): void => connection.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');

/**
 * Makes the file readable for its owner alone; SQLite gives its log the same mode. An existing file is not touched: closing
 * any descriptor of it would drop the locks that this process may hold on it.
 */
const createPrivately = (path: string): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
};

/** Marks a new file as ours and refuses another program's, before anything is changed in it. */
const claim = (connection: DatabaseSync): void => {
  const { application_id: id } = connection.prepare('PRAGMA application_id').get() as { application_id: number };
  if (id === APPLICATION_ID) return;
  const { tables } = connection.prepare('SELECT count(*) AS tables FROM sqlite_schema').get() as { tables: number };
  if (id !== 0 || tables > 0) throw new Error('it is the database of another program');
  connection.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
};

/** Made when it is missing, so that removing the row from a restored copy voids the positions its clients hold. */
const epochOf = (connection: DatabaseSync): Epoch => {
  connection.prepare("INSERT OR IGNORE INTO meta (key, value) VALUES ('epoch', ?)").run(randomUUID());
  const row = connection.prepare("SELECT value FROM meta WHERE key = 'epoch'").get();
  return (row as { value: string }).value;
};

const wrap = (connection: DatabaseSync, settings: Settings, close: () => void): Database => {
  const prepared = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    let statement = prepared.get(sql);
    if (statement === undefined) {
      statement = connection.prepare(sql);
      prepared.set(sql, statement);
    }
    return statement;
  };
  return {
    settings,
    epoch: epochOf(connection),
    get inTransaction() {
      return connection.isTransaction;
    },
    get: <Row>(sql: string, ...values: SQLInputValue[]) => prepare(sql).get(...values) as Row | undefined,
    all: <Row>(sql: string, ...values: SQLInputValue[]) => prepare(sql).all(...values) as Row[],
    run: (sql, ...values) => Number(prepare(sql).run(...values).changes),
    statements: () => [...prepared.keys()],
    truncateLog: () => {
      connection.exec('PRAGMA busy_timeout = 0');
      const { busy } = connection.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number };
      connection.exec(`PRAGMA busy_timeout = ${LOCK_TIMEOUT_MS}`);
      return busy === 0;
    },
    close,
  };
};
