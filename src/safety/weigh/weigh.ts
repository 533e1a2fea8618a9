/**
 * The learned part: weights over words and concepts, trained on the corpus by weigh/train.ts. It speaks where the rules are silent, and
 * explains itself by the words that weighed.
 */
import { existsSync, readFileSync } from 'node:fs';
import { lexicon } from '../lexicon/index.ts';
import type { Occurrences } from '../lexicon/lexicon.ts';
import type { Token } from '../text/tokens.ts';
import type { Category } from '../verdict.ts';
import { BUCKETS, featuresOf } from './features.ts';

export type Weighed = {
  probability: number;
  category: Category /** As folded, most first. */;
  words: string[];
  start: number;
  end: number;
};

/** From this probability on the learned part is heard alone; chosen by cross-validation for the precision asked of the guard. */
export const HEARD = 0.62;
const HEADER_BYTES = 8;
export const WEIGHTS_FILE = new URL('weights.bin', import.meta.url);

export type Weights = { scale: number; bytes: Int8Array };

/** The scale as a double, then a byte a bucket. Undefined where nothing was trained. */
export const readWeights = (file = WEIGHTS_FILE): Weights | undefined => {
  if (!existsSync(file)) return undefined;
  const buffer = readFileSync(file);
  if (buffer.length !== HEADER_BYTES + BUCKETS) throw new Error(`${file} is not a file of ${BUCKETS} weights.`);
  return { scale: buffer.readDoubleLE(0), bytes: new Int8Array(buffer.buffer, buffer.byteOffset + HEADER_BYTES, BUCKETS) };
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

export const createWeigher = ({ scale, bytes }: Weights): ((tokens: readonly Token[], found: Occurrences) => Weighed) => {
  return (tokens, found) => {
    const { buckets, tokens: from } = featuresOf(tokens, found);
    let sum = 0;
    let known = 0;
    for (const bucket of buckets) {
      const weight = bytes[bucket] as number;
      if (weight === 0) continue;
      known += 1;
      sum += weight;
    }
    const probability = known === 0 ? 0 : 1 / (1 + Math.exp((-sum * scale) / Math.sqrt(known)));
    if (probability < HEARD) return { probability, category: 'move_offplatform', words: [], start: 0, end: 0 };
    // Only what is heard has to explain itself.
    const shares = new Map<number, number>();
    for (const [at, bucket] of buckets.entries()) {
      const weight = bytes[bucket] as number;
      const [first, second] = from[at] as [number, number];
      for (const token of first === second ? [first] : [first, second])
        shares.set(token, (shares.get(token) ?? 0) + weight / (first === second ? 1 : 2));
    }
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
      probability,
      category,
      words: places.map(({ text }) => text),
      start: Math.min(...places.map(({ start }) => start)),
      end: Math.max(...places.map(({ end }) => end)),
    };
  };
};
