/**
 * How long a call is without media when its worker is killed: two people in real browsers, a server with two workers, and the worker
 * that carries the call killed again and again. Usage: node loadtest/worker-kill.ts [TRIALS]; the web application has to be built.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchBrowser, signInAs } from '../test/support/browser.ts';
import { receives, recovery, watchRecovery } from '../test/support/call-probe.ts';
import { FIGURES, writeFakeCamera } from '../test/support/fake-camera.ts';
import { startServer } from '../test/support/server-process.ts';
import { until } from '../test/support/until.ts';

const TRIALS = Number(process.argv[2] ?? 10);
/** A replacement is there, and the call is as it was before. */
const REST_MS = 4_000;
const REPLACED_WITHIN_MS = 40_000;

const server = await startServer({ PARLEY_DEMO: 'true', PARLEY_MEDIA_WORKERS: '2' });
const folder = await mkdtemp(join(tmpdir(), 'parley-worker-kill-'));
const people = await Promise.all(
  (['dana', 'tomas'] as const).map(async (userId) => {
    const camera = join(folder, `${userId}.y4m`);
    writeFakeCamera(camera, FIGURES[userId]);
    return signInAs(await launchBrowser({ camera }), `http://127.0.0.1:${server.port}`, userId);
  }),
);
const [{ page: dana }, { page: tomas }] = people as [(typeof people)[number], (typeof people)[number]];

const workers = async (): Promise<[pid: number, rooms: number][]> => {
  const metrics = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
  const found = metrics.matchAll(/^parley_media_rooms\{worker="(\d+)"\} (\d+)$/gm);
  return [...found].map(([, pid, rooms]) => [Number(pid), Number(rooms)]);
};
const carrier = (): Promise<number> =>
  until(
    'two workers, one with the call',
    async () => {
      const all = await workers();
      return all.length === 2 ? all.find(([, rooms]) => rooms === 1)?.[0] : undefined;
    },
    // Workers that die again and again are replaced ever more slowly.
    REPLACED_WITHIN_MS,
  );

/** Nearest rank. */
const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)] ?? Number.NaN;

try {
  const threadId = await dana.evaluate(async () => {
    const { threadId } = await window.__parley.client.messageProposal('proposal-tomas', 'Shall we talk now?');
    return threadId;
  });
  for (const page of [dana, tomas]) await page.getByTestId(`thread-${threadId}`).click();
  await dana.getByTestId('call-video').click();
  await tomas.getByTestId('answer').click();
  for (const page of [dana, tomas]) await page.getByTestId('prejoin-join').click();
  await Promise.all(people.map(({ page, userId }) => receives(page, userId, 30)));

  const first: number[] = [];
  const fifteen: number[] = [];
  for (let trial = 1; trial <= TRIALS; trial += 1) {
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
    const pid = await carrier();
    await Promise.all(people.map(({ page }) => watchRecovery(page)));
    const killedAt = Date.now();
    process.kill(pid, 'SIGKILL');
    const back = await Promise.all(people.map(({ page }) => recovery(page)));
    // Both sides: the later one counts.
    first.push(Math.max(...back.map(({ firstAt }) => firstAt)) - killedAt);
    fifteen.push(Math.max(...back.map(({ fifteenAt }) => fifteenAt)) - killedAt);
    console.info(`${trial}: first frame after ${first.at(-1)} ms, 15 frames after ${fifteen.at(-1)} ms`);
  }
  const row = (what: string, values: readonly number[]): string =>
    `| ${what} | ${percentile(values, 0.5)} ms | ${percentile(values, 0.95)} ms | ${Math.max(...values)} ms |`;
  console.info(`\n${TRIALS} kills, ${availableParallelism()} cores, load average ${loadavg()[0]?.toFixed(1)}, both sides:\n`);
  console.info(['| back | p50 | p95 | worst |', '| --- | --- | --- | --- |'].join('\n'));
  console.info([row('first new frame decoded', first), row('15 new frames decoded', fifteen)].join('\n'));
} finally {
  await Promise.all(people.map(({ context }) => context.browser()?.close()));
  await server.dispose();
  await rm(folder, { recursive: true, force: true });
}
