/** Stands in for src/store/postgres-store.ts. */
import * as real from '../../../src/store/postgres-store.ts';
import { sabotagedStore } from './store.ts';

export * from '../../../src/store/postgres-store.ts';

export const openPostgresStore: typeof real.openPostgresStore = async (options) =>
  sabotagedStore(await real.openPostgresStore(options));
