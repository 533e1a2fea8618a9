/** The broad sense of a word (who speaks, what is done, with what, when): what the learned part goes by where it was not trained with the word itself. */
import { readFileSync } from 'node:fs';
import { keepWord } from '../text/known-words.ts';

/** Each class is a line of its name, then indented lines of its words. */
const SENSES_FILE = new URL('word-senses.txt', import.meta.url);

const names: string[] = [''];

const read = (file: URL): Map<string, number> => {
  const senses = new Map<string, number>();
  let sense = 0;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    if (!line.startsWith(' ')) {
      sense = names.push(line) - 1;
      continue;
    }
    for (const word of line.trim().split(' ')) {
      if (senses.has(word)) continue;
      senses.set(word, sense);
      keepWord(word);
    }
  }
  return senses;
};

const senses = read(SENSES_FILE);

/** Digits and numbers in words. */
export const NUMBER = names.indexOf('NUMBER_WORD');

/** A number from 1 on, 0 for a word that has none. */
export const senseOf = (word: string): number => senses.get(word) ?? 0;
