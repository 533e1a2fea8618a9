/**
 * What is read of a text that has more words and signs than people write: what stands out from the rest of it. Whoever fills a message up with signs
 * means one part of it to be read, and that part is unlike the others.
 */
import { A_FIGURE, NO_WORD, wordUnit } from './letters.ts';
import { NOTHING, PAIR, QUESTION, signOf, TOKEN } from './signs.ts';

/** In units; a part ends where a word does. */
const PART = 64;

export type Part = { start: number; end: number };

/**
 * What a part is known by: how many letters, figures, signs and tokens, and how long its longest word, its longest row of figures and the longest of
 * figures with signs between are.
 */
const FEATURES = 7;
const TOKENS = 3;

/** The parts that are left out, in their order: of a text of more than `most` tokens so many that at most `enough` are read, of nearly every text none. Linear. */
export const leftOut = (text: string, most: number, enough: number): Part[] => {
  // A token is a unit at least.
  if (text.length <= most || tokensOf(text) <= most) return [];
  const ends: number[] = [];
  const shapes: number[] = [];
  count(text, ends, shapes);
  const distances = distancesOf(shapes, ends.length);
  // The first and the last stand out by their place.
  distances[0] = Number.POSITIVE_INFINITY;
  distances[ends.length - 1] = Number.POSITIVE_INFINITY;
  const order = Array.from(distances.keys()).sort((a, b) => (distances[b] as number) - (distances[a] as number) || a - b);
  const tokensIn = (part: number | undefined): number => shapes[(part as number) * FEATURES + TOKENS] as number;
  let read = 0;
  for (let left = enough - tokensIn(order[0]); left >= 0; left -= tokensIn(order[read])) read += 1;
  return order
    .slice(read)
    .sort((a, b) => a - b)
    .map((part) => ({ start: ends[part - 1] as number, end: ends[part] as number }));
};

/** Beside what stands out by far stands its beginning or its end: it stands out by so much of it. */
const BESIDE = 0.3;

/**
 * How unlike the others each part is: the sum of the squares of its distances from the middle of all in each feature, each measured by the usual distance
 * (the median absolute deviation, and one more, as it may be none), so that what varies in every part weighs little.
 */
const distancesOf = (shapes: readonly number[], parts: number): Float64Array => {
  const distances = new Float64Array(parts);
  const values = new Uint8Array(parts);
  const countOf = (part: number, feature: number): number => Math.min(shapes[part * FEATURES + feature] as number, 255);
  for (let feature = 0; feature < FEATURES; feature += 1) {
    for (let part = 0; part < parts; part += 1) values[part] = countOf(part, feature);
    const middle = medianOf(values);
    for (let part = 0; part < parts; part += 1) values[part] = Math.abs(countOf(part, feature) - middle);
    const usual = 1 + medianOf(values);
    for (let part = 0; part < parts; part += 1)
      distances[part] = (distances[part] as number) + ((values[part] as number) / usual) ** 2;
  }
  return distances.map((distance, part) => distance + BESIDE * Math.max(distances[part - 1] ?? 0, distances[part + 1] ?? 0));
};

/** By how often each value is there, which is quicker than to sort them. */
const medianOf = (values: Uint8Array): number => {
  const times = new Uint32Array(256);
  for (const value of values) times[value] = (times[value] as number) + 1;
  let median = 0;
  for (let left = (values.length >> 1) - (times[0] as number); left >= 0; left -= times[median] as number) median += 1;
  return median;
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

/** Without branches, as above. */
const larger = (a: number, b: number): number => a - ((a - b) & ((a - b) >> 31));

/** How many tokens a text has. */
const tokensOf = (text: string): number => {
  let tokens = 0;
  let before = 0;
  for (let index = 0; index < text.length; index += 1) {
    const here = COUNTS_AS[text.charCodeAt(index)] as number;
    // A word counts where it begins.
    tokens += ((here & ONE_TOKEN) >> 3) + ((here & ~before & IN_WORD) >> 4);
    before = here;
  }
  return tokens;
};

/** Counts a text in parts. */
const count = (text: string, ends: number[], shapes: number[]): void => {
  const { length } = text;
  let [word, row, apart, before] = [0, 0, 0, 0];
  for (let index = 0; index < length; ) {
    const full = index + PART;
    let [letters, figures, signs, tokens] = [0, 0, 0, 0];
    let [longest, longestRow, longestApart] = [0, 0, 0];
    for (; index < length; index += 1) {
      const here = COUNTS_AS[text.charCodeAt(index)] as number;
      if (index >= full && (here & IN_WORD) === 0) break;
      const letter = here & LETTER;
      const figure = (here & FIGURE) >> 1;
      letters += letter;
      figures += figure;
      signs += (here & SIGN) >> 2;
      tokens += ((here & ONE_TOKEN) >> 3) + ((here & ~before & IN_WORD) >> 4);
      before = here;
      word = (word + letter) & -letter;
      row = (row + figure) & -figure;
      apart = (apart + figure) & (letter - 1);
      longest = larger(longest, word);
      longestRow = larger(longestRow, row);
      longestApart = larger(longestApart, apart);
    }
    ends.push(index);
    shapes.push(letters, figures, signs, tokens, longest, longestRow, longestApart);
  }
};
