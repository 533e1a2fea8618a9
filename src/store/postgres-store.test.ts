import { afterAll, beforeAll } from 'vitest';
import { storeContract } from '../../test/contracts/store.ts';
import { type PostgresServer, startPostgres } from '../../test/support/engines/postgres.ts';
import { openPostgresStore } from './postgres-store.ts';

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.dispose());

storeContract('the PostgreSQL store', async (options = {}) => {
  const url = await server.createDatabase();
  const open = () => openPostgresStore({ url, poolSize: 8, ...options });
  let store = await open();
  return {
    store,
    async reopen() {
      await store.close();
      store = await open();
      return store;
    },
    dispose: () => store.close(),
  };
});
