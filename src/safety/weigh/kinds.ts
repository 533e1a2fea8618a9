/** Of what kind it is when something is wrong: a linear classifier for each category, over fewer buckets, that has learned from violations alone. */
import { CATEGORIES, type Category } from '../verdict.ts';
import { VALUE_OF } from './buckets.ts';
import { type Features, normOf } from './features.ts';
import { bucketOf } from './few.ts';

export const KIND_BUCKETS = 1 << 15;

/** By the order of the categories. */
export type Kind = { scale: number; bias: number; bytes: Int8Array };

export const kindBucket = (bucket: number): number => bucket & (KIND_BUCKETS - 1);

/** The weights of a bucket lie together for all kinds, so that one look into a far memory brings all of them; a power of two, so that it is one. */
const ROOM = 16;

/** The function returned gives the most likely one. */
export const createKindOf = (kinds: readonly Kind[]): ((features: Features) => Category) => {
  const weights = new Int8Array(KIND_BUCKETS * ROOM);
  for (const [kind, { bytes }] of kinds.entries())
    for (let bucket = 0; bucket < KIND_BUCKETS; bucket += 1) weights[bucket * ROOM + kind] = bytes[bucket] as number;
  const sums = new Float64Array(kinds.length);
  return (features) => {
    const { count, places, kinds: kindNumbers } = features;
    sums.fill(0);
    for (let at = 0; at < count; at += 1) {
      const value = VALUE_OF[kindNumbers[at] as number] as number;
      const first = kindBucket(bucketOf(places[at] as number)) * ROOM;
      for (let kind = 0; kind < sums.length; kind += 1)
        sums[kind] = (sums[kind] as number) + (weights[first + kind] as number) * value;
    }
    const norm = normOf(features);
    let most = Number.NEGATIVE_INFINITY;
    let found: Category = 'move_offplatform';
    for (const [kind, { scale, bias }] of kinds.entries()) {
      const margin = bias + ((sums[kind] as number) * scale) / norm;
      if (margin <= most) continue;
      most = margin;
      found = CATEGORIES[kind] as Category;
    }
    return found;
  };
};
