/** The contract for announcements, for whom they are, and who has put them away. */
import { describe, expect, it } from 'vitest';
import { type Audience, MAX_ANNOUNCEMENTS, PutAnnouncement } from '../../../protocol/index.ts';
import { type OpenStore, people, profile, rejected, tick, unique, useStore, withStore } from './fixtures.ts';

const put = (change: Record<string, unknown> = {}): PutAnnouncement =>
  PutAnnouncement.parse({ text: 'Payments are slow today.', ...change });

export const announcementContract = (open: OpenStore): void => {
  describe('announcements', () => {
    const context = useStore(open);
    const inAnHour = () => Date.now() + 3_600_000;
    const pendingIds = async () =>
      (await context.store.pendingAnnouncements(Date.now())).announcements.map(({ announcementId }) => announcementId);

    it('[AN1] the same again changes nothing, another replaces it and keeps its start, and withdrawn it is gone', async () => {
      const { store } = context;
      const id = unique('announcement');
      const first = await store.putAnnouncement(id, put(), Date.now());
      expect(first).toMatchObject({
        created: true,
        changed: true,
        announcement: { announcementId: id, tone: 'info', endsAt: null },
      });
      expect(Math.abs(first.announcement.startsAt - Date.now())).toBeLessThan(60_000);
      expect(await store.putAnnouncement(id, put(), Date.now() + 5)).toEqual({ ...first, created: false, changed: false });
      const link = { label: 'Status', url: 'https://status.example/' };
      const audience = { countries: ['PT', 'ES'], kinds: ['freelancer'] };
      const change = put({ tone: 'critical', link, audience, endsAt: inAnHour(), dismissible: false });
      const second = await store.putAnnouncement(id, change, Date.now() + 9);
      expect(second).toMatchObject({
        created: false,
        changed: true,
        announcement: { ...change, startsAt: first.announcement.startsAt },
      });
      expect(await store.announcement(id)).toEqual(second.announcement);
      expect(await store.deleteAnnouncement(id)).toEqual({ withdrawn: true });
      expect(await store.deleteAnnouncement(id)).toEqual({ withdrawn: false });
      expect(await store.announcement(id)).toBeUndefined();
      expect(await pendingIds()).not.toContain(id);
    });

    it('[AN2] those that have not ended come in the order of their start, with the time it is', async () => {
      const { store } = context;
      const [later, now, over] = [unique('later'), unique('now'), unique('over')];
      await store.putAnnouncement(later, put({ startsAt: inAnHour() }), Date.now());
      await store.putAnnouncement(now, put({ endsAt: inAnHour() }), Date.now());
      await store.putAnnouncement(over, put({ startsAt: 1, endsAt: Date.now() - 10_000 }), Date.now());
      const ids = await pendingIds();
      expect(ids.filter((id) => [later, now, over].includes(id))).toEqual([now, later]);
      expect(Math.abs((await store.pendingAnnouncements(Date.now())).now - Date.now())).toBeLessThan(60_000);
      const page = await store.announcements({ after: '', limit: 100 });
      expect(page.map(({ announcementId }) => announcementId)).toEqual(
        page.map(({ announcementId }) => announcementId).toSorted(),
      );
      expect(page.map(({ announcementId }) => announcementId)).toEqual(expect.arrayContaining([later, now, over]));
      expect(await store.announcements({ after: page[0]!.announcementId, limit: 1 })).toEqual([page[1]]);
      await rejected(store.putAnnouncement(later, put({ endsAt: inAnHour() - 1_000 }), Date.now()), 'invalid');
      expect((await store.announcement(later))?.endsAt).toBeNull();
    });

    it('[AN3] what a person puts away stays so, theirs alone, and what does not concern them is not there for them', async () => {
      const { store } = context;
      const [one, other] = (await people(store, 2)) as [string, string];
      const portuguese: Audience = { country: 'PT', kind: 'freelancer' };
      expect(await store.setAudience(one, portuguese)).toEqual({ changed: true });
      expect(await store.setAudience(one, portuguese)).toEqual({ changed: false });
      expect(await store.audienceOf(one)).toEqual({ ...portuguese, dismissed: [] });
      // A changed profile leaves it as it is.
      await store.putUser(profile(one, { headline: 'Cartographer' }), tick());
      expect(await store.audienceOf(one)).toEqual({ ...portuguese, dismissed: [] });
      const id = unique('announcement');
      await store.putAnnouncement(id, put({ audience: { countries: ['PT'], kinds: ['freelancer', 'agency'] } }), Date.now());
      const dismiss = (userId: string, announcementId = id) => store.dismissAnnouncement({ userId, announcementId, at: tick() });
      await rejected(dismiss(other), 'not_found');
      await rejected(dismiss(one, 'nothing-of-the-kind'), 'not_found');
      await rejected(dismiss('nobody'), 'not_found');
      expect(await dismiss(one)).toEqual({ changed: true });
      expect(await dismiss(one)).toEqual({ changed: false });
      await store.putAnnouncement(id, put({ text: 'Payments are well again.' }), Date.now());
      expect(await store.audienceOf(one)).toEqual({ ...portuguese, dismissed: [id] });
      expect((await store.audienceOf(other)).dismissed).toEqual([]);
      // Withdrawn and put again it is another one.
      await store.deleteAnnouncement(id);
      await store.putAnnouncement(id, put(), Date.now());
      expect((await store.audienceOf(one)).dismissed).toEqual([]);
      await store.putAnnouncement(id, put({ dismissible: false }), Date.now());
      await rejected(dismiss(one), 'forbidden');
      expect(await store.setAudience(one, { country: null, kind: null })).toEqual({ changed: true });
      await rejected(store.setAudience('nobody', portuguese), 'not_found');
      expect(await store.audienceOf('nobody')).toEqual({ country: null, kind: null, dismissed: [] });
    });

    it('[AN4] there are only so many that have not ended, and those that ended make room', async () => {
      await withStore(open, async ({ store }) => {
        for (let count = 0; count < MAX_ANNOUNCEMENTS; count += 1)
          await store.putAnnouncement(`number-${count}`, put(), Date.now());
        await rejected(store.putAnnouncement('one-more', put(), Date.now()), 'conflict');
        await store.putAnnouncement('number-7', put({ text: 'Changed all the same.' }), Date.now());
        await store.putAnnouncement('number-7', put({ startsAt: 1, endsAt: Date.now() - 5_000 }), Date.now());
        await store.putAnnouncement('one-more', put(), Date.now());
        const { announcements } = await store.pendingAnnouncements(Date.now());
        expect(announcements).toHaveLength(MAX_ANNOUNCEMENTS);
      });
    });
  });

  describe('help notes', () => {
    const context = useStore(open);

    it('[HN1] one vote a person and note, the last, also when they come at once', async () => {
      const { store } = context;
      const [one, other] = (await people(store, 2)) as [string, string];
      const vote = (userId: string, helpful: boolean, noteId: 'sharing-files' | 'staying-safe' = 'sharing-files') =>
        store.voteHelp({ userId, noteId, helpful, at: tick() });
      expect(await vote(one, true)).toEqual({ changed: true });
      expect(await vote(one, true)).toEqual({ changed: false });
      await vote(other, true);
      await vote(other, false, 'staying-safe');
      expect(await vote(other, false)).toEqual({ changed: true });
      const counts = async () => new Map((await store.helpCounts()).map(({ noteId, ...count }) => [noteId, count]));
      expect(await counts()).toEqual(
        new Map([
          ['sharing-files', { helpful: 1, unhelpful: 1 }],
          ['staying-safe', { helpful: 0, unhelpful: 1 }],
        ]),
      );
      expect(await store.helpVotes(one)).toEqual([{ noteId: 'sharing-files', helpful: true }]);
      expect(await store.helpVotes('nobody')).toEqual([]);
      await Promise.all([true, false, true, true, false, true].map((helpful) => vote(one, helpful, 'staying-safe')));
      const [own] = (await store.helpVotes(one)).filter(({ noteId }) => noteId === 'staying-safe');
      const staying = (await counts()).get('staying-safe');
      expect(staying).toEqual(own?.helpful === true ? { helpful: 1, unhelpful: 1 } : { helpful: 0, unhelpful: 2 });
      await rejected(vote('nobody', true), 'not_found');
    });
  });
};
