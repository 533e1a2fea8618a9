/** Words, numbers and the few signs that mean something, with how far they stand apart. */
import { deleet, deleetSigns } from './leet.ts';
import { isWordUnit } from './letters.ts';

export type Token = {
  /** In the folded text. */
  start: number;
  end: number;
  text: string;
  /** What a word with digits in it reads as (`t3l3gr4m`), else ''. */
  plain: string;
  /** A run of digits alone. */
  numeric: boolean;
  /** Grows by one a word, a little at a comma, and by `SENTENCE` where a sentence ends: the distance that rules speak of. */
  position: number;
  sentence: number;
};

/** More than any rule within a sentence spans. */
export const SENTENCE = 100;
/** A line of a message is a smaller break, and a message of few words goes on in the next. */
const LINE = 4;
const FEW_WORDS = 5;
const CLAUSE = 1;
/** No word of a language is longer; what is longer is data. */
const LONGEST_WORD = 64;

/** A text of the longest message's length has fewer than half as many; more are signs without meaning. */
const MOST_TOKENS = 4_000;

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

const ENGLISH_TAILS = new Set(['s', 'm', 're', 've', 'll', 't', 'd']);

/** Cuts a folded text into tokens. `breaks` are the places where a message ends. Linear. */
export const tokenise = (text: string, breaks: readonly number[] = []): Token[] => {
  const tokens: Token[] = [];
  const { length } = text;
  let index = 0;
  let position = 0;
  let sentence = 0;
  let wordsOfLine = 0;
  let nextBreak = 0;
  let leetUntil = 0;
  const stop = (): void => {
    position += SENTENCE;
    sentence += 1;
  };
  const add = (start: number, end: number, numeric: boolean, hasDigit: boolean): void => {
    const word = text.slice(start, Math.min(end, start + LONGEST_WORD));
    position += 1;
    tokens.push({ start, end, text: word, plain: hasDigit && !numeric ? deleet(word) : '', numeric, position, sentence });
  };
  while (index < length && tokens.length < MOST_TOKENS) {
    const code = text.charCodeAt(index);
    if (isWordUnit(code)) {
      const start = index;
      let digits = 0;
      while (index < length && isWordUnit(text.charCodeAt(index))) {
        if (isDigit(text.charCodeAt(index))) digits += 1;
        index += 1;
      }
      // "let's", "I'm" and "don't" are words; "l'adresse" is two.
      if (text.charCodeAt(index) === 39 && digits === 0) {
        let tail = index + 1;
        while (tail < length && tail - index < 4 && isWordUnit(text.charCodeAt(tail))) tail += 1;
        if (
          ENGLISH_TAILS.has(text.slice(index + 1, tail)) &&
          index - start > 0 &&
          !(tail < length && isWordUnit(text.charCodeAt(tail)))
        ) {
          position += 1;
          wordsOfLine += 1;
          const word = text.slice(start, index) + text.slice(index + 1, tail);
          tokens.push({ start, end: tail, text: word, plain: '', numeric: false, position, sentence });
          index = tail;
          continue;
        }
      }
      wordsOfLine += 1;
      add(start, index, digits === index - start, digits > 0);
      const sign = text.charCodeAt(index);
      if ((sign === 64 || sign === 36 || sign === 33) && start >= leetUntil) leetUntil = readSigns(text, start, tokens);
      continue;
    }
    if (code === 10) {
      const isBreak = breaks[nextBreak] !== undefined && index >= (breaks[nextBreak] as number);
      if (isBreak) nextBreak += 1;
      if (isBreak && wordsOfLine > FEW_WORDS) stop();
      else position += LINE;
      wordsOfLine = 0;
      index += 1;
      continue;
    }
    if (code === 46 || code === 33 || code === 63) {
      const next = text.charCodeAt(index + 1);
      if (code === 63) add(index, index + 1, false, false);
      // A full stop ends a sentence where a space follows; inside a name or number it does not.
      if (index + 1 >= length || next === 32 || next === 10 || next === 33 || next === 63) stop();
      index += 1;
      continue;
    }
    if (code >= 0xd800 && code <= 0xdbff && index + 1 < length) {
      add(index, index + 2, false, false);
      index += 2;
      continue;
    }
    // A row of the same sign is one.
    if (index > 0 && code === text.charCodeAt(index - 1)) {
      index += 1;
      continue;
    }
    if (
      code === 64 ||
      code === 36 ||
      code === 37 ||
      code === 43 ||
      code === 163 ||
      code === 165 ||
      (code > 0x2000 && code < 0xd800)
    )
      add(index, index + 1, false, false);
    else if (code === 44 || code === 59 || code === 58 || code === 40 || code === 41) position += CLAUSE;
    index += 1;
  }
  return tokens;
};

/** "wh@ts@pp", "commi$$ion": the first piece of a word with signs in place of letters reads as the whole. Gives where the word ends. */
const readSigns = (text: string, start: number, tokens: Token[]): number => {
  let end = start;
  let letters = 0;
  while (end < text.length && end - start < 24) {
    const code = text.charCodeAt(end);
    if (code >= 97 && code <= 122) letters += 1;
    else if (!((code >= 48 && code <= 57) || code === 64 || code === 36 || code === 33)) break;
    end += 1;
  }
  const first = tokens.at(-1);
  // A full stop after it: an address.
  if (first !== undefined && letters >= 3 && text.charCodeAt(end) !== 46 && end - start >= 4) {
    first.plain = deleetSigns(text.slice(start, end));
  }
  return end;
};
