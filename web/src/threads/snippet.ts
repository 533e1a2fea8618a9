/** What a found message shows in one or two lines: from a little before the first of the words, with each of them marked. */
import { matchesIn, type WordQuery } from '../../../protocol/index.ts';

export interface Piece {
  readonly text: string;
  readonly marked: boolean;
}

/** In UTF-16 units; enough for two lines of the list. */
const BEFORE = 32;
const LENGTH = 180;

export const snippetOf = (body: string, query: WordQuery): Piece[] => {
  const matches = matchesIn(body, query);
  const begin = beginOf(body, matches[0]?.start ?? 0);
  const end = Math.min(body.length, begin + LENGTH);
  const pieces: Piece[] = begin > 0 ? [{ text: '… ', marked: false }] : [];
  let at = begin;
  for (const match of matches) {
    if (match.end > end) break;
    if (match.start > at) pieces.push({ text: body.slice(at, match.start), marked: false });
    pieces.push({ text: body.slice(match.start, match.end), marked: true });
    at = match.end;
  }
  const rest = body.slice(at, end).toWellFormed();
  if (rest !== '' || end < body.length) pieces.push({ text: end < body.length ? `${rest}…` : rest, marked: false });
  return pieces;
};

/** At the beginning of a word, not far before the match. */
const beginOf = (body: string, match: number): number => {
  if (match <= BEFORE) return 0;
  const space = body.slice(match - BEFORE, match).search(/\s/u);
  return space === -1 ? match : match - BEFORE + space + 1;
};
