/** Places in a text: what was found in it, kept while it is changed, and the text in pieces between them. Pure. */
import type { GuardFinding } from '../../../protocol/index.ts';

export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Piece {
  readonly text: string;
  readonly flagged: boolean;
}

/** Where the text itself is in question, in order, those that touch joined. */
export const spansOf = (findings: readonly GuardFinding[]): Span[] => {
  const spans = findings
    .filter(({ action }) => action !== 'allow')
    .flatMap((finding) => finding.spans.filter(({ message }) => message === null))
    .toSorted((a, b) => a.start - b.start);
  const joined: { start: number; end: number }[] = [];
  for (const { start, end } of spans) {
    const last = joined.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else joined.push({ start, end });
  }
  return joined;
};

/** The spans of a text in what became of it; those that the change touches are left out until more is known. */
export const movedSpans = (spans: readonly Span[], before: string, after: string): Span[] => {
  const shorter = Math.min(before.length, after.length);
  let same = 0;
  while (same < shorter && before[same] === after[same]) same += 1;
  let sameAtEnd = 0;
  while (sameAtEnd < shorter - same && before.at(-1 - sameAtEnd) === after.at(-1 - sameAtEnd)) sameAtEnd += 1;
  const shift = after.length - before.length;
  return spans.flatMap(({ start, end }) => {
    if (end <= same) return [{ start, end }];
    return start >= before.length - sameAtEnd ? [{ start: start + shift, end: end + shift }] : [];
  });
};

/** The whole text in order; the pieces joined are the text. */
export const piecesOf = (text: string, spans: readonly Span[]): Piece[] => {
  const pieces: Piece[] = [];
  let at = 0;
  for (const { start, end } of spans) {
    const [from, to] = [Math.max(at, start), Math.min(text.length, end)];
    if (from >= to) continue;
    if (from > at) pieces.push({ text: text.slice(at, from), flagged: false });
    pieces.push({ text: text.slice(from, to), flagged: true });
    at = to;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), flagged: false });
  return pieces;
};
