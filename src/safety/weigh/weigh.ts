/**
 * The learned part: weights over words and concepts, trained on the corpus by weigh/train.ts, and the score that they make together with
 * what the rules found. It explains itself by the words that weighed.
 */
import { readFileSync } from 'node:fs';
import type { Hit, Reading } from '../extract/reading.ts';
import { lexicon } from '../lexicon/index.ts';
import type { Token } from '../text/tokens.ts';
import type { Category } from '../verdict.ts';
import { EVIDENCE, evidenceOf, probabilityOf } from './evidence.ts';
import { BUCKETS, type Features, featuresOf } from './features.ts';

/** From this probability on a text is spoken of. Chosen by cross-validation and the held-out figures: below it more ordinary talk is found, above it fewer hints. */
export const HEARD = 0.5;
export const WEIGHTS_FILE = new URL('weights.bin', import.meta.url);

export type Weights = { scale: number; bias: number; evidence: number[]; bytes: Int8Array };

/** Doubles of the scale, the bias and the weights of the evidence, then a byte a bucket. */
const HEADER_BYTES = 8 * (2 + EVIDENCE.length);

export const readWeights = (file = WEIGHTS_FILE): Weights => {
  const buffer = readFileSync(file);
  if (buffer.length !== HEADER_BYTES + BUCKETS) throw new Error(`${file} is not a file of ${BUCKETS} weights.`);
  return {
    scale: buffer.readDoubleLE(0),
    bias: buffer.readDoubleLE(8),
    evidence: EVIDENCE.map((_, at) => buffer.readDoubleLE(16 + 8 * at)),
    bytes: new Int8Array(buffer.buffer, buffer.byteOffset + HEADER_BYTES, BUCKETS),
  };
};

export const writeWeights = ({ scale, bias, evidence, bytes }: Weights): Buffer => {
  const header = Buffer.alloc(HEADER_BYTES);
  for (const [at, value] of [scale, bias, ...evidence].entries()) header.writeDoubleLE(value, 8 * at);
  return Buffer.concat([header, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)]);
};

/** A byte a weight: the largest is 127. */
export const pack = (weights: Float64Array): { scale: number; bytes: Int8Array } => {
  let largest = 1e-9;
  for (const weight of weights) largest = Math.max(largest, Math.abs(weight));
  const scale = largest / 127;
  return { scale, bytes: Int8Array.from(weights, (weight) => Math.round(weight / scale)) };
};

/** What kind it is follows from the concepts that weighed. */
const KINDS: Record<string, Category> = {
  MESSENGER: 'handle',
  SHORT_APP: 'handle',
  SOCIAL_APP: 'social',
  MEET_APP: 'meeting_link',
  EMAIL: 'email',
  PROVIDER: 'email',
  WHICH_ADDRESS: 'email',
  PHONE: 'phone',
  PHONE_STRONG: 'phone',
  DIAL: 'phone',
  OWN_SITE: 'link',
  FIRST_RESULT: 'link',
  SEARCH_ME: 'link',
  PAY: 'payment_offplatform',
  PAY_APP: 'payment_offplatform',
  FEE: 'payment_offplatform',
  SAVE: 'payment_offplatform',
  DEPOSIT: 'payment_offplatform',
  DIRECT: 'payment_offplatform',
  IF_HIRED: 'reward',
  AWARD_VERB: 'reward',
  GIFT: 'reward',
  FREE_WORK: 'reward',
  REVIEW_TRADE: 'reward',
  BRIBE: 'reward',
  HIRE_BARE: 'reward',
  ADDRESS_WORD: 'address',
  HOME_ADDRESS: 'address',
  WHERE_LIVE: 'address',
  STREET: 'address',
};
const kinds = Object.entries(KINDS).map(([name, category]) => [lexicon.idOf(name), category] as const);
const MOST_WORDS = 5;

export type Explained = { category: Category /** As folded, most first. */; words: string[]; start: number; end: number };

export type Weigher = {
  /** How far a stretch, given as tokens and the hits in it, is from what is allowed: above zero they are on the other side. */
  marginOf: (reading: Reading, hits: readonly Hit[], from: number, to: number) => number;
  /** The probability that something is wrong with a sentence of this margin, in a part of that one, in which these hits are. */
  probabilityOf: (sentence: number, part: number, hits: readonly Hit[]) => number;
  /** Which words made a stretch heavy, and what they speak of. */
  explain: (reading: Reading, from: number, to: number) => Explained;
};

export const createWeigher = ({ scale, bias, evidence, bytes }: Weights): Weigher => {
  const explain = (reading: Reading, from: number, to: number): Explained => {
    const { tokens, found } = reading;
    const features = featuresOf(reading, [], from, to);
    const shares = sharesOf(features, bytes);
    const most = [...shares]
      .filter(([, share]) => share > 0)
      .sort((a, b) => b[1] - a[1] || a[0] - b[0])
      .slice(0, MOST_WORDS)
      .map(([token]) => token);
    const byKind = new Map<Category, number>();
    for (const [id, category] of kinds) {
      for (const token of found.starts[id] ?? [])
        byKind.set(category, (byKind.get(category) ?? 0) + Math.max(0, shares.get(token) ?? 0));
    }
    const [category = 'move_offplatform' as Category] = [...byKind].sort((a, b) => b[1] - a[1])[0] ?? [];
    const places = most.map((token) => tokens[token] as Token);
    return {
      category,
      words: places.map(({ text }) => text),
      start: Math.min(...places.map(({ start }) => start)),
      end: Math.max(...places.map(({ end }) => end)),
    };
  };
  return {
    marginOf: (reading, hits, from, to) => {
      const { count, buckets, values, norm } = featuresOf(reading, hits, from, to);
      let sum = 0;
      for (let at = 0; at < count; at += 1) sum += (bytes[buckets[at] as number] as number) * (values[at] as number);
      return bias + (sum * scale) / norm;
    },
    probabilityOf: (sentence, part, hits) => probabilityOf(evidence, evidenceOf(sentence, part, hits)),
    explain,
  };
};

/** What each token weighed; of several tokens both ends take half. */
const sharesOf = ({ count, buckets, values, first, last }: Features, bytes: Int8Array): Map<number, number> => {
  const shares = new Map<number, number>();
  for (let at = 0; at < count; at += 1) {
    const weight = (bytes[buckets[at] as number] as number) * (values[at] as number);
    if (weight === 0) continue;
    const one = first[at] as number;
    const other = last[at] as number;
    if (one === other) shares.set(one, (shares.get(one) ?? 0) + weight);
    else for (const token of [one, other]) shares.set(token, (shares.get(token) ?? 0) + weight / 2);
  }
  return shares;
};
