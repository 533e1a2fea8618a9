import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, signInAs } from '../support/browser.ts';
import { callStatus } from '../support/call-probe.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';

describe('without a mouse', () => {
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

  it('[WEB27] a message is sent and a call answered and left by keyboard alone', async () => {
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
