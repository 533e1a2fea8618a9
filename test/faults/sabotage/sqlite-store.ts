/** Stands in for src/store/sqlite-store.ts. */
import * as real from '../../../src/store/sqlite-store.ts';
import { sabotagedStore } from './store.ts';

export * from '../../../src/store/sqlite-store.ts';

export const openSqliteStore: typeof real.openSqliteStore = async (options) =>
  sabotagedStore(await real.openSqliteStore(options));
