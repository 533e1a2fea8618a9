import fc from 'fast-check';
import { expect, it } from 'vitest';
import { queryOf } from '../../../protocol/index.ts';
import { snippetOf } from './snippet.ts';

const shown = (body: string, query: string): string =>
  snippetOf(body, queryOf(query)!)
    .map(({ text, marked }) => (marked ? `[${text}]` : text))
    .join('');

it('[WEB60] a found message is shown from a little before the first word, with its words marked', () => {
  expect(shown('The Résumé, and a second resume', 'resum')).toBe('The [Résumé], and a second [resume]');
  expect(shown(`${'far away '.repeat(10)}the harbour`, 'harbour ')).toBe('… far away far away far away the [harbour]');
  expect(shown(`harbour ${'and more '.repeat(40)}`, 'harbour ')).toMatch(/^\[harbour\] and more .*…$/);
  expect(shown(`${'x'.repeat(90)} harbour`, 'harbour ')).toBe('… [harbour]');
});

it('[WEB60] whatever the text is, a snippet is part of it and well-formed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
      const body = `${text.toWellFormed()} ferry ${text.toWellFormed()}`;
      const pieces = snippetOf(body, queryOf('ferry ')!);
      expect(pieces.some(({ text, marked }) => marked && text === 'ferry')).toBe(true);
      for (const piece of pieces) expect(piece.text.isWellFormed()).toBe(true);
    }),
  );
});
