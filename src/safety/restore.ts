/** Puts back what is under the marks that a sender left in place while editing a message. */
import { MARK, type MaskedSpan } from './mask.ts';

type Place = Pick<MaskedSpan, 'start' | 'end'>;

/** Marks look alike; what is written beside one says which it is. Beyond this it says no more. */
const BESIDE = 40;
/** Of more pairs than any message of people has only the order is looked at. */
const MOST_PAIRS = 2_500;

/**
 * The edited text with what was hidden under its marks: each original goes where the words beside it are, and where these say nothing,
 * in order. Marks beyond the originals stay marks.
 */
export const restore = (edited: string, before: { body: string; marks: readonly Place[] }, hidden: readonly string[]): string => {
  const places = marksIn(edited);
  const originals = matched(edited, places, before);
  let text = '';
  let from = 0;
  for (const [at, { start, end }] of places.entries()) {
    text += edited.slice(from, start) + (hidden[originals[at] ?? -1] ?? MARK);
    from = end;
  }
  return text + edited.slice(from);
};

const marksIn = (text: string): Place[] => {
  const places: Place[] = [];
  for (let at = text.indexOf(MARK); at !== -1; at = text.indexOf(MARK, at + MARK.length))
    places.push({ start: at, end: at + MARK.length });
  return places;
};

/** For each place, the number of the mark that it was. */
const matched = (
  edited: string,
  places: readonly Place[],
  { body, marks }: { body: string; marks: readonly Place[] },
): (number | undefined)[] => {
  if (places.length * marks.length > MOST_PAIRS) return places.map((_, at) => at);
  const pairs = places.flatMap((place, now) =>
    marks.map((mark, then) => ({ now, then, alike: alike(edited, place, body, mark), moved: Math.abs(now - then) })),
  );
  pairs.sort((a, b) => b.alike - a.alike || a.moved - b.moved || a.now - b.now);
  const found: (number | undefined)[] = places.map(() => undefined);
  const taken = new Set<number>();
  for (const { now, then } of pairs) {
    if (found[now] !== undefined || taken.has(then)) continue;
    found[now] = then;
    taken.add(then);
  }
  return found;
};

/** How much before and behind two places is the same, up to the next mark. What is before says more: it names what follows. */
const alike = (one: string, here: Place, other: string, there: Place): number => {
  const isSame = (at: number, as: number): boolean =>
    at >= 0 && at < one.length && one[at] !== MARK[0] && one[at]?.toLowerCase() === other[as]?.toLowerCase();
  let before = 0;
  while (before < BESIDE && isSame(here.start - 1 - before, there.start - 1 - before)) before += 1;
  let behind = 0;
  while (behind < BESIDE && isSame(here.end + behind, there.end + behind)) behind += 1;
  return 3 * before + behind;
};
