import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, type Person, signInAs } from '../support/browser.ts';
import { longestPause, receives, watchFrames } from '../support/call-probe.ts';
import { FIGURES, writeFakeCamera } from '../support/fake-camera.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';

const WEB = fileURLToPath(new URL('../../web/dist', import.meta.url));

describe('a call between two windows that moves to another worker', () => {
  let gateway: TestGateway;
  let folder: string;
  const browsers: Browser[] = [];
  let people: Person[];

  beforeAll(async () => {
    // In this process, for the test drains a worker as an operator would.
    gateway = await startGateway({ demo: true, 'http.webRoot': WEB, 'media.workers': 2 });
    folder = await mkdtemp(join(tmpdir(), 'parley-cameras-'));
    people = await Promise.all(
      (['dana', 'tomas'] as const).map(async (userId) => {
        const camera = join(folder, `${userId}.y4m`);
        writeFakeCamera(camera, FIGURES[userId]);
        const browser = await launchBrowser({ camera });
        browsers.push(browser);
        return signInAs(browser, `http://127.0.0.1:${gateway.port}`, userId);
      }),
    );
  });
  afterAll(async () => {
    await Promise.all(browsers.map((browser) => browser.close()));
    await gateway?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('[MV1] [MV2] pictures go on while the worker of a live call is drained, and nobody is seen leaving', async () => {
    const [dana, tomas] = people as [Person, Person];
    const threadId = await dana.page.evaluate(async () => {
      const { threadId } = await window.__parley.client.messageProposal('proposal-tomas', 'Shall we talk now?');
      return threadId;
    });
    for (const { page } of people) await page.getByTestId(`thread-${threadId}`).click();
    await dana.page.getByTestId('call-video').click();
    await tomas.page.getByTestId('answer').click();
    for (const { page } of people) await page.getByTestId('prejoin-join').click();
    await Promise.all(people.map(({ page, userId }) => receives(page, userId, 40)));

    const each = [
      [dana.page, 'tomas'],
      [tomas.page, 'dana'],
    ] as const;
    for (const [page, other] of each) await watchFrames(page, other);
    for (const { page } of people) {
      await page.evaluate(() => {
        const { view } = window.__parley.interviews.current.get()!;
        const seen = { statuses: new Set<string>(), others: new Set<string>() };
        (window as unknown as { __seen: typeof seen }).__seen = seen;
        view.subscribe(() => {
          const { status, participants } = view.get();
          seen.statuses.add(status);
          seen.others.add(`${participants.length} ${participants.every(({ connected }) => connected)}`);
        });
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const calm = await Promise.all(each.map(([page]) => longestPause(page)));

    const mediaNode = gateway.gateway.mediaNode!;
    const workers = async () => (await mediaNode.request('stats', {})).workers;
    const { pid } = (await workers()).find(({ rooms }) => rooms === 1)!;
    for (const [page, other] of each) await watchFrames(page, other);
    await mediaNode.request('drainWorker', { pid, draining: true, deadlineMs: 20_000 });
    await until(
      'the old place to close',
      async () => (await workers()).find((worker) => worker.pid === pid)?.rooms === 0,
      20_000,
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    const moved = await Promise.all(each.map(([page]) => longestPause(page)));
    const show = (pauses: typeof calm): string => pauses.map(({ pauseMs }) => Math.round(pauseMs)).join(' and ');
    console.info(`The longest times without a frame: ${show(moved)} ms while it moved, ${show(calm)} ms in the calm before.`);
    await Promise.all(people.map(({ page, userId }) => receives(page, userId, 15)));
    for (const { page, errors } of people) {
      const seen = await page.evaluate(() => {
        const { statuses, others } = (window as unknown as { __seen: { statuses: Set<string>; others: Set<string> } }).__seen;
        return { statuses: [...statuses], others: [...others] };
      });
      expect(seen.statuses).toEqual(['live']);
      expect(seen.others).toEqual(['2 true']);
      expect(errors).toEqual([]);
    }
  });
});
