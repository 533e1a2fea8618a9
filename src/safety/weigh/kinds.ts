/** Of what kind it is when something is wrong: a linear classifier for each category, over fewer buckets, that has learned from violations alone. */
import { CATEGORIES, type Category } from '../verdict.ts';
import type { Features } from './features.ts';

export const KIND_BUCKETS = 1 << 15;

/** By the order of the categories. */
export type Kind = { scale: number; bias: number; bytes: Int8Array };

export const kindBucket = (bucket: number): number => bucket & (KIND_BUCKETS - 1);

/** The most likely one. */
export const kindOf = (kinds: readonly Kind[], { count, buckets, values, norm }: Features): Category => {
  let most = Number.NEGATIVE_INFINITY;
  let found: Category = 'move_offplatform';
  for (const [index, { scale, bias, bytes }] of kinds.entries()) {
    let sum = 0;
    for (let at = 0; at < count; at += 1) sum += (bytes[kindBucket(buckets[at] as number)] as number) * (values[at] as number);
    const margin = bias + (sum * scale) / norm;
    if (margin <= most) continue;
    most = margin;
    found = CATEGORIES[index] as Category;
  }
  return found;
};
