import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../client/types.ts';
import { DESKTOP, launchBrowser, PHONE, screenshot, signInAs } from '../support/browser.ts';
import { signInWithSdk } from '../support/people.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { violations } from './ui-axe.ts';

describe('search on screen', () => {
  let server: ServerProcess;
  let browser: Browser;
  let url: string;
  let sdk: Client;
  let threadId: string;

  beforeAll(async () => {
    server = await startServer({ PARLEY_DEMO: 'true', PARLEY_REQUEST_BURST: '2000', PARLEY_REQUESTS_PER_SECOND: '2000' });
    browser = await launchBrowser();
    url = `http://127.0.0.1:${server.port}`;
    sdk = await signInWithSdk(server.port, 'dana');
    ({ threadId } = await sdk.messageProposal('proposal-tomas', 'The lighthouse at the harbour is to be drawn first.'));
    await sdk.messageProposal('proposal-aiko', 'Could you draw a lighthouse, too?');
    for (let count = 0; count < 130; count += 1) await sdk.request('message.post', message(`Line ${count} of many`));
  });
  afterAll(async () => {
    await sdk?.close();
    await browser?.close();
    await server?.dispose();
  });

  const message = (body: string) => ({ threadId, clientMessageId: crypto.randomUUID(), body });
  const hits = (page: Page): Promise<string[]> => page.getByTestId('search-hit').locator('mark').allTextContents();
  const focused = (page: Page): Promise<string | undefined> =>
    page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset.testid);

  it('[WEB61] a slash begins a search; arrows and Enter lead to the message in its place, Escape back to the list', async () => {
    const { page, errors } = await signInAs(browser, url, 'dana');
    await page.keyboard.press('/');
    expect(await focused(page)).toBe('search');
    await page.keyboard.type('lighth');
    await until('both messages', async () => (await hits(page)).length === 2);
    expect(await hits(page)).toEqual(['lighthouse', 'lighthouse']);
    await page.getByText('2 messages found').waitFor({ state: 'attached' });
    expect(await violations(page)).toEqual([]);
    await screenshot(page, 'search');
    await page.keyboard.press('ArrowDown');
    const first = page.getByTestId('search-hit').first();
    await until('the first to have the focus', () => first.evaluate((hit) => document.activeElement === hit));
    // The conversation with 130 more messages was active last: it is the first.
    await page.keyboard.press('Enter');
    const found = page.locator('[data-testid="message"][data-sought]');
    await found.waitFor();
    expect(await found.textContent()).toContain('The lighthouse at the harbour');
    const [box, window] = [await found.boundingBox(), await page.getByLabel('Messages', { exact: true }).boundingBox()];
    expect(box!.y).toBeGreaterThanOrEqual(window!.y);
    expect(box!.y + box!.height).toBeLessThanOrEqual(window!.y + window!.height);
    expect(new URL(page.url()).pathname).toBe(`/threads/${threadId}/2`);
    await screenshot(page, 'search-found');
    await page.keyboard.press('Control+k');
    await page.keyboard.press('Escape');
    await page.getByTestId(`thread-${threadId}`).waitFor();
    expect(await page.getByTestId('search').inputValue()).toBe('');
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('[WEB62] what is not there is said, and further pages come when asked for', async () => {
    const { page } = await signInAs(browser, url, 'dana');
    await page.getByTestId('search').fill('zeppelin');
    await page.getByText('No message has all of these words.').waitFor();
    await page.getByTestId('search').fill('many');
    await until('a page', async () => (await hits(page)).length === 20);
    await page.getByRole('button', { name: 'Search further back' }).click();
    await until('another', async () => (await hits(page)).length === 40);
    await page.getByRole('button', { name: 'Clear the search' }).click();
    await page.getByRole('heading', { name: 'Conversations' }).waitFor();
    await page.context().close();
  });

  for (const colorScheme of ['light', 'dark'] as const)
    it(`[WEB20] axe finds nothing wrong with what a search found, on a phone, ${colorScheme}`, async () => {
      const phone = { viewport: PHONE, hasTouch: true, isMobile: true, colorScheme };
      const { page } = await signInAs(browser, url, 'dana', phone);
      await page.getByTestId('search').fill('lighthouse');
      await until('both messages', async () => (await hits(page)).length === 2);
      expect(await violations(page)).toEqual([]);
      await screenshot(page, `search-phone-${colorScheme}`);
      await page.getByTestId('search-hit').first().tap();
      await page.locator('[data-testid="message"][data-sought]').waitFor();
      await page.context().close();
    });

  it('[WEB61] a message that is not there leaves one at the end of its conversation', async () => {
    const { page } = await signInAs(browser, url, 'dana', { viewport: DESKTOP });
    await page.goto(`${url}/threads/${threadId}/90000?as=dana&test`);
    await page.getByTestId('message').filter({ hasText: 'Line 129' }).waitFor();
    await page.context().close();
  });
});
