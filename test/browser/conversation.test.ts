import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, type Person, PHONE, screenshot, signInAs } from '../support/browser.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';

/** What a window's SDK shows of its only thread. */
const timeline = ({ page }: Person) =>
  page.evaluate(() => {
    const { client } = window.__parley;
    const threadId = client.inbox.get().threads[0]?.threadId ?? '';
    return client
      .thread(threadId)
      .view.get()
      .items.map((item) =>
        item.kind === 'pending'
          ? { state: item.message.state, body: item.message.body, offset: 0 }
          : {
              state: 'event',
              body: item.event.type === 'message.posted' ? item.event.message.body : item.event.type,
              offset: item.event.offset,
            },
      );
  });

describe('two people talk', () => {
  let server: ServerProcess;
  let browser: Browser;
  let dana: Person;
  let tomas: Person;

  beforeAll(async () => {
    server = await startServer({ PARLEY_DEMO: 'true', PARLEY_REQUEST_BURST: '2000', PARLEY_REQUESTS_PER_SECOND: '2000' });
    browser = await launchBrowser();
    const url = `http://127.0.0.1:${server.port}`;
    [dana, tomas] = await Promise.all([signInAs(browser, url, 'dana'), signInAs(browser, url, 'tomas')]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.dispose();
  });

  it('[EE1] a client opens a thread from a proposal, and both talk', async () => {
    await dana.page.getByTestId('jobs').click();
    await dana.page.getByTestId('job-job-explainer').click();
    await dana.page.getByTestId('send-message-proposal-tomas').click();
    await dana.page
      .getByTestId('composer')
      .fill('Hello Tomás, your idea of one room and one afternoon stayed with me. When could we talk?');
    await dana.page.getByTestId('send').click();

    const row = tomas.page.locator('[data-testid^="thread-"]');
    await row.first().click();
    await tomas.page.getByTestId('message').filter({ hasText: 'stayed with me' }).waitFor();
    await tomas.page.getByTestId('composer').pressSequentially('Any morning', { delay: 20 });
    await dana.page.getByTestId('typing').first().waitFor();
    await tomas.page.getByTestId('composer').fill('Any morning, Lisbon time. I can show you two style frames.');
    await tomas.page.getByTestId('composer').press('Enter');
    await dana.page.getByTestId('message').filter({ hasText: 'two style frames' }).waitFor();
    await tomas.page.getByTestId('seen').waitFor();
    expect(await tomas.page.locator('[data-testid="message"][data-state="pending"]').count()).toBe(0);

    await dana.page.getByTestId('composer').fill('Tomorrow at ten then? I will bring the script.');
    await dana.page.getByTestId('send').click();
    await tomas.page.getByTestId('message').filter({ hasText: 'bring the script' }).waitFor();
    await screenshot(dana.page, 'thread');
    const phone = await signInAs(browser, `http://127.0.0.1:${server.port}`, 'tomas', {
      viewport: PHONE,
      colorScheme: 'dark',
      hasTouch: true,
      isMobile: true,
    });
    await phone.page.locator('[data-testid^="thread-"]').first().click();
    await phone.page.getByTestId('message').filter({ hasText: 'bring the script' }).waitFor();
    await screenshot(phone.page, 'thread-phone');
    await phone.context.close();
    expect([...dana.errors, ...tomas.errors, ...phone.errors]).toEqual([]);
  });

  it('[EE2] [DE1] killed in a burst of 500 posts and started again, both windows have everything once, in order', async () => {
    await Promise.all([dana, tomas].map(({ page }) => page.evaluate(() => Object.assign(window, { __notReloaded: true }))));
    const before = (await timeline(tomas)).length;
    const posting = dana.page.evaluate(async () => {
      const { client } = window.__parley;
      const thread = client.thread(client.inbox.get().threads[0]?.threadId ?? '');
      for (let index = 0; index < 500; index++) {
        thread.post(`Burst ${index}`);
        if (index % 25 === 24) await new Promise((resolve) => setTimeout(resolve, 10));
      }
    });
    await until(
      'some of the burst to be acknowledged',
      async () => (await timeline(dana)).filter(({ state, body }) => state === 'event' && body.startsWith('Burst')).length > 60,
    );
    await server.stop('SIGKILL');
    const acknowledged = (await timeline(dana))
      .filter(({ state, body }) => state === 'event' && body.startsWith('Burst'))
      .map(({ body }) => body);
    expect(acknowledged.length).toBeLessThan(500);
    await posting;
    await server.start();

    for (const person of [dana, tomas]) {
      const burst = await until(
        `500 messages in the window of ${person.userId}`,
        async () => {
          const items = await timeline(person);
          const arrived = items.filter(({ state, body }) => state === 'event' && body.startsWith('Burst'));
          return arrived.length >= 500 && items.every(({ state }) => state === 'event') ? arrived : undefined;
        },
        40_000,
      );
      expect(burst.map(({ body }) => body)).toEqual(Array.from({ length: 500 }, (_, index) => `Burst ${index}`));
      const offsets = burst.map(({ offset }) => offset);
      expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
      expect(burst.map(({ body }) => body)).toEqual(expect.arrayContaining(acknowledged));
      expect(await person.page.evaluate(() => '__notReloaded' in window)).toBe(true);
      await person.page.getByTestId('message').filter({ hasText: 'Burst 499' }).waitFor();
    }
    expect((await timeline(tomas)).length).toBe(before + 500);
    expect([...dana.errors, ...tomas.errors]).toEqual([]);
  });
});
