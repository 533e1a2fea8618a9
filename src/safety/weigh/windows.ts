/** A text in parts and their sentences, as the learned part weighs it. */
import type { Reading } from '../extract/reading.ts';
import type { Token } from '../text/tokens.ts';

/** Of longer texts the whole is weighed in parts of this many tokens, and each part again sentence by sentence, so that one is not drowned by others. */
const PART = 96;
const SENTENCE = 24;
const MOST_PARTS = 24;
/** What is longer than a message usually is is weighed by its parts alone. */
const FEW_PARTS = 4;

export type Window = { from: number; to: number };
export type Part = Window & { /** One or more, in order, that make up the part. */ sentences: Window[] };

/** Where the parts of a text and their sentences begin and end, as tokens. Short sentences go together. */
export const partsOf = ({ tokens }: Reading): Part[] =>
  cut(tokens, 0, tokens.length, PART, MOST_PARTS).map(({ from, to }, _, parts) => ({
    from,
    to,
    sentences: parts.length > FEW_PARTS ? [{ from, to }] : cut(tokens, from, to, SENTENCE, PART),
  }));

const cut = (tokens: readonly Token[], start: number, end: number, size: number, most: number): Window[] => {
  const windows: Window[] = [];
  let from = start;
  while (from < end && windows.length < most) {
    let to = Math.min(end, from + size);
    if (to < end) {
      const { sentence } = tokens[to] as Token;
      let back = to;
      while (back > from && (tokens[back - 1] as Token).sentence === sentence) back -= 1;
      if (back > from + size / 4) to = back;
    }
    // What is left is no sentence of its own.
    if (end - to < size / 4) to = end;
    windows.push({ from, to });
    from = to;
  }
  return windows.length === 0 ? [{ from: start, to: end }] : windows;
};
