/** Real Chromium with a fake camera and microphone, and pages signed in as demo people. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { Client, Interviews } from '../../client/types.ts';

declare global {
  interface Window {
    /** What `?test` exposes. */
    __parley: { client: Client; interviews: Interviews };
  }
}

const CHROMIUM = [process.env.PARLEY_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** `camera` is a Y4M file to show instead of Chromium's test picture. */
export const launchBrowser = (camera?: string): Promise<Browser> => {
  const executablePath = CHROMIUM.find((path) => path !== undefined && path !== '' && existsSync(path));
  if (executablePath === undefined) throw new Error('No Chromium: install it, or name one in PARLEY_CHROMIUM.');
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      ...(camera === undefined ? [] : [`--use-file-for-fake-video-capture=${camera}`]),
      '--autoplay-policy=no-user-gesture-required',
      // A page that is not in front must go on drawing, or its frames are not counted.
      '--disable-background-timer-throttling',
      '--disable-backgrounding-occluded-windows',
      '--disable-renderer-backgrounding',
    ],
  });
};

export interface Person {
  readonly userId: string;
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors of the page, console errors included. */
  readonly errors: string[];
}

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

/** A window of its own, signed in as this demo person. */
export const signInAs = async (
  browser: Browser,
  baseUrl: string,
  userId: string,
  options: BrowserContextOptions = {},
): Promise<Person> => {
  const context = await browser.newContext({
    viewport: DESKTOP,
    locale: 'en-US',
    timezoneId: 'Europe/Berlin',
    permissions: ['camera', 'microphone'],
    ...options,
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    // A line that was cut on purpose is the browser's to report, not a fault of the page.
    if (message.type() === 'error' && !/WebSocket|ERR_CONNECTION|Failed to load resource/.test(message.text()))
      errors.push(message.text());
  });
  await page.goto(`${baseUrl}/?as=${userId}&test`);
  await page.waitForFunction(() => window.__parley?.client.inbox.get().ready);
  return { userId, context, page, errors };
};

const SHOTS = fileURLToPath(new URL('../../test-results/screenshots', import.meta.url));

/** Keeps a picture of the page under a name. The README shows `thread` and `call`. */
export const screenshot = async (page: Page, name: string): Promise<void> => {
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}.png`) });
};
