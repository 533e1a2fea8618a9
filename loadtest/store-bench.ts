/**
 * How fast the store takes posts on this machine's disk, one by one and with many in flight: SQLite, and PostgreSQL when
 * DATABASE_URL names an empty database.
 *
 *     [DATABASE_URL=postgres://…] script/run node loadtest/store-bench.ts [folder]
 *
 * The store's file is made in the folder (the present one by default) and removed afterwards: give it a folder on the disk in
 * question, since a memory file system syncs for nothing. Messages of 120 characters, 200 threads of two people. Every post
 * counted was acknowledged, which is after its commit was synced.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openPostgresStore } from '../src/store/postgres-store.ts';
import { openSqliteStore } from '../src/store/sqlite-store.ts';
import type { Store } from '../src/store/store.ts';

const SECONDS = 5;
const THREADS = 200;
const BODY = 'x'.repeat(120);

const openThreads = (store: Store): Promise<string[]> =>
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
  readonly store: string;
  readonly inFlight: number;
  readonly postsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const measure = async (name: string, store: Store, threadIds: readonly string[], inFlight: number): Promise<Figures> => {
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
  latencies.sort((one, other) => one - other);
  const quantile = (share: number): number => Number(latencies[Math.floor(latencies.length * share)]!.toFixed(2));
  return {
    store: name,
    inFlight,
    postsPerSecond: Math.round(latencies.length / seconds),
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
  };
};

const figures: Figures[] = [];
const bench = async (name: string, store: Store): Promise<void> => {
  try {
    const threadIds = await openThreads(store);
    for (const inFlight of [1, 16, 64, 128]) figures.push(await measure(name, store, threadIds, inFlight));
  } finally {
    await store.close();
  }
};

const folder = await mkdtemp(join(process.argv[2] ?? '.', 'store-bench-'));
try {
  await bench('SQLite', await openSqliteStore({ path: join(folder, 'store.sqlite') }));
  const url = process.env.DATABASE_URL;
  if (url !== undefined) await bench('PostgreSQL', await openPostgresStore({ url }));
  console.table(figures);
} finally {
  await rm(folder, { recursive: true });
}
