/**
 * What is read of a text that has more words and signs than people write: what stands out from the rest of it. Whoever fills a message up with signs
 * means one part of it to be read, and that part is unlike the others.
 */
import { A_FIGURE, NO_WORD, wordUnit } from './letters.ts';
import { NOTHING, PAIR, QUESTION, signOf, TOKEN } from './signs.ts';

/** In units; a part ends where a word does. */
const PART = 128;

export type Part = { start: number; end: number };

type Counted = Part & { tokens: number; shape: Shape };

/** How many letters, figures, signs and tokens. */
type Shape = readonly [number, number, number, number];

/** The parts that are left out, in their order: of a text of more than `most` tokens so many that at most `enough` are read, of nearly every text none. Linear. */
export const leftOut = (text: string, most: number, enough: number): Part[] => {
  // A token is a unit at least.
  if (text.length <= most) return [];
  const parts = partsOf(text);
  let left = parts.reduce((sum, { tokens }) => sum + tokens, 0);
  if (left <= most) return [];
  const middle = ([0, 1, 2, 3] as const).map((at) => median(parts.map(({ shape }) => shape[at])));
  const distanceOf = (shape: Shape): number =>
    shape.reduce((sum: number, count, at) => sum + Math.abs(count - (middle[at] as number)), 0);
  // The first and the last stand out by their place.
  const alike = parts.slice(1, -1).map((part) => ({ part, distance: distanceOf(part.shape) }));
  alike.sort((a, b) => a.distance - b.distance || a.part.start - b.part.start);
  const out: Part[] = [];
  for (const { part } of alike) {
    if (left <= enough) break;
    left -= part.tokens;
    out.push(part);
  }
  return out.sort((a, b) => a.start - b.start);
};

/** What a unit counts as, so that each is asked once and without branches: of signs in no order each would be guessed wrong. */
const LETTER = 1;
const FIGURE = 2;
const SIGN = 4;
const ONE_TOKEN = 8;
const IN_WORD = 16;
const COUNTS_AS = Uint8Array.from({ length: 0x10000 }, (_, unit) => {
  const kind = wordUnit(unit);
  if (kind !== NO_WORD) return IN_WORD | (kind === A_FIGURE ? FIGURE : LETTER);
  const sign = signOf(unit);
  if (sign === NOTHING) return 0;
  return sign === TOKEN || sign === PAIR || unit === QUESTION ? SIGN | ONE_TOKEN : SIGN;
});

const partsOf = (text: string): Counted[] => {
  const parts: Counted[] = [];
  let [start, letters, figures, signs, tokens, before] = [0, 0, 0, 0, 0, 0];
  const close = (end: number): void => {
    parts.push({ start, end, tokens, shape: [letters, figures, signs, tokens] });
    start = end;
    letters = figures = signs = tokens = 0;
  };
  for (let index = 0; index < text.length; index += 1) {
    const here = COUNTS_AS[text.charCodeAt(index)] as number;
    if (index - start >= PART && (here & IN_WORD) === 0) close(index);
    letters += here & LETTER;
    figures += (here & FIGURE) >> 1;
    signs += (here & SIGN) >> 2;
    // A word counts where it begins.
    tokens += ((here & ONE_TOKEN) >> 3) + ((here & ~before & IN_WORD) >> 4);
    before = here;
  }
  close(text.length);
  return parts;
};

const median = (counts: readonly number[]): number => [...counts].sort((a, b) => a - b)[counts.length >> 1] as number;
