/**
 * The learned part: weights over words and concepts, trained on the corpus by weigh/train.ts, and the score that they make together with
 * what the rules found. It explains itself by the words that weighed.
 */
import { readFileSync } from 'node:fs';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import type { Hit, Reading } from '../extract/reading.ts';
import { CATEGORIES, type Category } from '../verdict.ts';
import { BUCKETS, VALUE_OF } from './buckets.ts';
import { EVIDENCE, evidenceOf, probabilityOf } from './evidence.ts';
import { type Features, featuresOf, NO_TOKEN, weightOf } from './features.ts';
import { withFew } from './few.ts';
import { createKindOf, KIND_BUCKETS, type Kind } from './kinds.ts';

/**
 * From this probability on what a rule found is spoken of, or what the words say alone. Chosen by the figures of the held-out and the shared
 * items, where it is best for precision and recall together: below it more that is fine is found, above it fewer hints.
 */
export const HEARD = 0.57;
export const WEIGHTS_FILE = new URL('weights.bin', import.meta.url);

export type Weights = { scale: number; bias: number; evidence: number[]; bytes: Int8Array; kinds: Kind[] };

/** Doubles of the scale, the bias and the weights of the evidence, and of each kind's scale and bias. */
const DOUBLES = 2 + EVIDENCE.length + 2 * CATEGORIES.length;
const HEADER_BYTES = 8 * DOUBLES;
/** Then a byte a bucket of each kind, a bit a bucket that says whether it weighs anything, and a byte of each that does. */
const KINDS_BYTES = CATEGORIES.length * KIND_BUCKETS;
const BITS_BYTES = BUCKETS / 8;

export const readWeights = (file = WEIGHTS_FILE): Weights => {
  const buffer = unpacked(file);
  const bits = buffer.subarray(HEADER_BYTES + KINDS_BYTES, HEADER_BYTES + KINDS_BYTES + BITS_BYTES);
  const bytes = new Int8Array(BUCKETS);
  let next = HEADER_BYTES + KINDS_BYTES + BITS_BYTES;
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    if (((bits[bucket >> 3] ?? 0) >> (bucket & 7)) & 1) {
      bytes[bucket] = buffer[next] ?? 0;
      next += 1;
    }
  }
  if (buffer.length !== next) throw new Error(`${file} is not a file of ${BUCKETS} weights.`);
  const double = (at: number): number => buffer.readDoubleLE(8 * at);
  return {
    scale: double(0),
    bias: double(1),
    evidence: EVIDENCE.map((_, at) => double(2 + at)),
    bytes,
    kinds: CATEGORIES.map((_, at) => ({
      scale: double(2 + EVIDENCE.length + 2 * at),
      bias: double(3 + EVIDENCE.length + 2 * at),
      bytes: new Int8Array(buffer.buffer, buffer.byteOffset + HEADER_BYTES + at * KIND_BUCKETS, KIND_BUCKETS),
    })),
  };
};

export const writeWeights = ({ scale, bias, evidence, bytes, kinds }: Weights): Buffer => {
  const header = Buffer.alloc(HEADER_BYTES);
  const doubles = [scale, bias, ...evidence, ...kinds.flatMap((kind) => [kind.scale, kind.bias])];
  for (const [at, value] of doubles.entries()) header.writeDoubleLE(value, 8 * at);
  const bits = Buffer.alloc(BITS_BYTES);
  for (const [bucket, byte] of bytes.entries()) if (byte !== 0) (bits[bucket >> 3] as number) |= 1 << (bucket & 7);
  const some = [...kinds.map((kind) => kind.bytes), bytes.filter((byte) => byte !== 0)].map(bufferOf);
  return brotliCompressSync(Buffer.concat([header, ...some.slice(0, -1), bits, ...some.slice(-1)]));
};

const unpacked = (file: URL): Buffer => {
  try {
    return brotliDecompressSync(readFileSync(file));
  } catch (cause) {
    throw new Error(`${file} is not a file of ${BUCKETS} weights.`, { cause });
  }
};

const bufferOf = ({ buffer, byteOffset, length }: Int8Array): Buffer => Buffer.from(buffer, byteOffset, length);

/** A byte a weight: the largest is 127. */
export const pack = (weights: Float64Array): { scale: number; bytes: Int8Array } => {
  let largest = 1e-9;
  for (const weight of weights) largest = Math.max(largest, Math.abs(weight));
  const scale = largest / 127;
  return { scale, bytes: Int8Array.from(weights, (weight) => Math.round(weight / scale)) };
};

const MOST_WORDS = 5;

export type Explained = { category: Category /** As folded, most first. */; words: string[]; start: number; end: number };

export type Weigher = {
  /** How far a stretch, given as tokens and the hits in it, is from what is allowed: above zero they are on the other side. */
  marginOf: (reading: Reading, hits: readonly Hit[], from: number, to: number) => number;
  /** The probability that something is wrong with a stretch of this margin, in which these hits are. */
  probabilityOf: (margin: number, hits: readonly Hit[]) => number;
  /** Which words made a stretch heavy, and what they speak of. */
  explain: (reading: Reading, hits: readonly Hit[], from: number, to: number) => Explained;
};

export const createWeigher = ({ scale, bias, evidence, bytes, kinds }: Weights): Weigher => {
  const kindOf = createKindOf(kinds);
  const weights = withFew(bytes);
  const explain = (reading: Reading, hits: readonly Hit[], from: number, to: number): Explained => {
    const { tokens } = reading;
    const features = featuresOf(reading, hits, from, to);
    const shares = sharesOf(features, weights, to - from);
    const most = Array.from(shares.keys())
      .filter((token) => (shares[token] as number) > 0)
      .sort((a, b) => (shares[b] as number) - (shares[a] as number) || a - b)
      .slice(0, MOST_WORDS)
      .map((token) => from + token);
    // What a rule found, too weak to be heard, says what it is about.
    const [sure] = [...hits].sort((a, b) => b.confidence - a.confidence);
    return {
      category: sure?.category ?? kindOf(features),
      words: most.map((token) => tokens.texts[token] as string),
      start: Math.min(...most.map((token) => tokens.starts[token] as number)),
      end: Math.max(...most.map((token) => tokens.ends[token] as number)),
    };
  };
  return {
    marginOf: (reading, hits, from, to) => bias + scale * weightOf(reading, hits, from, to, weights),
    probabilityOf: (margin, hits) => probabilityOf(evidence, evidenceOf(margin, hits)),
    explain,
  };
};

/** What each token weighed, from the first on; of several tokens both ends take half. */
const sharesOf = ({ count, places, kinds, tokens }: Features, weights: Int8Array, length: number): Float64Array => {
  const shares = new Float64Array(length);
  for (let at = 0; at < count; at += 1) {
    const weight = (weights[places[at] as number] as number) * (VALUE_OF[kinds[at] as number] as number);
    const both = tokens[at] as number;
    // What a rule said is no word.
    if (weight === 0 || both === NO_TOKEN) continue;
    const first = both & 0xff;
    const last = both >> 8;
    if (first === last) shares[first] = (shares[first] as number) + weight;
    else for (const token of [first, last]) shares[token] = (shares[token] as number) + weight / 2;
  }
  return shares;
};
