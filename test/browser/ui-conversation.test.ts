import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../client/types.ts';
import { MAX_BODY_LENGTH } from '../../protocol/index.ts';
import { DESKTOP, launchBrowser, type Person, PHONE, screenshot, signInAs } from '../support/browser.ts';
import { API_KEY } from '../support/gateway.ts';
import { signInWithSdk } from '../support/people.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';

const TEST_ID_FOCUSED = () => document.activeElement?.getAttribute('data-testid');

interface View {
  readonly messages: number;
  readonly fromEnd: number;
  /** The first message in the window, and how far from its top it is. */
  readonly first: string | null;
  readonly distance: number;
}

/** What is in the window, after scrolling there if a place is given. */
const viewOf = (page: Page, scrollTop?: number): Promise<View> =>
  page.getByRole('region', { name: 'Messages', exact: true }).evaluate((box, place) => {
    if (place !== undefined) box.scrollTop = place;
    const messages = [...box.querySelectorAll<HTMLElement>('[data-testid="message"]')];
    const { top } = box.getBoundingClientRect();
    const first = messages.find((message) => message.getBoundingClientRect().top >= top);
    return {
      messages: messages.length,
      fromEnd: Math.round(box.scrollHeight - box.scrollTop - box.clientHeight),
      first: first?.dataset.offset ?? null,
      distance: Math.round((first?.getBoundingClientRect().top ?? 0) - top),
    };
  }, scrollTop);

/** To the pixel that a scroll position is rounded to. */
const expectSamePlace = (after: View, before: View): void => {
  expect(after.first).toBe(before.first);
  expect(Math.abs(after.distance - before.distance)).toBeLessThanOrEqual(1);
};

describe('a conversation on screen', () => {
  let server: ServerProcess;
  let browser: Browser;
  let tomas: Client;
  let dana: Person;
  let page: Page;
  let threadId: string;

  const unread = async (): Promise<number> => Number(await page.getByTestId(`thread-${threadId}`).getAttribute('data-unread'));
  const say = async (body: string): Promise<void> => {
    tomas.thread(threadId).post(body);
    await until('the message to be stored', () =>
      tomas
        .thread(threadId)
        .view.get()
        .items.every(({ kind }) => kind === 'event'),
    );
  };

  const putProposal = async (status: string): Promise<void> => {
    const answer = await fetch(`http://127.0.0.1:${server.port}/v1/proposals/proposal-tomas`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ jobId: 'job-explainer', freelancerId: 'tomas', status }),
    });
    expect(answer.status).toBe(200);
  };
  const bodiesOf = (client: Client): string[] =>
    client
      .thread(threadId)
      .view.get()
      .items.flatMap((item) => (item.kind === 'event' && item.event.type === 'message.posted' ? item.event.message.body : []));

  beforeAll(async () => {
    server = await startServer({ PARLEY_DEMO: 'true', PARLEY_REQUEST_BURST: '2000', PARLEY_REQUESTS_PER_SECOND: '2000' });
    browser = await launchBrowser();
    dana = await signInAs(browser, `http://127.0.0.1:${server.port}`, 'dana');
    ({ page } = dana);
    threadId = await page.evaluate(async () => {
      const { threadId } = await window.__parley.client.messageProposal('proposal-tomas', 'Hello');
      return threadId;
    });
    tomas = await signInWithSdk(server.port, 'tomas');
    tomas.thread(threadId).open();
    await until('the conversation of tomas', () => tomas.thread(threadId).view.get().status === 'ready');
  });
  afterAll(async () => {
    await tomas?.close();
    await browser?.close();
    await server?.dispose();
  });

  it('[WEB30] what one did not look at counts in the list and the title, and is read once it is seen', async () => {
    await say('One');
    await say('Two');
    await until('the title to count', async () => (await page.title()) === '(2) Parley');
    expect(await unread()).toBe(2);
    tomas.thread(threadId).setTyping(true);
    await page.getByTestId('row-typing').waitFor();
    tomas.thread(threadId).setTyping(false);
    await page.getByTestId(`thread-${threadId}`).click();
    await page.locator('[data-unread-mark]').waitFor();
    await until('the title to count no more', async () => (await page.title()) === 'Parley');
  });

  it('[WEB31] writing, correcting and deleting need no mouse', async () => {
    const composer = page.getByTestId('composer');
    await until('the composer to have the focus', async () => (await page.evaluate(TEST_ID_FOCUSED)) === 'composer');
    await page.keyboard.type('First line');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('second lime');
    await page.keyboard.press('Enter');
    const last = page.getByTestId('message').last();
    await until('the message to be sent', async () => (await last.getAttribute('data-state')) === 'sent');
    expect(await composer.inputValue()).toBe('');
    await page.keyboard.press('ArrowUp');
    expect(await page.getByTestId('edit').inputValue()).toBe('First line\nsecond lime');
    await page.keyboard.press('Backspace');
    await page.keyboard.press('Backspace');
    await page.keyboard.type('ne');
    await page.keyboard.press('Enter');
    await last.getByText('edited').waitFor();
    await until('the other to see it', () =>
      tomas
        .thread(threadId)
        .view.get()
        .items.some(
          ({ kind, ...item }) =>
            'event' in item && item.event.type === 'message.posted' && item.event.message.body === 'First line\nsecond line',
        ),
    );
    expect(await page.evaluate(TEST_ID_FOCUSED)).toBe('composer');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Escape');
    expect(await page.evaluate(TEST_ID_FOCUSED)).toBe('composer');

    await last.getByRole('button', { name: 'More' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menu').waitFor();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.getByRole('alertdialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
    await until('the focus to be back', () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') === 'More'));
    await page.keyboard.press('Enter');
    await page.keyboard.press('d');
    await page.keyboard.press('Enter');
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).focus();
    await page.keyboard.press('Enter');
    await last.getByText('This message was deleted').waitFor();
  });

  it('[WEB32] a message that is refused says so, and can be given up', async () => {
    await page.evaluate(([id, length]) => window.__parley.client.thread(id).post('x'.repeat(length + 1)), [
      threadId,
      MAX_BODY_LENGTH,
    ] as const);
    const failed = page.locator('[data-testid="message"][data-state="failed"]');
    await failed.getByText('Not sent.').waitFor();
    await failed.getByRole('button', { name: 'Discard' }).click();
    await failed.waitFor({ state: 'detached' });
  });

  it('[WEB32] a message that was refused is sent in its place when one tries again', async () => {
    await putProposal('declined');
    await page.getByPlaceholder('The proposal was declined').waitFor();
    await page.evaluate((id) => window.__parley.client.thread(id).post('Refused at first'), threadId);
    const row = page.getByTestId('message').filter({ hasText: 'Refused at first' });
    await row.getByText('Not sent.').waitFor();
    expect(await row.getAttribute('data-state')).toBe('failed');
    const element = await row.elementHandle();
    await putProposal('messaged');
    await page.getByPlaceholder('Message Tomás').waitFor();
    await row.getByRole('button', { name: 'Try again' }).click();
    await until('the message to be sent', async () => (await row.getAttribute('data-state')) === 'sent');
    expect(await element?.evaluate(({ isConnected }) => isConnected)).toBe(true);
    expect(await row.count()).toBe(1);
    await until('the other to have it once', () => bodiesOf(tomas).filter((body) => body === 'Refused at first').length === 1);
  });

  it('[WEB33] what is too long for one message is sent as several, and one is told how many before', async () => {
    const composer = page.getByTestId('composer');
    await composer.fill('n'.repeat(MAX_BODY_LENGTH - 7));
    await page.getByText('7 characters left').waitFor();
    const paragraph = 'The tenth of forty lines about the brief, none of which is in question.\n';
    const brief = `${paragraph.repeat(40)}\n${paragraph.repeat(40)}The end of it`;
    await composer.fill(brief);
    await page.getByText('Sent as 2 messages').waitFor();
    await screenshot(page, 'composer-two-messages');
    await page.setViewportSize(PHONE);
    await screenshot(page, 'composer-two-messages-390');
    await page.setViewportSize(DESKTOP);
    const before = bodiesOf(tomas).length;
    await composer.press('Enter');
    expect(await composer.inputValue()).toBe('');
    await until('both to arrive', () => bodiesOf(tomas).length === before + 2);
    expect(bodiesOf(tomas).slice(before)).toEqual([paragraph.repeat(40).trim(), `${paragraph.repeat(40)}The end of it`]);
  });

  it('[WEB33] one cannot send what would be more than five messages, and is told by how much it is too long', async () => {
    const composer = page.getByTestId('composer');
    const text = 'y'.repeat(5 * MAX_BODY_LENGTH + 7);
    await composer.fill(text);
    await page.getByText('7 characters too long').waitFor();
    expect(await page.getByTestId('send').isDisabled()).toBe(true);
    await composer.press('Enter');
    expect(await composer.inputValue()).toBe(text);
    await composer.fill('');
  });

  it('[WEB33] an edit that is too long cannot be saved, and one is told by how much', async () => {
    const composer = page.getByTestId('composer');
    await composer.fill('Short at first');
    await composer.press('Enter');
    await page.getByTestId('message').filter({ hasText: 'Short at first' }).waitFor();
    await composer.press('ArrowUp');
    const field = page.getByTestId('edit');
    await field.fill('z'.repeat(MAX_BODY_LENGTH + 7));
    await page.getByText('7 characters too long').waitFor();
    expect(await page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await field.press('Escape');
  });

  it('[WEB34] what one began to write is there after a look elsewhere and after a reload', async () => {
    await page.getByTestId('composer').fill('Not finished');
    await page.getByTestId('jobs').click();
    await page.getByTestId(`thread-${threadId}`).getByText('Draft: Not finished').waitFor();
    await page.reload();
    await page.getByTestId(`thread-${threadId}`).click();
    expect(await page.getByTestId('composer').inputValue()).toBe('Not finished');
    await page.getByTestId('composer').fill('');
  });

  it('[WEB35] scrolled up, what one reads stays in its place while older messages load and new ones come', async () => {
    for (let index = 0; index < 180; index += 1) tomas.thread(threadId).post(`Line ${index} ${'and more '.repeat(index % 9)}`);
    await page.getByTestId('message').filter({ hasText: 'Line 179' }).waitFor();
    await until('the end to be in view', async () => (await viewOf(page)).fromEnd < 2);
    // Or else it comes to rest where the unread begins.
    await until('all to be read', async () => (await unread()) === 0);
    await page.reload();
    await page.getByTestId('message').filter({ hasText: 'Line 179' }).waitFor();
    const loaded = (await viewOf(page)).messages;
    expect(loaded).toBeLessThan(180);

    const before = await viewOf(page, 300);
    expect(before.fromEnd).toBeGreaterThan(100);
    const after = await until('older messages', async () => {
      const view = await viewOf(page);
      return view.messages > loaded && view;
    });
    expectSamePlace(after, before);

    await say('While you were up');
    const jump = page.getByRole('button', { name: '1 new message' });
    await jump.waitFor();
    expect(await unread()).toBe(1);
    const still = await viewOf(page);
    expectSamePlace(still, before);
    await jump.press('Enter');
    await until('the end to be in view', async () => (await viewOf(page)).fromEnd < 2);
    // The button is gone, and the focus is with what it led to.
    await jump.waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Messages');
    await until('it to be read', async () => (await unread()) === 0);
    await say('At the end');
    await page.getByTestId('message').filter({ hasText: 'At the end' }).waitFor();
    expect((await viewOf(page)).fromEnd).toBeLessThan(2);
  });

  it('[WEB36] [WEB74] without a server, one is told, aloud too, goes on writing, and what one wrote is sent when it is back', async () => {
    await server.stop('SIGKILL');
    await page.getByText('Reconnecting').waitFor();
    await page.getByRole('status').filter({ hasText: 'No connection.' }).waitFor();
    expect(await page.getByTestId('connection-status').getAttribute('data-status')).toMatch(/reconnecting|connecting/);
    await page.getByTestId('composer').fill('Written without a connection');
    await page.getByTestId('composer').press('Enter');
    const written = page.getByTestId('message').filter({ hasText: 'Written without a connection' });
    expect(await written.getAttribute('data-state')).toBe('pending');
    const row = await written.elementHandle();
    await server.start();
    await page
      .getByRole('button', { name: 'Try now' })
      .click({ timeout: 2_000 })
      .catch(() => {
        // It came back by itself meanwhile.
      });
    await until('the message to be sent', async () => (await written.getAttribute('data-state')) === 'sent');
    expect(await row?.evaluate((element) => element.isConnected)).toBe(true);
    await until('the banner to go', async () => (await page.getByTestId('connection-status').innerText()) === '');
    expect(dana.errors).toEqual([]);
  });

  it('[WEB73] the other is shown as online, in the list too, and with when they were last seen once they are gone', async () => {
    const row = page.getByTestId(`thread-${threadId}`);
    await page.getByTestId('presence').filter({ hasText: 'Online' }).waitFor();
    await row.getByText(', online').waitFor({ state: 'attached' });
    await tomas.close();
    await page.getByTestId('presence').filter({ hasText: 'Last seen just now' }).waitFor();
    await row.getByText(', online').waitFor({ state: 'detached' });
    tomas = await signInWithSdk(server.port, 'tomas');
    tomas.thread(threadId).open();
    await page.getByTestId('presence').filter({ hasText: 'Online' }).waitFor();
  });

  it('[WEB74] a message that comes in while one is there is said to a screen reader, with who wrote it', async () => {
    await say('Can you hear this?');
    await page.getByRole('status').filter({ hasText: 'Tomás: Can you hear this?' }).waitFor();
  });

  it('[WEB63] a conversation whose proposal is declined or closed says so, cannot be written or called in, and can again when it is opened', async () => {
    const composer = page.getByTestId('composer');
    for (const [status, why] of [
      ['declined', 'The proposal was declined'],
      ['closed', 'The proposal is closed'],
    ] as const) {
      await putProposal(status);
      await page.getByPlaceholder(why).waitFor();
      expect(await composer.isDisabled()).toBe(true);
      await page.getByRole('button', { name: /call/i }).waitFor({ state: 'detached' });
    }
    await putProposal('messaged');
    await page.getByPlaceholder('Message Tomás').waitFor();
    expect(await composer.isEnabled()).toBe(true);
    await page.getByRole('button', { name: /video/i }).waitFor();
  });
});
