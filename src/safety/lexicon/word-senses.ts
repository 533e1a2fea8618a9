/** The broad sense of a word (who speaks, what is done, with what, when): what the learned part goes by where it was not trained with the word itself. */
import { readFileSync } from 'node:fs';
import { keepWord, WORD_NUMBERS } from '../text/known-words.ts';

/** Each class is a line of its name, then indented lines of its words. */
const SENSES_FILE = new URL('word-senses.txt', import.meta.url);

const names: string[] = [''];
/** By their numbers; the first is none. */
export const SENSE_NAMES: readonly string[] = names;

/** By the number of a word. */
const read = (file: URL): Uint16Array => {
  const senses = new Uint16Array(WORD_NUMBERS);
  let sense = 0;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    if (!line.startsWith(' ')) {
      sense = names.push(line) - 1;
      continue;
    }
    for (const word of line.trim().split(' ')) {
      const number = keepWord(word);
      if (senses[number] === 0) senses[number] = sense;
    }
  }
  return senses;
};

const senses = read(SENSES_FILE);

/** Digits and numbers in words. */
export const NUMBER = names.indexOf('NUMBER_WORD');

/** Of a word's number: from 1 on, 0 for one that has none. */
export const senseOf = (word: number): number => senses[word] as number;
