/**
 * Whatever a network does to pushes, replies and sockets, what the client holds in the end is what the server knows.
 * The world counts its summaries from the facts, so this holds the fold against them as well.
 */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createClient } from './client.ts';
import { startTestServer } from './test-server.ts';
import { createTestClock, seeded, until } from './test-support.ts';
import { createWorld, type World } from './test-world.ts';

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('post' as const), by: fc.constantFrom('ana', 'ben', 'cem') }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('edit' as const, 'remove' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('read' as const), by: fc.constantFrom('ana', 'ben') }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('rename' as const, 'open' as const, 'leave' as const, 'renew' as const) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('client posts' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('fate' as const), copies: fc.constantFrom(0, 0, 1, 1, 2) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('cut' as const, 'reconnect' as const, 'heartbeat' as const, 'turn' as const) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

const act = (world: World, chance: () => number, what: Step): void => {
  const threads = world.summaries();
  const thread = threads[Math.floor(chance() * threads.length)];
  if (thread === undefined) return;
  const { threadId } = thread;
  const messages = world.timeline(threadId).flatMap((event) => (event.type === 'message.posted' ? [event.message] : []));
  const message = messages[Math.floor(chance() * messages.length)];
  const isMember = (userId: string): boolean => thread.members.some((member) => member.userId === userId);
  switch (what.do) {
    case 'post':
      if (isMember(what.by)) world.post(threadId, what.by, `${what.by} ${world.head()}`, `c-${world.head()}-${what.by}`);
      break;
    case 'edit':
      if (message?.deletedAt === null) world.edit(threadId, message.offset, `edited ${world.head()}`);
      break;
    case 'remove':
      if (message !== undefined) world.remove(threadId, message.offset);
      break;
    case 'read':
      if (isMember(what.by)) world.moveCursor(threadId, what.by, Math.ceil(chance() * thread.head));
      break;
    case 'rename':
      world.changeUser('ben', `Ben ${world.head()}`);
      break;
    case 'open':
      world.openThread(`opened-${world.head()}`, ['ben', 'ana', 'cem']);
      break;
    case 'leave':
      if (threads.length > 1 && threadId !== 't1') world.happen(threadId, { type: 'member.left', actorId: 'ana', userId: 'ana' });
      break;
    case 'renew':
      world.renew();
  }
};

describe('any interleaving', () => {
  test("[CL36] pushes lost, repeated and reordered by recovery, sockets cut at any moment, epochs ended: the client ends at the server's state", async () => {
    const seed = Number(process.env.PARLEY_SEED ?? Math.floor(Math.random() * 2 ** 31));
    console.info(`seed ${seed} (PARLEY_SEED=${seed} repeats it)`);
    const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), fc.nat(), async (steps, chanceSeed) => {
      const chance = seeded(chanceSeed);
      const world = createWorld('ana', { replayLimit: 12, pageSize: 4 });
      for (const [userId, name] of [
        ['ana', 'Ana'],
        ['ben', 'Ben'],
        ['cem', 'Cem'],
      ] as const)
        world.addUser(userId, name);
      for (const threadId of ['t1', 't2', 't3']) world.openThread(threadId, ['ana', 'ben', 'cem']);
      const server = await startTestServer(world);
      const clock = createTestClock();
      const client = createClient({ url: server.url, token: () => 'token' }, { clock, random: chance });
      let posted = 0;
      const heads = new Map<string, number>();
      const stepsBack: string[] = [];
      client.inbox.subscribe(() => {
        for (const { threadId, head } of client.inbox.get().threads) {
          if (head < (heads.get(threadId) ?? 0)) stepsBack.push(`${threadId} from ${heads.get(threadId)} to ${head}`);
          heads.set(threadId, head);
        }
      });
      try {
        client.thread('t1').open();
        client.connect();
        for (const what of steps) {
          if (what.do === 'client posts') client.thread('t1').post(`client ${++posted}`);
          else if (what.do === 'fate') server.setFate(() => what.copies);
          else if (what.do === 'cut') server.cut();
          else if (what.do === 'reconnect') client.reconnectNow();
          else if (what.do === 'heartbeat') server.push({ push: 'heartbeat', epoch: world.epoch(), head: world.head() });
          else if (what.do !== 'turn') act(world, chance, what);
          if (what.do === 'turn' || chance() < 0.3) await new Promise((resolve) => setTimeout(resolve, chance() * 4));
        }
        server.setFate(() => 1);
        const missing = (): string => {
          const { threads, users, more } = client.inbox.get();
          const all = world.summaries();
          const view = client.thread('t1').view.get();
          if (client.connection.get().status !== 'online') return 'online';
          if (!isDeepStrictEqual(threads, more ? all.slice(0, threads.length) : all)) return 'the list';
          if (!world.page().users.every((user) => isDeepStrictEqual(users.get(user.userId), user))) return 'the people';
          if (view.items.some(({ kind }) => kind === 'pending')) return 'the acknowledgements';
          const events = view.items.map((item) => item.kind === 'event' && item.event);
          if (!isDeepStrictEqual(events, world.timeline('t1').slice(-events.length))) return 'the conversation';
          return events.length === 0 ? 'any event' : '';
        };
        await until(() => {
          client.reconnectNow();
          clock.advance(20);
          server.push({ push: 'heartbeat', epoch: world.epoch(), head: world.head() });
          return missing() === '';
        }, missing);
        expect(stepsBack).toEqual([]);
        const mine = world
          .timeline('t1')
          .filter((event) => event.type === 'message.posted' && event.message.body.startsWith('client '));
        const bodies = mine.map((event) => (event.type === 'message.posted' ? event.message.body : ''));
        expect(new Set(bodies.filter((body) => body !== '')).size).toBe(bodies.filter((body) => body !== '').length);
      } finally {
        await Promise.race([client.close(), server.close()]);
        await server.close();
      }
    });
    await fc.assert(property, { seed, numRuns: Number(process.env.PARLEY_RUNS ?? 150), endOnFailure: true });
  }, 120_000);
});
