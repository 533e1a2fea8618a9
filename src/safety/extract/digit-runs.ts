/** Runs of digits, as figures, in words, or as letters that pass for them: what a telephone number may be made of. */
import { lexicon } from '../lexicon/index.ts';
import { startSetOf } from '../lexicon/lexicon.ts';
import { digitWords } from '../lexicon/numbers.ts';
import { fold } from '../text/fold.ts';
import { numberOf, tableOf } from '../text/known-words.ts';
import { FIGURES, isWordUnit, oneOf, SMALL_LETTERS } from '../text/letters.ts';
import type { Reading } from './reading.ts';

/** By the number of the word. */
const DIGITS_OF = tableOf(digitWords((word) => fold(word).text.replaceAll("'", '')));
/** "One", "do", "no": words that are digits only among digits. */
const JOINS = lexicon.idOf('SPOKEN_JOIN');
const MULTIPLES = lexicon.idOf('MULTIPLE');

type Item = { digits: string; start: number; end: number; spelled: boolean; before: string };
export type Run = {
  items: Item[];
  digits: string;
  start: number;
  end: number;
  spelled: number;
  joined: boolean;
  listed: boolean;
  mixed: number;
};

const AND = new Set(['y', 'e', 'et', 'und', 'и', 'і', 'aur', 'and']);
const SEPARATOR = /^[\s\-./()+_|*~,'"[\]{}=>\\\p{S}]{0,6}$/u;
const SEPARATORS = Uint8Array.from({ length: 0x80 }, (_, unit) => (SEPARATOR.test(String.fromCharCode(unit)) ? 1 : 0));
const SYMBOL = /^\p{S}$/u;
/** A digit and the word of one in one: `5fifty5`. */
const LETTERED = /\d[a-z]{3}|[a-z]{3}\d/u;
/** A run of fewer is no number. */
const FEWEST_DIGITS = 7;
/** "Triple five". */
const MOST_TIMES = 3;
/** A longer run is no number, and no more of it is kept than is needed to say so. */
const MOST_DIGITS = 40;

/** Digits that follow each other with nothing but signs, or words such as "dash" and "then", between them. */
export const runsOf = ({ folded, tokens, found }: Reading): Run[] => {
  const { starts, ends, texts, numbers, plains, plainNumbers, numerics } = tokens;
  const joins = startSetOf(found, JOINS);
  const multiples = startSetOf(found, MULTIPLES);
  const runs: Run[] = [];
  let run: Run | undefined;
  let multiple = 0;
  let mixed = 0;
  let pending = 0;
  let glued = false;
  const close = (): void => {
    if (run !== undefined && run.digits.length >= FEWEST_DIGITS) runs.push(run);
    run = undefined;
    pending = 0;
  };
  /** Where the tokens that could go on with a run end, and whether they have digits enough for a number. */
  const lookAhead = (from: number): { to: number; isEnough: boolean } => {
    let most = 0;
    let times = multiple > 0 ? MOST_TIMES : 1;
    let to = from;
    for (; to < texts.length; to += 1) {
      const text = texts[to] as string;
      const word = DIGITS_OF(numbers[to] as number) ?? DIGITS_OF(plainNumbers[to] as number);
      if (word !== undefined) most += word.length;
      else if (numerics[to] || isLikeDigits(text, plains[to] as string)) most += text.length;
      else if (multiples.has(to)) times = MOST_TIMES;
      else if (text !== '+' && !joins.has(to) && !isSymbol(text)) break;
    }
    return { to, isEnough: most * times >= FEWEST_DIGITS };
  };
  let aheadTo = 0;
  for (let index = 0; index < texts.length; index += 1) {
    const text = texts[index] as string;
    const plain = plains[index] as string;
    const numeric = numerics[index] as boolean;
    const word = numeric ? undefined : (DIGITS_OF(numbers[index] as number) ?? DIGITS_OF(plainNumbers[index] as number));
    const isLike = numeric || word !== undefined || isLikeDigits(text, plain);
    // What most words are.
    if (!isLike && run === undefined && multiples.size === 0) continue;
    if (isLike && run === undefined && index >= aheadTo) {
      const { to, isEnough } = lookAhead(index);
      aheadTo = to;
      if (!isEnough) {
        index = to - 1;
        continue;
      }
    }
    let digits = numeric ? text : (word ?? lookDigits(text, plain));
    let spelled = word !== undefined;
    if (word === undefined && digits !== undefined && !numeric && LETTERED.test(text)) mixed += 1;
    if (digits === undefined) {
      if (multiples.has(index)) {
        multiple = text.startsWith('t') && !text.startsWith('tw') ? 3 : text.startsWith('dreif') ? 3 : 2;
        continue;
      }
      // Signs and symbols part digits and are none.
      if (text === '+' || (run !== undefined && isSymbol(text))) continue;
      if (run !== undefined && joins.has(index) && pending < 3) {
        // "Forty and five" is one number.
        if (AND.has(text) && run.items.at(-1)?.spelled) {
          glued = true;
          continue;
        }
        pending += 1;
        continue;
      }
      multiple = 0;
      close();
      continue;
    }
    if (multiple > 0 && digits.length === 1) {
      digits = digits.repeat(multiple);
      spelled = true;
    }
    const start = starts[multiple > 0 ? index - 1 : index] as number;
    const end = ends[index] as number;
    multiple = 0;
    const last = run?.items.at(-1);
    const isGlued = glued;
    glued = false;
    const between = last === undefined ? '' : folded.text.slice(last.end, Math.min(start, last.end + 40));
    const follows =
      last !== undefined &&
      start - last.end <= 40 &&
      (pending > 0 || isGlued || separates(between) || (between.length <= 24 && between.trim() === ''));
    // A word such as "one" begins no number by itself.
    if (!follows || run === undefined) {
      close();
      run = { items: [], digits: '', start, end, spelled: 0, joined: false, listed: false, mixed: 0 };
    }
    if (pending > 0) run.joined = true;
    if (follows && pending === 0 && between.includes(',')) run.listed = true;
    pending = 0;
    const previous = run.items.at(-1);
    const zeros =
      spelled && previous?.spelled === true && previous.digits.length > 1 ? (/0+$/u.exec(previous.digits)?.[0].length ?? 0) : 0;
    if (spelled && digits === '100' && previous?.spelled === true && previous.digits.length === 1) run.digits += '00';
    else if (zeros >= digits.length && (previous?.digits !== '10' || digits.length === 1) && previous?.digits !== '10')
      run.digits = run.digits.slice(0, -digits.length) + digits;
    else run.digits += digits;
    if (run.digits.length > MOST_DIGITS) run.digits = run.digits.slice(0, MOST_DIGITS);
    // Data, not a number: of how it is cut nothing more is asked.
    if (run.digits.length < MOST_DIGITS) run.items.push({ digits, start, end, spelled, before: follows ? between : '' });
    run.end = end;
    run.mixed += mixed;
    mixed = 0;
    if (spelled) run.spelled += 1;
  }
  close();
  return runs;
};

/** One character, and no letter or digit. */
const isSymbol = (text: string): boolean => text.length < 3 && !isWordUnit(text.charCodeAt(0)) && SYMBOL.test(text);

const separates = (between: string): boolean => {
  if (between.length > 6) return false;
  for (let index = 0; index < between.length; index += 1) {
    const unit = between.charCodeAt(index);
    if (unit >= SEPARATORS.length) return SEPARATOR.test(between);
    if (SEPARATORS[unit] === 0) return false;
  }
  return true;
};

/** Letters that pass for digits, in a word that has digits too: `o8o3`, `5ll9`. */
export const lookDigits = (text: string, plain: string): string | undefined => {
  if (!isLikeDigits(text, plain)) return undefined;
  if (hasWord(text, plain)) return lettersAmong(text);
  let digits = '';
  for (let index = 0; index < text.length; index += 1) digits += LIKE[text.charCodeAt(index)];
  return digits;
};

/** May it be read so? Asked of many tokens, so no text is made for the answer. */
const isLikeDigits = (text: string, plain: string): boolean => {
  if (text.length > 16 || (plain === '' && text.length > 3)) return false;
  if (hasWord(text, plain)) return true;
  const least = plain === '' ? ALONE : BESIDE;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit >= LIKENESS.length || (LIKENESS[unit] as number) < least) return false;
  }
  return true;
};

const isLetter = oneOf(SMALL_LETTERS);
const isFigure = oneOf(FIGURES);
/** Three letters in a row beside a digit. */
const hasWord = (text: string, plain: string): boolean => {
  if (plain === '' || text.length < 4) return false;
  let row = 0;
  for (let index = 0; index < text.length && row < 3; index += 1) row = isLetter(text.charCodeAt(index)) ? row + 1 : 0;
  return row === 3;
};

/** Only beside a digit some letters pass for one. */
const BESIDE = 1;
const ALONE = 2;
const LIKE_BESIDE: Record<string, string> = { s: '5', b: '8', z: '2', о: '0', з: '3', ч: '4', б: '6', т: '7' };
const LIKE_ALONE: Record<string, string> = {
  o: '0',
  l: '1',
  i: '1',
  ...Object.fromEntries([...FIGURES].map((figure) => [figure, figure])),
};
/** By its unit the digit that a character passes for. */
const LIKE = Array.from({ length: 0x500 }, (_, unit) => {
  const of = String.fromCharCode(unit);
  return LIKE_ALONE[of] ?? LIKE_BESIDE[of] ?? '';
});
const LIKENESS = Uint8Array.from(LIKE, (like, unit) =>
  like === '' ? 0 : String.fromCharCode(unit) in LIKE_ALONE ? ALONE : BESIDE,
);

/** Digits with the word of one glued to them: `5fifty5`. */
const lettersAmong = (text: string): string | undefined => {
  let digits = '';
  let times = 1;
  let tens = false;
  let index = 0;
  while (index < text.length) {
    if (text.startsWith('double', index) || text.startsWith('triple', index)) {
      times = text[index] === 'd' ? 2 : MOST_TIMES;
      index += 'double'.length;
      continue;
    }
    const start = index;
    while (index < text.length && isLetter(text.charCodeAt(index))) index += 1;
    const isWritten = index === start;
    if (isWritten) while (index < text.length && isFigure(text.charCodeAt(index))) index += 1;
    // A letter of another alphabet is passed over.
    if (index === start) {
      index += 1;
      continue;
    }
    const part = text.slice(start, index);
    const of = part === 'hundred' ? '00' : isWritten ? part : DIGITS_OF(numberOf(part));
    if (of === undefined) return undefined;
    // "Fifty5" is 55.
    if (tens && of.length === 1) digits = digits.slice(0, -1);
    digits += (of[0] as string).repeat(times) + of.slice(1);
    tens = !isWritten && of.length === 2 && of.endsWith('0') && of !== '00';
    times = 1;
  }
  return digits;
};
