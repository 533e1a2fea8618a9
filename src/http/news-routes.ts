/** What the operator tells people, and what people said of help notes. */
import { z } from 'zod';
import {
  AnnouncementId,
  HelpCount,
  ListAnnouncements,
  ProtocolError,
  PutAnnouncement,
  StoredAnnouncement,
} from '../../protocol/index.ts';
import { countHelp } from '../news/help.ts';
import { type HostRoute, hostQuery, hostRoute } from './host-route.ts';

export const NEWS_ROUTES: readonly HostRoute[] = [
  hostRoute({
    method: 'put',
    path: '/v1/announcements/:announcementId',
    doc: 'Creates or replaces an announcement. It is shown live to those whom it concerns, from its start to its end.',
    param: AnnouncementId,
    body: PutAnnouncement,
    result: StoredAnnouncement,
    async handle({ store, clock, news }, announcementId, body) {
      const { announcement, created, changed } = await store.putAnnouncement(announcementId, body, clock.now());
      if (changed) news.changed();
      return { result: announcement, created };
    },
  }),
  hostRoute({
    method: 'get',
    path: '/v1/announcements/:announcementId',
    doc: 'An announcement as it was put. One that has ended is kept for three months.',
    param: AnnouncementId,
    body: undefined,
    result: StoredAnnouncement,
    async handle({ store }, announcementId) {
      const announcement = await store.announcement(announcementId);
      if (announcement === undefined) throw new ProtocolError('not_found', 'There is no announcement of this id.');
      return { result: announcement, created: false };
    },
  }),
  hostRoute({
    method: 'delete',
    path: '/v1/announcements/:announcementId',
    doc: 'Withdraws an announcement: it vanishes wherever it is shown. `withdrawn` is false when there was none.',
    param: AnnouncementId,
    body: undefined,
    result: z.object({ withdrawn: z.boolean() }),
    async handle({ store, news }, announcementId) {
      const result = await store.deleteAnnouncement(announcementId);
      if (result.withdrawn) news.changed();
      return { result, created: false };
    },
  }),
  hostQuery({
    path: '/v1/announcements',
    doc: 'All announcements by their ids, those to come and those that have ended too. `next` goes on where the page ends.',
    query: ListAnnouncements,
    result: z.object({ announcements: z.array(StoredAnnouncement), next: AnnouncementId.nullable() }),
    async handle({ store }, { after, limit }) {
      const announcements = await store.announcements({ after, limit });
      return { announcements, next: announcements.length < limit ? null : (announcements.at(-1)?.announcementId ?? null) };
    },
  }),
  hostQuery({
    path: '/v1/help-notes',
    doc: 'The help notes, and how many people found each helpful or not.',
    query: z.object({}),
    result: z.object({ notes: z.array(HelpCount) }),
    handle: async ({ store }) => ({ notes: await countHelp(store) }),
  }),
];
