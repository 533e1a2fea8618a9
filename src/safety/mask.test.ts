import { describe, expect, test } from 'vitest';
import { MARK, masked, spansOf } from './mask.ts';

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
