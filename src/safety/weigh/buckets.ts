/** Where the weight of a feature is: features have kinds, and numbers of buckets made of their hashes. */
import { hashOf } from '../text/known-words.ts';

export const BUCKET_BITS = 23;
export const BUCKETS = 1 << BUCKET_BITS;

/** A hash of two, in two steps, because the second is often the same for many. */
export const keyOf = (b: number): number => (b >>> 15) ^ Math.imul(b, 0x9e3779b1);
export const mixKey = (a: number, key: number): number => {
  let hash = Math.imul(a ^ key, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
};
export const mix = (a: number, b: number): number => mixKey(a, keyOf(b));

export const hashText = (text: string, seed: number): number => hashOf(text, 0, text.length, seed);

/** How much a feature of each kind says beside the others. */
const VALUES = {
  word: 1,
  pair: 0.7,
  stem: 1,
  piece: 0.6,
  sense: 0.8,
  senses: 0.8,
  around: 0.8,
  sensesApart: 0.4,
  concept: 1,
  meeting: 0.7,
  turn: 0.7,
  shape: 0.5,
  rule: 0.7,
};
type Kind = keyof typeof VALUES;
const KINDS = Object.keys(VALUES) as Kind[];
/** By the number of a kind. */
export const VALUE_OF = Float64Array.from(KINDS, (kind) => VALUES[kind]);
const KEY_OF = Int32Array.from(KINDS, (_, index) => keyOf(Math.imul(index + 1, 0x9e3779b1)));
export const kindNumber = Object.fromEntries(KINDS.map((kind, index) => [kind, index])) as Record<Kind, number>;

/** The bucket of a feature, by the number of its kind and its hash. */
export const bucketIn = (kind: number, hash: number): number => mixKey(hash, KEY_OF[kind] as number) & (BUCKETS - 1);
