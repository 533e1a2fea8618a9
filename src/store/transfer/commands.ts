/** `parley migrate`, `parley export` and `parley import`, on the store that the configuration names. */
import { access } from 'node:fs/promises';
import type { Config } from '../../../config/index.ts';
import { sqlitePath } from '../open-store.ts';
import { refusalOf } from '../postgres/refusal.ts';
import { migrateDatabase } from '../postgres-store.ts';
import { openDatabase } from '../sqlite/database.ts';
import { exportStore, type Progress } from './export-store.ts';
import { type End, TransferError } from './format.ts';
import { importStore } from './import-store.ts';
import { openPostgresEnd } from './postgres-end.ts';
import { openSqliteEnd } from './sqlite-end.ts';

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const nameOf = (config: Config): string =>
  config.store.databaseUrl === undefined
    ? sqlitePath(config)
    : `the database ${new URL(config.store.databaseUrl).pathname.slice(1)}`;

const withEnd = async <Result>(config: Config, use: 'read' | 'write', work: (end: End) => Promise<Result>): Promise<Result> => {
  const { databaseUrl } = config.store;
  const end = await (databaseUrl === undefined
    ? Promise.resolve().then(() => openSqliteEnd(sqlitePath(config)))
    : openPostgresEnd(databaseUrl, use)
  ).catch((error: unknown) => {
    throw new TransferError(refusalOf(error) ?? ((error as Error).message || String(error)));
  });
  try {
    return await work(end);
  } finally {
    await end.close();
  }
};

/** Brings the store to this release, and says what it did. */
export const migrateCommand = async (config: Config): Promise<string> => {
  const { databaseUrl } = config.store;
  try {
    if (databaseUrl === undefined) {
      openDatabase({ path: sqlitePath(config), replayLimit: 0, inboxKeep: 0, outbox: [] }).close();
      return `${nameOf(config)} is at the schema of this release.`;
    }
    const { from, to } = await migrateDatabase(databaseUrl);
    if (from === to) return `${nameOf(config)} was at version ${to}; nothing was to do.`;
    return `${nameOf(config)} went from version ${from} to ${to}.`;
  } catch (error) {
    throw new TransferError((error as Error).message);
  }
};

export const exportCommand = async (config: Config, to: string, progress: Progress): Promise<string> => {
  if (await exists(to)) throw new TransferError(`${to} exists; name a new file.`);
  if (config.store.databaseUrl === undefined && !(await exists(sqlitePath(config)))) {
    throw new TransferError(`There is no store ${sqlitePath(config)}.`);
  }
  const { rows } = await withEnd(config, 'read', (end) => exportStore(end, to, progress));
  return `${rows} rows of ${nameOf(config)} are in ${to}.`;
};

export const importCommand = async (
  config: Config,
  from: string,
  { keepEpoch, progress }: { keepEpoch: boolean; progress: Progress },
): Promise<string> => {
  if (!(await exists(from))) throw new TransferError(`There is no file ${from}.`);
  const { rows } = await withEnd(config, 'write', (end) => importStore(end, from, { keepEpoch, progress }));
  const epoch = keepEpoch ? 'under its old epoch: clients go on where they were' : 'under a new epoch: clients get a snapshot';
  return `${rows} rows are in ${nameOf(config)}, ${epoch}.`;
};
