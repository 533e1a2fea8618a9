import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DESKTOP, launchBrowser, type Person, PHONE, signInAs } from '../support/browser.ts';
import { receives, sending, switchSending, watchPaths } from '../support/call-probe.ts';
import { writeFakeVoice } from '../support/fake-voice.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';
import { openThread } from '../support/video-call.ts';
import { violations } from './ui-axe.ts';

/** The device that a picture in the page is of, once it plays. */
const deviceShown = (video: Locator): Promise<string | undefined> =>
  until('the preview to play', () =>
    video.evaluate((element: HTMLVideoElement) => {
      const [track] = (element.srcObject as MediaStream | null)?.getVideoTracks() ?? [];
      const plays = !element.paused && element.currentTime > 0 && element.videoWidth > 0;
      return plays && track?.getSettings().deviceId;
    }),
  );

describe('how a call goes, on screen', () => {
  let server: ServerProcess;
  let proxy: TcpProxy;
  let folder: string;
  let browser: Browser;
  let dana: Person;
  let tomas: Person;

  const live = (page: Page) => page.locator('[data-testid="call"][data-status="live"]');
  const over = async (): Promise<void> => {
    await dana.page.getByTestId('end-for-all').click();
    for (const { page } of [dana, tomas]) await page.getByTestId('call').waitFor({ state: 'detached' });
  };

  beforeAll(async () => {
    server = await startServer({ PARLEY_DEMO: 'true' });
    proxy = await startTcpProxy(server.port);
    // The second of Chromium's fake cameras gives depths, which cannot be sent.
    folder = await mkdtemp(join(tmpdir(), 'parley-voice-'));
    const voice = join(folder, 'voice.wav');
    writeFakeVoice(voice);
    browser = await launchBrowser({
      args: ['--use-fake-device-for-media-stream=device-count=3', `--use-file-for-fake-audio-capture=${voice}`],
    });
    const url = `http://127.0.0.1:${proxy.port}`;
    [dana, tomas] = await Promise.all([signInAs(browser, url, 'dana'), signInAs(browser, url, 'tomas')]);
    for (const { page } of [dana, tomas]) await watchPaths(page);
    await openThread(dana, tomas);
  });
  afterAll(async () => {
    await browser?.close();
    await proxy?.close();
    await server?.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  it('[WEB70] the camera and the microphone that are chosen before a call are what is shown and sent', async () => {
    const { page } = dana;
    await page.getByTestId('call-video').click();
    const dialog = page.getByRole('dialog');
    await page.locator('[data-testid="prejoin-join"]:enabled').waitFor();
    const first = await deviceShown(dialog.locator('video'));
    const chosen: Record<string, string> = {};
    for (const name of ['Camera', 'Microphone']) {
      const field = dialog.getByLabel(name, { exact: true });
      const last = await field.locator('option').last().getAttribute('value');
      expect(last).not.toBe(await field.inputValue());
      await field.selectOption(last);
      chosen[name] = last ?? '';
    }
    await until('the chosen camera to be shown', async () => (await deviceShown(dialog.locator('video'))) === chosen.Camera);
    expect(chosen.Camera).not.toBe(first);

    await page.locator('[data-testid="prejoin-join"]:enabled').click();
    await tomas.page.getByTestId('answer').click();
    await tomas.page.getByTestId('prejoin-join').click();
    await receives(tomas.page, 'tomas', 15);
    expect(await sending(page)).toEqual({ video: chosen.Camera, audio: chosen.Microphone });
  });

  it('[WEB71] who speaks is marked, and no longer once they are silent', async () => {
    // The same voice comes from both; one alone can be told apart.
    await dana.page.getByTestId('toggle-mic').click();
    await dana.page.locator('[data-testid="tile-tomas"][data-speaking="true"]').waitFor();
    await dana.page.getByTestId('tile-tomas').getByText(', speaking').waitFor({ state: 'attached' });
    await dana.page.getByTestId('toggle-mic').click();
    await tomas.page.getByTestId('toggle-mic').click();
    await tomas.page.locator('[data-testid="tile-dana"][data-speaking="true"]').waitFor();
    await dana.page.locator('[data-testid="tile-tomas"][data-speaking="false"]').waitFor();
    await tomas.page.getByTestId('toggle-mic').click();
  });

  it('[WEB71] whose media does not get through is marked, and no longer once it does', async () => {
    const mark = dana.page.getByTestId('tile-tomas').getByLabel(/^(Weak|Bad) connection$/);
    expect(await mark.count()).toBe(0);
    await switchSending(tomas.page, false);
    await mark.waitFor();
    await switchSending(tomas.page, true);
    await mark.waitFor({ state: 'detached' });
  });

  it('[WEB72] [WEB74] a call whose socket is cut says that it reconnects, aloud too, and goes on showing the other', async () => {
    proxy.cut();
    for (const { page } of [dana, tomas]) {
      await page.getByTestId('reconnecting').waitFor();
      await page.getByRole('alert').filter({ hasText: 'The call is reconnecting' }).waitFor();
    }
    const video = dana.page.getByTestId('tile-tomas').locator('video');
    const framesOf = () => video.evaluate((element: HTMLVideoElement) => element.getVideoPlaybackQuality().totalVideoFrames);
    const before = await framesOf();
    await until('more frames', async () => (await framesOf()) > before + 10);
    proxy.restore();
    for (const { page } of [dana, tomas]) {
      await page.getByTestId('reconnecting').waitFor({ state: 'detached' });
      await page.getByRole('status').filter({ hasText: 'The call is back' }).waitFor();
    }
    await over();
  });

  it('[WEB70] where the chosen ones are gone, others are used', async () => {
    const { page } = dana;
    const gone = JSON.stringify({ videoinput: 'a-camera-that-was', audioinput: 'a-microphone-that-was' });
    await page.evaluate((choice) => localStorage.setItem('parley:devices', choice), gone);
    await page.getByTestId('call-video').click();
    await page.locator('[data-testid="prejoin-join"]:enabled').waitFor();
    await deviceShown(page.getByRole('dialog').locator('video'));
    expect(await page.getByRole('dialog').getByRole('alert').count()).toBe(0);
    await page.keyboard.press('Escape');
    await tomas.page.getByTestId('incoming').waitFor({ state: 'detached' });
    await page.evaluate(() => localStorage.removeItem('parley:devices'));
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const viewport of [DESKTOP, PHONE]) {
      it(`[WEB20] axe finds nothing wrong with a call, ${colorScheme}, ${viewport.width} wide`, async () => {
        const pages = [dana.page, tomas.page] as const;
        for (const page of pages) {
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize(viewport);
        }
        const found: Record<string, string[]> = {};
        const look = async (at: string, page: Page): Promise<void> => {
          found[at] = await violations(page);
        };
        await dana.page.getByTestId('call-video').click();
        await dana.page.locator('[data-testid="prejoin-join"]:enabled').waitFor();
        await look('before joining', dana.page);
        await tomas.page.getByTestId('incoming').waitFor();
        await look('coming in', tomas.page);
        await dana.page.getByTestId('prejoin-join').click();
        await dana.page.getByTestId('waiting').waitFor();
        await look('waiting', dana.page);
        await tomas.page.getByTestId('answer').click();
        await tomas.page.getByTestId('prejoin-join').click();
        for (const page of pages) await live(page).waitFor();
        await dana.page.locator('[data-testid="tile-tomas"][data-camera="true"]').waitFor();
        await look('joined', dana.page);
        await dana.page.getByTestId('toggle-mic').click();
        await dana.page.getByTestId('toggle-camera').click();
        await tomas.page.locator('[data-testid="tile-dana"][data-camera="false"]').waitFor();
        await look('without camera', dana.page);
        await look('of one without camera', tomas.page);
        await dana.page.getByRole('button', { name: 'Devices' }).click();
        await dana.page.getByRole('menu').waitFor();
        await look('choosing devices', dana.page);
        await dana.page.keyboard.press('Escape');
        await dana.page.getByRole('menu').waitFor({ state: 'detached' });
        await over();
        expect(found).toEqual(Object.fromEntries(Object.keys(found).map((at) => [at, []])));
      });
    }
  }

  it('[WEB20] none of it was an error of the page', () => {
    expect([...dana.errors, ...tomas.errors]).toEqual([]);
  });
});
