import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../client/types.ts';
import { DESKTOP, launchBrowser, PHONE, screenshot, signInAs } from '../support/browser.ts';
import { hostOf } from '../support/deployment.ts';
import { type HostPage, startHostPage, visit } from '../support/host-page.ts';
import { signInWithSdk } from '../support/people.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { violations } from './ui-axe.ts';

const VIEWPORTS = [
  ['desktop', { viewport: DESKTOP }],
  ['phone', { viewport: PHONE, hasTouch: true, isMobile: true }],
] as const;

const SLOW = 'Payments take until tomorrow. Nothing is lost.';

describe('announcements and help notes', () => {
  let server: ServerProcess;
  let browser: Browser;
  let hostPage: HostPage;
  let dana: Client;
  let url: string;
  let threadId: string;
  const host = (method: 'GET' | 'PUT' | 'DELETE', path: string, body?: unknown) => hostOf([server])(method, path, body);
  const put = (id: string, body: Record<string, unknown>) => host('PUT', `/v1/announcements/${id}`, body);
  const withdrawAll = async () => {
    const { announcements } = (await host('GET', '/v1/announcements')).body;
    for (const { announcementId } of announcements) await host('DELETE', `/v1/announcements/${announcementId}`);
  };
  const banner = (page: Page, id: string) => page.getByTestId(`announcement-${id}`);
  const testIds = (page: Page) =>
    page
      .locator('[data-testid^="announcement-"]')
      .evaluateAll((all) => all.map((one) => one.getAttribute('data-testid')?.slice(13)));

  beforeAll(async () => {
    server = await startServer({ PARLEY_DEMO: 'true' });
    url = `http://127.0.0.1:${server.port}`;
    browser = await launchBrowser();
    hostPage = await startHostPage(server.port);
    dana = await signInWithSdk(server.port, 'dana');
    ({ threadId } = await dana.messageProposal('proposal-tomas', 'Hello Tomás, your proposal reads well.'));
  });
  afterAll(async () => {
    await dana?.close();
    await browser?.close();
    await hostPage?.close();
    await server?.dispose();
  });

  for (const [name, context] of VIEWPORTS) {
    it(`[AN8] they appear live above the page, read out by their tone, and are put away with the keyboard, ${name}`, async () => {
      await withdrawAll();
      const { page, errors, context: own } = await signInAs(browser, url, 'tomas', context);
      await page.goto(`${url}/threads/${threadId}?as=tomas&test`);
      await page.getByTestId('composer').waitFor();
      const link = { label: 'See the status page', url: 'https://status.example/payments' };
      await put('news', { text: 'You can now search your conversations.' });
      await banner(page, 'news').waitFor();
      await put('slow', { text: SLOW, tone: 'warning', link });
      await put('down', { text: 'Calls are <b>not</b> possible just now.\nWe are on it.', tone: 'critical', dismissible: false });
      await banner(page, 'down').waitFor();

      // The most urgent first; the others a press away.
      const more = page.getByRole('button', { name: /Show \d more/ });
      await until(
        'some to be folded away',
        async () => (await testIds(page)).join() === (name === 'phone' ? 'down' : 'down,slow'),
      );
      expect(await page.getByRole('alert').filter({ hasText: 'Calls are <b>not</b> possible' }).count()).toBe(1);
      await screenshot(page, `announcements-${name}`);
      await more.focus();
      await more.press('Enter');
      await banner(page, 'news').waitFor();
      expect(await testIds(page)).toEqual(['down', 'slow', 'news']);
      expect(await page.getByRole('status').filter({ hasText: SLOW }).count()).toBe(1);
      const anchor = banner(page, 'slow').getByRole('link', { name: 'See the status page' });
      expect(await anchor.getAttribute('href')).toBe(link.url);
      expect(await anchor.getAttribute('rel')).toContain('noopener');
      expect(await violations(page)).toEqual([]);
      await screenshot(page, `announcements-all-${name}`);
      // Nothing is covered or cut: what one writes in is on screen, and nothing is wider than the window.
      expect(await page.getByTestId('composer').isVisible()).toBe(true);
      const box = await page.getByTestId('composer').boundingBox();
      expect(box!.y + box!.height).toBeLessThanOrEqual(context.viewport.height);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);

      expect(await banner(page, 'down').getByRole('button').count()).toBe(0);
      const focused = () => page.evaluate(() => document.activeElement?.closest('[data-testid]')?.getAttribute('data-testid'));
      const dismiss = banner(page, 'slow').getByRole('button', { name: 'Dismiss' });
      await dismiss.focus();
      await dismiss.press('Escape');
      await banner(page, 'slow').waitFor({ state: 'detached' });
      await until('the focus to go on', async () => (await focused()) === 'announcement-news');
      await page.keyboard.press('Enter');
      await banner(page, 'news').waitFor({ state: 'detached' });
      await until('the focus to go to the page', () => page.evaluate(() => document.activeElement?.id === 'main'));
      await page.reload();
      await banner(page, 'down').waitFor();
      expect(await testIds(page)).toEqual(['down']);
      await host('DELETE', '/v1/announcements/down');
      await banner(page, 'down').waitFor({ state: 'detached' });
      expect(await page.getByRole('region', { name: 'Announcements' }).count()).toBe(0);
      expect(errors).toEqual([]);
      await own.close();
    });

    it(`[AN9] a conversation in another page shows them too, ${name}`, async () => {
      await withdrawAll();
      await put('slow', { text: SLOW, tone: 'warning' });
      const own = await browser.newContext({ locale: 'en-US', timezoneId: 'Europe/Berlin', ...context });
      const { page, complaints } = await visit(own, hostPage.url('dana'));
      await banner(page, 'slow').waitFor();
      await put('later', { text: 'And something more.' });
      await until(
        'both, or the first and a way to the other',
        async () =>
          (await testIds(page)).join() === 'slow,later' ||
          (await page.getByRole('button', { name: 'Show 1 more' }).count()) === 1,
      );
      expect(await violations(page)).toEqual([]);
      await screenshot(page, `announcements-embed-${name}`);
      const dismiss = banner(page, 'slow').getByRole('button', { name: 'Dismiss' });
      await dismiss.focus();
      await dismiss.press('Enter');
      await banner(page, 'slow').waitFor({ state: 'detached' });
      await banner(page, 'later').waitFor();
      expect(complaints).toEqual([]);
      await own.close();
      await host('DELETE', '/v1/announcements/slow');
    });

    it(`[HN3][HN4] notes in a conversation open in place, are voted on, put away and found again, ${name}`, async () => {
      await withdrawAll();
      const { page, errors, context: own } = await signInAs(browser, url, 'tomas', context);
      await page.goto(`${url}/threads/${threadId}?as=tomas&test`);
      await page.getByTestId('composer').waitFor();
      const safe = page.getByTestId('help-staying-safe');
      const files = page.getByTestId('help-sharing-files');
      await screenshot(page, `help-closed-${name}`);
      await safe.getByRole('button', { name: 'Staying safe' }).press('Enter');
      await safe.getByText('Talk, call and pay here.').waitFor();
      await files.getByRole('button', { name: 'Sharing files' }).press('Enter');
      await files.getByText('samples are enough').waitFor();
      expect(await violations(page)).toEqual([]);
      await screenshot(page, `help-open-${name}`);

      const counts = async () =>
        (await host('GET', '/v1/help-notes')).body.notes.find((note: any) => note.noteId === 'staying-safe');
      const before = await counts();
      const yes = safe.getByRole('button', { name: 'Yes' });
      const no = safe.getByRole('button', { name: 'No' });
      const voted = (await yes.getAttribute('aria-pressed')) === 'true' || (await no.getAttribute('aria-pressed')) === 'true';
      await yes.press('Enter');
      await safe.getByText('Thank you.').waitFor();
      await no.press('Enter');
      await until('the last word to count', async () => (await counts()).unhelpful === before.unhelpful + (voted ? 0 : 1));
      expect((await counts()).helpful).toBe(before.helpful);

      await safe.getByRole('button', { name: 'Hide this tip' }).press('Enter');
      await safe.waitFor({ state: 'detached' });
      await page.reload();
      const again = page.getByTestId('help-again-staying-safe');
      await again.waitFor();
      expect(await safe.count()).toBe(0);
      expect(await violations(page)).toEqual([]);
      await screenshot(page, `help-away-${name}`);
      await again.press('Enter');
      await until('the vote to be remembered', async () => (await no.getAttribute('aria-pressed').catch(() => null)) === 'true');
      expect(errors).toEqual([]);
      await own.close();
    });

    it(`[HN3] a call's preparation has its note, ${name}`, async () => {
      const { page, errors, context: own } = await signInAs(browser, url, 'dana', context);
      await page.goto(`${url}/threads/${threadId}?as=dana&test`);
      await page.getByTestId('call-video').click();
      await page.getByTestId('prejoin-join').waitFor();
      await page.getByRole('button', { name: 'Getting ready for an interview' }).press('Enter');
      await page.getByText('watch the meter').waitFor();
      expect(await violations(page)).toEqual([]);
      await screenshot(page, `help-prejoin-${name}`);
      await page.keyboard.press('Escape');
      expect(errors).toEqual([]);
      await own.close();
    });
  }

  it('[HN3] once a contract has started there is no note on staying safe, live', async () => {
    const { page, context: own } = await signInAs(browser, url, 'tomas');
    await page.goto(`${url}/threads/${threadId}?as=tomas&test`);
    await page.getByTestId('help-staying-safe').waitFor();
    const contract = { clientId: 'dana', freelancerId: 'tomas', proposalId: 'proposal-tomas', title: 'The film', version: 1 };
    await host('PUT', '/v1/contracts/contract-1', { ...contract, status: 'active' });
    await page.getByTestId('help-staying-safe').waitFor({ state: 'detached' });
    expect(await page.getByTestId('help-sharing-files').count()).toBe(1);
    await own.close();
  });
});
