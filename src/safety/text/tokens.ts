/** Words, numbers and the few signs that mean something, with how far they stand apart. */
import { hashOf, numberAt, UNKNOWN, wordOf } from './known-words.ts';
import { deleet, deleetSigns } from './leet.ts';
import { isWordUnit } from './letters.ts';

/** By the index of a token; a column for each of what is known of them, because an object for each of thousands is dear to make and to collect. */
export type Tokens = {
  /** In the folded text. */
  starts: number[];
  ends: number[];
  texts: string[];
  /** Of the texts: see `hashOf`. */
  hashes: number[];
  /** Of the texts: see known-words.ts. */
  numbers: number[];
  /** What a word with digits in it reads as (`t3l3gr4m`), else ''. */
  plains: string[];
  /** A run of digits alone. */
  numerics: boolean[];
  /** Grows by one a word, a little at a comma, and by `SENTENCE` where a sentence ends: the distance that rules speak of. */
  positions: number[];
  sentences: number[];
};

/** One of them, for where few are looked at. */
export type Token = { start: number; end: number; text: string; plain: string; numeric: boolean; position: number };

export const tokenOf = ({ starts, ends, texts, plains, numerics, positions }: Tokens, index: number): Token | undefined =>
  index < 0 || index >= starts.length
    ? undefined
    : {
        start: starts[index] as number,
        end: ends[index] as number,
        text: texts[index] as string,
        plain: plains[index] as string,
        numeric: numerics[index] as boolean,
        position: positions[index] as number,
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

/** Where columns of numbers are filled, before as much as was needed is taken: a list that grows is copied each time. Nothing of a text stays here. */
const column = (): number[] => Array.from({ length: MOST_TOKENS }, () => 0);
const [filledStarts, filledEnds, filledHashes, filledNumbers, filledPositions, filledSentences] = [
  column(),
  column(),
  column(),
  column(),
  column(),
  column(),
];

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

const ENGLISH_TAILS = new Set(['s', 'm', 're', 've', 'll', 't', 'd']);

/** Cuts a folded text into tokens. `breaks` are the places where a message ends. Linear. */
export const tokenise = (text: string, breaks: readonly number[] = []): Tokens => {
  const texts: string[] = [];
  const plains: string[] = [];
  const numerics: boolean[] = [];
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
  const addAs = (
    start: number,
    end: number,
    word: string,
    hash: number,
    number: number,
    plain: string,
    numeric: boolean,
  ): void => {
    position += 1;
    const at = texts.length;
    filledStarts[at] = start;
    filledEnds[at] = end;
    filledHashes[at] = hash;
    filledNumbers[at] = number;
    filledPositions[at] = position;
    filledSentences[at] = sentence;
    texts.push(word);
    plains.push(plain);
    numerics.push(numeric);
  };
  const add = (start: number, end: number, numeric: boolean, hasDigit: boolean): void => {
    const to = Math.min(end, start + LONGEST_WORD);
    const hash = hashOf(text, start, to);
    const number = numberAt(hash, text, start, to);
    const word = number === UNKNOWN ? text.slice(start, to) : wordOf(number);
    addAs(start, end, word, hash, number, hasDigit && !numeric ? deleet(word) : '', numeric);
  };
  while (index < length && texts.length < MOST_TOKENS) {
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
          wordsOfLine += 1;
          const word = text.slice(start, index) + text.slice(index + 1, tail);
          const hash = hashOf(word);
          addAs(start, tail, word, hash, numberAt(hash, word, 0, word.length), '', false);
          index = tail;
          continue;
        }
      }
      wordsOfLine += 1;
      add(start, index, digits === index - start, digits > 0);
      const sign = text.charCodeAt(index);
      if ((sign === 64 || sign === 36 || sign === 33) && start >= leetUntil) leetUntil = readSigns(text, start, plains);
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
  const count = texts.length;
  return {
    starts: filledStarts.slice(0, count),
    ends: filledEnds.slice(0, count),
    texts,
    hashes: filledHashes.slice(0, count),
    numbers: filledNumbers.slice(0, count),
    plains,
    numerics,
    positions: filledPositions.slice(0, count),
    sentences: filledSentences.slice(0, count),
  };
};

/** "wh@ts@pp", "commi$$ion": the newest token, the first piece of a word with signs in place of letters reads as the whole. Gives where the word ends. */
const readSigns = (text: string, start: number, plains: string[]): number => {
  let end = start;
  let letters = 0;
  while (end < text.length && end - start < 24) {
    const code = text.charCodeAt(end);
    if (code >= 97 && code <= 122) letters += 1;
    else if (!((code >= 48 && code <= 57) || code === 64 || code === 36 || code === 33)) break;
    end += 1;
  }
  // A full stop after it: an address.
  if (letters >= 3 && text.charCodeAt(end) !== 46 && end - start >= 4)
    plains[plains.length - 1] = deleetSigns(text.slice(start, end));
  return end;
};
