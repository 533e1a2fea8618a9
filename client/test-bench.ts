/** For the SDK's tests: a world, its server and a client of it, on a clock moved by hand; all put away after the test. */
import { onTestFinished } from 'vitest';
import { createClient } from './client.ts';
import { startTestServer, type TestServer } from './test-server.ts';
import { createTestClock, type TestClock, until } from './test-support.ts';
import { createWorld, type World } from './test-world.ts';
import type { Client, ClientOptions } from './types.ts';

export interface Bench {
  readonly world: World;
  readonly server: TestServer;
  readonly clock: TestClock;
  readonly client: Client;
  /** Another client of the same server, say after a reload. */
  newClient(options?: Partial<ClientOptions>): Client;
  /** Connects and waits until the session is open. */
  online(client?: Client): Promise<void>;
}

/** Ana, who is signed in, and Ben; they share thread `t1`. */
export const setUp = async (
  options: Partial<ClientOptions> & {
    random?: () => number;
    heartbeatMs?: number;
    tokenTtlMs?: number | null;
    world?: Parameters<typeof createWorld>[1];
  } = {},
): Promise<Bench> => {
  const { random = () => 0.5, heartbeatMs, tokenTtlMs, world: worldOptions, ...clientOptions } = options;
  const clock = createTestClock();
  const world = createWorld('ana', worldOptions);
  world.addUser('ana', 'Ana');
  world.addUser('ben', 'Ben');
  world.openThread('t1', ['ana', 'ben']);
  const server = await startTestServer(world, {
    now: clock.now,
    ...(heartbeatMs === undefined ? {} : { heartbeatMs }),
    ...(tokenTtlMs === undefined ? {} : { tokenTtlMs }),
  });
  onTestFinished(() => server.close());

  const newClient = (more: Partial<ClientOptions> = {}): Client => {
    const client = createClient({ url: server.url, token: () => 'token', ...clientOptions, ...more }, { clock, random });
    // Not awaited: a goodbye that the server does not answer would wait for the clock.
    onTestFinished(() => void client.close());
    return client;
  };
  const client = newClient();

  return {
    world,
    server,
    clock,
    client,
    newClient,
    async online(which = client) {
      which.connect();
      which.reconnectNow();
      await until(
        () => which.connection.get().status === 'online',
        () => `online, but it is ${JSON.stringify(which.connection.get())}`,
      );
    },
  };
};

/** Bodies of a conversation as it is shown, with a mark on those that are not sent. */
export const shown = (client: Client, threadId = 't1'): string[] =>
  client
    .thread(threadId)
    .view.get()
    .items.flatMap((item) => {
      if (item.kind === 'pending') return [`${item.message.body} (${item.message.state})`];
      return item.event.type === 'message.posted' ? [item.event.message.body] : [];
    });
