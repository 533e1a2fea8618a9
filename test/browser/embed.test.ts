import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../client/types.ts';
import { mintToken } from '../../src/identity/tokens.ts';
import { DESKTOP, launchBrowser, PHONE, screenshot } from '../support/browser.ts';
import { JWT_SECRET } from '../support/gateway.ts';
import { type HostPage, type PageOptions, startHostPage, type Visit, visit } from '../support/host-page.ts';
import { signInWithSdk } from '../support/people.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { violations } from './ui-axe.ts';

const VIEWPORTS = [
  ['desktop', { viewport: DESKTOP }],
  ['phone', { viewport: PHONE, hasTouch: true, isMobile: true }],
] as const;

describe('a conversation in a page of another origin', () => {
  let server: ServerProcess;
  let browser: Browser;
  let host: HostPage;
  let dana: Client;
  let tomas: Client;
  let threadId: string;
  let otherId: string;
  const contexts: BrowserContext[] = [];

  const open = async (userId: string, options: PageOptions = {}, context: BrowserContextOptions = {}): Promise<Visit> => {
    const own = await browser.newContext({
      viewport: DESKTOP,
      locale: 'en-US',
      timezoneId: 'Europe/Berlin',
      permissions: ['camera', 'microphone'],
      ...context,
    });
    contexts.push(own);
    return visit(own, host.url(userId, options));
  };
  const element = (attributes: string) => `<parley-thread ${attributes} token="TOKEN"></parley-thread>`;
  const bodies = (client: Client): string[] =>
    client
      .thread(threadId)
      .view.get()
      .items.flatMap((item) => (item.kind === 'event' && item.event.type === 'message.posted' ? [item.event.message.body] : []));

  beforeAll(async () => {
    server = await startServer({ PARLEY_DEMO: 'true' });
    browser = await launchBrowser();
    host = await startHostPage(server.port);
    dana = await signInWithSdk(server.port, 'dana');
    tomas = await signInWithSdk(server.port, 'tomas');
    ({ threadId } = await dana.messageProposal('proposal-tomas', 'Hello Tomás, your proposal reads well.'));
    ({ threadId: otherId } = await dana.messageProposal('proposal-kwame', 'Hello Kwame, about the checkout.'));
    for (const client of [dana, tomas]) client.thread(threadId).open();
  });
  // A page that is left open goes on reading what comes.
  afterEach(() => Promise.all(contexts.splice(0).map((context) => context.close())));
  afterAll(async () => {
    await dana?.close();
    await tomas?.close();
    await browser?.close();
    await host?.close();
    await server?.dispose();
  });

  for (const [name, context] of VIEWPORTS) {
    it(`[EM3] [EM4] one script tag under the documented policy shows it, and messages go both ways, ${name}`, async () => {
      const { page, complaints, events } = await open('dana', {}, context);
      await page.getByText('Hello Tomás, your proposal reads well.').waitFor();
      expect(await events('ready')).toEqual([{ threadId, proposalId: 'proposal-tomas', userId: 'dana' }]);
      await page.getByTestId('composer').fill(`From the page, ${name}`);
      await page.getByTestId('composer').press('Enter');
      await until('the message to arrive', () => bodies(tomas).includes(`From the page, ${name}`));
      tomas.thread(threadId).post(`From Lisbon, ${name}`);
      await page
        .getByTestId('message')
        .filter({ hasText: `From Lisbon, ${name}` })
        .waitFor();
      await screenshot(page, `embed-thread-${name}`);
      expect(complaints).toEqual([]);
    });

    for (const colorScheme of ['light', 'dark'] as const) {
      it(`[EM14] axe finds nothing wrong with it, ${name}, ${colorScheme}`, async () => {
        const css = `:root { color-scheme: ${colorScheme}; background: ${colorScheme === 'dark' ? '#101010' : '#fff'}; color: ${colorScheme === 'dark' ? '#eee' : '#111'} }`;
        const { page, complaints } = await open('dana', { css }, { ...context, colorScheme });
        await page.getByTestId('message').first().waitFor();
        expect(await violations(page)).toEqual([]);
        await page.getByRole('button', { name: 'More' }).last().focus();
        await page.keyboard.press('Enter');
        await page.getByRole('menu').waitFor();
        expect(await violations(page)).toEqual([]);
        await page.keyboard.press('End');
        await page.keyboard.press('Enter');
        if ((await page.getByRole('alertdialog').count()) > 0) expect(await violations(page)).toEqual([]);
        await screenshot(page, `embed-${name}-${colorScheme}`);

        const proposal = await open('dana', { css, body: element('proposal="proposal-aiko"') }, { ...context, colorScheme });
        await proposal.page.getByTestId('composer').waitFor();
        expect(await violations(proposal.page)).toEqual([]);
        await screenshot(proposal.page, `embed-proposal-${name}-${colorScheme}`);
        const waiting = await open('aiko', { css, body: element('proposal="proposal-aiko"') }, { ...context, colorScheme });
        await waiting.page.getByTestId('waiting-note').waitFor();
        expect(await violations(waiting.page)).toEqual([]);
        const problem = await open('dana', { css, body: '<parley-thread thread="none"></parley-thread>' }, context);
        await problem.page.getByTestId('problem').waitFor();
        expect(await violations(problem.page)).toEqual([]);
        expect([...complaints, ...proposal.complaints, ...waiting.complaints]).toEqual([]);
      });
    }
  }

  it('[EM3] it needs no more of a policy than Parley’s origin for scripts and connections', async () => {
    const { page, complaints } = await open('dana', { strict: true });
    await page.getByTestId('message').first().waitFor();
    const look = await page.locator('parley-thread').evaluate((one) => getComputedStyle(one).display);
    expect(look).toBe('block');
    const bubble = page.getByTestId('message').first().locator('div').last();
    expect(await bubble.evaluate((one) => one.getBoundingClientRect().width)).toBeGreaterThan(40);
    await page.getByTestId('call-audio').click();
    await page.getByTestId('prejoin-join').waitFor();
    await page.keyboard.press('Escape');
    await page.getByTestId('prejoin-join').waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
    // The policy is in force: this is what it would say.
    await page.evaluate(() => document.body.setAttribute('style', 'color: red'));
    await until('the policy to speak', () => complaints.some((one) => one.includes('style-src')));
  });

  it('[EM5] before its token ends it asks the page, and goes on in the same session with the new one', async () => {
    const before = host.tokensAsked();
    const { page, complaints, sockets, events } = await open('dana', { ttlSeconds: 6 });
    await page.getByTestId('message').first().waitFor();
    await until('the page to be asked', () => host.tokensAsked() > before);
    const [asked] = await events('token-expiring');
    expect(asked?.expiresAt).toBeGreaterThan(Date.now() - 1_000);
    // Beyond the end of the first one, and what is allowed for clocks that differ.
    await page.waitForTimeout(12_000);
    tomas.thread(threadId).post('Still there?');
    await page.getByTestId('message').filter({ hasText: 'Still there?' }).waitFor();
    expect(sockets).toHaveLength(1);
    expect(host.tokensAsked()).toBe(before + 1);
    expect(await events('error')).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('[EM6] with a token that ended it says so in its place, and comes back with a new one, as attribute too', async () => {
    const { page, events } = await open('dana', { strict: true, ttlSeconds: 3 });
    await page.getByTestId('composer').fill('Not lost');
    await until(
      'the page to be told',
      async () =>
        (await events('error')).some(({ code, message }) => code === 'token_expired' && message.includes('Reload the page')),
      30_000,
    );
    expect((await events('token-expiring')).length).toBeGreaterThan(1);
    await page.getByText('Your access to this conversation has ended').waitFor();
    const token = mintToken(JWT_SECRET, 'dana', { ttlSeconds: 3_600 });
    await page.locator('parley-thread').evaluate((one, next) => one.setAttribute('token', next), token);
    await page.getByText('Your access to this conversation has ended').waitFor({ state: 'detached' });
    expect(await page.getByTestId('composer').inputValue()).toBe('Not lost');
    tomas.thread(threadId).post('Back again');
    await page.getByTestId('message').filter({ hasText: 'Back again' }).waitFor();
    await page.getByTestId('composer').fill('');
  });

  it('[EM7] taken out of the page it ends its session and leaves nothing; put elsewhere it goes on', async () => {
    const { page, complaints, sockets } = await open('dana');
    await page.getByTestId('message').first().waitFor();
    await page.evaluate(() => {
      const section = document.createElement('section');
      document.querySelector('main')?.append(section);
      section.append(document.querySelector('parley-thread') as Element);
    });
    await page.getByTestId('message').first().waitFor();
    // Longer than a connection outlives its last element.
    await page.waitForTimeout(2_500);
    expect(sockets.map((socket) => socket.isClosed())).toEqual([false]);

    await page.evaluate(() => {
      const one = document.querySelector('parley-thread') as Element;
      Object.assign(window, { __taken: one });
      one.remove();
    });
    await until('the socket to close', () => sockets.every((socket) => socket.isClosed()));
    const left = await page.evaluate(() => ({
      inside: (window as any).__taken.shadowRoot.childElementCount,
      body: document.body.outerHTML.includes('parley'),
      styles: document.adoptedStyleSheets.length + document.querySelectorAll('style').length,
    }));
    expect(left).toEqual({ inside: 0, body: false, styles: 0 });
    expect(complaints).toEqual([]);
  });

  it('[EM8] elements of one person share a socket, each with its own conversation', async () => {
    const { page, complaints, sockets } = await open('dana', {
      body: element(`thread="${threadId}"`) + element(`thread="${otherId}"`),
    });
    await page.locator('parley-thread').nth(0).getByRole('heading', { name: 'Tomás Rivera' }).waitFor();
    await page.locator('parley-thread').nth(1).getByText('Hello Kwame, about the checkout.').waitFor();
    expect(sockets).toHaveLength(1);
    await page
      .locator('parley-thread')
      .nth(0)
      .evaluate((one) => one.remove());
    await page.waitForTimeout(2_500);
    await page.locator('parley-thread').getByTestId('composer').fill('The other goes on');
    await page.locator('parley-thread').getByTestId('composer').press('Enter');
    await page.locator('[data-testid="message"][data-state="sent"]').filter({ hasText: 'The other goes on' }).waitFor();
    expect(sockets).toHaveLength(1);
    expect(complaints).toEqual([]);
  });

  it('[EM9] a proposal shows itself until its client writes, and both see the conversation open', async () => {
    const body = element('proposal="proposal-aiko"');
    const client = await open('dana', { body });
    const freelancer = await open('aiko', { body });
    await freelancer.page.getByTestId('waiting-note').getByText('Dana has not written yet.').waitFor();
    expect(await freelancer.page.getByTestId('composer').count()).toBe(0);
    await client.page.getByText('I paint textures by hand').waitFor();
    expect(await client.events('ready')).toEqual([{ threadId: null, proposalId: 'proposal-aiko', userId: 'dana' }]);
    await client.page.getByTestId('composer').fill('Hello Aiko');
    await client.page.getByTestId('send').click();
    for (const { page } of [client, freelancer]) await page.getByTestId('message').filter({ hasText: 'Hello Aiko' }).waitFor();
    for (const { events } of [client, freelancer]) {
      await until('the page to be told', async () => (await events('opened')).length === 1);
      expect((await events('opened'))[0]).toMatchObject({ proposalId: 'proposal-aiko' });
      expect(await events('ready')).toHaveLength(1);
    }
    expect([...client.complaints, ...freelancer.complaints]).toEqual([]);
  });

  it('[EM10] attributes and properties may change: another conversation, another person, theme and language', async () => {
    const { page, complaints, events } = await open('dana');
    const parley = page.locator('parley-thread');
    await page.getByRole('heading', { name: 'Tomás Rivera' }).waitFor();
    await parley.evaluate((one: any) => {
      one.proposal = 'proposal-kwame';
    });
    await page.getByText('Hello Kwame, about the checkout.').waitFor();
    await until('the page to be told', async () => (await events('ready')).length === 2);

    const background = () =>
      page
        .getByRole('region', { name: 'Conversation' })
        .evaluate((one) => getComputedStyle(one.parentElement as Element).backgroundColor);
    const light = await background();
    await parley.evaluate((one) => one.setAttribute('theme', 'dark'));
    await until('it to be dark', async () => (await background()) !== light);
    await parley.evaluate((one) => one.removeAttribute('theme'));
    await until('it to be light', async () => (await background()) === light);

    const time = page.getByTestId('message').first().locator('time');
    expect(await time.innerText()).toMatch(/[AP]M$/);
    await parley.evaluate((one: any) => {
      one.lang = 'de';
    });
    await until('the time to be written otherwise', async () => /^\d?\d:\d\d$/.test(await time.innerText()));

    await parley.evaluate(
      (one: any, token) => {
        one.token = token;
      },
      mintToken(JWT_SECRET, 'kwame', { ttlSeconds: 3_600 }),
    );
    await page.getByRole('heading', { name: 'Dana Whitfield' }).waitFor();
    expect(await parley.getAttribute('token')).not.toBe(await parley.evaluate((one: any) => one.token));
    expect(complaints).toEqual([]);
  });

  it('[EM11] custom properties colour it, and no rule of the page gets in, nor one of its own out', async () => {
    const css = `* { color: red; letter-spacing: 3px; }
      p, span, button, textarea { font-size: 40px !important; text-transform: uppercase; }
      html { font-size: 62.5%; }
      parley-thread { --parley-background: rgb(250, 240, 230); --parley-text: rgb(40, 20, 10); --parley-font: "Courier New"; }`;
    const { page, complaints } = await open('dana', { css });
    await page.getByTestId('message').first().waitFor();
    const look = await page.evaluate(() => {
      const root = document.querySelector('parley-thread')?.shadowRoot as ShadowRoot;
      const style = (selector: string) => getComputedStyle(root.querySelector(selector) as Element);
      const name = style('h2');
      const composer = style('[data-testid="composer"]');
      return {
        background: style('[data-theme]').backgroundColor,
        color: name.color,
        font: name.fontFamily,
        spacing: style('[data-testid="message"]').letterSpacing,
        size: composer.fontSize,
        transform: composer.textTransform,
        outside: getComputedStyle(document.querySelector('h1') as Element).fontFamily,
      };
    });
    expect(look).toEqual({
      background: 'rgb(250, 240, 230)',
      color: 'rgb(40, 20, 10)',
      font: '"Courier New"',
      spacing: 'normal',
      size: '14.994px',
      transform: 'none',
      outside: 'Georgia, serif',
    });
    await page.getByTestId('composer').fill('x');
    const send = page.getByTestId('send');
    const accent = () => send.evaluate((one) => getComputedStyle(one).backgroundColor);
    await until('the accent to be faded in', async () => (await accent()) === 'rgb(122, 31, 75)');
    await page.getByTestId('composer').fill('');
    await screenshot(page, 'embed-own-colours');
    expect(complaints).toEqual([]);
  });

  it('[EM12] what is wrong is said in its place, with what to do, and to the page', async () => {
    const expected: [body: string, code: string, text: string][] = [
      ['<parley-thread proposal="proposal-tomas"></parley-thread>', 'no_token', 'its element has no token'],
      ['<parley-thread thread="t" token="nonsense"></parley-thread>', 'token_invalid', 'Reload the page'],
      ['<parley-thread token="TOKEN"></parley-thread>', 'no_target', 'names no thread and no proposal'],
      [element('thread="none"'), 'not_member', ''],
      [element('proposal="none"'), 'not_found', 'This proposal is not open to you'],
      ['<parley-thread thread="t" token="e30.eyJzdWIiOiJkYW5hIn0.e30"></parley-thread>', 'token_invalid', 'cannot be opened'],
      [`<parley-thread server="http://127.0.0.1:${server.port}" thread="${threadId}" token="TOKEN"></parley-thread>`, '', ''],
    ];
    for (const [body, code, text] of expected) {
      const { page, events } = await open('dana', { body });
      if (code === '') {
        await page.getByTestId('message').first().waitFor();
        expect(await events('error')).toEqual([]);
        continue;
      }
      await until(`${code} to be told`, async () => (await events('error')).length > 0);
      const [error] = await events('error');
      expect(code === 'not_member' ? ['not_member', 'not_found'] : [code], body).toContain(error?.code);
      await page.getByText(text).first().waitFor();
      await page.getByRole('heading', { level: 2 }).waitFor();
    }
  });

  it('[EM12] a script whose parts cannot be had says so, and tries again when it is asked to', async () => {
    const context = await browser.newContext({ viewport: DESKTOP });
    contexts.push(context);
    let isCut = true;
    await context.route('**/assets/**', (route) => (isCut ? route.abort() : route.continue()));
    const { page, events } = await visit(context, host.url('dana'));
    await page.getByText('The conversation could not be loaded.').waitFor();
    expect((await events('error'))[0]).toMatchObject({ code: 'unavailable' });
    isCut = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByTestId('message').first().waitFor();
  });

  it('[EM2] a page whose origin is not named is told which setting names it', async () => {
    const closed = await startServer({ PARLEY_DEMO: 'true', PARLEY_EMBED_ORIGINS: '["https://market.example"]' });
    const elsewhere = await startHostPage(closed.port);
    try {
      const context = await browser.newContext({ viewport: DESKTOP });
      contexts.push(context);
      const { page, events } = await visit(context, elsewhere.url('dana'));
      await page.getByTestId('problem').getByText(`has to name ${elsewhere.origin} in its setting embed.origins`).waitFor();
      expect((await events('error'))[0]).toMatchObject({ code: 'origin_refused' });
      expect(closed.output()).toContain(elsewhere.origin);
    } finally {
      await elsewhere.close();
      await closed.dispose();
    }
  });

  it('[EM13] it takes no focus by itself, and everything in it is done by keyboard', async () => {
    const { page, complaints } = await open('dana', {
      body: `<label>Search <input id="search" /></label>${element('proposal="proposal-tomas"')}<button type="button" id="after">After</button>`,
    });
    const focused = () =>
      page.evaluate(() => {
        const outer = document.activeElement;
        const inner = outer?.shadowRoot?.activeElement;
        return (
          inner?.getAttribute('data-testid') ??
          inner?.getAttribute('aria-label') ??
          inner?.getAttribute('role') ??
          outer?.id ??
          ''
        );
      });
    await page.getByTestId('message').first().waitFor();
    expect(await page.evaluate(() => document.activeElement === document.body)).toBe(true);
    await page.locator('#search').focus();
    tomas.thread(threadId).post('While you look elsewhere');
    await page.getByRole('status').filter({ hasText: 'While you look elsewhere' }).waitFor({ state: 'attached' });
    expect(await focused()).toBe('search');
    // From the page through the element and out of it again.
    const stops: string[] = [];
    while ((await focused()) !== 'after' && stops.length < 60) {
      await page.keyboard.press('Tab');
      stops.push(await focused());
    }
    expect(stops).toEqual(expect.arrayContaining(['call-audio', 'call-video', 'Messages', 'composer', 'after']));
    await page.locator('parley-thread').evaluate((one) => (one as HTMLElement).focus());
    expect(await focused()).toBe('composer');
    await page.keyboard.type('By keyboard');
    await page.keyboard.press('Enter');
    await page.getByTestId('message').filter({ hasText: 'By keyboard' }).waitFor();
    await page.locator('[data-testid="message"][data-state="sent"]').filter({ hasText: 'By keyboard' }).waitFor();

    await page.getByRole('button', { name: 'More' }).last().focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('d');
    await page.keyboard.press('Enter');
    await page.getByRole('alertdialog').waitFor();
    // Tab stays in the dialog, which lies over a page that goes on.
    for (let press = 0; press < 7; press += 1) {
      await page.keyboard.press(press % 2 === 0 ? 'Tab' : 'Shift+Tab');
      const isInside = await page.evaluate(() => {
        const root = document.querySelector('parley-thread')?.shadowRoot;
        return root?.querySelector('[role="alertdialog"]')?.contains(root.activeElement) ?? false;
      });
      expect(isInside).toBe(true);
    }
    await page.keyboard.press('Escape');
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
    await until('the focus to be back', async () => (await focused()) === 'More');
    expect(complaints).toEqual([]);
  });

  it('[EM16] the page hears what is unread, and what is scrolled out of view is not read', async () => {
    const body = `<div id="long"></div>${element('proposal="proposal-tomas"')}`;
    const { page, events } = await open('dana', { body, css: '#long { block-size: 3000px }' });
    await until('the element to be ready', async () => (await events('ready')).length === 1);
    await until('all to be counted', async () => (await events('unread')).length > 0);
    const before = (await events('unread')).at(-1)?.unread as number;
    tomas.thread(threadId).post('Below the fold');
    await until('one more to be unread', async () => (await events('unread')).at(-1)?.unread === before + 1);
    await until('the page to show it', async () => (await page.title()) === `(${before + 1}) Explainer video · Market`);
    await page.locator('parley-thread').scrollIntoViewIfNeeded();
    await until('all to be read', async () => (await events('unread')).at(-1)?.unread === 0);
    await until('the page to show that', async () => (await page.title()) === 'Explainer video · Market');
  });

  it('[EM17] a call rings in the page, is held beside the conversation or over it, and is left when the element goes', async () => {
    const wide = await open('dana');
    const narrow = await open('tomas', { css: 'parley-thread { inline-size: 380px }' });
    for (const { page } of [wide, narrow]) {
      await page.getByTestId('message').first().waitFor();
      await page.evaluate(() => {
        const tracks: MediaStreamTrack[] = [];
        Object.assign(window, { __tracks: tracks });
        const devices = navigator.mediaDevices;
        const ask = devices.getUserMedia.bind(devices);
        devices.getUserMedia = async (wish) => {
          const stream = await ask(wish);
          tracks.push(...stream.getTracks());
          return stream;
        };
      });
    }
    await wide.page.getByTestId('call-video').click();
    await narrow.page.getByTestId('incoming').waitFor();
    // Over the page, also over what is outside of the element.
    const card = await narrow.page.getByTestId('incoming').boundingBox();
    expect(card?.x).toBeGreaterThan(DESKTOP.width / 2);
    expect(await violations(narrow.page)).toEqual([]);
    await screenshot(narrow.page, 'embed-incoming');
    await narrow.page.getByTestId('answer').click();
    await narrow.page.locator('[data-testid="prejoin-join"]:enabled').waitFor();
    await screenshot(narrow.page, 'embed-prejoin');
    for (const { page } of [wide, narrow]) await page.getByTestId('prejoin-join').click();
    for (const { page } of [wide, narrow]) await page.locator('[data-testid="call"][data-status="live"]').waitFor();
    await wide.page.locator('[data-testid="tile-tomas"][data-camera="true"]').waitFor();
    expect(await wide.page.getByTestId('call').getAttribute('data-shape')).toBe('docked');
    expect(await narrow.page.getByTestId('call').getAttribute('data-shape')).toBe('full');
    const inside = await narrow.page.evaluate(() => {
      const one = document.querySelector('parley-thread') as HTMLElement;
      const box = one.getBoundingClientRect();
      const call = one.shadowRoot?.querySelector('[data-testid="call"]')?.getBoundingClientRect() as DOMRect;
      return call.left >= box.left && call.right <= box.right && call.top >= box.top && call.bottom <= box.bottom;
    });
    expect(inside).toBe(true);
    await until('the page to be told', async () => {
      const last = (await wide.events('call')).at(-1);
      return last?.state === 'live' && last.joined && last.startedBy === 'dana' && last.media === 'video';
    });
    for (const { page } of [wide, narrow]) expect(await violations(page)).toEqual([]);
    await screenshot(wide.page, 'embed-call-wide');
    await screenshot(narrow.page, 'embed-call-narrow');
    // A key is the element's only where it has the focus.
    await wide.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await wide.page.keyboard.press('m');
    await wide.page.getByTestId('composer').pressSequentially('mm');
    expect(await wide.page.getByTestId('toggle-mic').getAttribute('data-on')).toBe('true');
    await wide.page.getByTestId('composer').fill('');
    await wide.page.getByTestId('call').focus();
    await wide.page.keyboard.press('m');
    await until('it to be muted', async () => (await wide.page.getByTestId('toggle-mic').getAttribute('data-on')) === 'false');

    await narrow.page.getByTestId('call-shape').click();
    await narrow.page.getByTestId('composer').fill('While we talk');
    await narrow.page.getByTestId('composer').press('Enter');
    await wide.page.getByTestId('message').filter({ hasText: 'While we talk' }).waitFor();
    await screenshot(narrow.page, 'embed-call-mini');

    await narrow.page.locator('parley-thread').evaluate((one) => one.remove());
    await wide.page.getByTestId('tile-tomas').waitFor({ state: 'detached' });
    await until('camera and microphone to be off', () =>
      narrow.page.evaluate(() => (window as any).__tracks.every((track: MediaStreamTrack) => track.readyState === 'ended')),
    );
    await wide.page.getByTestId('end-for-all').click();
    await until('the page to be told', async () => (await wide.events('call')).at(-1)?.state === 'ended');
    expect([...wide.complaints, ...narrow.complaints]).toEqual([]);
  });

  it('[EM15] nothing of it is wider than its box, from 280 pixels up', async () => {
    for (const width of [280, 360, 520, 800]) {
      const { page } = await open('dana', { css: `parley-thread { inline-size: ${width}px }` });
      await page.getByTestId('message').first().waitFor();
      const excess = await page.evaluate(() => {
        const one = document.querySelector('parley-thread') as HTMLElement;
        const { right } = one.getBoundingClientRect();
        return [...(one.shadowRoot as ShadowRoot).querySelectorAll<HTMLElement>('section *')]
          .filter(
            (inner) => inner.checkVisibility() && inner.getBoundingClientRect().right > right + 1 && !inner.closest('.unseen'),
          )
          .map((inner) => inner.outerHTML.slice(0, 80));
      });
      expect(excess, `${width} wide`).toEqual([]);
      if (width === 360) await screenshot(page, 'embed-narrow');
    }
  });
});
