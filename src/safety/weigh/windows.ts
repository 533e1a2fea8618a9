/** A text in windows, as the learned part weighs it: short, so that one sentence is not drowned by the others, and overlapping, so that what belongs together is seen together. */
import type { Reading } from '../extract/reading.ts';

/** As tokens, the end not among them. */
export type Window = { from: number; to: number };

/** A text of no more tokens is weighed as a whole. */
const WHOLE = 40;
/** Of a longer one each two of these in a row. */
const HALF = 16;
/** Of what is longer than people write, each two once, without the overlap. */
const OVERLAPPING = 400;

/** Windows, and the halves that they are made of: a sentence each, or a few short ones; none of a text that is one window. */
export const windowsOf = (reading: Reading): { windows: Window[]; halves: Window[] } => {
  const { length } = reading.tokens.starts;
  if (length <= WHOLE) return { windows: [{ from: 0, to: length }], halves: [] };
  const halves = cut(reading, HALF);
  const step = length > OVERLAPPING ? 2 : 1;
  const windows: Window[] = [];
  for (let half = 0; half < Math.max(1, halves.length - 2 + step); half += step) {
    windows.push({ from: (halves[half] as Window).from, to: (halves[Math.min(half + 1, halves.length - 1)] as Window).to });
  }
  return { windows, halves };
};

/** Pieces of this many tokens at the most, which end where sentences do; what is short goes together. */
export const cut = ({ tokens: { sentences } }: Reading, size: number): Window[] => {
  const { length } = sentences;
  const pieces: Window[] = [];
  let from = 0;
  while (from < length) {
    let to = Math.min(length, from + size);
    if (to < length) {
      let back = to;
      while (back > from && sentences[back - 1] === sentences[to]) back -= 1;
      if (back > from + size / 4) to = back;
    }
    // What is left is no piece of its own.
    if (length - to < size / 4) to = length;
    pieces.push({ from, to });
    from = to;
  }
  return pieces;
};
