/** What the operator tells people, in a banner: all of them, or those of some countries and kinds, for a while. */
import { z } from 'zod';
import { Timestamp, text } from './ids.ts';

/** Chosen by the operator. */
export const AnnouncementId = z.string().regex(/^[\w.:@-]{1,128}$/, 'must be 1 to 128 letters, digits or any of _ . : @ -');

/** What a person is on the host platform. */
export const UserKind = z.enum(['client', 'freelancer', 'agency']);

/** ISO 3166-1 alpha-2, as `PT`. */
export const Country = z.string().regex(/^[A-Z]{2}$/, 'must be two capital letters, as ISO 3166-1 has them');

/** By what announcements find their people; known to Parley alone, and shown to nobody. */
export const Audience = z.object({ country: Country.nullable(), kind: UserKind.nullable() });

export const AnnouncementTone = z.enum(['info', 'warning', 'critical']);

const unique = (values: readonly string[]): boolean => new Set(values).size === values.length;

const Content = z.object({
  text: text(500).refine((value) => value.trim() !== '', 'must not be empty'),
  link: z
    .object({
      label: text(80).refine((value) => value.trim() !== '', 'must not be empty'),
      url: z.url({ protocol: /^https$/ }).max(2_000),
    })
    .nullable(),
  tone: AnnouncementTone,
  /** Whether a person may put it away, for good and on all of their devices. */
  dismissible: z.boolean(),
});

/** Who sees it: people of one of these countries and one of these kinds. An empty list is everybody, unknown ones too. */
const Of = z.object({
  countries: z.array(Country).max(250).refine(unique, 'must not repeat a country'),
  kinds: z.array(UserKind).max(3).refine(unique, 'must not repeat a kind'),
});

/** As people see it. */
export const Announcement = Content.extend({
  announcementId: AnnouncementId,
  startsAt: Timestamp,
  /** Null: until it is withdrawn. */
  endsAt: Timestamp.nullable(),
});

/** As the operator put it. */
export const StoredAnnouncement = Announcement.extend({ audience: Of });

export const PutAnnouncement = z
  .object({
    text: Content.shape.text,
    link: Content.shape.link.default(null),
    tone: AnnouncementTone.default('info'),
    audience: z.object({ countries: Of.shape.countries.default([]), kinds: Of.shape.kinds.default([]) }).prefault({}),
    /** Without it, a new one starts now and an old one keeps its time. */
    startsAt: Timestamp.optional(),
    endsAt: Timestamp.nullable().default(null),
    dismissible: Content.shape.dismissible.default(true),
  })
  .refine(({ startsAt, endsAt }) => startsAt === undefined || endsAt === null || endsAt > startsAt, {
    path: ['endsAt'],
    message: 'must be after startsAt',
  });

/** A page of all, behind the path: by id, from after one. */
export const ListAnnouncements = z.object({
  after: z.string().max(128).default(''),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

/** Announcements that have not ended, those to come included; one more is refused with `conflict`. */
export const MAX_ANNOUNCEMENTS = 100;

export const concerns = (
  { audience: { countries, kinds } }: Pick<StoredAnnouncement, 'audience'>,
  { country, kind }: Audience,
): boolean =>
  (countries.length === 0 || (country !== null && countries.includes(country))) &&
  (kinds.length === 0 || (kind !== null && kinds.includes(kind)));

export const isCurrent = ({ startsAt, endsAt }: Pick<Announcement, 'startsAt' | 'endsAt'>, now: number): boolean =>
  startsAt <= now && (endsAt === null || endsAt > now);

export type Audience = z.infer<typeof Audience>;
export type AnnouncementTone = z.infer<typeof AnnouncementTone>;
export type Announcement = z.infer<typeof Announcement>;
export type StoredAnnouncement = z.infer<typeof StoredAnnouncement>;
export type PutAnnouncement = z.output<typeof PutAnnouncement>;
