/**
 * How fast the SQLite store takes posts on this machine's disk, one by one and with many in flight.
 *
 *     script/run node loadtest/store-bench.ts [folder]
 *
 * The store's file is made in the folder (the present one by default) and removed afterwards: give it a folder on the disk in
 * question, since a memory file system syncs for nothing. Messages of 120 characters, 200 threads of two people. Every post
 * counted was acknowledged, which is after its commit was synced.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openSqliteStore, type SqliteStore } from '../src/store/sqlite-store.ts';

const SECONDS = 5;
const THREADS = 200;
const BODY = 'x'.repeat(120);

const openThreads = (store: SqliteStore): Promise<string[]> =>
  Promise.all(
    Array.from({ length: THREADS }, async (_, index) => {
      const members = [`client-${index}`, `freelancer-${index}`];
      for (const userId of members) {
        await store.putUser({ userId, displayName: userId, headline: '', avatarUrl: null, timeZone: null }, Date.now());
      }
      const { result } = await store.openThread({
        threadKey: `thread-${index}`,
        threadId: randomUUID(),
        kind: 'direct',
        title: '',
        members: members.map((userId) => ({ userId, role: 'member' })),
        at: Date.now(),
      });
      return result.threadId;
    }),
  );

interface Figures {
  readonly inFlight: number;
  readonly postsPerSecond: number;
  readonly postsPerCommit: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const measure = async (store: SqliteStore, threadIds: readonly string[], inFlight: number): Promise<Figures> => {
  const before = await store.stats();
  const latencies: number[] = [];
  const start = performance.now();
  const end = start + SECONDS * 1_000;
  const post = async (lane: number): Promise<void> => {
    for (let turn = lane; performance.now() < end; turn += inFlight) {
      const index = turn % THREADS;
      const asked = performance.now();
      await store.postMessage({
        threadId: threadIds[index]!,
        senderId: `${turn % 2 === 0 ? 'client' : 'freelancer'}-${index}`,
        clientMessageId: randomUUID(),
        body: BODY,
        at: Date.now(),
      });
      latencies.push(performance.now() - asked);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, (_, lane) => post(lane)));
  const seconds = (performance.now() - start) / 1_000;
  const after = await store.stats();
  latencies.sort((one, other) => one - other);
  const quantile = (share: number): number => Number(latencies[Math.floor(latencies.length * share)]!.toFixed(2));
  return {
    inFlight,
    postsPerSecond: Math.round(latencies.length / seconds),
    postsPerCommit: Number(((after.writes - before.writes) / (after.commits - before.commits)).toFixed(1)),
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
  };
};

const folder = await mkdtemp(join(process.argv[2] ?? '.', 'store-bench-'));
const store = await openSqliteStore({ path: join(folder, 'store.sqlite') });
try {
  const threadIds = await openThreads(store);
  const figures: Figures[] = [];
  for (const inFlight of [1, 16, 128]) figures.push(await measure(store, threadIds, inFlight));
  console.table(figures);
} finally {
  await store.close();
  await rm(folder, { recursive: true });
}
