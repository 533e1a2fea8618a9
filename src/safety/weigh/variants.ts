/**
 * Variants of the corpus: texts that nobody wrote, put together from pieces of those that somebody did. A teacher scores them (weigh/teach.py), and
 * the learned part learns from its scores what the corpus alone does not say (docs/decisions/0035).
 *
 *     script/run node src/safety/weigh/variants.ts FILE.jsonl… > texts.jsonl
 *
 * prints what the teacher reads: the items that it learns from, then the variants that it scores, as the guard folds them.
 */
import { type Item, readItems } from '../items.ts';
import { fold } from '../text/fold.ts';
import { squeeze } from '../text/squeeze.ts';
import { randomOf } from './learn.ts';

export type Variant = {
  messages: string[];
  /** The items that it is made of, by their places. */
  from: number[];
};

/** The teacher reads one language. */
export const TAUGHT_LANGUAGE = 'en';
export const VARIANTS = { count: 600_000, seed: 1 };

/** Words of a side of a variant, and of a variant that keeps its item's order. */
const MOST_OF_A_SIDE = 40;
const MOST_WORDS = 70;
const SHORTEST = 12;
/** Of a hundred variants so many are of each kind; the rest leaves something out. */
const CROSSED = 55;
const FILLED = 25;
const JOINED = 10;
const SHARE_FILLED = 0.3;
const SHARE_LEFT_OUT = 0.15;
const LINE = '\n';

/** All words of all items in a row, and for each what it is beside case and punctuation. */
type Words = {
  texts: string[];
  keys: string[] /** Where each item begins, and the end of the last. */;
  starts: number[];
  itemOf: Uint32Array;
};

const keyOf = (word: string): string => word.toLowerCase().replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '');

const wordsOf = (items: readonly Item[]): Words => {
  const texts: string[] = [];
  const starts: number[] = [];
  for (const { messages } of items) {
    starts.push(texts.length);
    for (const [index, message] of messages.join('\n').split('\n').entries()) {
      if (index > 0) texts.push(LINE);
      for (const word of message.split(' ')) if (word !== '') texts.push(word);
    }
  }
  const itemOf = new Uint32Array(texts.length);
  for (const [item, start] of starts.entries()) itemOf.fill(item, start);
  starts.push(texts.length);
  return { texts, keys: texts.map(keyOf), starts, itemOf };
};

/** Where words stand, by a name for their place. */
const placesBy = (count: number, nameOf: (at: number) => string | undefined): Map<string, number[]> => {
  const places = new Map<string, number[]>();
  for (let at = 0; at < count; at += 1) {
    const name = nameOf(at);
    if (name === undefined) continue;
    const known = places.get(name);
    if (known === undefined) places.set(name, [at]);
    else known.push(at);
  }
  return places;
};

type Draft = { words: string[]; from: number[] } | undefined;

/** Each of them once; the same items and seed give the same. */
export function* variantsOf(items: readonly Item[], { count, seed } = VARIANTS): Generator<Variant> {
  const { texts, keys, starts, itemOf } = wordsOf(items);
  const random = randomOf(seed);
  const below = (size: number): number => Math.floor(random() * size);
  const oneOf = <T>(some: readonly T[]): T => some[below(some.length)] as T;
  const inOne = (at: number, other: number): boolean => itemOf[at] === itemOf[other];
  const pairs = placesBy(texts.length - 1, (at) =>
    keys[at] === '' || keys[at + 1] === '' || !inOne(at, at + 1) ? undefined : `${keys[at]} ${keys[at + 1]}`,
  );
  const gaps = placesBy(texts.length - 1, (at) =>
    at === 0 || !inOne(at - 1, at + 1) ? undefined : `${keys[at - 1]} ${keys[at + 1]}`,
  );
  const wordsIn = (item: number): string[] => texts.slice(starts[item], starts[item + 1]);
  const sentencesOf = (item: number): string[][] => {
    const sentences: string[][] = [[]];
    for (const word of wordsIn(item)) {
      (sentences.at(-1) as string[]).push(word);
      if (word === LINE || /[.!?]$/u.test(word)) sentences.push([]);
    }
    return sentences.filter(({ length }) => length > 0);
  };

  /** From the beginning of one item to two words that stand in another too, and on from there. */
  const cross = (): Draft => {
    const at = below(texts.length - 1);
    const item = itemOf[at] as number;
    const places = pairs.get(`${keys[at]} ${keys[at + 1]}`);
    if (places === undefined || places.length < 2) return undefined;
    const other = oneOf(places);
    const to = itemOf[other] as number;
    const left = texts.slice(Math.max(starts[item] as number, at + 2 - MOST_OF_A_SIDE), at + 2);
    const right = texts.slice(other + 2, Math.min(starts[to + 1] as number, other + 2 + MOST_OF_A_SIDE));
    if (to === item || left.length < 3 || right.length === 0) return undefined;
    return { words: [...left, ...right], from: [item, to] };
  };

  /** An item with other words in some of its places, which stood between the same two elsewhere. */
  const fill = (): Draft => {
    const item = below(items.length);
    const words = wordsIn(item).slice(0, MOST_WORDS);
    const known = words.map(keyOf);
    let changed = 0;
    for (let at = 1; at < words.length - 1; at += 1) {
      if (random() >= SHARE_FILLED) continue;
      const places = gaps.get(`${known[at - 1]} ${known[at + 1]}`);
      if (places === undefined || places.length < 2) continue;
      const other = oneOf(places);
      if (texts[other] === LINE || keys[other] === known[at]) continue;
      words[at] = texts[other] as string;
      known[at] = keys[other] as string;
      changed += 1;
    }
    return changed === 0 ? undefined : { words, from: [item] };
  };

  /** A sentence each of two items. */
  const join = (): Draft => {
    const [one, other] = [below(items.length), below(items.length)];
    const first = oneOf(sentencesOf(one)).slice(0, MOST_OF_A_SIDE);
    const second = oneOf(sentencesOf(other)).slice(0, MOST_OF_A_SIDE);
    return { words: [...first, ...(random() < 0.2 ? [LINE] : []), ...second], from: [one, other] };
  };

  /** An item without one of its sentences, or without some words. */
  const leaveOut = (): Draft => {
    const item = below(items.length);
    const sentences = sentencesOf(item);
    if (sentences.length > 1 && random() < 0.6) {
      sentences.splice(below(sentences.length), 1);
      return { words: sentences.flat().slice(0, MOST_WORDS), from: [item] };
    }
    return { words: wordsIn(item).filter(() => random() >= SHARE_LEFT_OUT), from: [item] };
  };

  const seen = new Set<string>();
  while (seen.size < count) {
    const kind = below(100);
    const draft =
      kind < CROSSED ? cross() : kind < CROSSED + FILLED ? fill() : kind < CROSSED + FILLED + JOINED ? join() : leaveOut();
    if (draft === undefined) continue;
    const text = draft.words
      .join(' ')
      .replace(/ ?\n ?/gu, LINE)
      .trim();
    if (text.length < SHORTEST || seen.has(text)) continue;
    seen.add(text);
    yield { messages: text.split(/\n+/u), from: draft.from };
  }
}

/** The items that variants are made of: those of the teacher's language. */
export const taughtItems = (items: readonly Item[]): Item[] => items.filter(({ lang }) => lang === TAUGHT_LANGUAGE);

if (import.meta.main) {
  const items = taughtItems(readItems(process.argv.slice(2)));
  const print = (messages: readonly string[], more: { isViolation?: boolean }): void => {
    const { text } = squeeze(fold(messages.join(LINE)));
    process.stdout.write(`${JSON.stringify({ text, ...more })}\n`);
  };
  for (const { messages, labels } of items) print(messages, { isViolation: labels.length > 0 });
  for (const { messages } of variantsOf(items)) print(messages, {});
}
