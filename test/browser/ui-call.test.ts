import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DESKTOP, launchBrowser, type Person, PHONE, signInAs } from '../support/browser.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { openThread } from '../support/video-call.ts';
import { violations } from './ui-axe.ts';

describe('a call on screen', () => {
  let server: ServerProcess;
  let browser: Browser;
  let url: string;
  let dana: Person;
  let tomas: Person;

  const call = (page: Page) => page.locator('[data-testid="call"][data-status="live"]');
  const isOn = (page: Page, control: string) => page.getByTestId(control).getAttribute('data-on');

  beforeAll(async () => {
    server = await startServer({ PARLEY_DEMO: 'true' });
    browser = await launchBrowser();
    url = `http://127.0.0.1:${server.port}`;
    [dana, tomas] = await Promise.all([signInAs(browser, url, 'dana'), signInAs(browser, url, 'tomas')]);
    await openThread(dana, tomas);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.dispose();
  });

  it('[WEB40] a call that comes in is announced and does not take the focus from whoever writes', async () => {
    await tomas.page.getByTestId('composer').pressSequentially('I am wri');
    await dana.page.getByTestId('call-audio').click();
    await tomas.page.getByTestId('incoming').waitFor();
    await tomas.page.getByRole('alert').filter({ hasText: 'Audio call from Dana Whitfield' }).waitFor();
    expect(await tomas.page.title()).toBe('Dana Whitfield is calling · Parley');
    await tomas.page.keyboard.type('ting');
    expect(await tomas.page.getByTestId('composer').inputValue()).toBe('I am writing');
    await tomas.page.getByTestId('composer').fill('');
  });

  it('[WEB41] a call that is declined says so to who called, before and in the call, and can be made again', async () => {
    await dana.page.getByTestId('prejoin-join').click();
    await call(dana.page).waitFor();
    await dana.page.getByTestId('waiting').filter({ hasText: 'Ringing Tomás' }).waitFor();
    await tomas.page.getByTestId('decline').click();
    await tomas.page.getByTestId('incoming').waitFor({ state: 'detached' });
    await dana.page.getByTestId('call-over').getByText('Tomás declined').waitFor();
    await dana.page.getByTestId('call-over').getByRole('button', { name: 'Call again' }).click();
    await tomas.page.getByTestId('decline').click();
    await dana.page.getByRole('dialog').getByText('Tomás declined').waitFor();
    await dana.page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
  });

  it('[WEB42] leaving the pre-join screen takes the call back, and the other sees that it was missed', async () => {
    await dana.page.getByTestId('call-video').click();
    await tomas.page.getByTestId('incoming').waitFor();
    await dana.page.getByTestId('prejoin-join').waitFor();
    await dana.page.keyboard.press('Escape');
    await tomas.page.getByTestId('incoming').waitFor({ state: 'detached' });
    await tomas.page.getByTestId('interview').last().getByText('Missed video call').waitFor();
    await tomas.page.getByTestId('interview').last().getByRole('button', { name: 'Call back' }).waitFor();
  });

  it('[WEB20] axe finds nothing wrong with a call before joining, coming in, waiting and joined', async () => {
    await dana.page.getByTestId('call-video').click();
    await dana.page.locator('[data-testid="prejoin-join"]:enabled').waitFor();
    expect(await violations(dana.page)).toEqual([]);
    await tomas.page.getByTestId('incoming').waitFor();
    expect(await violations(tomas.page)).toEqual([]);
    await dana.page.getByTestId('prejoin-join').click();
    await dana.page.getByTestId('waiting').waitFor();
    expect(await violations(dana.page)).toEqual([]);
    await tomas.page.getByTestId('answer').click();
    await tomas.page.getByTestId('prejoin-join').click();
    for (const { page } of [dana, tomas]) await call(page).waitFor();
    await dana.page.getByTestId('tile-tomas').waitFor();
    for (const colorScheme of ['dark', 'light'] as const) {
      await dana.page.emulateMedia({ colorScheme });
      expect(await violations(dana.page)).toEqual([]);
    }
    await dana.page.getByRole('button', { name: 'Devices' }).click();
    await dana.page.getByRole('menu').waitFor();
    expect(await violations(dana.page)).toEqual([]);
    await dana.page.keyboard.press('Escape');
  });

  it('[WEB43] the keys M and V mute and turn the camera off, unless one is writing', async () => {
    await tomas.page.locator('[data-testid="tile-dana"][data-camera="true"]').waitFor();
    await dana.page.getByTestId('call').focus();
    await dana.page.keyboard.press('m');
    await dana.page.keyboard.press('v');
    await until(
      'both to be off',
      async () => (await isOn(dana.page, 'toggle-mic')) === 'false' && (await isOn(dana.page, 'toggle-camera')) === 'false',
    );
    await tomas.page.locator('[data-testid="tile-dana"][data-camera="false"]').waitFor();
    await tomas.page.getByTestId('tile-dana').getByLabel('Muted').waitFor();
    await dana.page.getByTestId('composer').pressSequentially('move');
    expect(await isOn(dana.page, 'toggle-mic')).toBe('false');
    await dana.page.getByTestId('composer').fill('');
    await dana.page.getByTestId('call').focus();
    await dana.page.keyboard.press('m');
    await dana.page.keyboard.press('v');
    await tomas.page.locator('[data-testid="tile-dana"][data-camera="true"]').waitFor();
    await until('the microphone to be on', async () => (await isOn(dana.page, 'toggle-mic')) === 'true');
  });

  it('[WEB44] the call goes on in another shape without its pictures starting again', async () => {
    const { page } = dana;
    const isIn = (shape: string) =>
      until(`the call to be ${shape}`, async () => (await page.getByTestId('call').getAttribute('data-shape')) === shape);
    const video = await page.getByTestId('tile-tomas').locator('video').elementHandle();
    await isIn('docked');
    await page.getByTestId('call-shape').click();
    await isIn('full');
    await page.keyboard.press('Escape');
    await isIn('docked');
    await page.getByTestId('jobs').click();
    await isIn('mini');
    await page.getByRole('button', { name: 'Back to the call' }).click();
    await isIn('docked');
    await page.setViewportSize(PHONE);
    await isIn('full');
    await page.getByTestId('call-shape').click();
    await isIn('mini');
    await page.getByTestId('composer').fill('I can write meanwhile');
    await page.getByTestId('composer').press('Enter');
    await tomas.page.getByTestId('message').filter({ hasText: 'I can write meanwhile' }).waitFor();
    await page.setViewportSize(DESKTOP);
    await isIn('docked');
    const state = await video?.evaluate((element) => ({
      connected: element.isConnected,
      playing: !(element as HTMLVideoElement).paused,
    }));
    expect(state).toEqual({ connected: true, playing: true });
  });

  it('[WEB45] whoever lost the page finds the call in the conversation and joins it again', async () => {
    await tomas.page.reload();
    await tomas.page.getByTestId('join').click();
    await tomas.page.getByTestId('prejoin-join').click();
    await tomas.page.locator('[data-testid="tile-dana"][data-camera="true"]').waitFor();
    await until('one tile of tomas', async () => (await dana.page.getByTestId('tile-tomas').count()) === 1);
  });

  it('[WEB46] a call that ends leaves its length in the conversation, and camera and microphone off', async () => {
    const own = ({ page }: Person) =>
      page.evaluateHandle(() => {
        const self = window.__parley.interviews.current.get()?.view.get().participants[0];
        return Object.values(self?.tracks ?? {});
      });
    const tracks = await Promise.all([dana, tomas].map(own));
    await tomas.page.getByTestId('end-for-all').click();
    for (const sent of tracks) {
      await until('two tracks to have ended', () =>
        sent.evaluate((list) => list.length === 2 && list.every(({ readyState }) => readyState === 'ended')),
      );
    }
    for (const { page } of [dana, tomas]) {
      await page.getByTestId('call').waitFor({ state: 'detached' });
      await page
        .getByTestId('interview')
        .last()
        .getByText(/^Video interview · \d+ (s|min)$/)
        .waitFor();
      expect(await page.evaluate(() => window.__parley.interviews.current.get())).toBeNull();
    }
    expect([...dana.errors, ...tomas.errors]).toEqual([]);
  });

  it('[WEB47] a camera that may not be used is explained, and one can join without', async () => {
    const context = await browser.newContext({ viewport: DESKTOP, permissions: [] });
    const page = await context.newPage();
    await page.addInitScript(() => {
      const open = MediaDevices.prototype.getUserMedia;
      MediaDevices.prototype.getUserMedia = function (constraints) {
        if (constraints?.video) return Promise.reject(new DOMException('Permission denied', 'NotAllowedError'));
        return open.call(this, constraints);
      };
    });
    await page.goto(`${url}/?as=tomas&test`);
    await page.locator('[data-testid^="thread-"]').first().click();
    await page.getByTestId('call-video').click();
    await page.getByText('The browser does not let Parley use your camera.').waitFor();
    await page.getByTestId('prejoin-join').click();
    await call(page).waitFor();
    expect(await isOn(page, 'toggle-mic')).toBe('true');
    expect(await isOn(page, 'toggle-camera')).toBe('false');
    await page.getByTestId('leave').click();
    await context.close();
  });
});
