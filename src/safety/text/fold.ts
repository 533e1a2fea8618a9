/** A text as a reader sees it, in plain lower case, with the way back to what was written. */
import { isWordUnit } from './letters.ts';
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

/** Each character is worked out once; there are few in use. */
const KNOWN = new Map<number, string>();
const LARGEST = 20_000;
/** Those of the alphabets are found without a search. */
const NEAR: (string | undefined)[] = new Array(0x3000).fill(undefined);

/** The unit that a character of the alphabets reads as; zero where it reads as none or several, or, beyond ASCII, was not met yet. */
const UNIT_OF = new Uint16Array(NEAR.length);
for (let code = 0; code < 128; code += 1)
  UNIT_OF[code] = code === 9 || code === 13 ? 32 : String.fromCharCode(code).toLowerCase().charCodeAt(0);

const plainOf = (point: number): string => {
  const known = point < NEAR.length ? NEAR[point] : KNOWN.get(point);
  if (known !== undefined) return known;
  const plain = readAs(point);
  if (point < NEAR.length) NEAR[point] = plain;
  else if (KNOWN.size < LARGEST) KNOWN.set(point, plain);
  if (point < UNIT_OF.length && plain.length === 1) UNIT_OF[point] = plain.charCodeAt(0);
  return plain;
};

/** Greek or Cyrillic. */
const isForeign = (point: number): boolean => point >= 0x370 && point <= 0x52f;
const FOREIGN_OF = Uint8Array.from(UNIT_OF, (_, code) => (isForeign(code) ? 1 : 0));

const BEYOND_ASCII = /\P{ASCII}/u;
const SPACES = /[\t\r]/gu;
/** Where each unit of a text is that is as long as what was written: shared by all of them, so never written to. */
let places = Uint32Array.from({ length: 4_096 }, (_, place) => place);

/** What is folded is put together here, each unit and where it was, and read out before the next. */
let units = new Uint16Array(4_096);
let froms = new Uint32Array(units.length);

const makeRoom = (most: number): void => {
  if (most <= units.length) return;
  const [before, beforeFroms] = [units, froms];
  units = new Uint16Array(2 * most);
  froms = new Uint32Array(units.length);
  units.set(before);
  froms.set(beforeFroms);
};

/** Folds a text. Linear; a lone surrogate reads as a space. */
export const fold = (original: string): Folded => {
  if (!BEYOND_ASCII.test(original)) return inPlace(original.toLowerCase().replace(SPACES, ' '));
  makeRoom(original.length);
  return foldEach(original) ?? foldApart(original);
};

/** What is as long as what was written. */
const inPlace = (text: string): Folded => {
  if (places.length <= text.length) places = Uint32Array.from({ length: text.length * 2 }, (_, place) => place);
  return { text, at: places.subarray(0, text.length + 1), hidden: 0 };
};

/** A text of which each unit reads as one, or nothing: most of those of the alphabets do. */
const foldEach = (original: string): Folded | undefined => {
  const { length } = original;
  const folded = units.subarray(0, length);
  let foreign = 0;
  for (let index = 0; index < length; index += 1) {
    const code = original.charCodeAt(index);
    const unit = code < UNIT_OF.length ? (UNIT_OF[code] as number) : 0;
    if (unit === 0) return undefined;
    foreign |= FOREIGN_OF[code] as number;
    folded[index] = unit;
  }
  if (foreign !== 0) latinise(folded);
  return inPlace(textOf(folded));
};

/** A text of which some characters read as several units, or as none. */
const foldApart = (original: string): Folded => {
  const { length } = original;
  let size = 0;
  let hidden = 0;
  let foreign = 0;
  for (let index = 0; index < length; index += 1) {
    const code = original.charCodeAt(index);
    const unit = code < UNIT_OF.length ? (UNIT_OF[code] as number) : 0;
    if (unit !== 0) {
      foreign |= FOREIGN_OF[code] as number;
      units[size] = unit;
      froms[size] = index;
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
    if (isForeign(point)) foreign = 1;
    // For this, and a unit for each that is left.
    makeRoom(size + plain.length + length - index);
    for (let part = 0; part < plain.length; part += 1) {
      units[size] = plain.charCodeAt(part);
      froms[size] = start;
      size += 1;
    }
  }
  makeRoom(size + 1);
  froms[size] = length;
  const folded = units.subarray(0, size);
  if (foreign !== 0) latinise(folded);
  return { text: textOf(folded), at: froms.slice(0, size + 1), hidden };
};

/** A text of its units. One that needs no more than a byte for each is kept so, as all that is compared with it is. */
export const textOf = (units: Uint16Array): string => {
  let bits = 0;
  for (let index = 0; index < units.length; index += 1) bits |= units[index] as number;
  return bits < 0x100
    ? Buffer.from(units).toString('latin1')
    : Buffer.from(units.buffer, units.byteOffset, units.byteLength).toString('utf16le');
};

const isLatin = (unit: number): boolean => unit >= 97 && unit <= 122;
const isFigure = (unit: number): boolean => unit >= 48 && unit <= 57;

/** What a unit is in a word of letters and figures, zero for none of them; `ONLY` where nobody could take it for a letter of the other alphabet. */
const LATIN = 1;
const FOREIGN = 2;
const FIGURE = 4;
const ONLY_LATIN = 8;
const ONLY_FOREIGN = 16;
const KIND_OF = Uint8Array.from({ length: 0x530 }, (_, unit) => {
  if (isLatin(unit)) return CYRILLIC_DOUBLES[unit] === 0 ? LATIN | ONLY_LATIN : LATIN;
  if (isForeign(unit)) return LATIN_DOUBLES[unit] === 0 ? FOREIGN | ONLY_FOREIGN : FOREIGN;
  return isFigure(unit) ? FIGURE : 0;
});

/** What the units of a word of the one alphabet read as. */
const readIn = (doubles: ArrayLike<number>): Uint16Array => Uint16Array.from(KIND_OF, (_, unit) => doubles[unit] || unit);
const AS_CYRILLIC = readIn(CYRILLIC_DOUBLES);
const AS_LATIN = readIn(LATIN_DOUBLES);

/** A word of Latin letters with Cyrillic or Greek ones among them is a Latin word, or a Cyrillic one with Latin letters among its own. */
const latinise = (units: Uint16Array): void => {
  let mostlyCyrillic: boolean | undefined;
  let start = 0;
  while (start < units.length) {
    let end = start;
    let latin = 0;
    let foreign = 0;
    let kinds = 0;
    for (; end < units.length; end += 1) {
      const unit = units[end] as number;
      const kind = unit < KIND_OF.length ? (KIND_OF[unit] as number) : 0;
      if (kind === 0) break;
      kinds |= kind;
      // No branches: of letters in no order each would be guessed wrong.
      latin += kind & LATIN;
      foreign += (kind & FOREIGN) >> 1;
    }
    if (latin > 0 && foreign > 0) {
      mostlyCyrillic ??= isMostlyCyrillic(units);
      const isCyrillic = foreign > latin * 2 || (kinds & ONLY_FOREIGN) !== 0 || (mostlyCyrillic && (kinds & ONLY_LATIN) === 0);
      const readAs = isCyrillic ? AS_CYRILLIC : AS_LATIN;
      for (let at = start; at < end; at += 1) units[at] = readAs[units[at] as number] as number;
    }
    start = end + 1;
  }
};

/** What a letter counts for the one alphabet and against the other. */
const BALANCE_OF = Int8Array.from(KIND_OF, (_, unit) => (unit >= 0x400 ? 1 : isLatin(unit) ? -1 : 0));

/** Are there more letters of Cyrillic than of Latin? */
const isMostlyCyrillic = (units: Uint16Array): boolean => {
  let balance = 0;
  for (let at = 0; at < units.length; at += 1) {
    const unit = units[at] as number;
    if (unit < BALANCE_OF.length) balance += BALANCE_OF[unit] as number;
  }
  return balance > 0;
};

/** The stretch of the original that a stretch of the folded text stands for. */
export const originalSpan = (folded: Folded, start: number, end: number): { start: number; end: number } => ({
  start: folded.at[start] as number,
  end: folded.at[end] as number,
});
