import { describe, expect, it } from 'vitest';
import type { GuardFinding } from '../../../protocol/index.ts';
import { movedSpans, piecesOf, spansOf } from './spans.ts';

const finding = (action: GuardFinding['action'], ...places: [number | null, number, number][]): GuardFinding => ({
  category: 'email',
  rule: 'email.plain',
  confidence: 0.9,
  spans: places.map(([message, start, end]) => ({ message, start, end })),
  action,
  advice: '',
});

describe('places in a text', () => {
  it('[WG9] are those of the text itself, in order, joined where they touch, without what is allowed', () => {
    const findings = [
      finding('mask', [null, 8, 12], [0, 0, 3]),
      finding('block', [null, 2, 5], [null, 4, 8]),
      finding('allow', [null, 0, 20]),
    ];
    expect(spansOf(findings)).toEqual([{ start: 2, end: 12 }]);
    expect(spansOf([finding('warn', [null, 6, 7], [null, 1, 2])])).toEqual([
      { start: 1, end: 2 },
      { start: 6, end: 7 },
    ]);
  });

  it('[WG9] stay with their words while the text changes around them, and go when the words do', () => {
    const before = 'write a@b.c or d@e.f';
    const spans = [
      { start: 6, end: 11 },
      { start: 15, end: 20 },
    ];
    const words = (after: string): string[] => movedSpans(spans, before, after).map(({ start, end }) => after.slice(start, end));
    expect(words(before)).toEqual(['a@b.c', 'd@e.f']);
    expect(words(`${before} today`)).toEqual(['a@b.c', 'd@e.f']);
    expect(words('please write a@b.c or d@e.f')).toEqual(['a@b.c', 'd@e.f']);
    expect(words('write a@b.c, or perhaps d@e.f')).toEqual(['a@b.c', 'd@e.f']);
    expect(words('write a@XX.c or d@e.f')).toEqual(['d@e.f']);
    expect(words('write a@b.c')).toEqual(['a@b.c']);
    expect(words('')).toEqual([]);
  });

  it('[WG9] part the text into pieces that joined are the text, whatever the places are', () => {
    const text = 'write a@b.c now';
    for (const spans of [
      [],
      [{ start: 6, end: 11 }],
      [{ start: 0, end: 99 }],
      [
        { start: 3, end: 8 },
        { start: 5, end: 6 },
      ],
      [{ start: 9, end: 9 }],
    ]) {
      expect(
        piecesOf(text, spans)
          .map(({ text }) => text)
          .join(''),
      ).toBe(text);
    }
    expect(piecesOf(text, [{ start: 6, end: 11 }]).filter(({ flagged }) => flagged)).toEqual([{ text: 'a@b.c', flagged: true }]);
  });
});
