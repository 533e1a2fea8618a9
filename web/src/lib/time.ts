/**
 * Times as people read them, in the user's own locale and zone unless told otherwise. All take Unix milliseconds.
 */
export interface Place {
  readonly locale?: string;
  /** IANA zone. */
  readonly timeZone?: string;
}

const DAY_MS = 86_400_000;

/** Making a formatter costs far more than using it. */
const formatters = new Map<string, Intl.DateTimeFormat>();
const format = (at: number, { locale, timeZone }: Place, options: Intl.DateTimeFormatOptions): string => {
  const key = JSON.stringify([locale, timeZone, options]);
  const known = formatters.get(key);
  const formatter = known ?? new Intl.DateTimeFormat(locale, { ...options, ...(timeZone === undefined ? {} : { timeZone }) });
  if (known === undefined) formatters.set(key, formatter);
  return formatter.format(at);
};

/** "2:14 PM". */
export const timeOfDay = (at: number, place: Place = {}): string => format(at, place, { hour: 'numeric', minute: '2-digit' });

/** "Monday, June 3, 2024 at 2:14 PM": for tooltips. */
export const fullTime = (at: number, place: Place = {}): string => format(at, place, { dateStyle: 'full', timeStyle: 'short' });

/** "June 3, 2024". */
export const dateText = (at: number, place: Place = {}): string => format(at, place, { dateStyle: 'long' });

/** The calendar day as a number that counts days, in the place's zone. */
export const dayNumber = (at: number, { timeZone }: Place = {}): number => {
  if (timeZone === undefined) {
    // The user's own zone, without a formatter: a long conversation asks this of every message.
    const local = new Date(at);
    return Date.UTC(local.getFullYear(), local.getMonth(), local.getDate()) / DAY_MS;
  }
  const [year, month, day] = format(at, { locale: 'en-CA', timeZone }, ISO_DAY).split('-').map(Number);
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day) / DAY_MS;
};
const ISO_DAY = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;

const capitalized = (text: string): string => text.charAt(0).toLocaleUpperCase() + text.slice(1);

const relativeDay = (daysAgo: number, { locale }: Place): string =>
  capitalized(new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-daysAgo, 'day'));

const isSameYear = (a: number, b: number, place: Place): boolean =>
  format(a, place, { year: 'numeric' }) === format(b, place, { year: 'numeric' });

/** A day break: "Today", "Yesterday", "Monday", "Monday, June 3", "Monday, June 3, 2024". */
export const dayLabel = (at: number, now: number, place: Place = {}): string => {
  const daysAgo = dayNumber(now, place) - dayNumber(at, place);
  if (daysAgo === 0 || daysAgo === 1) return relativeDay(daysAgo, place);
  if (daysAgo > 1 && daysAgo < 7) return format(at, place, { weekday: 'long' });
  const year = isSameYear(at, now, place) ? {} : ({ year: 'numeric' } as const);
  return format(at, place, { weekday: 'long', month: 'long', day: 'numeric', ...year });
};

/** In a list: "2:14 PM", "Yesterday", "Mon", "Jun 3", "Jun 3, 2024". */
export const shortTime = (at: number, now: number, place: Place = {}): string => {
  const daysAgo = dayNumber(now, place) - dayNumber(at, place);
  if (daysAgo === 0) return timeOfDay(at, place);
  if (daysAgo === 1) return relativeDay(1, place);
  if (daysAgo > 1 && daysAgo < 7) return format(at, place, { weekday: 'short' });
  const year = isSameYear(at, now, place) ? {} : ({ year: 'numeric' } as const);
  return format(at, place, { month: 'short', day: 'numeric', ...year });
};

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** "just now", "5 minutes ago", "3 hours ago", "yesterday", "June 3"; in narrow style "5m ago". */
export const timeAgo = (
  at: number,
  now: number,
  { style = 'long', ...place }: Place & { readonly style?: 'long' | 'narrow' } = {},
): string => {
  const ago = Math.max(0, now - at);
  const relative = new Intl.RelativeTimeFormat(place.locale, { numeric: 'auto', style });
  if (ago < MINUTE_MS) return 'just now';
  if (ago < HOUR_MS) return relative.format(-Math.floor(ago / MINUTE_MS), 'minute');
  const daysAgo = dayNumber(now, place) - dayNumber(at, place);
  if (daysAgo === 0) return relative.format(-Math.floor(ago / HOUR_MS), 'hour');
  if (daysAgo < 7) return relative.format(-daysAgo, 'day');
  const year = isSameYear(at, now, place) ? {} : ({ year: 'numeric' } as const);
  return format(at, place, { month: style === 'long' ? 'long' : 'short', day: 'numeric', ...year });
};

/** How long something took: "45 s", "12 min", "1 h 5 min". */
export const durationText = (durationMs: number): string => {
  const seconds = Math.round(durationMs / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
};

/** A running clock: "0:05", "12:30", "1:02:03". */
export const clockText = (durationMs: number): string => {
  const seconds = Math.max(0, Math.floor(durationMs / 1_000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes, rest] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  return hours === 0 ? `${minutes}:${two(rest)}` : `${hours}:${two(minutes)}:${two(rest)}`;
};
