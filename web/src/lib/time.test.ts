import { describe, expect, it } from 'vitest';
import { clockText, dayLabel, dayNumber, durationText, shortTime, timeAgo, timeOfDay } from './time.ts';

const LISBON = { locale: 'en-US', timeZone: 'Europe/Lisbon' };
const at = (iso: string): number => Date.parse(iso);
/** Node's ICU puts a narrow no-break space before AM and PM. */
const plain = (text: string): string => text.replace(/\s/g, ' ');

describe('time text', () => {
  const now = at('2026-11-20T14:14:00Z');

  it('[WEB1] days break at the reader’s midnight, not at UTC’s', () => {
    const tokyo = { locale: 'en-US', timeZone: 'Asia/Tokyo' };
    const beforeMidnight = at('2026-11-20T14:59:00Z');
    const afterMidnight = at('2026-11-20T15:01:00Z');
    expect(dayNumber(afterMidnight, tokyo) - dayNumber(beforeMidnight, tokyo)).toBe(1);
    expect(dayNumber(afterMidnight, LISBON) - dayNumber(beforeMidnight, LISBON)).toBe(0);
  });

  it('[WEB1] a day of 23 or 25 hours is still one day', () => {
    const newYork = { timeZone: 'America/New_York' };
    expect(dayNumber(at('2026-11-02T05:30:00Z'), newYork) - dayNumber(at('2026-11-01T04:30:00Z'), newYork)).toBe(1);
    expect(dayNumber(at('2026-03-09T04:30:00Z'), newYork) - dayNumber(at('2026-03-08T05:30:00Z'), newYork)).toBe(1);
  });

  it('[WEB1] a day break says today, yesterday, the weekday, or the date, with its year only when it is another one', () => {
    expect(dayLabel(at('2026-11-20T01:00:00Z'), now, LISBON)).toBe('Today');
    expect(dayLabel(at('2026-11-19T23:00:00Z'), now, LISBON)).toBe('Yesterday');
    expect(dayLabel(at('2026-11-16T12:00:00Z'), now, LISBON)).toBe('Monday');
    expect(dayLabel(at('2026-06-03T12:00:00Z'), now, LISBON)).toBe('Wednesday, June 3');
    expect(dayLabel(at('2024-06-03T12:00:00Z'), now, LISBON)).toBe('Monday, June 3, 2024');
  });

  it('[WEB2] a list shows the time of today’s things and the day of others', () => {
    expect(plain(shortTime(at('2026-11-20T09:05:00Z'), now, LISBON))).toBe('9:05 AM');
    expect(shortTime(at('2026-11-19T09:05:00Z'), now, LISBON)).toBe('Yesterday');
    expect(shortTime(at('2026-11-15T09:05:00Z'), now, LISBON)).toBe('Sun');
    expect(shortTime(at('2026-06-03T09:05:00Z'), now, LISBON)).toBe('Jun 3');
  });

  it('[WEB2] the other person’s local time is that of their zone', () => {
    expect(plain(timeOfDay(now, { locale: 'en-US', timeZone: 'Asia/Tokyo' }))).toBe('11:14 PM');
    expect(timeOfDay(now, { locale: 'de-DE', timeZone: 'Europe/Lisbon' })).toBe('14:14');
  });

  it('[WEB2] how long ago is said in the largest unit that fits, and never in the future', () => {
    expect(timeAgo(now + 5_000, now, LISBON)).toBe('just now');
    expect(timeAgo(now - 5 * 60_000, now, LISBON)).toBe('5 minutes ago');
    expect(timeAgo(now - 5 * 60_000, now, { ...LISBON, style: 'narrow' })).toBe('5m ago');
    expect(timeAgo(now - 3 * 3_600_000, now, LISBON)).toBe('3 hours ago');
    expect(timeAgo(now - 20 * 3_600_000, now, LISBON)).toBe('yesterday');
    expect(timeAgo(at('2026-06-03T12:00:00Z'), now, LISBON)).toBe('June 3');
  });

  it('[WEB2] durations and the running clock of a call', () => {
    expect([durationText(45_000), durationText(12 * 60_000), durationText(3_900_000), durationText(7_200_000)]).toEqual([
      '45 s',
      '12 min',
      '1 h 5 min',
      '2 h',
    ]);
    expect([clockText(5_000), clockText(750_000), clockText(3_723_000), clockText(-10)]).toEqual([
      '0:05',
      '12:30',
      '1:02:03',
      '0:00',
    ]);
  });
});
