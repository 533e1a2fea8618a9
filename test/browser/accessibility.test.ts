import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DESKTOP, launchBrowser, PHONE, screenshot, signInAs } from '../support/browser.ts';
import { callStatus } from '../support/call-probe.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe finds wrong on the page as it is now. */
const faultsOf = async (page: Page): Promise<string[]> => {
  // Evaluated by the driver, which the page's policy does not bind.
  await page.evaluate(AXE);
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(root: Document, options: object): Promise<{ violations: Finding[] }> } };
    return (await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })).violations;
  });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`),
  );
};

const overflowOf = (page: Page): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

const LOOKS = [
  { name: 'desktop-light', viewport: DESKTOP, colorScheme: 'light' },
  { name: 'desktop-dark', viewport: DESKTOP, colorScheme: 'dark' },
  { name: 'phone-light', viewport: PHONE, colorScheme: 'light' },
  { name: 'phone-dark', viewport: PHONE, colorScheme: 'dark' },
] as const;

describe('the web application for everybody', () => {
  let server: ServerProcess;
  let browser: Browser;
  let url: string;
  let threadId: string;

  beforeAll(async () => {
    server = await startServer({ PARLEY_DEMO: 'true' });
    browser = await launchBrowser();
    url = `http://127.0.0.1:${server.port}`;
    const { page, context } = await signInAs(browser, url, 'dana');
    threadId = await page.evaluate(async () => {
      const { client } = window.__parley;
      const { threadId } = await client.messageProposal(
        'proposal-tomas',
        'Hello Tomás, shall we talk? https://example.com/brief',
      );
      client.thread(threadId).post('I have an hour tomorrow.');
      return threadId;
    });
    await context.close();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.dispose();
  });

  it.each(LOOKS)(
    '[AX1] [AX3] every page is without fault and within the window: $name',
    async ({ name, viewport, colorScheme }) => {
      const check = async (page: Page, what: string): Promise<void> => {
        // Where things come to rest is what is looked at.
        await page.evaluate(() =>
          Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))).then(() => {}),
        );
        await screenshot(page, `${what}-${name}`);
        expect({ what, faults: await faultsOf(page) }).toEqual({ what, faults: [] });
        expect({ what, overflow: await overflowOf(page) }).toEqual({ what, overflow: 0 });
      };
      const visitor = await (await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' })).newPage();
      await visitor.goto(url);
      await visitor.getByTestId('person-dana').waitFor();
      await check(visitor, 'sign-in');
      await visitor.context().close();

      const { page, context } = await signInAs(browser, url, 'dana', { viewport, colorScheme, reducedMotion: 'reduce' });
      await check(page, 'list');
      await page.getByTestId('proposals').click();
      await page.getByTestId('proposal-proposal-aiko').waitFor();
      await check(page, 'proposals');
      await page.goto(`${url}/?as=dana&test`);
      await page.getByTestId(`thread-${threadId}`).click();
      await page.getByTestId('message').first().waitFor();
      await check(page, 'conversation');
      await page.getByTestId('call-video').click();
      await page.getByTestId('prejoin-join').waitFor();
      await check(page, 'pre-join');
      await page.getByTestId('prejoin-join').click();
      await until('the call to be live', async () => (await callStatus(page)) === 'live');
      await check(page, 'in-call');
      await page.getByTestId('leave').click();
      await until('the call to be over', async () => (await callStatus(page)) === undefined);
      await page.evaluate(async (id) => {
        const { client, interviews } = window.__parley;
        const interview = client.inbox.get().threads.find((thread) => thread.threadId === id)?.interview;
        if (interview) await interviews.cancel(interview.interviewId).catch(() => interviews.end(interview.interviewId));
      }, threadId);
      await context.close();
    },
  );

  it('[AX2] a message is sent and a call answered and left by keyboard alone', async () => {
    const [dana, tomas] = await Promise.all([signInAs(browser, url, 'dana'), signInAs(browser, url, 'tomas')]);
    const { keyboard } = tomas.page;
    /** Tab until the focus is on it, as a person would. */
    const tabTo = async (testId: string): Promise<void> => {
      for (let presses = 0; presses < 60; presses++) {
        await keyboard.press('Tab');
        if (
          (await tomas.page.evaluate(() => document.activeElement?.closest('[data-testid]')?.getAttribute('data-testid'))) ===
          testId
        )
          return;
      }
      throw new Error(`${testId} is not reached by Tab.`);
    };
    await tabTo(`thread-${threadId}`);
    await keyboard.press('Enter');
    await tomas.page.getByTestId('composer').waitFor();
    if ((await tomas.page.evaluate(() => document.activeElement?.getAttribute('data-testid'))) !== 'composer')
      await tabTo('composer');
    await keyboard.type('By keyboard');
    await keyboard.press('Enter');
    await dana.page.getByTestId(`thread-${threadId}`).click();
    await dana.page.getByTestId('message').filter({ hasText: 'By keyboard' }).waitFor();

    await dana.page.getByTestId('call-audio').click();
    await tomas.page.getByTestId('answer').waitFor();
    if ((await tomas.page.evaluate(() => document.activeElement?.getAttribute('data-testid'))) !== 'answer')
      await tabTo('answer');
    await keyboard.press('Enter');
    await tomas.page.getByTestId('prejoin-join').waitFor();
    if ((await tomas.page.evaluate(() => document.activeElement?.getAttribute('data-testid'))) !== 'prejoin-join')
      await tabTo('prejoin-join');
    await keyboard.press('Enter');
    await until('the call to be live', async () => (await callStatus(tomas.page)) === 'live');
    await tabTo('leave');
    await keyboard.press('Enter');
    await until('the call to be left', async () => (await callStatus(tomas.page)) === undefined);
    expect([...dana.errors, ...tomas.errors]).toEqual([]);
    await Promise.all([dana.context.close(), tomas.context.close()]);
  });
});
