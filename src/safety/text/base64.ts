/** Base64 among words. */
import { FIGURES, oneOf, SMALL_LETTERS } from './letters.ts';

const CAPITALS = SMALL_LETTERS.toUpperCase();
const isBase64 = oneOf(`${SMALL_LETTERS}${CAPITALS}${FIGURES}+/=-_`);
const isSmall = oneOf(SMALL_LETTERS);
const isCapital = oneOf(CAPITALS);
const isFigure = oneOf(FIGURES);
const EQUALS = 61;

type Chunk = { start: number; end: number; text: string };

/** Letters of both sizes, and figures, capitals behind small letters, or the sign that ends base64. */
const isMixed = (text: string, start: number, end: number): boolean => {
  let hasSmall = false;
  let hasCapital = false;
  let hasFigure = false;
  let turns = 0;
  let afterSmall = false;
  for (let index = start; index < end; index += 1) {
    const unit = text.charCodeAt(index);
    const capital = isCapital(unit);
    if (capital && afterSmall) turns += 1;
    afterSmall = isSmall(unit);
    hasSmall ||= afterSmall;
    hasCapital ||= capital;
    hasFigure ||= isFigure(unit);
  }
  return hasSmall && hasCapital && (hasFigure || turns > 1 || text.charCodeAt(end - 1) === EQUALS);
};

const SHORTEST_CHUNK = 8;
const LONGEST_CHUNK = 400;
const MOST_CHUNKS = 40;

/** Stretches of base64's alphabet that are no word: they have a capital, which most words have not. */
export const chunksOf = (original: string): Chunk[] => {
  const { length } = original;
  const chunks: Chunk[] = [];
  for (let index = 0; index < length && chunks.length < MOST_CHUNKS; index += 1) {
    if (!isCapital(original.charCodeAt(index))) continue;
    let start = index;
    while (start > 0 && isBase64(original.charCodeAt(start - 1))) start -= 1;
    let end = index + 1;
    while (end < length && isBase64(original.charCodeAt(end))) end += 1;
    if (end - start >= SHORTEST_CHUNK && end - start <= LONGEST_CHUNK && isMixed(original, start, end))
      chunks.push({ start, end, text: original.slice(start, end) });
    index = end;
  }
  return chunks;
};

/** Of ASCII alone. */
export const isPrintable = (text: string): boolean => /^[\x20-\x7e\n]+$/u.test(text);

/** What it says; '' where that is no text. */
export const decode = (text: string): string => {
  const plain = Buffer.from(text, 'base64').toString('latin1');
  return isPrintable(plain) ? plain : '';
};
