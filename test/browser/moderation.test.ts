import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mintToken } from '../../src/identity/tokens.ts';
import { DESKTOP, launchBrowser, type Person, PHONE, screenshot, signInAs } from '../support/browser.ts';
import { API_KEY, JWT_SECRET } from '../support/gateway.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { violations } from './ui-axe.ts';

describe('moderation on screen', () => {
  let server: ServerProcess;
  let browser: Browser;
  let url: string;
  let dana: Person;
  let tomas: Person;
  let noor: Person;
  let threadId: string;

  const host = async (method: 'GET' | 'PUT' | 'POST', path: string, body?: unknown): Promise<any> => {
    const answer = await fetch(`${url}/v1/${path}`, {
      method,
      headers: { Authorization: `Bearer ${API_KEY}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
  const say = (person: Person, body: string) =>
    person.page.evaluate(([id, text]) => window.__parley.client.thread(id as string).post(text as string), [threadId, body]);
  const message = (page: Page, body: string) => page.getByTestId('message').filter({ hasText: body });
  const heading = (page: Page) => page.getByRole('heading', { level: 1 });
  const notice = (page: Page, text: string) => page.locator('[data-done]').filter({ hasText: text });
  const openThread = async ({ page, userId }: Person) => {
    await page.goto(`${url}/threads/${threadId}?as=${userId}&test`);
    await page.getByTestId('message').first().waitFor();
  };
  const cards = (page: Page) => page.getByTestId('cases').getByRole('listitem');
  const menu = async (page: Page, item: string) => {
    await page.getByTestId('conversation-options').click();
    await page.getByRole('menuitem', { name: item }).click();
  };

  beforeAll(async () => {
    server = await startServer({ PARLEY_DEMO: 'true' });
    browser = await launchBrowser();
    url = `http://127.0.0.1:${server.port}`;
    const first = { clientMessageId: 'first-message', body: 'Hello Tomás, I like your letter. When could you begin?' };
    threadId = (await host('POST', 'proposals/proposal-tomas/thread', first)).threadId;
    [dana, tomas, noor] = await Promise.all([
      signInAs(browser, url, 'dana'),
      signInAs(browser, url, 'tomas'),
      signInAs(browser, url, 'noor'),
    ]);
    await openThread(dana);
    await openThread(tomas);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.dispose();
  });

  it('[MO16] the place and the pages of moderation are shown to moderators alone', async () => {
    await noor.page.getByTestId('moderation').click();
    await heading(noor.page).getByText('Moderation').waitFor();
    await noor.page.getByText('Nothing waits').waitFor();
    expect(await violations(noor.page)).toEqual([]);
    await screenshot(noor.page, 'moderation-empty');
    expect(await dana.page.getByTestId('moderation').count()).toBe(0);
    const other = await signInAs(browser, url, 'kwame');
    for (const path of ['moderation', 'moderation/00000000-0000-4000-8000-000000000000']) {
      await other.page.goto(`${url}/${path}?as=kwame&test`);
      await other.page.getByText('This is for moderators').waitFor();
    }
    expect(await violations(other.page)).toEqual([]);
    await other.context.close();
  });

  it('[RB1] a message is reported from its menu, which can be undone, and comes to the queue live', async () => {
    await say(tomas, 'I can begin on Monday, but let us talk somewhere else.');
    const target = message(dana.page, 'somewhere else');
    await target.waitFor();
    await target.hover();
    await target.getByRole('button', { name: 'More' }).click();
    await dana.page.getByRole('menuitem', { name: 'Report…' }).click();
    const dialog = dana.page.getByRole('dialog', { name: 'Report this message' });
    await dialog.waitFor();
    expect(await violations(dana.page)).toEqual([]);
    await dana.page.getByTestId('send-report').click();
    await dialog.getByText('Choose what it is.').waitFor();
    await dialog.getByLabel('They want to talk or be paid elsewhere').check();
    await dana.page.getByTestId('report-note').fill('We have no contract yet.');
    await screenshot(dana.page, 'report-dialog');
    await dana.page.getByTestId('send-report').click();
    await notice(dana.page, 'A moderator will look at it').getByRole('button', { name: 'Undo' }).click();
    await notice(dana.page, 'Your report was taken back').waitFor();
    await noor.page.getByText('Nothing waits').waitFor();

    await target.hover();
    await target.getByRole('button', { name: 'More' }).click();
    await dana.page.getByRole('menuitem', { name: 'Report…' }).click();
    await dialog.getByLabel('They want to talk or be paid elsewhere').check();
    await dana.page.getByTestId('report-note').fill('We have no contract yet.');
    await dana.page.getByTestId('send-report').click();
    await noor.page.getByTestId('cases').getByText('Tomás Rivera').waitFor();
    expect(await cards(noor.page).count()).toBe(1);
  });

  it('[MO17] a moderator reads a case with its context, is told what is missing, and decides it by keyboard', async () => {
    const { page } = noor;
    await screenshot(page, 'moderation-queue');
    await page.getByTestId('cases').getByRole('link').focus();
    await page.keyboard.press('Enter');
    await heading(page).getByText('Report').waitFor();
    await page.getByTestId('case-text').getByText('somewhere else').waitFor();
    await page.getByText('We have no contract yet.').waitFor();
    await page.getByText('before a contract').waitFor();
    const context = page.getByTestId('case-context').getByRole('listitem');
    expect(await context.count()).toBe(2);
    expect(await page.locator('[aria-current="true"]').innerText()).toContain('somewhere else');
    expect(await violations(page)).toEqual([]);
    await screenshot(page, 'moderation-case');

    await page.getByTestId('choose-granted').focus();
    await page.keyboard.press('Control+Enter');
    await page.getByText('Choose one of the two.').waitFor();
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Control+Enter');
    await page.getByText('Say why: the reason is kept with the decision.').waitFor();
    await page.keyboard.type('An invitation to leave before a contract.');
    await page.keyboard.press('Control+Enter');
    await page.getByTestId('decided').getByText('Upheld').waitFor();
    await until('the focus on what was decided', () =>
      page.getByTestId('decided').evaluate((one) => one === document.activeElement),
    );
    await page.getByText('Another moderator may look at it once more.').waitFor();
    expect(await page.getByTestId('decide').count()).toBe(0);
    expect(await violations(page)).toEqual([]);
    await page.getByTestId('next-case').click();
    await page.getByText('Nothing waits').waitFor();
    expect(noor.errors).toEqual([]);
  });

  it('[MO18] another moderator takes the second look; whoever has a case on screen is seen to have it', async () => {
    await host('PUT', 'users/mila', { displayName: 'Mila Novak', headline: 'Trust and safety' });
    const context = await browser.newContext({ viewport: DESKTOP, locale: 'en-US' });
    const page = await context.newPage();
    await page.goto(`${url}/moderation`);
    await page.getByText('Sign in with a token instead').click();
    await page.getByLabel('Token').fill(mintToken(JWT_SECRET, 'mila', { ttlSeconds: 600, roles: ['moderator'] }));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByTestId('moderation').click();
    await page.getByRole('tab', { name: 'Second look' }).click();
    await page.getByText('decided by Noor Haddad').waitFor();
    await page.getByTestId('cases').getByRole('link').click();
    await page.getByText('An invitation to leave before a contract.').waitFor();
    await screenshot(page, 'moderation-second-look');
    await page.getByTestId('choose-reversed').check();
    await page.getByTestId('reason').fill('They only meant the phone here.');
    await page.getByTestId('decide').click();
    await page.getByTestId('second-look').getByText('Reversed').waitFor();
    await page.getByTestId('case-state').getByText('Dismissed').waitFor();
    expect(await violations(page)).toEqual([]);

    // A new one: who opens it first has it.
    await menu(dana.page, 'Report Tomás…');
    await dana.page.getByRole('dialog').getByLabel('Something else').check();
    await dana.page.getByTestId('send-report').click();
    await noor.page.getByTestId('cases').getByText('Something else').waitFor();
    await noor.page.getByTestId('cases').getByRole('link').click();
    await noor.page.getByTestId('decide').waitFor();
    await page.getByRole('link', { name: 'Back to the queue' }).click();
    await page.getByText('Noor Haddad looks at it').waitFor();
    await page.getByTestId('cases').getByRole('link').click();
    await page.getByTestId('claimed').getByText('Noor Haddad looks at this case now').waitFor();
    await screenshot(page, 'moderation-claimed');
    expect(await violations(page)).toEqual([]);
    // It is free again when she leaves it.
    await noor.page.getByRole('link', { name: 'Back to the queue' }).click();
    await page.getByTestId('choose-refused').check();
    await page.getByTestId('reason').fill('Nothing in it.');
    await page.getByTestId('decide').click();
    await page.getByTestId('decided').getByText('Dismissed').waitFor();
    await noor.page.getByText('Nothing waits').waitFor();
    await context.close();
  });

  it('[RB5] a person is blocked after a question, which can be undone, and is told nothing', async () => {
    const { page } = dana;
    await menu(page, 'Block Tomás…');
    const question = page.getByRole('alertdialog', { name: 'Block Tomás Rivera?' });
    await question.waitFor();
    expect(await violations(page)).toEqual([]);
    await screenshot(page, 'block-dialog');
    await page.getByTestId('block').click();
    await page.getByTestId('blocked').waitFor();
    await notice(page, 'Tomás is blocked.').waitFor();
    await screenshot(page, 'blocked');
    await tomas.page.getByTestId('composer').fill('Are you there?');
    await tomas.page.getByTestId('composer').press('Enter');
    await tomas.page.getByText('Not sent. This cannot be sent here.').waitFor();
    await screenshot(tomas.page, 'blocked-other-side');
    expect(await tomas.page.getByText(/block/i).count()).toBe(0);
    await notice(page, 'Tomás is blocked.').getByRole('button', { name: 'Undo' }).click();
    await page.getByTestId('blocked').waitFor({ state: 'detached' });
    await tomas.page.getByRole('button', { name: 'Try again' }).click();
    await message(page, 'Are you there?').waitFor();
    await page.getByTestId('presence').getByText('Online').waitFor();

    // And by the menu again, which knows how it stands after a reload.
    await menu(page, 'Block Tomás…');
    await page.getByTestId('block').click();
    await page.getByTestId('blocked').waitFor();
    await openThread(dana);
    await page.getByTestId('blocked').waitFor();
    await menu(page, 'Unblock Tomás');
    await page.getByTestId('blocked').waitFor({ state: 'detached' });
    expect([dana.errors, tomas.errors]).toEqual([[], []]);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const viewport of [DESKTOP, PHONE]) {
      it(`[MO19] axe finds nothing wrong with moderation, reporting and blocking, ${colorScheme}, ${viewport.width} wide`, async () => {
        const phone = viewport === PHONE ? { hasTouch: true, isMobile: true } : {};
        const options = { viewport, colorScheme, ...phone };
        const name = `${colorScheme}-${viewport.width}`;
        await say(tomas, `Write to me at the usual place, ${name}.`);
        const person = await signInAs(browser, url, 'dana', options);
        await openThread(person);
        await message(person.page, name).waitFor();
        await screenshot(person.page, `conversation-menu-before-${name}`);
        await menu(person.page, 'Report Tomás…');
        await person.page.getByRole('dialog').getByLabel('A scam or a fraud').check();
        expect(await violations(person.page)).toEqual([]);
        await screenshot(person.page, `report-${name}`);
        await person.page.getByTestId('send-report').click();
        await notice(person.page, 'A moderator will look at it').waitFor();
        expect(await violations(person.page)).toEqual([]);
        await screenshot(person.page, `reported-${name}`);
        await menu(person.page, 'Block Tomás…');
        expect(await violations(person.page)).toEqual([]);
        await screenshot(person.page, `block-${name}`);

        const moderator = await signInAs(browser, url, 'noor', options);
        const { page } = moderator;
        await page.getByTestId('moderation').click();
        await page.getByTestId('cases').waitFor();
        expect(await violations(page)).toEqual([]);
        await screenshot(page, `queue-${name}`);
        await page.getByTestId('cases').getByRole('link').first().click();
        await page.getByTestId('decide').waitFor();
        expect(await violations(page)).toEqual([]);
        await screenshot(page, `case-${name}`);
        await page.getByTestId('choose-granted').check();
        await page.getByTestId('reason').fill('It is one.');
        await page.getByTestId('decide').scrollIntoViewIfNeeded();
        await screenshot(page, `case-deciding-${name}`);
        await page.getByTestId('decide').click();
        await page.getByTestId('decided').waitFor();
        expect(await violations(page)).toEqual([]);
        await screenshot(page, `case-decided-${name}`);
        expect([person.errors, moderator.errors]).toEqual([[], []]);
        await person.context.close();
        await moderator.context.close();
      });
    }
  }
});
