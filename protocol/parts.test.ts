import { describe, expect, test } from 'vitest';
import { MAX_BODY_LENGTH } from './limits.ts';
import { partsOf } from './parts.ts';

const textsOf = (text: string, longest?: number): string[] => partsOf(text, longest).map((part) => part.text);

describe('a text that is too long for one message', () => {
  test('[CL55] it is cut behind a paragraph where there is one, else behind a line, a sentence, a word', () => {
    expect(textsOf('Dear Ana. Hello.\n\nOne more. And on', 24)).toEqual(['Dear Ana. Hello.', 'One more. And on']);
    expect(textsOf('Dear Ana. Hello.\nOne more. And on', 26)).toEqual(['Dear Ana. Hello.', 'One more. And on']);
    expect(textsOf('Dear Ana, hello. One more and on', 24)).toEqual(['Dear Ana, hello.', 'One more and on']);
    expect(textsOf('今日は。明日もよろしく', 6)).toEqual(['今日は。', '明日もよろしく'.slice(0, 6), 'く']);
    expect(textsOf('Dear Ana hello one more', 12)).toEqual(['Dear Ana', 'hello one', 'more']);
  });

  test('[CL55] it is cut within a word only where there is no other place, and never within a character', () => {
    expect(textsOf('a'.repeat(25), 10)).toEqual(['a'.repeat(10), 'a'.repeat(10), 'a'.repeat(5)]);
    expect(textsOf('😀'.repeat(5), 5)).toEqual(['😀😀', '😀😀', '😀']);
    // Not for the sake of a space near its beginning.
    expect(textsOf('a bcdefghijklmn', 10)).toEqual(['a bcdefghi', 'jklmn']);
  });

  test('[CL55] nothing of it is lost but the space around the parts, and each says where it begins', () => {
    const words = Array.from(
      { length: 4_000 },
      (_, at) => `word${at}${at % 50 === 49 ? '.\n\n' : at % 9 === 8 ? '. ' : ' '}`,
    ).join('');
    const text = `  ${words}`;
    const parts = partsOf(text);
    expect(parts.length).toBeGreaterThan(8);
    for (const part of parts) {
      expect(part.text.length).toBeLessThanOrEqual(MAX_BODY_LENGTH);
      expect(text.slice(part.start, part.start + part.text.length)).toBe(part.text);
    }
    expect(parts.flatMap((part) => part.text.split(/\s+/))).toEqual(words.trim().split(/\s+/));
  });

  test('[CL55] what fits in stays one, and nothing is nothing', () => {
    expect(partsOf(`  ${'a'.repeat(MAX_BODY_LENGTH)} \n`)).toEqual([{ start: 2, text: 'a'.repeat(MAX_BODY_LENGTH) }]);
    expect(partsOf(' \n ')).toEqual([]);
    expect(partsOf('')).toEqual([]);
  });
});
