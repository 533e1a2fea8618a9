import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Announcement, HELP_NOTES, PutAnnouncement } from '../../protocol/index.ts';
import { createMemoryBus } from '../../src/broker/memory-broker.ts';
import { createHub } from '../../src/hub.ts';
import { createAnnouncements } from '../../src/news/announcements.ts';
import { openSqliteStore } from '../../src/store/sqlite-store.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { seedHiring, startGateway, type TestGateway } from '../support/gateway.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { until } from '../support/until.ts';

/** What a socket shows: the answer to its question, or the last push after it. */
const listen = async (socket: RawSocket) => {
  const { announcements } = await socket.request('announcement.list', {});
  const now = (): readonly Announcement[] => socket.pushes('announcements').at(-1)?.announcements ?? announcements;
  return () => now().map(({ announcementId }) => announcementId);
};

describe('announcements', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway();
    await seedHiring(gateway);
  });
  afterAll(() => gateway.close());
  const put = (id: string, body: Record<string, unknown>) => gateway.host('PUT', `/v1/announcements/${id}`, body);
  const withdraw = (id: string) => gateway.host('DELETE', `/v1/announcements/${id}`);

  it('[AN1] over REST one is put, replaced, read, listed and withdrawn', async () => {
    const first = await put('first', { text: 'Hello, everybody.' });
    expect(first).toMatchObject({
      status: 201,
      body: {
        announcementId: 'first',
        text: 'Hello, everybody.',
        link: null,
        tone: 'info',
        audience: { countries: [], kinds: [] },
        endsAt: null,
        dismissible: true,
      },
    });
    expect(await put('first', { text: 'Hello, everybody.' })).toEqual({ status: 200, body: first.body });
    expect(await gateway.host('GET', '/v1/announcements/first')).toEqual({ status: 200, body: first.body });
    expect((await gateway.host('GET', '/v1/announcements?limit=1')).body).toEqual({ announcements: [first.body], next: 'first' });
    expect((await gateway.host('GET', '/v1/announcements?after=first')).body).toEqual({ announcements: [], next: null });
    expect((await withdraw('first')).body).toEqual({ withdrawn: true });
    expect((await withdraw('first')).body).toEqual({ withdrawn: false });
    expect((await gateway.host('GET', '/v1/announcements/first')).status).toBe(404);
    expect((await gateway.host('PUT', '/v1/announcements/first', { text: 'Hi' }, 'another key')).status).toBe(401);
  });

  it('[AN7] what is no announcement is refused, by the place that is wrong', async () => {
    const refused = async (body: Record<string, unknown>, path: string) => {
      const answer = await put('refused', { text: 'Hello.', ...body });
      expect(answer.status, JSON.stringify(body)).toBe(422);
      expect(answer.body.error.issues.map((issue: { path: string }) => issue.path)).toContain(path);
    };
    await refused({ text: '' }, 'text');
    await refused({ text: ' \n ' }, 'text');
    await refused({ text: 'x'.repeat(501) }, 'text');
    await refused({ text: 'broken \ud800' }, 'text');
    await refused({ link: { label: 'Here', url: 'http://status.example' } }, 'link.url');
    await refused({ link: { label: 'Here', url: 'javascript:alert(1)' } }, 'link.url');
    await refused({ tone: 'shouting' }, 'tone');
    await refused({ audience: { countries: ['Portugal'] } }, 'audience.countries.0');
    await refused({ audience: { countries: ['PT', 'PT'] } }, 'audience.countries');
    await refused({ audience: { kinds: ['moderator'] } }, 'audience.kinds.0');
    await refused({ startsAt: 2_000, endsAt: 2_000 }, 'endsAt');
    await refused({ endsAt: 5 }, 'endsAt');
    expect((await gateway.host('PUT', '/v1/announcements/no%20id', { text: 'Hi' })).status).toBe(422);
    expect((await gateway.host('GET', '/v1/announcements/refused')).status).toBe(404);
  });

  it('[AN5] sessions that it concerns hear of its start, change, end and withdrawal; others, and those who never asked, hear nothing', async () => {
    await gateway.host('PUT', '/v1/users/client', { displayName: 'Clara Client', country: 'PT', kind: 'client' });
    await gateway.host('PUT', '/v1/users/talent', { displayName: 'Theo Talent', country: 'PT', kind: 'freelancer' });
    const [client, talent, outsider, deaf] = [
      await gateway.signIn('client'),
      await gateway.signIn('talent'),
      await gateway.signIn('outsider'),
      await gateway.signIn('client'),
    ];
    const shown = { client: await listen(client), talent: await listen(talent), outsider: await listen(outsider) };
    const startsAt = Date.now() + 700;
    await put('portugal', { text: 'A holiday.', audience: { countries: ['PT'] }, startsAt, endsAt: startsAt + 900 });
    await put('freelancers', { text: 'New fees.', tone: 'warning', audience: { kinds: ['freelancer'] } });
    await until('the one for freelancers', () => shown.talent().join() === 'freelancers');
    expect(shown.client()).toEqual([]);
    await until('the start', () => shown.client().join() === 'portugal' && shown.talent().length === 2);
    expect(Date.now()).toBeGreaterThanOrEqual(startsAt);
    expect(shown.talent()).toEqual(['freelancers', 'portugal']);
    await put('portugal', { text: 'A long holiday.', audience: { countries: ['PT'] }, endsAt: startsAt + 900 });
    await until('the change', () => client.pushes('announcements').at(-1)?.announcements[0]?.text === 'A long holiday.');
    await until('the end', () => shown.client().length === 0);
    expect(Date.now()).toBeGreaterThanOrEqual(startsAt + 900);
    await withdraw('freelancers');
    await until('the withdrawal', () => shown.talent().length === 0);
    expect(outsider.pushes('announcements')).toEqual([]);
    expect(deaf.pushes('announcements')).toEqual([]);
    expect(JSON.stringify(talent.pushes('announcements'))).not.toContain('audience');
  });

  it('[AN6] who connects gets what is current, and whose country or kind changes gets what is theirs then', async () => {
    await put('spain', { text: 'Hola.', audience: { countries: ['ES'] } });
    await put('not-yet', { text: 'Later.', startsAt: Date.now() + 3_600_000 });
    const socket = await gateway.signIn('outsider');
    const shown = await listen(socket);
    expect(shown()).toEqual([]);
    const user = { displayName: 'Olga Outsider', country: 'ES', kind: 'agency' };
    expect((await gateway.host('PUT', '/v1/users/outsider', user)).body).toMatchObject(user);
    await until('it', () => shown().join() === 'spain');
    expect((await gateway.host('GET', '/v1/users/outsider')).body).toMatchObject(user);
    await gateway.host('POST', '/v1/users/bulk', [{ userId: 'outsider', displayName: 'Olga Outsider' }]);
    await until('none', () => shown().length === 0);
    // Nobody sees either of another person.
    await gateway.host('PUT', '/v1/users/outsider', user);
    const { user: own } = await (await gateway.connect()).request('session.open', {
      protocol: 1,
      token: gateway.token('outsider'),
    });
    expect(own).not.toHaveProperty('country');
    await withdraw('spain');
    await withdraw('not-yet');
    expect((await gateway.host('PUT', '/v1/users/outsider', { ...user, country: 'es' })).status).toBe(422);
  });

  it('[AN3] what is put away is away on all of a person’s devices, also after signing in again', async () => {
    await put('fees', { text: 'New fees.' });
    await put('outage', { text: 'We are down.', tone: 'critical', dismissible: false });
    const [phone, laptop, other] = [
      await gateway.signIn('client'),
      await gateway.signIn('client'),
      await gateway.signIn('talent'),
    ];
    const shown = { phone: await listen(phone), laptop: await listen(laptop), other: await listen(other) };
    expect(shown.phone()).toEqual(['fees', 'outage']);
    await phone.request('announcement.dismiss', { announcementId: 'fees' });
    await phone.request('announcement.dismiss', { announcementId: 'fees' });
    await until('both', () => shown.phone().join() === 'outage' && shown.laptop().join() === 'outage');
    expect(shown.other()).toEqual(['fees', 'outage']);
    expect(await phone.refused('announcement.dismiss', { announcementId: 'outage' })).toMatchObject({ code: 'forbidden' });
    expect(await phone.refused('announcement.dismiss', { announcementId: 'none' })).toMatchObject({ code: 'not_found' });
    expect((await listen(await gateway.signIn('client')))()).toEqual(['outage']);
    const metrics = await (await gateway.get('/metrics')).text();
    expect(metrics).toMatch(/^parley_announcements 2$/m);
    await withdraw('fees');
    await withdraw('outage');
  });

  it('[AN10] a word of another gateway that is lost is made up for within half a minute, and the store’s clock decides', async () => {
    const clock = createFakeClock();
    const store = await openSqliteStore({ path: ':memory:' });
    onTestFinished(() => store.close());
    const sent: string[] = [];
    const hub = createHub({ broker: createMemoryBus().join() });
    // The store's clock is an hour ahead of this gateway's.
    let looking: Promise<unknown> = Promise.resolve();
    const ahead = {
      ...store,
      pendingAnnouncements: (at: number) => {
        const look = store.pendingAnnouncements(at + 3_600_000);
        looking = look;
        return look;
      },
    };
    const news = createAnnouncements({
      store: ahead,
      hub,
      clock,
      log: pino({ level: 'silent' }),
      send: (_, frame) => void sent.push(frame),
      onCount: () => {},
    });
    onTestFinished(news.close);
    await news.start();
    const caller = { sessionId: 'a-session', userId: 'somebody' };
    expect(await news.handlers['announcement.list'](caller, {})).toEqual({ announcements: [] });
    const body = PutAnnouncement.parse({ text: 'Hello.' });
    const startsAt = clock.now() + 3_600_000 + 60_000;
    await store.putAnnouncement('unheard', { ...body, startsAt, endsAt: startsAt + 60_000 }, clock.now());
    expect(sent).toEqual([]);
    const passes = async (ms: number): Promise<number> => {
      for (let past = 0; past < ms; past += 1_000) {
        clock.advance(1_000);
        await looking;
        await new Promise((resolve) => setImmediate(resolve));
      }
      return sent.length;
    };
    expect(await passes(58_000)).toBe(0);
    expect(await passes(4_000)).toBe(1);
    expect(sent[0]).toContain('unheard');
    expect(await passes(54_000)).toBe(1);
    expect(await passes(6_000)).toBe(2);
    expect(JSON.parse(sent[1]!)).toEqual({ push: 'announcements', announcements: [] });
    // A session that is gone is told nothing, and costs nothing.
    news.forget('a-session');
    await store.putAnnouncement('unheard', { ...body, endsAt: null }, clock.now() + 3_600_000);
    expect(await passes(35_000)).toBe(2);
  });
});

describe('help notes', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway();
    await seedHiring(gateway);
  });
  afterAll(() => gateway.close());

  it('[HN1][HN2] votes are counted a person and note, the last word each, over REST and in the metrics', async () => {
    const [client, talent] = [await gateway.signIn('client'), await gateway.signIn('talent')];
    const counts = async () => (await gateway.host('GET', '/v1/help-notes')).body.notes;
    expect(await counts()).toEqual(HELP_NOTES.map(({ noteId, title }) => ({ noteId, title, helpful: 0, unhelpful: 0 })));
    await client.request('help.vote', { noteId: 'staying-safe', helpful: true });
    await talent.request('help.vote', { noteId: 'staying-safe', helpful: true });
    await client.request('help.vote', { noteId: 'staying-safe', helpful: false });
    await client.request('help.vote', { noteId: 'staying-safe', helpful: false });
    expect((await counts()).find(({ noteId }: { noteId: string }) => noteId === 'staying-safe')).toMatchObject({
      helpful: 1,
      unhelpful: 1,
    });
    expect(await client.request('help.list', {})).toEqual({ votes: [{ noteId: 'staying-safe', helpful: false }] });
    expect((await client.refused('help.vote', { noteId: 'no-such-note' as never, helpful: true })).code).toBe('invalid');
    const metrics = await (await gateway.get('/metrics')).text();
    expect(metrics).toMatch(/^parley_help_votes\{note="staying-safe",helpful="yes"\} 1$/m);
    expect(metrics).toMatch(/^parley_help_votes\{note="staying-safe",helpful="no"\} 1$/m);
    expect(metrics).toMatch(/^parley_help_votes\{note="sharing-files",helpful="yes"\} 0$/m);
  });

  it('[HN3] each note has a place of its own and a few short lines', () => {
    for (const { title, lines } of HELP_NOTES) {
      expect(title.length).toBeLessThan(60);
      expect(lines.length).toBeGreaterThanOrEqual(2);
      for (const line of lines) expect(line.length, line).toBeLessThan(120);
    }
    expect(new Set(HELP_NOTES.map(({ place }) => place)).size).toBe(HELP_NOTES.length);
  });
});
