import { launchBrowser, screenshot, PHONE, DESKTOP } from '../support/browser.ts';
import { startServer } from '../support/server-process.ts';
import { violations } from './ui-axe.ts';

const server = await startServer({ PARLEY_DEMO: 'true', PARLEY_SAFETY_POLICY: JSON.stringify({ before: { phone: 'warn' } }) });
const browser = await launchBrowser();
const url = `http://127.0.0.1:${server.port}`;
const open = async (userId: string, options: object) => {
  const context = await browser.newContext({ viewport: DESKTOP, locale: 'en-US', timezoneId: 'Europe/Berlin', ...options });
  const page = await context.newPage();
  page.on('pageerror', (error) => console.log('PAGE', error.message));
  page.on('console', (message) => message.type() === 'error' && console.log('CONSOLE', message.text()));
  await page.routeWebSocket(/v1\/socket/, (socket) => {
    const there = socket.connectToServer();
    socket.onMessage((data) => {
      const frame = JSON.parse(String(data));
      if (frame.type === 'guard.appeal') return socket.send(JSON.stringify({ id: frame.id, result: { state: 'waiting', decisionReason: null } }));
      if (frame.type === 'message.post' && frame.payload.body.includes('HOLD')) return socket.send(JSON.stringify({ id: frame.id, error: { code: 'held', message: 'A moderator sees it first.', retryable: false, findings: [] } }));
      there.send(JSON.stringify(frame));
    });
    there.onMessage((data) => socket.send(data));
  });
  await page.goto(`${url}/?as=${userId}&test`);
  await page.waitForFunction(() => window.__parley?.client.inbox.get().ready);
  return page;
};
try {
  let first = true;
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const viewport of [DESKTOP, PHONE]) {
      const name = `${colorScheme}-${viewport.width}`;
      const page = await open('dana', { viewport, colorScheme, ...(viewport === PHONE ? { hasTouch: true, isMobile: true } : {}) });
      if (first) {
        await page.getByTestId('jobs').click();
        await page.getByTestId('job-job-explainer').click();
        await page.getByTestId('send-message-proposal-tomas').click();
        await page.getByTestId('composer').fill('Hello Tomás, write to hello@whitfield-films.com or give me your WhatsApp?');
        await page.getByTestId('guard-notice').waitFor({ timeout: 3000 }).catch(() => console.log('no notice'));
        await page.waitForTimeout(300);
        await screenshot(page, 'guard-first');
        await page.keyboard.press('Escape');
        await page.waitForTimeout(100);
        console.log('dialog still there', await page.getByRole('dialog').count(), await page.getByTestId('guard-notice').count());
        await page.getByTestId('composer').fill('Hello Tomás, may we talk about the film?');
        await page.getByTestId('send').click();
        await page.getByTestId('message').first().waitFor();
      } else {
        await page.locator('[data-testid^="thread-"]').first().click();
      }
      const field = page.getByTestId('composer');
      const type = async (text: string, shot: string) => {
        await field.fill(text);
        await page.getByTestId('guard-notice').waitFor({ timeout: 3000 }).catch(() => console.log('no notice for', text));
        await page.waitForTimeout(300);
        await screenshot(page, `guard-${shot}-${name}`);
        for (const one of await violations(page)) console.log(name, shot, one);
      };
      await type('You can reach me at whitfield@studio-mail.com any time you like, and I will answer on the same day. My colleague is at the same address.', 'mask');
      await type('I can send you a gift card if you hire me, and let us pay by PayPal outside the platform.', 'block');
      await field.fill('You can reach me at whitfield@studio-mail.com any time.');
      await field.press('Enter');
      await page.getByTestId('mask').first().waitFor({ timeout: 5000 }).catch(async () => { await screenshot(page, 'guard-fail'); console.log(await page.getByTestId('message').last().innerHTML()); });
      await field.fill('I can send you a gift card if you hire me.');
      await field.press('Enter');
      await page.getByTestId('refusal').first().waitFor();
      await field.fill('Call me on +49 151 2345 6789 on Friday.');
      await field.press('Enter');
      await field.fill('HOLD this one please');
      await field.press('Enter');
      await page.waitForTimeout(500);
      await screenshot(page, `guard-rows-${name}`);
      for (const one of await violations(page)) console.log(name, 'rows', one);
      await page.getByTestId('mask').first().click();
      await page.waitForTimeout(300);
      await screenshot(page, `guard-pill-${name}`);
      for (const one of await violations(page)) console.log(name, 'pill', one);
      await page.getByTestId('appeal').click();
      await page.getByTestId('appeal-reason').fill('It is the address of the museum.');
      await page.waitForTimeout(300);
      await screenshot(page, `guard-appeal-${name}`);
      for (const one of await violations(page)) console.log(name, 'appeal', one);
      await page.keyboard.press('Escape');
      await page.waitForTimeout(300);
      console.log('focus after', await page.evaluate(() => document.activeElement?.getAttribute('data-testid')));
      await page.evaluate(() => { for (const item of window.__parley.client.thread(window.__parley.client.inbox.get().threads[0]!.threadId).view.get().items) if (item.kind === 'pending') window.__parley.client.thread(window.__parley.client.inbox.get().threads[0]!.threadId).discard(item.message.clientMessageId); });
      await page.keyboard.press('Escape');
      await field.focus();
      await page.keyboard.press('ArrowUp');
      await page.getByTestId('edit').waitFor();
      await page.waitForTimeout(200);
      await screenshot(page, `guard-edit-${name}`);
      for (const one of await violations(page)) console.log(name, 'edit', one);
      await page.context().close();
      first = false;
    }
  }
} finally {
  await browser.close();
  await server.dispose();
}
