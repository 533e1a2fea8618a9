/**
 * What is read of a text that has more words and signs than people write: what stands out from the rest of it. Whoever fills a message up with signs
 * means one part of it to be read, and that part is unlike the others.
 */
import { A_FIGURE, A_LETTER, NO_WORD, wordUnit } from './letters.ts';
import { NOTHING, PAIR, QUESTION, signOf, TOKEN } from './signs.ts';

/** In units; a part ends where a word does. */
const PART = 128;

export type Part = { start: number; end: number };

type Counted = Part & { tokens: number /** Letters, figures, signs, tokens: how many. */; shape: number[] };

/** The parts that are left out, in their order, so that what is read has at most so many tokens; none of nearly every text. Linear. */
export const leftOut = (text: string, most: number): Part[] => {
  // A token is a unit at least.
  if (text.length <= most) return [];
  const parts = partsOf(text);
  let left = parts.reduce((sum, { tokens }) => sum + tokens, 0);
  if (left <= most) return [];
  const middle = [0, 1, 2, 3].map((at) => median(parts.map(({ shape }) => shape[at] as number)));
  const distance = ({ shape }: Counted): number =>
    shape.reduce((sum, count, at) => sum + Math.abs(count - (middle[at] as number)), 0);
  // The first and the last stand out by their place.
  const alike = parts.slice(1, -1).sort((a, b) => distance(a) - distance(b) || a.start - b.start);
  const out: Part[] = [];
  for (const part of alike) {
    if (left <= most) break;
    left -= part.tokens;
    out.push(part);
  }
  return out.sort((a, b) => a.start - b.start);
};

const partsOf = (text: string): Counted[] => {
  const parts: Counted[] = [];
  const counts = new Int32Array(4);
  let start = 0;
  let inWord = false;
  const close = (end: number): void => {
    const [letters, figures, signs, tokens] = counts as unknown as [number, number, number, number];
    parts.push({ start, end, tokens, shape: [letters, figures, signs, tokens] });
    counts.fill(0);
    start = end;
  };
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    const kind = wordUnit(unit);
    if (kind === NO_WORD) {
      if (index - start >= PART) close(index);
      inWord = false;
      const sign = signOf(unit);
      if (sign === NOTHING) continue;
      counts[2] = (counts[2] as number) + 1;
      if (sign === TOKEN || sign === PAIR || unit === QUESTION) counts[3] = (counts[3] as number) + 1;
      continue;
    }
    if (kind === A_LETTER) counts[0] = (counts[0] as number) + 1;
    else if (kind === A_FIGURE) counts[1] = (counts[1] as number) + 1;
    if (!inWord) counts[3] = (counts[3] as number) + 1;
    inWord = true;
  }
  close(text.length);
  return parts;
};

const median = (counts: readonly number[]): number => [...counts].sort((a, b) => a - b)[counts.length >> 1] as number;
