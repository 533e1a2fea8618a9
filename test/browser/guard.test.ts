import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CasePage, MAX_BODY_LENGTH, type ModerationCase } from '../../protocol/index.ts';
import { DESKTOP, launchBrowser, type Person, PHONE, screenshot, signInAs } from '../support/browser.ts';
import { API_KEY } from '../support/gateway.ts';
import { type HostPage, startHostPage, visit } from '../support/host-page.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { settled, violations } from './ui-axe.ts';

const EMAIL = 'films@alderandoak.com';
const MASKED = `Write to ${EMAIL} when the frames are ready.`;
const REWARD = 'I will send you a gift card if you hire me.';
/** As this test's policy has it: telephone numbers are confirmed, addresses are held. */
const DOUBTED = 'My number is +49 151 2345 6789, call me on Friday.';
const HELD = 'My address is Lindenstraße 48, 10969 Berlin.';
const POLICY = JSON.stringify({ before: { phone: 'warn', address: 'hold' } });

const TEST_ID_FOCUSED = () => document.activeElement?.getAttribute('data-testid');

describe('the guard on screen', () => {
  let server: ServerProcess;
  let browser: Browser;
  let host: HostPage;
  let url: string;
  let dana: Person;
  let tomas: Person;
  /** All that Tomás's window was sent, from its first socket on. */
  const heard: string[] = [];
  /** Types of what Dana's window asked. */
  const asked: string[] = [];

  const composer = (page: Page) => page.getByTestId('composer');
  const message = (page: Page, hasText: string) => page.getByTestId('message').filter({ hasText });
  const notice = (page: Page) => page.getByTestId('guard-notice');
  const previews = (): number => asked.filter((type) => type === 'guard.preview').length;
  const say = async (page: Page, text: string): Promise<void> => {
    await composer(page).fill(text);
    await composer(page).press('Enter');
  };
  /** Everything that the page's polite live region says from now on. */
  const listen = (page: Page) =>
    page.evaluate(() => {
      const said: string[] = [];
      Object.assign(window, { __said: said });
      new MutationObserver(() => {
        for (const region of document.querySelectorAll('[role="status"].unseen, .unseen[role="status"]')) {
          const text = region.textContent ?? '';
          if (text !== '' && said.at(-1) !== text) said.push(text);
        }
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
  const said = (page: Page) => page.evaluate(() => (window as unknown as { __said: string[] }).__said);

  beforeAll(async () => {
    server = await startServer({
      PARLEY_DEMO: 'true',
      PARLEY_SAFETY_POLICY: POLICY,
      PARLEY_REQUEST_BURST: '2000',
      PARLEY_REQUESTS_PER_SECOND: '2000',
    });
    browser = await launchBrowser();
    host = await startHostPage(server.port);
    url = `http://127.0.0.1:${server.port}`;
    [dana, tomas] = await Promise.all([signInAs(browser, url, 'dana'), signInAs(browser, url, 'tomas')]);
    // The sockets of before are not heard from their beginning.
    for (const [{ page }, direction] of [
      [tomas, 'framereceived'],
      [dana, 'framesent'],
    ] as const) {
      page.on('websocket', (socket) =>
        socket.on(direction as 'framereceived', ({ payload }) => {
          if (direction === 'framereceived') heard.push(String(payload));
          else asked.push(JSON.parse(String(payload)).type);
        }),
      );
      await page.reload();
      await page.waitForFunction(() => window.__parley?.client.inbox.get().ready);
    }
  });
  afterAll(async () => {
    await browser?.close();
    await host?.close();
    await server?.dispose();
  });

  it('[WEB33] [WG12] the first message is looked at while it is written, refused with advice, asked a moderator about, and sent once it is another', async () => {
    const { page } = dana;
    await page.getByTestId('jobs').click();
    await page.getByTestId('job-job-explainer').click();
    await page.getByTestId('send-message-proposal-tomas').click();
    await composer(page).fill('a'.repeat(MAX_BODY_LENGTH + 7));
    await page.getByText('7 characters too long').waitFor();
    await screenshot(page, 'first-message-too-long');
    expect(await page.getByTestId('send').isDisabled()).toBe(true);
    await composer(page).fill(REWARD);
    await notice(page).getByText('This cannot be sent here.').waitFor();
    await screenshot(page, 'guard-first-message');
    expect(await violations(page)).toEqual([]);
    // Escape puts the notice away, and only then the dialog.
    await page.keyboard.press('Escape');
    await notice(page).waitFor({ state: 'detached' });
    expect(await page.getByRole('dialog').count()).toBe(1);
    await page.getByTestId('send').click();
    const refused = page.getByTestId('first-message-refused');
    await refused.getByText('A paid first milestone is a fair trial.').waitFor();
    expect(await violations(page)).toEqual([]);
    await screenshot(page, 'guard-first-message-refused');
    await refused.getByRole('button', { name: 'Ask a moderator' }).click();
    await page.getByTestId('appeal-reason').fill('It is a joke among us.');
    await settled(page);
    await screenshot(page, 'guard-first-message-appeal');
    await page.setViewportSize(PHONE);
    await settled(page);
    await screenshot(page, 'guard-first-message-appeal-390');
    await page.setViewportSize(DESKTOP);
    expect(await violations(page)).toEqual([]);
    await page.getByTestId('appeal-send').click();
    await refused.getByText('The conversation opens when they let it through.').waitFor();
    expect(await page.getByRole('dialog').count()).toBe(1);
    await composer(page).fill(DOUBTED);
    await page.getByTestId('send').click();
    await refused.getByRole('button', { name: 'Send anyway' }).waitFor();
    await composer(page).fill('Hello Tomás, may we talk about the film?');
    await refused.waitFor({ state: 'detached' });
    await page.getByTestId('send').click();
    await message(page, 'may we talk').waitFor();
    await tomas.page.locator('[data-testid^="thread-"]').first().click();
    await message(tomas.page, 'may we talk').waitFor();

    // Beside a proposal it is the same.
    await page.goto(`${url}/proposals/proposal-kwame?as=dana&test`);
    await composer(page).fill(HELD);
    await notice(page).getByText('A moderator sees this message first.').waitFor();
    await page.getByTestId('send').click();
    await refused.getByText('Waiting for review').waitFor();
    expect(await violations(page)).toEqual([]);
    await composer(page).fill(DOUBTED);
    await page.getByTestId('send').click();
    await refused.getByRole('button', { name: 'Send anyway' }).click();
    await message(page, 'call me on Friday').waitFor();
    await page.locator('[data-testid^="thread-"]').filter({ hasText: 'Tomás' }).click();
    await message(page, 'may we talk').waitFor();
  });

  it('[WG13] what one writes is explained once the keys rest: words, what becomes of them, why, and what to do instead', async () => {
    const { page } = dana;
    await listen(page);
    const before = previews();
    await composer(page).pressSequentially(MASKED, { delay: 15 });
    await notice(page).getByText('Part of this will be hidden until the contract starts.').waitFor();
    await notice(page).getByText(`${EMAIL}`).waitFor();
    await notice(page).getByText('looks like an e-mail address.').waitFor();
    await notice(page).getByText('Addresses can be exchanged once the contract has started.').waitFor();
    expect(previews()).toBe(before + 1);
    expect(await page.getByTestId('underlined').locator('span').innerText()).toBe(EMAIL);
    expect(await composer(page).getAttribute('aria-describedby')).toContain(
      (await notice(page).locator('[id]').first().getAttribute('id')) ?? 'none',
    );
    // Said once, politely, and without the words.
    await until('it to be said', async () => (await said(page)).length > 0);
    expect((await said(page)).filter((text) => text.includes('e-mail address'))).toHaveLength(1);
    expect((await said(page)).join()).not.toContain(EMAIL);
    // A space at the end is no other text; going on is, and it says nothing new.
    await page.keyboard.type(' ');
    await page.waitForTimeout(700);
    expect(previews()).toBe(before + 1);
    await page.keyboard.type('Thanks.');
    await until('the longer text to be looked at', () => previews() === before + 2);
    expect((await said(page)).filter((text) => text.includes('e-mail address'))).toHaveLength(1);
    await page.keyboard.press('Escape');
    await notice(page).waitFor({ state: 'detached' });
    expect(await page.evaluate(TEST_ID_FOCUSED)).toBe('composer');
    // What was put away stays away until something else is found.
    await page.keyboard.type(' Bye.');
    await until('the text to be looked at again', () => previews() === before + 3);
    await page.waitForTimeout(200);
    expect(await notice(page).count()).toBe(0);
    await composer(page).fill(REWARD);
    await notice(page).getByText('This cannot be sent here.').waitFor();
    await composer(page).fill('');
    await notice(page).waitFor({ state: 'detached' });
  });

  it('[WG13] the line under the words stands under them, however long the text is', async () => {
    const { page } = dana;
    await composer(page).fill(`${'A line of the brief.\n'.repeat(20)}${MASKED} ${'And more of it. '.repeat(12)}`);
    await notice(page).waitFor();
    await page.getByTestId('underlined').waitFor();
    const lines = await composer(page).evaluate((field) => {
      const area = field as HTMLTextAreaElement;
      const behind = area.parentElement?.querySelector<HTMLElement>('[data-testid="underlined"]');
      if (behind === null || behind === undefined) throw new Error('Nothing is underlined.');
      area.scrollTop = 160;
      area.dispatchEvent(new Event('scroll', { bubbles: true }));
      return {
        widths: [area.clientWidth, behind.clientWidth],
        scroll: [area.scrollTop, behind.scrollTop],
        heights: [area.scrollHeight, behind.scrollHeight],
        fonts: [area, behind].map((one) => {
          const { font, letterSpacing, padding, textRendering } = getComputedStyle(one);
          return [font, letterSpacing, padding, textRendering].join();
        }),
      };
    });
    for (const [field, behind] of Object.values(lines)) expect(behind).toBe(field);
    expect(lines.scroll[0]).toBe(160);
    await screenshot(page, 'guard-underlined-scrolled');
    await composer(page).fill('');
  });

  it('[WG13] the latest answer counts, sending waits for none, and without a connection nothing is asked', async () => {
    const context = await browser.newContext({ viewport: DESKTOP, locale: 'en-US' });
    const page = await context.newPage();
    let held: (() => void)[] = [];
    let isHolding = true;
    let asked = 0;
    await page.routeWebSocket(/v1\/socket/, (socket) => {
      const there = socket.connectToServer();
      const previews = new Set<number>();
      socket.onMessage((data) => {
        const { id, type } = JSON.parse(String(data));
        if (type === 'guard.preview') {
          asked += 1;
          previews.add(id);
        }
        there.send(data);
      });
      there.onMessage((data) => {
        const { id } = JSON.parse(String(data).slice(String(data).indexOf('{')));
        if (isHolding && previews.has(id)) held.push(() => socket.send(data));
        else socket.send(data);
      });
    });
    await page.goto(`${url}/?as=dana&test`);
    await page.locator('[data-testid^="thread-"]').filter({ hasText: 'Tomás' }).click();
    await composer(page).fill(REWARD);
    await until('the first to be asked', () => held.length === 1);
    isHolding = false;
    await composer(page).fill(MASKED);
    await notice(page).getByText('Part of this will be hidden').waitFor();
    for (const answer of held) answer();
    held = [];
    await page.waitForTimeout(300);
    expect(await notice(page).getAttribute('data-action')).toBe('mask');
    isHolding = true;
    await composer(page).fill('A calm pace suits the film.');
    await until('it to be asked', () => held.length === 1);
    await composer(page).press('Enter');
    await message(page, 'A calm pace').waitFor();
    await until('it to be sent', async () => (await message(page, 'A calm pace').getAttribute('data-state')) === 'sent');
    for (const answer of held) answer();
    isHolding = false;
    const before = asked;
    await page.evaluate(() => window.__parley.client.close());
    await composer(page)
      .fill(MASKED, { timeout: 1_000 })
      .catch(() => {
        // Signed out one cannot write at all.
      });
    await page.waitForTimeout(700);
    expect(asked).toBe(before);
    expect(await notice(page).count()).toBe(0);
    await context.close();
  });

  it('[WG14] it is masked when it is sent: neither the other’s page nor anything it was sent, nor a search, ever has the words', async () => {
    const { page } = dana;
    await say(page, MASKED);
    for (const one of [page, tomas.page]) {
      await message(one, 'when the frames are ready').getByTestId('mask').getByText('hidden: e-mail address').waitFor();
      expect(await one.content()).not.toContain(EMAIL);
      await one.locator('[data-testid^="thread-"]').getByText('Write to [hidden] when').waitFor();
    }
    await tomas.page.keyboard.press('Control+k');
    await tomas.page.keyboard.type('frames ready');
    await tomas.page.getByTestId('search-hit').getByText('[hidden]').waitFor();
    await tomas.page.getByRole('searchbox').fill('alderandoak');
    await tomas.page.getByText('Nothing found').first().waitFor();
    await tomas.page.keyboard.press('Escape');
    await tomas.page.goto(`${url}/?as=tomas&test`);
    await tomas.page.locator('[data-testid^="thread-"]').first().click();
    await message(tomas.page, 'when the frames are ready').getByTestId('mask').waitFor();
    expect(heard.some((frame) => frame.includes('when the frames are ready'))).toBe(true);
    expect(heard.filter((frame) => frame.includes('alderandoak'))).toEqual([]);
  });

  it('[WG15] a mark says why and until when, by click and by keyboard, and leads its sender to a moderator', async () => {
    const { page } = dana;
    const mask = page.getByRole('button', { name: 'hidden: e-mail address' });
    await mask.focus();
    await page.keyboard.press('Enter');
    const card = page.getByRole('dialog', { name: 'Why this is hidden' });
    await card.getByText('looks like an e-mail address').waitFor();
    await card.getByText('shown in this place when the contract starts').waitFor();
    expect(await mask.getAttribute('aria-expanded')).toBe('true');
    await page.keyboard.press('Escape');
    await card.waitFor({ state: 'detached' });
    expect(await page.evaluate(TEST_ID_FOCUSED)).toBe('mask');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(TEST_ID_FOCUSED)).toBe('appeal');
    await page.keyboard.press('Enter');
    await page.keyboard.type('It is the address on our public page.');
    expect(await violations(page)).toEqual([]);
    await page.getByTestId('appeal-send').click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await mask.click();
    await card.getByText('A moderator has been asked.').waitFor();
    expect(await card.getByTestId('appeal').count()).toBe(0);
    await page.mouse.click(700, 10);
    await card.waitFor({ state: 'detached' });
    // The other is told, and cannot ask.
    await tomas.page.getByTestId('mask').click();
    const theirs = tomas.page.getByRole('dialog', { name: 'Why this is hidden' });
    await theirs.getByText('stay hidden before a contract').waitFor();
    expect(await theirs.getByRole('button').count()).toBe(0);
    await tomas.page.keyboard.press('Escape');
    await page.reload();
    await mask.click();
    await card.getByText('A moderator has been asked.').waitFor();
    await page.keyboard.press('Escape');
  });

  it('[WG16] in a message that is edited, a mark that is left keeps what is under it', async () => {
    const { page } = dana;
    await composer(page).focus();
    await page.keyboard.press('ArrowUp');
    await page.getByTestId('edit-marks').getByText('keeps what is under it').waitFor();
    expect(await page.getByTestId('edit').inputValue()).toContain('•••••');
    await page.getByTestId('edit').fill('Please write to ••••• on Monday.');
    await page.keyboard.press('Enter');
    await message(tomas.page, 'on Monday').getByTestId('mask').waitFor();
    expect(heard.filter((frame) => frame.includes('alderandoak'))).toEqual([]);
    // What the guard refuses keeps the form, with what was found.
    await page.getByTestId('edit').waitFor({ state: 'detached' });
    await page.keyboard.press('ArrowUp');
    await page.getByTestId('edit').fill(REWARD);
    await page.keyboard.press('Enter');
    await page.getByTestId('edit-refused').getByText('A paid first milestone is a fair trial.').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await message(page, 'on Monday').getByTestId('mask').waitFor();
    expect(await page.evaluate(TEST_ID_FOCUSED)).toBe('composer');
  });

  it('[WG17] an attempt to trade a gift card is refused with advice, and is edited or discarded by keyboard', async () => {
    const { page } = dana;
    await say(page, REWARD);
    const row = message(page, 'gift card');
    await row.getByText('Not sent.').waitFor();
    await row.getByText('The award may not be traded for gifts').waitFor();
    expect(await row.getAttribute('data-state')).toBe('blocked');
    await row.getByRole('button', { name: 'Edit' }).focus();
    await page.keyboard.press('Enter');
    await row.waitFor({ state: 'detached' });
    expect(await composer(page).inputValue()).toBe(REWARD);
    await until('the focus to be in the composer', async () => (await page.evaluate(TEST_ID_FOCUSED)) === 'composer');
    await page.keyboard.press('Enter');
    await row.getByRole('button', { name: 'Discard' }).focus();
    await page.keyboard.press('Enter');
    await row.waitFor({ state: 'detached' });
    expect(await page.evaluate(TEST_ID_FOCUSED)).toBe('composer');
    expect(heard.filter((frame) => frame.includes('gift card'))).toEqual([]);
  });

  it('[WG18] what the guard doubts is sent once it is confirmed, in its row', async () => {
    const { page } = dana;
    await composer(page).fill(DOUBTED);
    await notice(page).getByText('Please confirm this before it is sent.').waitFor();
    await page.keyboard.press('Enter');
    const row = message(page, 'call me on Friday');
    await row.getByText('Not sent yet: do you mean it?').waitFor();
    const element = await row.elementHandle();
    await row.getByRole('button', { name: 'Send anyway' }).focus();
    await page.keyboard.press('Enter');
    await until('it to be sent', async () => (await row.getAttribute('data-state')) === 'sent');
    expect(await element?.evaluate((one) => one.isConnected)).toBe(true);
    expect(await page.evaluate(TEST_ID_FOCUSED)).toBe('composer');
    await message(tomas.page, '+49 151 2345 6789').waitFor();
  });

  it('[WG19] what is held waits for review in its row, also after a reload', async () => {
    const { page } = dana;
    await say(page, HELD);
    const row = message(page, 'Lindenstraße 48');
    await row.getByText('Waiting for review').waitFor();
    expect(await row.getAttribute('data-state')).toBe('held');
    expect(await row.getByRole('button').count()).toBe(0);
    await page.reload();
    await row.getByText('Waiting for review').waitFor();
    await say(page, 'And what do you think of the script?');
    await message(tomas.page, 'think of the script').waitFor();
    expect(heard.filter((frame) => frame.includes('Lindenstra'))).toEqual([]);
  });

  it('[WG17] [WG23] a moderator decides: what is granted appears at both, what is refused says why', async () => {
    const { page } = dana;
    const cases = async () => {
      const answer = await fetch(`${url}/v1/moderation/cases`, { headers: { Authorization: `Bearer ${API_KEY}` } });
      return ((await answer.json()) as CasePage).cases;
    };
    const decide = async (is: (one: ModerationCase) => boolean, outcome: 'granted' | 'refused', reason: string) => {
      const found = await until('the case to wait', async () => (await cases()).find(is));
      const answer = await fetch(`${url}/v1/moderation/cases/${found.caseId}/decisions`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${API_KEY}` },
        body: JSON.stringify({ moderatorId: 'aiko', outcome, reason }),
      });
      expect(answer.status).toBe(200);
    };
    await say(page, REWARD);
    const row = message(page, 'gift card');
    await row.getByRole('button', { name: 'Ask a moderator' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type('It is what the film is about.');
    await page.getByTestId('appeal-send').click();
    await row.getByTestId('appeal-state').getByText('A moderator has been asked.').waitFor();
    // It may be let through yet.
    expect(await row.getByRole('button').count()).toBe(0);
    await page.reload();
    await row.getByTestId('appeal-state').waitFor();
    const element = await row.elementHandle();
    await decide(({ reason }) => reason.includes('the film is about'), 'granted', 'It is a quotation.');
    await until('it to be sent in its row', async () => (await row.getAttribute('data-state')) === 'sent');
    expect(await element?.evaluate((one) => one.isConnected)).toBe(true);
    await message(tomas.page, 'gift card').waitFor();

    await say(page, `${HELD} Ring twice.`);
    const held = message(page, 'Ring twice');
    await held.getByText('Waiting for review').waitFor();
    await until('two to be held', async () => (await cases()).filter(({ kind }) => kind === 'hold').length >= 2);
    const last = (await cases()).findLast(({ kind }) => kind === 'hold');
    await decide(({ caseId }) => caseId === last?.caseId, 'refused', 'Meet here first.');
    await decide(({ kind, offset }) => kind === 'appeal' && offset !== null, 'refused', 'The contract will show it.');
    // It is asked about with each connection, and once a minute.
    await page.reload();
    await held.getByText('Meet here first.').waitFor();
    expect(await held.getAttribute('data-state')).toBe('blocked');
    await page.getByTestId('mask').first().click();
    await page.getByRole('dialog').getByText('The contract will show it.').waitFor();
    await page.keyboard.press('Escape');
    await held.getByRole('button', { name: 'Discard' }).click();
    await held.waitFor({ state: 'detached' });
    expect(heard.filter((frame) => frame.includes('Ring twice'))).toEqual([]);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const viewport of [DESKTOP, PHONE]) {
      it(`[WG20] axe finds nothing wrong with any of it, and nothing is too wide, ${colorScheme}, ${viewport.width} wide`, async () => {
        const phone = viewport === PHONE ? { hasTouch: true, isMobile: true } : {};
        const { page, context, errors } = await signInAs(browser, url, 'dana', { viewport, colorScheme, ...phone });
        const shot = async (name: string): Promise<void> => {
          expect(await violations(page), name).toEqual([]);
          expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), name).toBeLessThanOrEqual(0);
          await screenshot(page, `guard-${name}-${colorScheme}-${viewport.width}`);
        };
        await page.locator('[data-testid^="thread-"]').first().click();
        await page.getByTestId('mask').waitFor();
        await composer(page).fill(`${MASKED} ${DOUBTED}`);
        await notice(page).waitFor();
        await shot('notice');
        await composer(page).fill(`${REWARD} ${MASKED}`);
        await notice(page).getByText('This cannot be sent here.').waitFor();
        await shot('blocked');
        // However the notice comes and goes, one stays where one reads.
        const fromEnd = () =>
          page
            .getByRole('region', { name: 'Messages', exact: true })
            .evaluate((box) => Math.round(box.scrollHeight - box.scrollTop - box.clientHeight));
        expect(await fromEnd()).toBeLessThan(2);
        for (const text of [REWARD, DOUBTED, HELD]) await say(page, text);
        await page.locator('[data-testid="message"][data-state="held"]').waitFor();
        await shot('rows');
        await page.getByTestId('mask').click();
        await page.getByRole('dialog').waitFor();
        await shot('mark');
        await page.keyboard.press('Escape');
        expect(errors).toEqual([]);
        // One's own device forgets what was not sent; nobody else has seen it.
        for (const name of ['Discard', 'Discard']) await page.getByRole('button', { name }).first().click();
        await context.close();
      });
    }
  }

  it('[WG21] it is the same in a page of another origin, under its policy', async () => {
    const context = await browser.newContext({ viewport: DESKTOP, locale: 'en-US' });
    const { page, complaints } = await visit(context, host.url('dana'));
    await page.getByTestId('mask').waitFor();
    await composer(page).fill(MASKED);
    await notice(page).getByText('Part of this will be hidden').waitFor();
    expect(await page.getByTestId('underlined').locator('span').innerText()).toBe(EMAIL);
    expect(await violations(page)).toEqual([]);
    await screenshot(page, 'guard-embed');
    await composer(page).fill('');
    await page.getByTestId('mask').click();
    await page
      .getByRole('dialog', { name: 'Why this is hidden' })
      .getByText('until')
      .or(page.getByText('looks like'))
      .first()
      .waitFor();
    await page.getByTestId('appeal').or(page.getByTestId('appeal-state')).waitFor();
    expect(await violations(page)).toEqual([]);
    await screenshot(page, 'guard-embed-mark');
    for (const width of [280, 360]) {
      const narrow = await visit(context, host.url('dana', { css: `parley-thread { inline-size: ${width}px }` }));
      await narrow.page.getByTestId('mask').waitFor();
      await say(narrow.page, REWARD);
      await narrow.page.getByTestId('refusal').first().waitFor();
      await composer(narrow.page).fill(`${MASKED} ${DOUBTED}`);
      await notice(narrow.page).waitFor();
      await screenshot(narrow.page, `guard-embed-${width}`);
      const excess = await narrow.page.evaluate(() => {
        const one = document.querySelector('parley-thread') as HTMLElement;
        const { right } = one.getBoundingClientRect();
        return [...(one.shadowRoot as ShadowRoot).querySelectorAll<HTMLElement>('section *, form *')]
          .filter(
            (inner) => inner.checkVisibility() && inner.getBoundingClientRect().right > right + 1 && !inner.closest('.unseen'),
          )
          .map((inner) => inner.outerHTML.slice(0, 80));
      });
      expect(excess, `${width} wide`).toEqual([]);
      await composer(narrow.page).fill('');
      await notice(narrow.page).waitFor({ state: 'detached' });
      await narrow.page.getByRole('button', { name: 'Discard' }).first().click();
    }
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('[WG22] the contract starts and the words appear in both windows, in place, without a reload, and what was held is sent', async () => {
    for (const { page } of [dana, tomas]) {
      await page.evaluate(() => Object.assign(window, { __notReloaded: true }));
      await listen(page);
    }
    const row = message(tomas.page, 'on Monday');
    const element = await row.elementHandle();
    const answer = await fetch(`${url}/v1/contracts/contract-1`, {
      method: 'PUT',
      headers: { Authorization: `Bearer ${API_KEY}` },
      body: JSON.stringify({
        proposalId: 'proposal-tomas',
        clientId: 'dana',
        freelancerId: 'tomas',
        title: 'The film',
        status: 'active',
        version: 1,
      }),
    });
    expect(answer.status).toBeLessThan(300);
    for (const { page } of [dana, tomas]) {
      await message(page, `Please write to ${EMAIL} on Monday.`).waitFor();
      expect(await page.getByTestId('released').first().innerText()).toBe(EMAIL);
      await page.getByText('The contract “The film”').first().waitFor();
      await until('it to be said', async () => (await said(page)).join().includes('What was hidden is shown now'));
      expect(await page.getByTestId('mask').count()).toBe(0);
      expect(await page.evaluate(() => '__notReloaded' in window)).toBe(true);
      await page.locator('[data-testid^="thread-"]').first().waitFor();
    }
    expect(await element?.evaluate((one) => one.isConnected)).toBe(true);
    // It is not said to be edited by its release; this one was edited before.
    await message(tomas.page, 'Lindenstraße 48').first().waitFor();
    await until(
      'what was held to be sent in its row',
      async () => (await message(dana.page, 'Lindenstraße 48').first().getAttribute('data-state')) === 'sent',
    );
    await screenshot(tomas.page, 'guard-released');
    await tomas.page.getByTestId('released').first().waitFor({ state: 'detached' });
    // From now on nobody is asked about what one writes.
    const before = previews();
    await composer(dana.page).fill(MASKED);
    await dana.page.waitForTimeout(900);
    expect(previews()).toBe(before);
    await composer(dana.page).press('Enter');
    await message(tomas.page, `Write to ${EMAIL} when`).waitFor();
    expect([...dana.errors, ...tomas.errors]).toEqual([]);
  });
});
