/** Real Chromium with a fake camera and microphone, and pages signed in as demo people. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { Client, Interviews } from '../../client/types.ts';
import type { Namespace } from './namespaces.ts';

declare global {
  interface Window {
    /** What `?test` exposes. */
    __parley: { client: Client; interviews: Interviews };
  }
}

const CHROMIUM = [process.env.PARLEY_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A program that starts this one in a network namespace. It has to be a file, because that is what Playwright starts. */
const starterWithin = (namespace: Namespace, program: string): { path: string; remove(): void } => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-chromium-'));
  const path = join(folder, 'chromium');
  writeFileSync(path, `#!/bin/sh\nexec ${namespace.within.join(' ')} ${program} "$@"\n`);
  chmodSync(path, 0o755);
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
};

export interface BrowserOptions {
  /** A Y4M file to show instead of Chromium's test picture. */
  readonly camera?: string;
  /** Where it runs, when not on this host's network. */
  readonly namespace?: Namespace;
  /** More of Chromium's switches. */
  readonly args?: readonly string[];
}

export const launchBrowser = async (options: BrowserOptions = {}): Promise<Browser> => {
  const { camera, namespace, args = [] } = options;
  const executablePath = CHROMIUM.find((path) => path !== undefined && path !== '' && existsSync(path));
  if (executablePath === undefined) throw new Error('No Chromium: install it, or name one in PARLEY_CHROMIUM.');
  const starter = namespace === undefined ? undefined : starterWithin(namespace, executablePath);
  const launching = chromium.launch({
    executablePath: starter?.path ?? executablePath,
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
      ...args,
    ],
  });
  return launching.finally(() => starter?.remove());
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
