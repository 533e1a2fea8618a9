import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mintToken } from '../../src/identity/tokens.ts';
import { DESKTOP, launchBrowser, type Person, PHONE, screenshot, signInAs } from '../support/browser.ts';
import { API_KEY, JWT_SECRET } from '../support/gateway.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { violations } from './ui-axe.ts';

describe('jobs and proposals on screen', () => {
  let server: ServerProcess;
  let browser: Browser;
  let url: string;
  let dana: Person;
  let tomas: Person;

  const put = async (path: string, body: unknown): Promise<void> => {
    const answer = await fetch(`${url}/v1/${path}`, {
      method: 'PUT',
      headers: { Authorization: `Bearer ${API_KEY}` },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}: ${await answer.text()}`);
  };
  const bulk = async (what: string, items: readonly object[]): Promise<void> => {
    const headers = { Authorization: `Bearer ${API_KEY}` };
    const answer = await fetch(`${url}/v1/${what}/bulk`, { method: 'POST', headers, body: JSON.stringify(items) });
    if (!answer.ok) throw new Error(`${what} were answered with ${answer.status}: ${await answer.text()}`);
  };
  /** As the host platform tells it. */
  const move = (proposalId: string, freelancerId: string, status: string): Promise<void> =>
    put(`proposals/${proposalId}`, {
      jobId: 'job-explainer',
      freelancerId,
      coverLetter: 'The letter of before.',
      bid: null,
      submittedAt: Date.UTC(2026, 10, 18),
      status,
    });
  const sections = (page: Page): Promise<string[]> => page.locator('[data-testid^="section-"] > h2').allInnerTexts();
  const inSection = (page: Page, status: string, proposalId: string) =>
    page.getByTestId(`section-${status}`).getByTestId(`proposal-${proposalId}`);
  const heading = (page: Page) => page.getByRole('heading', { level: 1 });

  beforeAll(async () => {
    server = await startServer({ PARLEY_DEMO: 'true' });
    browser = await launchBrowser();
    url = `http://127.0.0.1:${server.port}`;
    [dana, tomas] = await Promise.all([signInAs(browser, url, 'dana'), signInAs(browser, url, 'tomas')]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.dispose();
  });

  it('[MJ1] a client has a place for their jobs, a freelancer one for their proposals, whoever is new both', async () => {
    const { page } = dana;
    await page.getByTestId('jobs').getByText('3 to answer').waitFor();
    expect(await page.getByTestId('proposals').count()).toBe(0);
    await tomas.page.getByTestId('proposals').waitFor();
    expect(await tomas.page.getByTestId('jobs').count()).toBe(0);

    await page.getByTestId('jobs').click();
    await heading(page).getByText('My jobs').waitFor();
    expect(await page.locator('[data-testid^="job-"]').count()).toBe(2);
    await page.getByTestId('job-job-explainer').getByText('2 new').waitFor();
    await screenshot(page, 'my-jobs');

    await put('users/nils', { displayName: 'Nils Berg' });
    const context = await browser.newContext({ viewport: DESKTOP });
    const newcomer = await context.newPage();
    await newcomer.goto(url);
    await newcomer.getByText('Sign in with a token instead').click();
    await newcomer.getByLabel('Token').fill(mintToken(JWT_SECRET, 'nils', { ttlSeconds: 600 }));
    await newcomer.getByRole('button', { name: 'Sign in' }).click();
    await newcomer.getByTestId('jobs').click();
    await newcomer.getByText('No jobs yet').waitFor();
    expect(await violations(newcomer)).toEqual([]);
    await screenshot(newcomer, 'my-jobs-empty');
    await newcomer.getByTestId('proposals').click();
    await newcomer.getByText('No proposals yet').waitFor();
    await newcomer.goto(`${url}/jobs/none`);
    await newcomer.getByText('There is no such job of yours').waitFor();
    await newcomer.goto(`${url}/proposals/proposal-tomas`);
    await newcomer.getByText('This proposal is not open to you').waitFor();
    await context.close();
  });

  it('[MJ2] a job’s proposals stand by status, and "Send message" moves one to the Messaged section', async () => {
    const { page } = dana;
    await page.getByTestId('job-job-explainer').click();
    await heading(page).getByText('Explainer video for a furniture care app').waitFor();
    expect(await sections(page)).toEqual([expect.stringMatching(/^New\s*2/)]);
    await page.getByText('You have written to nobody yet').waitFor();
    await page.getByTestId('send-message-proposal-tomas').click();
    await page.getByTestId('composer').fill('Hello Tomás');
    await page.getByTestId('send').click();
    await page.getByTestId('proposal-view').waitFor();
    await page.getByTestId('message').filter({ hasText: 'Hello Tomás' }).waitFor();
    await page.getByRole('link', { name: 'Back to the job' }).click();
    await inSection(page, 'messaged', 'proposal-tomas').waitFor();
    expect(await sections(page)).toEqual([expect.stringMatching(/^New\s*1/), expect.stringMatching(/^Messaged\s*1/)]);
    await page.getByTestId('jobs').getByText('2 to answer').waitFor();
    await screenshot(page, 'job-messaged');
  });

  it('[MJ3] both sides’ lists follow live: messaged, interviewing, hired, declined', async () => {
    await tomas.page.getByTestId('proposals').click();
    await inSection(tomas.page, 'messaged', 'proposal-tomas').waitFor();
    for (const status of ['interviewing', 'hired', 'declined', 'interviewing']) {
      await move('proposal-tomas', 'tomas', status);
      for (const { page } of [dana, tomas]) await inSection(page, status, 'proposal-tomas').waitFor();
    }
    // And what somebody else says is counted where it stands.
    await tomas.page.evaluate(() => {
      const [thread] = window.__parley.client.inbox.get().threads;
      window.__parley.client.thread(thread?.threadId ?? '').post('When do we talk?');
    });
    await inSection(dana.page, 'interviewing', 'proposal-tomas').getByText('unread').waitFor();
  });

  it('[HF13] a job and a proposal show live before there is a conversation, on both sides, and counts follow', async () => {
    await put('users/omar', { displayName: 'Omar Haddad', headline: 'Sound designer' });
    await put('jobs/job-sound', { clientId: 'dana', title: 'Sound for the film' });
    const context = await browser.newContext({ viewport: DESKTOP, locale: 'en-US' });
    const omar = await context.newPage();
    await omar.goto(url);
    await omar.getByText('Sign in with a token instead').click();
    await omar.getByLabel('Token').fill(mintToken(JWT_SECRET, 'omar', { ttlSeconds: 600 }));
    await omar.getByRole('button', { name: 'Sign in' }).click();
    await omar.getByTestId('proposals').click();
    await omar.getByText('No proposals yet').waitFor();
    const { page, context: other } = await signInAs(browser, url, 'dana');
    await page.getByTestId('jobs').click();
    await page.getByTestId('job-job-sound').getByText('No proposals yet').waitFor();
    const waiting = Number((await page.getByTestId('jobs').innerText()).match(/\d+/)?.[0]);
    const propose = (status?: string) =>
      put('proposals/proposal-omar', { jobId: 'job-sound', freelancerId: 'omar', coverLetter: 'I listen first.', status });
    await propose();
    await page.getByTestId('job-job-sound').getByText('1 new').waitFor();
    await page
      .getByTestId('jobs')
      .getByText(`${waiting + 1} to answer`)
      .waitFor();
    await inSection(omar, 'proposed', 'proposal-omar').waitFor();
    expect(await omar.getByTestId('jobs').count()).toBe(0);
    await page.getByTestId('job-job-sound').click();
    await inSection(page, 'proposed', 'proposal-omar').waitFor();
    await propose('declined');
    for (const one of [page, omar]) await inSection(one, 'declined', 'proposal-omar').waitFor();
    await page.getByTestId('jobs').getByText(`${waiting} to answer`).waitFor();
    await other.close();
    await context.close();
  });

  it('[HF14] a long list of proposals comes in pages, and its counts are those of all', async () => {
    const users = Array.from({ length: 60 }, (_, index) => ({ userId: `many-${index}`, displayName: `Person ${index}` }));
    await bulk('users', users);
    await put('jobs/job-many', { clientId: 'dana', title: 'A job that many want' });
    const proposals = users.map(({ userId }, index) => ({
      proposalId: `proposal-${userId}`,
      jobId: 'job-many',
      freelancerId: userId,
      submittedAt: index + 1,
    }));
    await bulk('proposals', proposals);
    const { page, context, errors } = await signInAs(browser, url, 'dana');
    await page.getByTestId('jobs').click();
    await page.getByTestId('job-job-many').getByText('60 new').waitFor();
    await page.getByTestId('job-job-many').getByText('+55').waitFor();
    await screenshot(page, 'my-jobs-many');
    await page.getByTestId('job-job-many').click();
    await page.getByTestId('proposal-proposal-many-59').waitFor();
    const cards = page.locator('article[data-testid^="proposal-"]');
    expect(await cards.count()).toBe(50);
    expect(await sections(page)).toEqual([expect.stringMatching(/^New\s*60/)]);
    await page.getByTestId('more').focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('proposal-proposal-many-0').waitFor();
    expect(await cards.count()).toBe(60);
    expect(await page.getByTestId('more').count()).toBe(0);
    // What happens to one of the first page keeps the others in sight.
    await put('proposals/proposal-many-59', { ...proposals[59], status: 'declined' });
    await inSection(page, 'declined', 'proposal-many-59').waitFor();
    expect(await cards.count()).toBe(60);
    expect(await violations(page)).toEqual([]);
    expect(errors).toEqual([]);
    await context.close();
  });

  it('[MJ4] a freelancer sees what they sent, by status, and what became of it', async () => {
    const { page } = tomas;
    await heading(page).getByText('My proposals').waitFor();
    await page.getByTestId('section-interviewing').getByText('For Dana Whitfield').waitFor();
    expect(await page.getByRole('button', { name: /Send message/ }).count()).toBe(0);
    await screenshot(page, 'my-proposals');
    const aiko = await signInAs(browser, url, 'aiko', { viewport: PHONE, hasTouch: true, isMobile: true });
    await aiko.page.getByTestId('proposals').click();
    await aiko.page.getByTestId('proposal-proposal-aiko').getByRole('link').click();
    await aiko.page.getByRole('tab', { name: 'Conversation' }).click();
    await aiko.page.getByTestId('waiting-note').getByText('Dana has not written yet').waitFor();
    expect(await violations(aiko.page)).toEqual([]);
    await aiko.context.close();
  });

  it('[MJ5] a proposal has its conversation beside it, which opens on both sides with the first message', async () => {
    const { page } = dana;
    const aiko = await signInAs(browser, url, 'aiko');
    await aiko.page.goto(`${url}/proposals/proposal-aiko?as=aiko&test`);
    await aiko.page.getByTestId('waiting-note').waitFor();
    await page.getByTestId('proposal-proposal-aiko').getByRole('link', { name: 'Aiko Mori' }).click();
    await heading(page).getByText('Aiko Mori').waitFor();
    await page.getByText('I paint textures by hand').waitFor();
    await screenshot(page, 'proposal-before');
    await page.getByTestId('composer').fill('Hello Aiko, may I see the tea film?');
    await page.getByTestId('send').click();
    for (const one of [page, aiko.page]) await one.getByTestId('message').filter({ hasText: 'the tea film?' }).waitFor();
    await page.getByTestId('proposal-view').getByText('Messaged').first().waitFor();
    await aiko.page.getByTestId('composer').fill('Of course.');
    await aiko.page.getByTestId('composer').press('Enter');
    await page.getByTestId('message').filter({ hasText: 'Of course.' }).waitFor();
    expect(await page.getByText('I paint textures by hand').isVisible()).toBe(true);
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
    await screenshot(page, 'proposal-beside');
    expect(aiko.errors).toEqual([]);
    await aiko.context.close();
  });

  it('[MJ6] where there is room for one, tabs choose between proposal and conversation, by keyboard too', async () => {
    const { page, context, errors } = await signInAs(browser, url, 'dana', { viewport: PHONE, hasTouch: true, isMobile: true });
    await page.getByTestId('jobs').click();
    await page.getByTestId('job-job-explainer').click();
    await screenshot(page, 'phone-job');
    await page.getByTestId('proposal-proposal-aiko').getByRole('link').click();
    const tab = (name: string) => page.getByRole('tab', { name });
    await page.getByTestId('message').first().waitFor();
    expect(await tab('Conversation').getAttribute('aria-selected')).toBe('true');
    await screenshot(page, 'phone-proposal-conversation');
    await tab('Conversation').focus();
    await page.keyboard.press('ArrowLeft');
    await page.getByText('I paint textures by hand').waitFor();
    expect(await page.getByTestId('composer').count()).toBe(0);
    await until('the focus to follow', () => tab('Proposal').evaluate((one) => one === document.activeElement));
    await screenshot(page, 'phone-proposal');
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('End');
    await page.getByTestId('composer').waitFor();
    expect(await violations(page)).toEqual([]);
    expect(errors).toEqual([]);
    await context.close();
    // Beside the sidebar it is the view's own width that decides.
    const tablet = await signInAs(browser, url, 'dana', { viewport: { width: 820, height: 900 } });
    await tablet.page.goto(`${url}/proposals/proposal-aiko?as=dana&test`);
    await tablet.page.getByRole('tablist').waitFor();
    await screenshot(tablet.page, 'tablet-proposal');
    await tablet.page.setViewportSize({ width: 1024, height: 900 });
    await tablet.page.getByRole('tablist').waitFor({ state: 'detached' });
    await tablet.page.getByTestId('composer').waitFor();
    await tablet.page.getByText('I paint textures by hand').waitFor();
    // Nothing of either part lies under the other.
    const details = tablet.page.getByRole('region', { name: 'Proposal' });
    expect(await details.evaluate((box) => box.scrollWidth - box.clientWidth)).toBe(0);
    await screenshot(tablet.page, 'tablet-wide-proposal');
    await tablet.context.close();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const viewport of [DESKTOP, PHONE]) {
      it(`[MJ7] axe finds nothing wrong with jobs and proposals, ${colorScheme}, ${viewport.width} wide`, async () => {
        const phone = viewport === PHONE ? { hasTouch: true, isMobile: true } : {};
        const { page, context, errors } = await signInAs(browser, url, 'dana', { viewport, colorScheme, ...phone });
        for (const [path, sign] of [
          ['/jobs', 'job-job-checkout'],
          ['/jobs/job-explainer', 'section-messaged'],
          ['/proposals/proposal-tomas', 'message'],
          ['/proposals/proposal-kwame', 'proposal-view'],
        ] as const) {
          await page.goto(`${url}${path}?as=dana&test`);
          await page.getByTestId(sign).first().waitFor();
          expect(await violations(page), path).toEqual([]);
          await screenshot(page, `jobs-${path.split('/').at(-1)}-${colorScheme}-${viewport.width}`);
        }
        await page.goto(`${url}/proposals?as=tomas&test`);
        await page.getByTestId('section-interviewing').waitFor();
        expect(await violations(page)).toEqual([]);
        expect(errors).toEqual([]);
        await context.close();
      });
    }
  }

  it('[MJ8] from the list to a proposal and back needs no mouse', async () => {
    const { page } = dana;
    await page.goto(`${url}/?as=dana&test`);
    await page.getByTestId('jobs').focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('job-job-checkout').getByRole('link').focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('send-message-proposal-kwame').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await until('the focus to be back', () =>
      page.getByTestId('send-message-proposal-kwame').evaluate((one) => one === document.activeElement),
    );
    await page.getByTestId('proposal-proposal-kwame').getByRole('link').focus();
    await page.keyboard.press('Enter');
    await heading(page).getByText('Kwame Mensah').waitFor();
    await page.getByRole('link', { name: 'Back to the job' }).focus();
    await page.keyboard.press('Enter');
    await heading(page).getByText('Rebuild our checkout in React').waitFor();
    await page.goBack();
    await heading(page).getByText('Kwame Mensah').waitFor();
    expect(dana.errors).toEqual([]);
  });
});
