/** What a text is to the learned part: its words, its concepts, and which concepts meet in a sentence, as numbers of buckets. */
import { lexicon } from '../lexicon/index.ts';
import type { Occurrences } from '../lexicon/lexicon.ts';
import type { Token } from '../text/tokens.ts';

export const BUCKETS = 1 << 16;

export type Features = {
  /** Each bucket once. */
  buckets: number[];
  /** The tokens a bucket came from first; the second is the same, or the other of a pair. */
  tokens: [number, number][];
};

/** FNV-1a over units. */
const hashText = (text: string, seed: number): number => {
  let hash = seed;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
};
const mix = (a: number, b: number): number => {
  let hash = Math.imul(a ^ (b >>> 15) ^ Math.imul(b, 0x9e3779b1), 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};

const WORD = 0x811c9dc5;
const PAIR = 0x1234567;
const STEM = 0x7654321;
const CONCEPT = 0x2468ace;
const STEM_LENGTH = 5;
/** More than a sentence of a person has; the rest of such a text says the same again. */
const MOST_CONCEPTS = 24;
const MOST_TOKENS = 1_200;

const CONCEPT_HASHES = lexicon.names.map((name) => hashText(name, CONCEPT));

export const featuresOf = (tokens: readonly Token[], { starts }: Occurrences): Features => {
  const seen = new Map<number, number>();
  const buckets: number[] = [];
  const from: [number, number][] = [];
  const add = (hash: number, first: number, second: number): void => {
    const bucket = hash % BUCKETS;
    if (seen.has(bucket)) return;
    seen.set(bucket, buckets.length);
    buckets.push(bucket);
    from.push([first, second]);
  };
  let before = 0;
  const count = Math.min(tokens.length, MOST_TOKENS);
  for (let index = 0; index < count; index += 1) {
    const { text, numeric } = tokens[index] as Token;
    // Of a number only its length counts.
    const hash = numeric ? mix(WORD, Math.min(9, text.length)) : hashText(text, WORD);
    add(hash, index, index);
    if (index > 0) add(mix(mix(PAIR, before), hash), index - 1, index);
    if (!numeric && text.length > STEM_LENGTH) add(hashText(text.slice(0, STEM_LENGTH), STEM), index, index);
    before = numeric ? 1 : hash;
  }
  // Concepts by sentence, in the order of their ids.
  const bySentence = new Map<number, { id: number; token: number }[]>();
  for (const [id, places] of starts.entries()) {
    if (places === undefined) continue;
    let last = -1;
    for (const token of places) {
      if (token >= count) break;
      const { sentence } = tokens[token] as Token;
      if (sentence === last) continue;
      last = sentence;
      const list = bySentence.get(sentence);
      if (list === undefined) bySentence.set(sentence, [{ id, token }]);
      else if (list.length < MOST_CONCEPTS) list.push({ id, token });
    }
    const first = places[0] as number;
    if (first < count) add(CONCEPT_HASHES[id] as number, first, first);
  }
  for (const list of bySentence.values()) {
    for (let one = 0; one < list.length; one += 1) {
      const a = list[one] as { id: number; token: number };
      for (let other = one + 1; other < list.length; other += 1) {
        const b = list[other] as { id: number; token: number };
        add(mix(CONCEPT_HASHES[a.id] as number, CONCEPT_HASHES[b.id] as number), a.token, b.token);
      }
    }
  }
  return { buckets, tokens: from };
};
