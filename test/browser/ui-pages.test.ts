import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../client/types.ts';
import { DESKTOP, launchBrowser, PHONE, signInAs } from '../support/browser.ts';
import { signInWithSdk } from '../support/people.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { violations } from './ui-axe.ts';

const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

describe('the pages', () => {
  let server: ServerProcess;
  let browser: Browser;
  let url: string;
  let sdk: Client;
  let threadId: string;

  beforeAll(async () => {
    server = await startServer({ PARLEY_DEMO: 'true' });
    browser = await launchBrowser();
    url = `http://127.0.0.1:${server.port}`;
    sdk = await signInWithSdk(server.port, 'dana');
    ({ threadId } = await sdk.messageProposal('proposal-tomas', 'Hello Tomás: https://example.com/brief has the details.'));
  });
  afterAll(async () => {
    await sdk?.close();
    await browser?.close();
    await server?.dispose();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const viewport of [DESKTOP, PHONE]) {
      const phone = viewport === PHONE ? { hasTouch: true, isMobile: true } : {};
      it(`[WEB20] axe finds nothing wrong with any page, ${colorScheme}, ${viewport.width} wide`, async () => {
        const context = await browser.newContext({ viewport, colorScheme, ...phone });
        const outside = await context.newPage();
        await outside.goto(url);
        await outside.getByTestId('person-dana').waitFor();
        await outside.getByText('Sign in with a token instead').click();
        expect(await violations(outside)).toEqual([]);
        await context.close();

        const dana = await signInAs(browser, url, 'dana', { viewport, colorScheme, ...phone });
        const { page } = dana;
        expect(await violations(page)).toEqual([]);
        await page.getByTestId('jobs').click();
        await page.getByTestId('job-job-explainer').waitFor();
        expect(await violations(page)).toEqual([]);
        await page.getByTestId('job-job-explainer').click();
        await page.getByTestId('send-message-proposal-aiko').waitFor();
        expect(await violations(page)).toEqual([]);
        await page.getByTestId('send-message-proposal-aiko').click();
        await page.getByTestId('composer').waitFor();
        expect(await violations(page)).toEqual([]);
        await page.keyboard.press('Escape');
        await page.goto(`${url}/threads/${threadId}?as=dana&test`);
        await page.getByTestId('message').first().waitFor();
        expect(await violations(page)).toEqual([]);
        const more = page.getByRole('button', { name: 'More' });
        await more.focus();
        await more.press('Enter');
        await page.getByRole('menuitem', { name: 'Delete' }).waitFor();
        expect(await violations(page)).toEqual([]);
        await page.getByRole('menuitem', { name: 'Delete' }).click();
        await page.getByRole('alertdialog').waitFor();
        expect(await violations(page)).toEqual([]);
        await page.getByRole('button', { name: 'Keep it' }).click();
        expect(dana.errors).toEqual([]);
        await dana.context.close();
      });
    }
  }

  it('[WEB21] nothing is wider than the window, down to 320 pixels', async () => {
    const { page, context } = await signInAs(browser, url, 'dana', { viewport: { width: 320, height: 640 } });
    for (const path of [
      '/',
      '/archived',
      '/jobs',
      '/jobs/job-explainer',
      '/proposals',
      '/proposals/proposal-tomas',
      `/threads/${threadId}`,
    ]) {
      await page.goto(`${url}${path}?as=dana&test`);
      await page.waitForFunction(() => window.__parley?.client.inbox.get().ready);
      await page.locator('h1:visible').first().waitFor();
      expect(await overflow(page), path).toBe(0);
    }
    await context.close();
  });

  it('[WEB22] the pages need no inline script and no inline style', async () => {
    const context = await browser.newContext({ viewport: DESKTOP, permissions: ['camera', 'microphone'] });
    const page = await context.newPage();
    const blocked: string[] = [];
    await page.exposeFunction('reportBlocked', (what: string) => blocked.push(what));
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        (window as unknown as { reportBlocked: (what: string) => void }).reportBlocked(
          `${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`,
        );
      });
      // A second policy on top of the server's, before anything of the page is loaded.
      new MutationObserver((_, observer) => {
        if (document.head === null) return;
        observer.disconnect();
        const policy = document.createElement('meta');
        policy.httpEquiv = 'Content-Security-Policy';
        policy.content = "style-src 'self'; script-src 'self'; font-src 'self'";
        document.head.prepend(policy);
      }).observe(document, { childList: true, subtree: true });
    });
    await page.goto(`${url}/?as=dana&test`);
    await page.getByTestId(`thread-${threadId}`).click();
    await page.getByTestId('message').first().waitFor();
    await page.getByTestId('call-video').click();
    await page.getByTestId('prejoin-join').click();
    await page.locator('[data-testid="call"][data-status="live"]').waitFor();
    await page.getByTestId('leave').click();
    await page.getByTestId('me').click();
    await page.getByRole('menuitemradio', { name: 'Dark' }).click();
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe('dark');
    // The policy is in force: this is what it would say.
    expect(blocked).toEqual([]);
    await page.evaluate(() => document.body.setAttribute('style', 'color: red'));
    await until('the policy to speak', () => blocked.some((what) => what.startsWith('style-src')));
    await context.close();
  });

  it('[WEB23] a chosen theme outlives a reload, and "as the system" follows the system', async () => {
    const { page, context } = await signInAs(browser, url, 'dana', { colorScheme: 'light' });
    const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await background();
    await page.getByTestId('me').click();
    await page.getByRole('menuitemradio', { name: 'Dark' }).click();
    const dark = await background();
    expect(dark).not.toBe(light);
    await page.reload();
    await page.getByTestId('me').click();
    expect(await background()).toBe(dark);
    await page.getByRole('menuitemradio', { name: 'As the system' }).click();
    expect(await background()).toBe(light);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await background()).toBe(dark);
    await context.close();
  });

  it('[WEB24] two tabs of one browser are two people, each remembered by its tab until they sign out', async () => {
    const context = await browser.newContext({ viewport: DESKTOP });
    const [one, two] = [await context.newPage(), await context.newPage()];
    for (const [page, userId] of [
      [one, 'dana'],
      [two, 'tomas'],
    ] as const) {
      await page.goto(url);
      await page.getByTestId(`person-${userId}`).click();
      await page.getByTestId(`thread-${threadId}`).waitFor();
    }
    await one.reload();
    await one.getByTestId(`thread-${threadId}`).getByText('Tomás Rivera').waitFor();
    await two.reload();
    await two.getByTestId(`thread-${threadId}`).getByText('Dana Whitfield').waitFor();
    await one.getByTestId('me').click();
    await one.getByRole('menuitem', { name: 'Sign out' }).click();
    await one.getByTestId('person-dana').waitFor();
    await one.reload();
    await one.getByTestId('person-dana').waitFor();
    await context.close();
  });

  it('[WEB25] the SDK is within reach of scripts only where the address asks for it', async () => {
    const { page, context } = await signInAs(browser, url, 'dana');
    expect(await page.evaluate(() => '__parley' in window)).toBe(true);
    await page.goto(`${url}/?as=dana`);
    await page.getByTestId(`thread-${threadId}`).waitFor();
    expect(await page.evaluate(() => '__parley' in window)).toBe(false);
    await context.close();
  });

  it('[WEB26] what cannot be opened says why, and offers a way on', async () => {
    const context = await browser.newContext({ viewport: DESKTOP });
    const page = await context.newPage();
    await page.goto(`${url}/?as=nobody`);
    await page.getByText('There is no demo person called “nobody” here.').waitFor();
    await page.getByRole('button', { name: 'Sign in again' }).click();
    await page.getByText('Sign in with a token instead').click();
    await page.getByLabel('Token').fill('this is none');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('This is not a token').waitFor();
    await page.goto(`${url}/threads/none?as=dana`);
    await page.getByText('This conversation is not open to you').waitFor();
    await page.getByRole('button', { name: 'Back to conversations' }).click();
    await page.getByText('Choose a conversation').waitFor();
    await context.close();
  });
});
