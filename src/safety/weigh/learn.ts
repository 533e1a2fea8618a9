/** Logistic regression with a step of its own for each weight; the same items and seed give the same weights. */
import { BUCKETS } from './features.ts';

export type Example = { buckets: readonly number[]; isViolation: boolean };
export type Learned = { weights: Float64Array; scale: number };

export const SETTINGS = { seed: 4, rounds: 14, step: 0.5, decay: 0.002, /** A bucket of fewer examples is noise. */ fewest: 2 };

export const learn = (examples: readonly Example[], { seed, rounds, step, decay, fewest } = SETTINGS): Float64Array => {
  const seen = new Uint16Array(BUCKETS);
  for (const { buckets } of examples)
    for (const bucket of buckets) if ((seen[bucket] as number) < 65_535) (seen[bucket] as number)++;
  const inputs = examples.map(({ buckets }) => Uint32Array.from(buckets.filter((bucket) => (seen[bucket] as number) >= fewest)));
  const weights = new Float64Array(BUCKETS);
  const slopes = new Float64Array(BUCKETS).fill(0.01);
  let state = seed;
  const random = (): number => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  for (let round = 0; round < rounds * examples.length; round += 1) {
    const at = Math.floor(random() * examples.length);
    const input = inputs[at] as Uint32Array;
    if (input.length === 0) continue;
    const norm = 1 / Math.sqrt(input.length);
    let sum = 0;
    for (const bucket of input) sum += (weights[bucket] as number) * norm;
    const error = 1 / (1 + Math.exp(-sum)) - ((examples[at] as Example).isViolation ? 1 : 0);
    for (const bucket of input) {
      const slope = error * norm + decay * (weights[bucket] as number);
      (slopes[bucket] as number) += slope * slope;
      (weights[bucket] as number) -= (step * slope) / Math.sqrt(slopes[bucket] as number);
    }
  }
  return weights;
};

/** A byte a weight: the largest is 127. */
export const pack = (weights: Float64Array): { scale: number; bytes: Int8Array } => {
  let largest = 1e-9;
  for (const weight of weights) largest = Math.max(largest, Math.abs(weight));
  const scale = largest / 127;
  return { scale, bytes: Int8Array.from(weights, (weight) => Math.round(weight / scale)) };
};
