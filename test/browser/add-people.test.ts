import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DESKTOP, launchBrowser, PHONE, screenshot, signInAs } from '../support/browser.ts';
import { API_KEY } from '../support/gateway.ts';
import { signInWithSdk } from '../support/people.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { settled, violations } from './ui-axe.ts';

describe('adding people', () => {
  let server: ServerProcess;
  let browser: Browser;
  let url: string;
  const threads = { tomas: '', aiko: '', kwame: '' };

  const put = async (path: string, body: unknown): Promise<void> => {
    const headers = { Authorization: `Bearer ${API_KEY}` };
    const answer = await fetch(`${url}/v1/${path}`, { method: 'PUT', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}: ${await answer.text()}`);
  };
  const openDialog = async (page: Page, threadId: string): Promise<void> => {
    await page.goto(`${url}/threads/${threadId}?as=dana&test`);
    await page.getByTestId('conversation-options').click();
    await page.getByRole('menuitem', { name: 'Add people' }).click();
    await page.getByRole('dialog').waitFor();
  };

  beforeAll(async () => {
    server = await startServer({ PARLEY_DEMO: 'true' });
    browser = await launchBrowser();
    url = `http://127.0.0.1:${server.port}`;
    const sdk = await signInWithSdk(server.port, 'dana');
    for (const name of ['kwame', 'aiko', 'tomas'] as const)
      threads[name] = (await sdk.messageProposal(`proposal-${name}`, `A word to ${name} alone.`)).threadId;
    await sdk.close();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.dispose();
  });

  it('[GT4] before a contract it offers a new group, and says why; the group begins without what was written', async () => {
    const [dana, aiko] = await Promise.all([signInAs(browser, url, 'dana'), signInAs(browser, url, 'aiko')]);
    const { page } = dana;
    await openDialog(page, threads.tomas);
    await page.getByRole('heading', { name: 'New group conversation' }).waitFor();
    await page.getByTestId('add-note').getByText('Until a contract has begun').waitFor();
    expect(await page.getByTestId('add-people').isDisabled()).toBe(true);
    expect(await page.getByTestId('choose-tomas').count()).toBe(0);
    await page.getByTestId('choose-aiko').check();
    await page.getByTestId('group-title').fill('The film');
    await settled(page);
    await screenshot(page, 'add-people-group');
    await page.getByTestId('add-people').click();
    await page.getByRole('heading', { level: 1, name: 'The film' }).waitFor();
    expect(await page.getByTestId('message').count()).toBe(0);
    await aiko.page.getByText('The film').first().click();
    await aiko.page.getByRole('heading', { level: 1, name: 'The film' }).waitFor();
    expect(await aiko.page.getByTestId('message').count()).toBe(0);
    const { members } = await page.evaluate(async () => {
      const { client } = window.__parley;
      const threadId = location.pathname.split('/').at(-1) ?? '';
      return (await client.request('thread.get', { threadId })).thread;
    });
    expect(members.map(({ userId, role }) => `${userId} ${role}`)).toEqual(['dana owner', 'tomas member', 'aiko member']);
    // Who is no owner there is offered a group of their own.
    await aiko.page.getByTestId('conversation-options').click();
    await aiko.page.getByRole('menuitem', { name: 'Add people' }).click();
    await aiko.page.getByTestId('add-note').getByText('Only an owner or admin').waitFor();
    await aiko.page.getByText('You have no other conversations yet').waitFor();
    for (const { context, errors } of [dana, aiko]) {
      expect(errors).toEqual([]);
      await context.close();
    }
  });

  it('[GT4] [GT7] once a contract has begun they are added to the conversation itself, and see all of it', async () => {
    const contract = { proposalId: 'proposal-tomas', clientId: 'dana', freelancerId: 'tomas', title: 'The film' };
    const [dana, kwame] = await Promise.all([signInAs(browser, url, 'dana'), signInAs(browser, url, 'kwame')]);
    const { page } = dana;
    await openDialog(page, threads.tomas);
    await page.getByTestId('group-title').waitFor();
    // The dialog follows what happens while it is open.
    await put('contracts/contract-film', { ...contract, status: 'active', version: 1 });
    await page.getByRole('heading', { name: 'Add people' }).waitFor();
    await page.getByTestId('add-note').getByText('everything that was written').waitFor();
    await page.getByTestId('choose-kwame').check();
    await page.getByTestId('add-people').click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await kwame.page.getByTestId(`thread-${threads.tomas}`).click();
    await kwame.page.getByTestId('message').filter({ hasText: 'A word to tomas alone.' }).waitFor();
    // The group of the test before follows the contract.
    const group = () =>
      page.evaluate(() => {
        const { threads } = window.__parley.client.inbox.get();
        return threads.find(({ kind, members }) => kind === 'group' && members.some(({ userId }) => userId === 'tomas'))
          ?.contracts;
      });
    await until('the contract in the group', async () => (await group())?.some(({ status }) => status === 'active') ?? false);
    for (const { context, errors } of [dana, kwame]) {
      expect(errors).toEqual([]);
      await context.close();
    }
  });

  it('[GT4] a refusal is said in place, and trying again opens nothing twice', async () => {
    const { page, context } = await signInAs(browser, url, 'dana');
    await openDialog(page, threads.aiko);
    await page.getByTestId('choose-kwame').check();
    const count = () => page.evaluate(() => window.__parley.client.inbox.get().threads.length);
    const before = await count();
    // The answer to the first is lost on the way.
    await page.evaluate(() => {
      const { client } = window.__parley;
      const openThread = client.openThread.bind(client);
      let isFirst = true;
      Object.assign(client, {
        openThread: async (...args: Parameters<typeof openThread>) => {
          const answer = await openThread(...args);
          if (!isFirst) return answer;
          isFirst = false;
          throw new Error('lost');
        },
      });
    });
    await page.getByTestId('add-people').click();
    await page.getByRole('alert').getByText('That did not work. Try again.').waitFor();
    await page.getByTestId('add-people').click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await until('the group', async () => (await count()) === before + 1);
    await context.close();
  });

  it('[GT6] one leaves a group after a word on what that means and who owns it then; whom it is between, and who is alone, is not offered it', async () => {
    const [dana, aiko] = await Promise.all([signInAs(browser, url, 'dana'), signInAs(browser, url, 'aiko')]);
    const threadId = await dana.page.evaluate(async () => {
      const { client } = window.__parley;
      return (await client.openThread({ title: 'Props', userIds: ['aiko'] }, crypto.randomUUID())).threadId;
    });
    const isOfferedNothing = async (page: Page): Promise<void> => {
      await page.getByTestId('conversation-options').click();
      await page.getByRole('menuitem', { name: 'Add people' }).waitFor();
      expect(await page.getByRole('menuitem', { name: 'Leave…' }).count()).toBe(0);
      await page.keyboard.press('Escape');
    };
    await dana.page.goto(`${url}/threads/${threads.aiko}?as=dana&test`);
    await isOfferedNothing(dana.page);
    await dana.page.goto(`${url}/threads/${threadId}?as=dana&test`);
    const { page } = aiko;
    await page.getByTestId(`thread-${threadId}`).click();
    await page.getByRole('heading', { level: 1, name: 'Props' }).waitFor();
    await page.getByTestId('conversation-options').click();
    await page.getByRole('menuitem', { name: 'Leave…' }).click();
    await page.getByRole('alertdialog').getByText('Only an owner or admin can add you again').waitFor();
    await settled(page);
    expect(await violations(page)).toEqual([]);
    await screenshot(page, 'leave-group');
    await page.setViewportSize(PHONE);
    await settled(page);
    await screenshot(page, 'leave-group-390');
    await page.setViewportSize(DESKTOP);
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { level: 1, name: 'Props' }).waitFor();
    await dana.page.getByTestId('conversation-options').click();
    await dana.page.getByRole('menuitem', { name: 'Leave…' }).click();
    await dana.page.getByRole('alertdialog').getByText('You own it: when you leave, Aiko').waitFor();
    await settled(dana.page);
    expect(await violations(dana.page)).toEqual([]);
    await screenshot(dana.page, 'leave-own-group');
    await dana.page.setViewportSize(PHONE);
    await settled(dana.page);
    await screenshot(dana.page, 'leave-own-group-390');
    await dana.page.setViewportSize(DESKTOP);
    await dana.page.getByTestId('leave-thread').click();
    await dana.page.getByText('You have left Props.').waitFor();
    await dana.page.getByTestId(`thread-${threadId}`).waitFor({ state: 'detached' });
    await page.getByText('left. You own it now').waitFor();
    await isOfferedNothing(page);
    await settled(page);
    await screenshot(page, 'own-group-now');
    await page.setViewportSize(PHONE);
    await settled(page);
    await screenshot(page, 'own-group-now-390');
    for (const { context, errors } of [dana, aiko]) {
      expect(errors).toEqual([]);
      await context.close();
    }
  });

  it('[GT5] it needs no mouse, and the focus is given back', async () => {
    const { page, context, errors } = await signInAs(browser, url, 'dana');
    await page.goto(`${url}/threads/${threads.kwame}?as=dana&test`);
    const focused = (testId: string) =>
      until(`the focus on ${testId}`, () => page.getByTestId(testId).evaluate((one) => one === document.activeElement));
    await page.getByTestId('conversation-options').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Add people' }).waitFor();
    await page.keyboard.press('Enter');
    await focused('choose-aiko');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await focused('conversation-options');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await focused('choose-aiko');
    await page.keyboard.press('Space');
    await page.getByTestId('group-title').focus();
    await page.keyboard.type('By keyboard');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'By keyboard' }).waitFor();
    expect(errors).toEqual([]);
    await context.close();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const viewport of [DESKTOP, PHONE]) {
      it(`[GT5] axe finds nothing wrong with it, ${colorScheme}, ${viewport.width} wide`, async () => {
        const phone = viewport === PHONE ? { hasTouch: true, isMobile: true } : {};
        const { page, context, errors } = await signInAs(browser, url, 'dana', { viewport, colorScheme, ...phone });
        for (const threadId of [threads.aiko, threads.tomas]) {
          await openDialog(page, threadId);
          await page.locator('[data-testid^="choose-"]').first().check();
          expect(await violations(page)).toEqual([]);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          expect(wide).toBe(0);
          await screenshot(page, `add-people-${threadId === threads.aiko ? 'group' : 'join'}-${colorScheme}-${viewport.width}`);
        }
        expect(errors).toEqual([]);
        await context.close();
      });
    }
  }
});
