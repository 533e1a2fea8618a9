/** The rules of announcements, apart from any database; see rules.ts. */
import {
  type Audience,
  concerns,
  MAX_ANNOUNCEMENTS,
  ProtocolError,
  type PutAnnouncement,
  type StoredAnnouncement,
} from '../../protocol/index.ts';

/** Of an announcement without an end. */
export const NO_END = Number.MAX_SAFE_INTEGER;
/** How long one that has ended can be looked up. */
export const ANNOUNCEMENT_KEEP_MS = 90 * 86_400_000;

export const noSuchAnnouncement = (): ProtocolError => new ProtocolError('not_found', 'There is no such announcement.');

/** What is stored of an announcement beside its id and times. */
export type AnnouncementContent = Omit<StoredAnnouncement, 'announcementId' | 'startsAt' | 'endsAt'>;

/** What an announcement becomes when it is put; `pending` have not ended, without this one. */
export const nextAnnouncement = (
  announcementId: string,
  { startsAt, ...put }: PutAnnouncement,
  { stored, pending, now }: { stored: StoredAnnouncement | undefined; pending: number; now: number },
): StoredAnnouncement => {
  const next = { announcementId, ...put, startsAt: startsAt ?? stored?.startsAt ?? now };
  if (next.endsAt !== null && next.endsAt <= next.startsAt) {
    throw new ProtocolError('invalid', 'The announcement would end before it starts.', {
      issues: [{ path: 'endsAt', message: 'must be after startsAt' }],
    });
  }
  const isPending = next.endsAt === null || next.endsAt > now;
  if (isPending && pending >= MAX_ANNOUNCEMENTS) {
    throw new ProtocolError('conflict', `There are ${MAX_ANNOUNCEMENTS} announcements that have not ended; withdraw some.`);
  }
  return next;
};

export const requireMayDismiss = (announcement: StoredAnnouncement | undefined, person: Audience): void => {
  if (announcement === undefined || !concerns(announcement, person)) throw noSuchAnnouncement();
  if (!announcement.dismissible) throw new ProtocolError('forbidden', 'This announcement stays until it ends.');
};

/** A row of an announcement, with its content as the wire has it. */
export interface AnnouncementRow {
  readonly announcementId: string;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly content: AnnouncementContent;
}

export const announcementOf = ({ announcementId, startsAt, endsAt, content }: AnnouncementRow): StoredAnnouncement => ({
  announcementId,
  ...content,
  startsAt,
  endsAt: endsAt === NO_END ? null : endsAt,
});

export const rowOf = ({ announcementId, startsAt, endsAt, ...content }: StoredAnnouncement): AnnouncementRow => ({
  announcementId,
  startsAt,
  endsAt: endsAt ?? NO_END,
  content,
});
