import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../client/types.ts';
import { DESKTOP, launchBrowser, type Person, PHONE, screenshot, signInAs } from '../support/browser.ts';
import { API_KEY } from '../support/gateway.ts';
import { signInWithSdk } from '../support/people.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { settled, violations } from './ui-axe.ts';

describe('what one keeps at hand and what one sets aside', () => {
  let server: ServerProcess;
  let browser: Browser;
  let url: string;
  let dana: Person;
  let tomas: Client;
  const threads = { tomas: '', aiko: '', kwame: '' };

  const row = (page: Page, threadId: string) => page.getByTestId(`thread-${threadId}`);
  const options = (page: Page, threadId: string) => page.getByTestId(`options-${threadId}`);
  const choose = async (page: Page, threadId: string, item: string): Promise<void> => {
    await row(page, threadId).hover();
    await options(page, threadId).click();
    await page.getByRole('menuitem', { name: item }).click();
  };
  const order = (page: Page) => page.locator('a[data-thread]').evaluateAll((all) => all.map((one) => one.dataset.thread));
  const overflow = (page: Page) =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  const hasFocus = (page: Page, testId: string) =>
    until(`the focus on ${testId}`, () => page.getByTestId(testId).evaluate((one) => one === document.activeElement));

  beforeAll(async () => {
    server = await startServer({ PARLEY_DEMO: 'true' });
    browser = await launchBrowser();
    url = `http://127.0.0.1:${server.port}`;
    const sdk = await signInWithSdk(server.port, 'dana');
    for (const name of ['kwame', 'aiko', 'tomas'] as const)
      threads[name] = (await sdk.messageProposal(`proposal-${name}`, `Hello ${name}, thank you for your proposal.`)).threadId;
    await sdk.close();
    tomas = await signInWithSdk(server.port, 'tomas');
    dana = await signInAs(browser, url, 'dana');
  });
  afterAll(async () => {
    await tomas?.close();
    await browser?.close();
    await server?.dispose();
  });

  it('[MK10] a favourite stands on top, and says so', async () => {
    const { page } = dana;
    await row(page, threads.kwame).waitFor();
    expect(await order(page)).toEqual([threads.tomas, threads.aiko, threads.kwame]);
    await choose(page, threads.kwame, 'Add to favourites');
    await page.getByTestId('favourites').getByTestId(`thread-${threads.kwame}`).getByText('a favourite').waitFor();
    expect(await order(page)).toEqual([threads.kwame, threads.tomas, threads.aiko]);
    await screenshot(page, 'marks-favourite');
  });

  it('[MK9] [MK10] what is archived leaves the list, is in its place, and stays there when somebody writes', async () => {
    const { page } = dana;
    await choose(page, threads.tomas, 'Archive');
    await page.getByText('Tomás Rivera is archived').waitFor();
    await row(page, threads.tomas).waitFor({ state: 'detached' });
    await settled(page);
    await screenshot(page, 'marks-undo');
    tomas.thread(threads.tomas).post('Are you still looking?');
    await page.getByTestId('archived').getByText('unread').waitFor();
    expect(await page.title()).toBe('Parley');
    await page.getByTestId('archived').click();
    await page.getByTestId('archived-list').getByText('Are you still looking?').waitFor();
    await screenshot(page, 'archived');
    await row(page, threads.tomas).click();
    await page.getByTestId('set-aside').getByText('Archived').waitFor();
    await page.getByTestId('conversation-options').click();
    await page.getByRole('menuitem', { name: 'Move out of the archive' }).click();
    await page.getByTestId('set-aside').waitFor({ state: 'detached' });
    await row(page, threads.tomas).waitFor();
  });

  it('[MK9] what was done is taken back by the button, and by Ctrl+Z', async () => {
    const { page } = dana;
    await choose(page, threads.aiko, 'Archive');
    await row(page, threads.aiko).waitFor({ state: 'detached' });
    await page.getByTestId('undo').click();
    await row(page, threads.aiko).waitFor();
    expect(await page.getByTestId('undo').count()).toBe(0);
    await choose(page, threads.aiko, 'Hide until');
    await row(page, threads.aiko).waitFor({ state: 'detached' });
    // Whoever writes takes back what they wrote.
    await page.getByTestId('composer').fill('A draft');
    await page.getByTestId('composer').press('Control+z');
    expect(await page.getByTestId('undo').count()).toBe(1);
    await page.getByTestId('composer').fill('');
    await page.getByTestId('jobs').focus();
    await page.keyboard.press('Control+z');
    await row(page, threads.aiko).waitFor();
  });

  it('[MK10] a hidden conversation is found again, and comes back with the next message', async () => {
    const { page } = dana;
    const phone = await signInAs(browser, url, 'dana', { viewport: PHONE, hasTouch: true, isMobile: true });
    await choose(page, threads.tomas, 'Hide until');
    for (const one of [page, phone.page]) await row(one, threads.tomas).waitFor({ state: 'detached' });
    await page.getByTestId('archived').click();
    await page.getByTestId('hidden-list').getByTestId(`thread-${threads.tomas}`).waitFor();
    await screenshot(page, 'hidden');
    tomas.thread(threads.tomas).post('I have an hour tomorrow.');
    await page.getByText('Nothing is archived').waitFor();
    await row(page, threads.tomas).getByText('I have an hour tomorrow.').waitFor();
    // On a phone the menu is there without pointing at the row.
    await options(phone.page, threads.tomas).tap();
    await settled(phone.page);
    await screenshot(phone.page, 'phone-row-menu');
    await phone.page.getByRole('menuitem', { name: 'Archive' }).tap();
    await phone.page.getByTestId('undo').waitFor();
    await settled(phone.page);
    await screenshot(phone.page, 'phone-archived-undo');
    await phone.page.getByTestId('undo').tap();
    await row(phone.page, threads.tomas).waitFor();
    expect(await overflow(phone.page)).toBe(0);
    await row(phone.page, threads.tomas).tap();
    await phone.page.getByTestId('conversation-options').tap();
    await phone.page.getByRole('menuitem', { name: 'Show the proposal' }).waitFor();
    await settled(phone.page);
    await screenshot(phone.page, 'phone-conversation-options');
    expect(await overflow(phone.page)).toBe(0);
    expect(phone.errors).toEqual([]);
    await phone.context.close();
  });

  it('[MK9] all of it goes by keyboard, and the focus is on the row, or its neighbour when that is gone', async () => {
    const { page } = dana;
    await page.goto(`${url}/?as=dana&test`);
    await row(page, threads.aiko).focus();
    expect(await order(page)).toEqual([threads.kwame, threads.tomas, threads.aiko]);
    await page.keyboard.press('Tab');
    await hasFocus(page, `options-${threads.aiko}`);
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Add to favourites' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByTestId('favourites').getByTestId(`thread-${threads.aiko}`).waitFor();
    await hasFocus(page, `thread-${threads.aiko}`);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Tab');
    await hasFocus(page, `options-${threads.kwame}`);
    await page.keyboard.press('Enter');
    await page.keyboard.press('a');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await page.getByRole('menuitem', { name: 'Archive' }).evaluate((one) => one === document.activeElement);
    await page.keyboard.press('Enter');
    await row(page, threads.kwame).waitFor({ state: 'detached' });
    await hasFocus(page, `thread-${threads.tomas}`);
    await page.keyboard.press('Control+z');
    await row(page, threads.kwame).waitFor();
    expect(dana.errors).toEqual([]);
  });

  it('[MK10] a favourite of long ago stands on top though the list has not come so far', async () => {
    const context = await signInAs(browser, url, 'aiko');
    const { page } = context;
    const put = async (method: string, path: string, body: unknown): Promise<void> => {
      const headers = { Authorization: `Bearer ${API_KEY}` };
      const answer = await fetch(`${url}/v1/${path}`, { method, headers, body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}`);
    };
    await choose(page, threads.aiko, 'Add to favourites');
    await page.getByTestId('favourites').waitFor();
    for (let count = 0; count < 60; count += 1) {
      const members = [{ userId: 'aiko' }, { userId: 'kwame' }];
      await put('POST', 'threads', { threadKey: `many-${count}`, kind: 'group', title: `Plan ${count}`, members });
    }
    await page.reload();
    await page.getByTestId('favourites').getByTestId(`thread-${threads.aiko}`).waitFor();
    expect(await page.locator('a[data-thread]').count()).toBe(51);
    expect(context.errors).toEqual([]);
    await context.context.close();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const viewport of [DESKTOP, PHONE]) {
      it(`[MK11] axe finds nothing wrong, ${colorScheme}, ${viewport.width} wide`, async () => {
        const phone = viewport === PHONE ? { hasTouch: true, isMobile: true } : {};
        const { page, context, errors } = await signInAs(browser, url, 'dana', { viewport, colorScheme, ...phone });
        const set = (threadId: string, marks: object) =>
          page.evaluate(([id, marks]) => window.__parley.client.thread(id).mark(marks), [threadId, marks] as const);
        await set(threads.kwame, { archived: true });
        await set(threads.tomas, { hidden: true });
        await page.getByTestId('favourites').waitFor();
        await row(page, threads.aiko).hover();
        await options(page, threads.aiko).click();
        await page.getByRole('menu').waitFor();
        expect(await violations(page)).toEqual([]);
        await page.getByRole('menuitem', { name: 'Archive' }).click();
        await page.getByTestId('undo').waitFor();
        expect(await violations(page)).toEqual([]);
        await page.getByTestId('undo').click();
        await page.getByTestId('archived').click();
        await page.getByTestId('hidden-list').waitFor();
        expect(await violations(page)).toEqual([]);
        await screenshot(page, `archived-${colorScheme}-${viewport.width}`);
        expect(await overflow(page)).toBe(0);
        await set(threads.kwame, { archived: false });
        await set(threads.tomas, { hidden: false });
        await page.getByText('Nothing is archived').waitFor();
        expect(await violations(page)).toEqual([]);
        expect(errors).toEqual([]);
        await context.close();
      });
    }
  }
});
