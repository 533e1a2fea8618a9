/** People on the real SDK, over a line that a test can cut. */
import { createClient } from '../../client/index.ts';
import type { Client } from '../../client/types.ts';
import { mintToken } from '../../src/identity/tokens.ts';
import { JWT_SECRET } from './gateway.ts';
import { until } from './until.ts';

export const signInWithSdk = async (port: number, userId: string, tokenSeconds = 3_600): Promise<Client> => {
  const client = createClient({
    url: `ws://127.0.0.1:${port}/v1/socket`,
    token: () => mintToken(JWT_SECRET, userId, { ttlSeconds: tokenSeconds }),
  });
  client.connect();
  await until(`${userId} to be signed in`, () => client.inbox.get().ready);
  return client;
};

/** What a client shows of its inbox, in a form that two clients can be compared by. */
export const stateOf = (client: Client) => {
  const { threads, users } = client.inbox.get();
  return { threads, users: Object.fromEntries([...users].sort(([a], [b]) => (a < b ? -1 : 1))) };
};
