/** The store that the configuration names: PostgreSQL when there is a database's URL, else SQLite in the data folder. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../../config/index.ts';
import { openPostgresStore } from './postgres-store.ts';
import { openSqliteStore } from './sqlite-store.ts';
import type { Store, StoreReadiness } from './store.ts';

export const sqlitePath = (config: Config): string => join(config.store.dataDir, 'parley.sqlite');

export const openStore = (config: Config, log: Logger, onFatal: (error: Error) => void): Promise<Store> => {
  const { databaseUrl: url, dataDir: _, ...store } = config.store;
  const settings = { ...store, outbox: config.webhooks.url === undefined ? [] : config.webhooks.types };
  return url === undefined
    ? openSqliteStore({ ...settings, path: sqlitePath(config), log, onFatal })
    : openPostgresStore({ ...settings, url, log });
};

/** A store that cannot be away is always ready. */
export const isReady = (store: Store & Partial<StoreReadiness>): boolean => store.ready?.() ?? true;
