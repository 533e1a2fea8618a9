import { describe, expect, test } from 'vitest';
import { GuardExceptions } from '../../protocol/index.ts';
import { decideText, hiddenSpans } from './check.ts';
import { streetsIn } from './extract/streets.ts';
import { MARK, masked, spansOf } from './mask.ts';
import { DEFAULT_POLICY } from './policy.ts';

describe('masked', () => {
  test('[GU13] puts a mark of one length in place of each span, and says where the marks are', () => {
    const text = 'mail a@b.co or call 0171 5550123 now';
    const { body, masked: marks } = masked(text, [
      { start: 20, end: 32, category: 'phone' },
      { start: 5, end: 11, category: 'email' },
    ]);
    expect(body).toBe(`mail ${MARK} or call ${MARK} now`);
    expect(marks.map(({ start, end }) => body.slice(start, end))).toEqual([MARK, MARK]);
    expect(marks.map(({ category }) => category)).toEqual(['email', 'phone']);
  });

  test('[GU13] spans that overlap become one, and no character is cut in two', () => {
    const text = 'x😀y😀z';
    const { body, masked: marks } = masked(text, [
      { start: 2, end: 4, category: 'handle' },
      { start: 3, end: 5, category: 'phone' },
    ]);
    expect(body).toBe(`x${MARK}z`);
    expect(marks).toEqual([{ start: 1, end: 1 + MARK.length, category: 'handle' }]);
    expect(body.isWellFormed()).toBe(true);
  });

  test('[GU13] spans outside the text and empty ones hide nothing', () => {
    expect(
      masked('short', [
        { start: 9, end: 12, category: 'link' },
        { start: 2, end: 2, category: 'link' },
      ]),
    ).toEqual({ body: 'short', masked: [], hidden: [] });
    expect(
      spansOf([
        {
          category: 'email',
          rule: 'r',
          confidence: 1,
          spans: [
            { message: 0, start: 0, end: 3 },
            { message: null, start: 1, end: 2 },
          ],
        },
      ]),
    ).toEqual([{ start: 1, end: 2, category: 'email' }]);
  });
});

describe('what is hidden', () => {
  test('[GU21] where somebody gives a postal address the address itself is hidden with it, as it is written in several countries', () => {
    for (const address of [
      '221 Maple Street, Springfield, IL 62704',
      '7 Cedar Ave, Apt 4',
      'Lindenstraße 48, 10969 Berlin',
      'Große Allee 3a',
      '14 rue de Rivoli, 75001 Paris',
      'Calle Mayor 15, 28013 Madrid',
      'Rua das Flores 12',
      'ул. Ленина, д. 5',
    ]) {
      const text = `My address is ${address}`;
      const decision = decideText(
        { text, earlier: [], contract: 'before', role: 'client', exceptions: GuardExceptions.parse({}) },
        DEFAULT_POLICY,
      );
      expect(masked(text, hiddenSpans(decision, text)).body, text).not.toMatch(/\d/);
    }
    expect(streetsIn('Version 12 of the map, in 3 sizes by Friday')).toEqual([]);
  });
});
