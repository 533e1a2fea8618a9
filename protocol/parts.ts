/** A text that is too long for one message, as several. */
import { MAX_BODY_LENGTH } from './limits.ts';

export interface Part {
  /** Where it begins in the whole text. */
  readonly start: number;
  /** Without space around it. */
  readonly text: string;
}

/** Where a text is cut, the best first: behind a paragraph, a line, a sentence, a word. */
const ENDS = [/\n\s*\n/g, /\n/g, /[.!?…]\s|[。！？]/g, /\s/g];

/** Parts of at most `longest` UTF-16 units, cut in the second half of what fits in; empty for a text of space alone. */
export const partsOf = (text: string, longest = MAX_BODY_LENGTH): Part[] => {
  const parts: Part[] = [];
  const end = text.trimEnd().length;
  for (let start = 0; start < end; ) {
    start += text.slice(start).search(/\S/);
    const to = end - start <= longest ? end : start + lengthOf(text.slice(start, start + longest));
    parts.push({ start, text: text.slice(start, to).trimEnd() });
    start = to;
  }
  return parts;
};

/** Of the part of a text that goes on behind it. */
const lengthOf = (piece: string): number => {
  const half = Math.ceil(piece.length / 2);
  for (const ending of ENDS) {
    const last = Array.from(piece.slice(half).matchAll(ending)).at(-1);
    if (last !== undefined) return half + last.index + last[0].length;
  }
  // A character that is two units is not cut in two.
  return /[\ud800-\udbff]$/.test(piece) ? piece.length - 1 : piece.length;
};
