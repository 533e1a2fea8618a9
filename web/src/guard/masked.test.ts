import { describe, expect, it } from 'vitest';
import { maskedParts, plainText, revealedSpans } from './masked.ts';

const MARK = '•••••';
const message = {
  body: `Write to ${MARK} or call ${MARK}`,
  masked: [
    { start: 9, end: 14, category: 'email' as const },
    { start: 23, end: 28, category: 'phone' as const },
  ],
};

describe('a message with marks', () => {
  it('[WG10] is its text with a mark in each place, and as plain text says "[hidden]" there', () => {
    expect(maskedParts(message)).toEqual([
      { kind: 'text', text: 'Write to ', at: 0 },
      { kind: 'mark', category: 'email', at: 9 },
      { kind: 'text', text: ' or call ', at: 14 },
      { kind: 'mark', category: 'phone', at: 23 },
    ]);
    expect(plainText(message)).toBe('Write to [hidden] or call [hidden]');
    // Somebody's own bullets are no mark.
    expect(plainText({ body: `A list: ${MARK}` })).toBe(`A list: ${MARK}`);
    expect(plainText({ body: 'short', masked: [{ start: 3, end: 99, category: 'email' }] })).toBe('short');
  });

  it('[WG11] once released, its words are found between what stood around the marks', () => {
    const after = 'Write to a@b.example or call 0123 456';
    expect(revealedSpans(message, after).map(({ start, end }) => after.slice(start, end))).toEqual(['a@b.example', '0123 456']);
    const first = { body: `${MARK} is mine`, masked: [{ start: 0, end: 5, category: 'email' as const }] };
    expect(revealedSpans(first, 'a@b.example is mine')).toEqual([{ start: 0, end: 11 }]);
    // What was there besides is another now: all of it stands out rather than a wrong part.
    expect(revealedSpans(message, 'Something else')).toEqual([{ start: 0, end: 14 }]);
  });
});
