import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, type Person, PHONE, screenshot, signInAs } from '../support/browser.ts';
import { callStatus, longestPause, mediaOf, receives, recovery, watchFrames, watchRecovery } from '../support/call-probe.ts';
import { FIGURES, writeFakeCamera } from '../support/fake-camera.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';
import { openThread, startVideoCall } from '../support/video-call.ts';

/** The server's media workers, and how many rooms each carries, as its metrics tell. */
const workersOf = async (port: number): Promise<Map<number, number>> => {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const rooms = metrics.matchAll(/^parley_media_rooms\{worker="(\d+)"\} (\d+)$/gm);
  return new Map([...rooms].map(([, pid, count]) => [Number(pid), Number(count)]));
};

describe('a video interview between two windows', () => {
  let server: ServerProcess;
  let proxy: TcpProxy;
  let folder: string;
  const browsers: Browser[] = [];
  let dana: Person;
  let tomas: Person;

  beforeAll(async () => {
    server = await startServer({ PARLEY_DEMO: 'true', PARLEY_MEDIA_WORKERS: '2' });
    proxy = await startTcpProxy(server.port);
    folder = await mkdtemp(join(tmpdir(), 'parley-cameras-'));
    // A browser each, because a browser has one camera.
    [dana, tomas] = (await Promise.all(
      (['dana', 'tomas'] as const).map(async (userId) => {
        const camera = join(folder, `${userId}.y4m`);
        writeFakeCamera(camera, FIGURES[userId]);
        const browser = await launchBrowser({ camera });
        browsers.push(browser);
        return signInAs(browser, `http://127.0.0.1:${proxy.port}`, userId);
      }),
    )) as [Person, Person];
    await openThread(dana, tomas);
  });
  afterAll(async () => {
    await Promise.all(browsers.map((browser) => browser.close()));
    await rm(folder, { recursive: true, force: true });
    await proxy?.close();
    await server?.dispose();
  });

  const each = (): [Page, string, string][] => [
    [dana.page, 'dana', 'tomas'],
    [tomas.page, 'tomas', 'dana'],
  ];

  it('[EE3] each side decodes the other’s camera and hears the other', async () => {
    await startVideoCall(dana, tomas);
    await Promise.all(each().map(([page, who]) => receives(page, who, 30)));
    for (const [page, , other] of each()) {
      const { width, height } = await page
        .getByTestId(`tile-${other}`)
        .locator('video')
        .evaluate((video: HTMLVideoElement) => ({ width: video.videoWidth, height: video.videoHeight }));
      expect(width * height).toBeGreaterThan(0);
    }
    await screenshot(dana.page, 'call');
    await dana.page.setViewportSize(PHONE);
    await screenshot(dana.page, 'call-phone');
    await dana.page.setViewportSize({ width: 1440, height: 900 });
  });

  it('[EE4] a camera switched off stops frames, and on brings them back', async () => {
    await tomas.page.getByTestId('toggle-camera').click();
    await until('the frames to stop', async () => {
      const before = await mediaOf(dana.page);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const after = await mediaOf(dana.page);
      return after.frames === before.frames && after.energy > before.energy;
    });
    await tomas.page.getByTestId('toggle-camera').click();
    await receives(dana.page, 'dana', 15);
  });

  it('[EE5] the socket cut for five seconds leaves no gap in decoded frames', async () => {
    await Promise.all(each().map(([page, , other]) => watchFrames(page, other)));
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const calm = await Promise.all(each().map(([page]) => longestPause(page)));
    proxy.cut();
    await Promise.all(
      each().map(([page]) => until('the call to notice', async () => (await callStatus(page)) === 'reconnecting')),
    );
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    proxy.restore();
    await Promise.all(
      each().map(([page]) => until('the call to be live again', async () => (await callStatus(page)) === 'live', 20_000)),
    );
    const cut = await Promise.all(each().map(([page]) => longestPause(page)));
    for (const [index, { pauseMs, shown }] of cut.entries()) {
      expect(shown).toBeGreaterThan((calm[index]?.shown ?? 0) * 2);
      // A frame is due every 33 to 50 ms; a gap of the cut would be seconds. What a busy machine does shows in the calm before.
      expect(pauseMs).toBeLessThan(Math.max(700, 2 * (calm[index]?.pauseMs ?? 0)));
    }
    await Promise.all(each().map(([page, who]) => receives(page, who, 15)));
    const metrics = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
    expect(metrics).toMatch(/type="room.resume",outcome="ok"/);
    expect(metrics).not.toMatch(/type="transport.restart_ice"/);
  });

  it('[EE6] a killed media worker is replaced, and media is back without a click', async () => {
    const workers = await workersOf(server.port);
    expect([...workers.values()].sort()).toEqual([0, 1]);
    const [carrier] = [...workers].find(([, rooms]) => rooms === 1) as [number, number];
    await Promise.all(each().map(([page]) => watchRecovery(page)));
    const killedAt = Date.now();
    process.kill(carrier, 'SIGKILL');
    const back = await Promise.all(each().map(([page]) => recovery(page)));
    const [first, fifteen] = [back.map(({ firstAt }) => firstAt), back.map(({ fifteenAt }) => fifteenAt)].map(
      (times) => Math.max(...times) - killedAt,
    );
    console.info(`media was back on both sides ${first} ms after the worker was killed, 15 frames after ${fifteen} ms`);
    await Promise.all(each().map(([page, who]) => receives(page, who, 15, 30_000)));
    await until('a second worker', async () => (await workersOf(server.port)).size === 2);
  });

  it('[EE3] ending for all ends it for both, and the thread says so', async () => {
    await dana.page.getByTestId('end-for-all').click();
    for (const { page } of [dana, tomas]) {
      await page
        .getByText(/Video interview/)
        .first()
        .waitFor();
      await until('the call to be over', async () => (await callStatus(page)) === undefined);
    }
    expect([...dana.errors, ...tomas.errors]).toEqual([]);
  });
});
