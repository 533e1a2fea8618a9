import { expect, test } from 'vitest';
import { shuffled } from '../../../loadtest/guard-bench.ts';
import { leftOut } from './stands-out.ts';
import { tokenise } from './tokens.ts';

const SENTENCE = 'before we go on, what is the fastest way to reach you when this page is closed? ';
const MOST = 500;
const read = (text: string): string => {
  let kept = '';
  let from = 0;
  for (const { start, end } of leftOut(text, MOST, MOST)) {
    kept += text.slice(from, start);
    from = end;
  }
  return kept + text.slice(from);
};

test('[GU25] nothing of what people write is left out', () => {
  expect(leftOut(SENTENCE.repeat(25), MOST, MOST)).toEqual([]);
  expect(leftOut('', MOST, MOST)).toEqual([]);
  for (const length of [2_000, 3_000]) {
    const longest = SENTENCE.repeat(300).slice(0, length);
    expect(tokenise(longest).texts.length, `${length} units`).toBe(longest.match(/\w+|\?/gu)?.length);
  }
});

test.each([
  ['letters', 'x '],
  ['names', '@a'],
  ['figures', '7 '],
  ['short words', 'we go '],
])('[GU25] of a text full of %s as much is read as is asked for, and what is unlike the rest is', (_, signs) => {
  for (const before of [0, 700, 3_000, 5_900]) {
    const text = `${signs.repeat(before / signs.length)}${SENTENCE}${signs.repeat((6_000 - before) / signs.length)}`;
    expect(read(text), `behind ${before} units`).toContain(SENTENCE.trim());
    expect(tokenise(read(text)).texts.length).toBeLessThanOrEqual(MOST);
  }
});

test.each([
  ['figures and letters', [...'ab 0123456789 '], '+1 415 555 0132'],
  ['short words', ['a ', 'be ', 'it ', 'on ', 'I '], 'whatsapp or telegram'],
  ['letters and signs', [...'abcde 12@.,-+'], 'mira dot quill at gmail dot com'],
])('[GU25] among %s in no order longer words and rows of figures are read, but for what chance hides', (_, of, written) => {
  const signs = shuffled(of, 50 * 6_000);
  const texts = Array.from({ length: 50 }, (_, text) => {
    const [from, middle, to] = [0, 3_000, 6_000].map((place) => text * 6_000 + place);
    return `${signs.slice(from, middle)} ${written} ${signs.slice(middle, to)}`;
  });
  expect(texts.filter((text) => read(text).includes(written)).length).toBeGreaterThanOrEqual(36);
});

test('[GU25] what is left out is in order, cuts no word, and leaves the beginning and the end', () => {
  const text = 'one two, three '.repeat(400);
  const parts = leftOut(text, MOST, MOST);
  expect(parts.length).toBeGreaterThan(10);
  for (const [index, { start, end }] of parts.entries()) {
    expect(start).toBeGreaterThanOrEqual(parts[index - 1]?.end ?? 1);
    expect(end).toBeLessThan(text.length);
    for (const place of [start, end]) expect(text.slice(place - 1, place + 1)).toMatch(/[ ,]/);
  }
});
