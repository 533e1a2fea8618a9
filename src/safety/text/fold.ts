/** A text as a reader sees it, in plain lower case, with the way back to what was written. */
import { CYRILLIC_DOUBLES, LATIN_DOUBLES, LETTER_FORMS } from './look-alikes.ts';

export type Folded = {
  text: string;
  /** Where each unit of `text` begins in the original; one more entry than `text` has, for the end. */
  at: Uint32Array;
  /** How many characters that nobody sees stood between two letters or digits. */
  hidden: number;
};

const IGNORED =
  /^(?:\p{Cf}|\u00ad|\u034f|\u115f|\u1160|\u17b4|\u17b5|[\u180b-\u180f]|\u2800|\u3164|[\ufe00-\ufe0f]|\uffa0|\u20e3)$/u;
const MARK = /^\p{Mn}$/u;
const LETTER = /[\p{L}\p{N}\p{M}]/u;

/** What one character beyond ASCII reads as: '' when it is not seen. */
const readAs = (point: number): string => {
  const character = String.fromCodePoint(point);
  const form = LETTER_FORMS.get(point) ?? LETTER_FORMS.get(character.toLowerCase().codePointAt(0) as number);
  if (form !== undefined) return form;
  if (IGNORED.test(character)) return '';
  // Regional indicators spell words, squared and tag letters too.
  if (point >= 0x1f1e6 && point <= 0x1f1ff) return String.fromCharCode(point - 0x1f1e6 + 97);
  if (point >= 0x1f130 && point <= 0x1f149) return String.fromCharCode(point - 0x1f130 + 97);
  if (point >= 0x1f150 && point <= 0x1f169) return String.fromCharCode(point - 0x1f150 + 97);
  if (point >= 0x1f170 && point <= 0x1f189) return String.fromCharCode(point - 0x1f170 + 97);
  // Letters of Cyrillic are letters of their own (й is not и); Indic vowel signs are part of the word.
  if (point >= 0x400 && point <= 0x52f) return character.toLowerCase() === 'ё' ? 'е' : character.toLowerCase();
  if (point >= 0x900 && point <= 0x97f) {
    if (point >= 0x966 && point <= 0x96f) return String.fromCharCode(48 + point - 0x966);
    if (point === 0x93c || point === 0x964) return point === 0x93c ? '' : '.';
    if (point === 0x901) return '\u0902';
    return character.normalize('NFD').replace('\u093c', '');
  }
  if (MARK.test(character)) return point < 0x700 || point >= 0x1ab0 ? '' : character;
  let plain = '';
  for (const part of character.normalize('NFKD')) if (!MARK.test(part)) plain += part;
  plain = plain.toLowerCase();
  const digit = digitOf(plain);
  if (digit !== undefined) return digit;
  const single = plain.codePointAt(0);
  if (single !== undefined && single !== point && single > 127) return LETTER_FORMS.get(single) ?? plain.slice(0, 8);
  return plain.slice(0, 8);
};

/** Decimal digits of any script come in tens that begin at a zero. */
const digitOf = (character: string): string | undefined => {
  const point = character.codePointAt(0);
  if (point === undefined || point < 128 || !/^\p{Nd}$/u.test(character)) return undefined;
  let zero = point;
  while (point - zero < 9 && /^\p{Nd}$/u.test(String.fromCodePoint(zero - 1)) && (zero - 1) % 16 !== 15) zero -= 1;
  return String.fromCharCode(48 + ((point - zero) % 10));
};

/** Each character is worked out once; there are few in use, and the table ends at the basic plane and the symbols. */
const KNOWN = new Map<number, string>();
const LARGEST = 20_000;

const plainOf = (point: number): string => {
  const known = KNOWN.get(point);
  if (known !== undefined) return known;
  const plain = readAs(point);
  if (KNOWN.size < LARGEST) KNOWN.set(point, plain);
  return plain;
};

const isWordUnit = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || (code > 127 && LETTER.test(String.fromCharCode(code)));

/** Folds a text. Linear; a lone surrogate reads as a space. */
export const fold = (original: string): Folded => {
  const { length } = original;
  let at = new Uint32Array(length + 9);
  const units: number[] = new Array(length);
  let size = 0;
  let hidden = 0;
  let foreign = false;
  for (let index = 0; index < length; index += 1) {
    const code = original.charCodeAt(index);
    if (code < 128) {
      units[size] = code >= 65 && code <= 90 ? code + 32 : code === 9 ? 32 : code === 13 ? 32 : code;
      at[size] = index;
      size += 1;
      continue;
    }
    const start = index;
    let point = code;
    if (code >= 0xd800 && code <= 0xdfff) {
      const next = original.charCodeAt(index + 1);
      if (code <= 0xdbff && next >= 0xdc00 && next <= 0xdfff) {
        point = (code - 0xd800) * 0x400 + next - 0xdc00 + 0x10000;
        index += 1;
      } else point = 32;
    }
    const plain = plainOf(point);
    if (plain === '') {
      hidden += size > 0 && isWordUnit(units[size - 1] as number) ? 1 : 0;
      continue;
    }
    if (point >= 0x370 && point <= 0x52f) foreign = true;
    if (size + plain.length + 1 + (length - index) > at.length) {
      const larger = new Uint32Array(at.length * 2 + 16);
      larger.set(at);
      at = larger;
    }
    for (let part = 0; part < plain.length; part += 1) {
      units[size] = plain.charCodeAt(part);
      at[size] = start;
      size += 1;
    }
  }
  at[size] = length;
  units.length = size;
  if (foreign) latinise(units);
  return { text: textOf(units), at: at.subarray(0, size + 1), hidden };
};

const CHUNK = 4_096;
const textOf = (units: number[]): string => {
  if (units.length <= CHUNK) return String.fromCharCode.apply(null, units);
  let text = '';
  for (let index = 0; index < units.length; index += CHUNK) {
    text += String.fromCharCode.apply(null, units.slice(index, index + CHUNK));
  }
  return text;
};

/** A word of Latin letters with Cyrillic or Greek ones among them is a Latin word. */
const latinise = (units: number[]): void => {
  const mostlyCyrillic = isMostlyCyrillic(units);
  let start = 0;
  while (start < units.length) {
    let end = start;
    let latin = 0;
    let doubles = 0;
    let foreign = 0;
    while (end < units.length) {
      const unit = units[end] as number;
      const isLatin = unit >= 97 && unit <= 122;
      const isForeign = unit >= 0x370 && unit <= 0x52f;
      if (!isLatin && !isForeign && !(unit >= 48 && unit <= 57)) break;
      if (isLatin) latin += 1;
      if (isForeign) {
        foreign += 1;
        doubles += LATIN_DOUBLES.has(unit) ? 1 : -1_000;
      }
      end += 1;
    }
    const isCyrillic =
      mostlyCyrillic &&
      latin > 0 &&
      foreign > 0 &&
      units.slice(start, end).every((unit) => unit < 97 || unit > 122 || CYRILLIC_DOUBLES.has(unit));
    if (latin > 0 && foreign > 0 && (isCyrillic || doubles < 0 || foreign > latin * 2)) {
      // A Cyrillic word with Latin letters among its own.
      for (let index = start; index < end; index += 1)
        units[index] = CYRILLIC_DOUBLES.get(units[index] as number) ?? (units[index] as number);
    } else if (latin > 0 && doubles > 0) {
      for (let index = start; index < end; index += 1) {
        units[index] = LATIN_DOUBLES.get(units[index] as number) ?? (units[index] as number);
      }
    }
    start = end + 1;
  }
};

/** Are there more letters of Cyrillic than of Latin? */
const isMostlyCyrillic = (units: readonly number[]): boolean => {
  let balance = 0;
  for (const unit of units) {
    if (unit >= 0x400 && unit <= 0x52f) balance += 1;
    else if (unit >= 97 && unit <= 122) balance -= 1;
  }
  return balance > 0;
};

/** The stretch of the original that a stretch of the folded text stands for. */
export const originalSpan = (folded: Folded, start: number, end: number): { start: number; end: number } => ({
  start: folded.at[start] as number,
  end: folded.at[end] as number,
});
