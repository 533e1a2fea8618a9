/** Words, numbers and the few signs that mean something, with how far they stand apart. */
import {
  bringNear,
  checkOf,
  checkWith,
  FIRST_CHECK,
  FIRST_HASH,
  hashOf,
  hashWith,
  numberAt,
  numberOf,
  UNKNOWN,
  wordOf,
} from './known-words.ts';
import { deleet, deleetSigns } from './leet.ts';
import { isWordUnit, NO_WORD, wordUnit } from './letters.ts';
import { COMMA, LINE_END, PAIR, QUESTION, STOP, signOf, TOKEN } from './signs.ts';
import { leftOut, type Part } from './stands-out.ts';

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
  /** Of the plains. */
  plainNumbers: number[];
  /** A run of digits alone. */
  numerics: boolean[];
  /** Grows by one a word, a little at a comma, and by `SENTENCE` where a sentence ends: the distance that rules speak of. */
  positions: number[];
  sentences: number[];
  /** There is more of the text than people write, and what stands out of it was read. */
  isPart: boolean;
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

/** A message of the longest has no more when somebody writes it, and with what was said before it no more than one in so many units. */
const MOST_OF_MESSAGE = 820;
const UNITS_OF_TOKEN = 3.7;
/** Of both together. */
const MOST_TOKENS = 1_000;
/** Of what has more, what stands out is read: so much of the most that people write. With twice as much hardly more is found among signs (decision 0037). */
const ENOUGH = 0.4;

/** Where columns are filled, before as much as was needed is taken: a list that grows is copied each time. Nothing of a text stays here. */
const columnOf = <T>(value: T): T[] => Array.from({ length: MOST_TOKENS }, () => value);
const [filledStarts, filledEnds, filledHashes, filledKinds, filledNumbers, filledPlainNumbers, filledPositions, filledSentences] =
  [columnOf(0), columnOf(0), columnOf(0), columnOf(0), columnOf(0), columnOf(0), columnOf(0), columnOf(0)];
const checks = new Int32Array(MOST_TOKENS);
const filledNumerics = columnOf(false);
/** Columns of texts begin as pieces of this: what is kept for long would keep the texts. */
const blank = columnOf('');

/** What is to be done when words are looked up. */
const WORD = 0;
const NUMBER = 1;
/** It may read as another one. */
const WITH_DIGITS = 2;
/** Its text is known. */
const PUT_TOGETHER = 3;

const ENGLISH_TAILS = new Set(['s', 'm', 're', 've', 'll', 't', 'd']);

/** Cuts a folded text into tokens. `breaks` are the places where a message ends, `written` is how long it was before it was folded. Linear. */
export const tokenise = (text: string, breaks: readonly number[] = [], written = text.length): Tokens => {
  const { length } = text;
  const most = Math.min(MOST_TOKENS, Math.max(MOST_OF_MESSAGE, Math.ceil(written / UNITS_OF_TOKEN)));
  const texts = blank.slice(0, Math.min(length, most));
  const plains = blank.slice(0, Math.min(length, most));
  let count = 0;
  let index = 0;
  let position = 0;
  let sentence = 0;
  let wordsOfLine = 0;
  let nextBreak = 0;
  let leetUntil = 0;
  const unread = leftOut(text, most, most * ENOUGH);
  let skipped = 0;
  let skipFrom = unread[0]?.start ?? length;
  const stop = (): void => {
    position += SENTENCE;
    sentence += 1;
  };
  const add = (start: number, end: number, hash: number, check: number, kind: number): void => {
    position += 1;
    const at = count;
    count += 1;
    filledStarts[at] = start;
    filledEnds[at] = end;
    filledHashes[at] = hash;
    checks[at] = check;
    filledKinds[at] = kind;
    filledPlainNumbers[at] = UNKNOWN;
    filledPositions[at] = position;
    filledSentences[at] = sentence;
    filledNumerics[at] = kind === NUMBER;
  };
  const addSign = (start: number, end: number): void =>
    add(start, end, hashOf(text, start, end), checkOf(text, start, end), WORD);
  while (index < length && count < most) {
    if (index >= skipFrom) {
      index = Math.max(index, (unread[skipped] as Part).end);
      skipped += 1;
      skipFrom = unread[skipped]?.start ?? length;
      while ((breaks[nextBreak] ?? length) < index) nextBreak += 1;
      stop();
      continue;
    }
    const code = text.charCodeAt(index);
    if (isWordUnit(code)) {
      const start = index;
      let digits = 0;
      let hash = FIRST_HASH;
      let check = FIRST_CHECK;
      for (; index < length; index += 1) {
        const unit = text.charCodeAt(index);
        const kind = wordUnit(unit);
        if (kind === NO_WORD) break;
        digits += kind >> 1;
        if (index - start >= LONGEST_WORD) continue;
        hash = hashWith(hash, unit);
        check = checkWith(check, unit);
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
          texts[count] = word;
          add(start, tail, hashOf(word), 0, PUT_TOGETHER);
          index = tail;
          continue;
        }
      }
      wordsOfLine += 1;
      add(start, index, hash, check, digits === 0 ? WORD : digits === index - start ? NUMBER : WITH_DIGITS);
      const sign = text.charCodeAt(index);
      if ((sign === 64 || sign === 36 || sign === 33) && start >= leetUntil)
        leetUntil = readSigns(text, start, plains, count - 1);
      continue;
    }
    switch (signOf(code)) {
      case LINE_END: {
        const isBreak = breaks[nextBreak] !== undefined && index >= (breaks[nextBreak] as number);
        if (isBreak) nextBreak += 1;
        if (isBreak && wordsOfLine > FEW_WORDS) stop();
        else position += LINE;
        wordsOfLine = 0;
        break;
      }
      case STOP: {
        const next = text.charCodeAt(index + 1);
        if (code === QUESTION) addSign(index, index + 1);
        // A full stop ends a sentence where a space follows; inside a name or number it does not.
        if (index + 1 >= length || next === 32 || next === 10 || next === 33 || next === QUESTION) stop();
        break;
      }
      case PAIR:
        if (index + 1 === length) break;
        addSign(index, index + 2);
        index += 1;
        break;
      // A row of the same sign is one.
      case TOKEN:
        if (code !== text.charCodeAt(index - 1)) addSign(index, index + 1);
        break;
      case COMMA:
        if (code !== text.charCodeAt(index - 1)) position += CLAUSE;
        break;
    }
    index += 1;
  }
  bringNear(filledHashes, count);
  for (let at = 0; at < count; at += 1) {
    const kind = filledKinds[at] as number;
    if (kind === PUT_TOGETHER) {
      filledNumbers[at] = numberOf(texts[at] as string);
      continue;
    }
    const number = numberAt(filledHashes[at] as number, checks[at] as number);
    const word = number === UNKNOWN ? textAt(text, at) : wordOf(number);
    filledNumbers[at] = number;
    texts[at] = word;
    if (kind !== WITH_DIGITS) continue;
    const plain = deleet(word);
    plains[at] = plain;
    if (plain !== '') filledPlainNumbers[at] = numberOf(plain);
  }
  texts.length = count;
  plains.length = count;
  return {
    starts: filledStarts.slice(0, count),
    ends: filledEnds.slice(0, count),
    texts,
    hashes: filledHashes.slice(0, count),
    numbers: filledNumbers.slice(0, count),
    plains,
    plainNumbers: filledPlainNumbers.slice(0, count),
    numerics: filledNumerics.slice(0, count),
    positions: filledPositions.slice(0, count),
    sentences: filledSentences.slice(0, count),
    isPart: unread.length > 0,
  };
};

const textAt = (text: string, at: number): string => {
  const start = filledStarts[at] as number;
  return text.slice(start, Math.min(filledEnds[at] as number, start + LONGEST_WORD));
};

/** "wh@ts@pp", "commi$$ion": the newest token, the first piece of a word with signs in place of letters reads as the whole. Gives where the word ends. */
const readSigns = (text: string, start: number, plains: string[], newest: number): number => {
  let end = start;
  let letters = 0;
  while (end < text.length && end - start < 24) {
    const code = text.charCodeAt(end);
    if (code >= 97 && code <= 122) letters += 1;
    else if (!((code >= 48 && code <= 57) || code === 64 || code === 36 || code === 33)) break;
    end += 1;
  }
  // A full stop after it: an address.
  if (letters >= 3 && text.charCodeAt(end) !== 46 && end - start >= 4) {
    plains[newest] = deleetSigns(text, start, end);
    filledPlainNumbers[newest] = numberOf(plains[newest]);
    filledKinds[newest] = WORD;
  }
  return end;
};
