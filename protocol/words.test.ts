import { expect, it } from 'vitest';
import { MAX_WORD_LENGTH, matchesIn, queryOf, wordsOf } from './words.ts';

it('[SR1] words are told apart without case, accents of letters, and width', () => {
  expect(wordsOf('Ｃafé CAFE\u0301, cafe! (don’t)')).toEqual(['cafe', 'don', 't']);
  expect(wordsOf('Привет, мир! नमस्ते दुनिया γάμμα')).toEqual(['привет', 'мир', 'नमस्ते', 'दुनिया', 'γαμμα']);
  expect(wordsOf('v24.21.0 and €1,500')).toEqual(['v24', '21', '0', 'and', '1', '500']);
  expect(wordsOf(`${'x'.repeat(MAX_WORD_LENGTH + 9)}`)).toEqual(['x'.repeat(MAX_WORD_LENGTH)]);
  expect(wordsOf('… — 🎉 !')).toEqual([]);
});

it('[SR2] text without spaces is parted into words', () => {
  expect(wordsOf('東京の書店で働く')).toEqual(expect.arrayContaining(['東京', '書店']));
  expect(wordsOf('ภาษาไทยง่าย').length).toBeGreaterThan(1);
});

it('[SR1] the last word of a query may be unfinished, unless it is short or something follows it', () => {
  expect(queryOf('big pro')).toEqual({ words: ['big'], prefix: 'pro' });
  expect(queryOf('big pro ')).toEqual({ words: ['big', 'pro'], prefix: null });
  expect(queryOf('big pr')).toEqual({ words: ['big', 'pr'], prefix: null });
  expect(queryOf('?!')).toBeNull();
});

it('[SR7] what was found is marked where it stands, as it is written', () => {
  const text = '🎉 The Résumé and the résumés';
  const marked = (query: string) => matchesIn(text, queryOf(query)!).map(({ start, end }) => text.slice(start, end));
  expect(marked('resume ')).toEqual(['Résumé']);
  expect(marked('the resum')).toEqual(['The', 'Résumé', 'the', 'résumés']);
  expect(marked('the missing ')).toEqual([]);
});
