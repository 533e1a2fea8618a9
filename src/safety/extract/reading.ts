/** What the extractors and the rules look at: one text, folded, cut into tokens, its concepts found. */

import { lexicon } from '../lexicon/index.ts';
import type { Occurrences } from '../lexicon/lexicon.ts';
import type { Folded } from '../text/fold.ts';
import { numberOf, UNKNOWN, WORD_NUMBERS } from '../text/known-words.ts';
import { nearName } from '../text/near.ts';
import { type Tokens, tokenise } from '../text/tokens.ts';
import type { Category } from '../verdict.ts';

export type Reading = {
  /** Tells it from others. */
  number: number;
  /** As it was written; `folded.at` leads back to it. */
  original: string;
  folded: Folded;
  tokens: Tokens;
  found: Occurrences;
  /** More words than people write in the longest message. */
  isOverlong: boolean;
  /** That, and signs rather than words: what is written among them stands out. */
  isSigns: boolean;
  /** Ends of messages, in the folded text. */
  breaks: readonly number[];
};

/** A finding in the folded text. */
export type Hit = { category: Category; rule: string; confidence: number; start: number; end: number };

export const read = (original: string, folded: Folded, breaks: readonly number[]): Reading => {
  const tokens = tokenise(folded.text, breaks, original.length);
  const { texts, numbers, plains, plainNumbers, numerics } = tokens;
  for (let index = 0; index < texts.length; index += 1) {
    const name = numerics[index] || plains[index] !== '' ? '' : nearNameOf(numbers[index] as number, texts[index] as string);
    if (name === '') continue;
    plains[index] = name;
    plainNumbers[index] = numberOf(name);
  }
  const isOverlong = tokens.isPart || texts.length > Math.max(MOST_WRITTEN, original.length / UNITS_WRITTEN);
  const isSigns = isOverlong && unitsBetween(tokens, 0, texts.length) < WORDS;
  readings += 1;
  return { number: readings, original, folded, tokens, found: lexicon.scan(tokens), isOverlong, isSigns, breaks };
};
let readings = 0;

/** By the number of a word: it is near no name. */
const isFar = new Uint8Array(WORD_NUMBERS);

const nearNameOf = (number: number, word: string): string => {
  if (isFar[number] === 1) return '';
  const name = nearName(word);
  if (name === '' && number !== UNKNOWN) isFar[number] = 1;
  return name;
};

/** More tokens than these, and than one in so many units, are not written by people. */
const MOST_WRITTEN = 615;
const UNITS_WRITTEN = 4.4;
/** Of words there are more units in a token than this: of a hundred texts of people ninety-nine have more than 2.8, and the longer they are the nearer they come to 4. */
const WORDS = 3.2;

/** How many units the tokens from one to another have on average. */
export const unitsBetween = ({ starts, ends }: Tokens, from: number, to: number): number => {
  let units = 0;
  for (let index = from; index < to; index += 1) units += (ends[index] as number) - (starts[index] as number);
  return units / (to - from);
};

/** Compiled once: is one of these concepts within so many words of a stretch? */
export const nearby = (...names: string[]): ((reading: Reading, start: number, stop: number, words: number) => boolean) => {
  const ids = names.map(lexicon.idOf);
  return ({ tokens, found }, start, stop, words) => {
    const { positions } = tokens;
    const { begins, starts, ends } = found;
    if (positions.length === 0) return false;
    let first = -1;
    let last = -1;
    for (const id of ids) {
      const end = begins[id + 1] as number;
      let at = begins[id] as number;
      if (at === end) continue;
      // Looked up where one of them was said at all.
      if (first === -1) {
        first = tokenAt(tokens, start);
        last = first;
        while ((tokens.starts[last + 1] as number) < stop) last += 1;
      }
      const from = (positions[first] as number) - words;
      const to = (positions[last] as number) + words;
      for (at = lowest(found, at, end, positions, from); at < end; at += 1) {
        if ((positions[starts[at] as number] as number) > to) break;
        // What lies within the stretch itself is no context of it.
        const inside = (starts[at] as number) >= first && (ends[at] as number) - 1 <= last;
        if (!inside) return true;
      }
    }
    return false;
  };
};

/** The first occurrence between two whose token is at this position or after it. */
const lowest = ({ starts }: Occurrences, begin: number, end: number, positions: readonly number[], position: number): number => {
  let low = begin;
  let high = end;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((positions[starts[middle] as number] as number) < position) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** The token that holds this place, or the last one before it. */
export const tokenAt = ({ starts }: Tokens, place: number): number => {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] as number) <= place) low = middle;
    else high = middle - 1;
  }
  return low;
};
