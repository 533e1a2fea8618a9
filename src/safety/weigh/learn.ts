/** Linear classifiers from examples: the same examples and seed give the same weights. */
export type Example = {
  /** Features as buckets and values, the vector's length 1. */
  buckets: Uint32Array;
  values: Float64Array;
  /** Where its margin should be: at 1 or beyond it for a violation, at -1 or below it for what is allowed, and at what is between for what is neither. */
  target: number;
  /** What a miss of it costs. */
  cost: number;
};
export type Learned = { weights: Float64Array; bias: number };

export const SETTINGS = { seed: 4, rounds: 15, /** A bucket of fewer examples is noise. */ fewest: 5 };
/** Of an example whose label is known. */
export const KNOWN_COST = 6;
/** The bias is a feature that every example has. */
const BIAS_VALUE = 0.3;

export const randomOf = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
};

/**
 * A support vector machine with squared hinge loss over `size` buckets, by descent in the dual (Hsieh and others, 2008); with squared loss for targets
 * between the two sides.
 */
export const learn = (examples: readonly Example[], size: number, { seed, rounds, fewest } = SETTINGS): Learned => {
  const counts = new Float32Array(size);
  for (const { buckets, cost } of examples) for (const bucket of buckets) (counts[bucket] as number) += cost / KNOWN_COST;
  const telling = tellingOf(examples, size);
  const inputs = examples.map(({ buckets, values, target, cost }) => {
    const kept = buckets.filter((bucket) => (counts[bucket] as number) >= fewest);
    const some = values.filter((_, at) => (counts[buckets[at] as number] as number) >= fewest);
    let curve = BIAS_VALUE + 1 / (2 * cost);
    for (let at = 0; at < kept.length; at += 1) {
      const value = (some[at] as number) * (telling[kept[at] as number] as number);
      some[at] = value;
      curve += value * value;
    }
    return { buckets: kept, values: some, target: Math.max(-1, Math.min(1, target)), slack: 1 / (2 * cost), curve };
  });
  const weights = new Float64Array(size);
  const shares = new Float64Array(inputs.length);
  const order = Uint32Array.from(inputs.keys());
  const random = randomOf(seed);
  let bias = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (let last = order.length - 1; last > 0; last -= 1) {
      const other = Math.floor(random() * (last + 1));
      [order[last], order[other]] = [order[other] as number, order[last] as number];
    }
    for (const at of order) {
      const { buckets, values, target, slack, curve } = inputs[at] as (typeof inputs)[number];
      let margin = bias;
      for (let index = 0; index < buckets.length; index += 1)
        margin += (weights[buckets[index] as number] as number) * (values[index] as number);
      const before = shares[at] as number;
      let after = before - (margin - target + before * slack) / curve;
      // What is further on its side than it need be is right.
      if (target === 1) after = Math.max(0, after);
      else if (target === -1) after = Math.min(0, after);
      const change = after - before;
      if (change === 0) continue;
      shares[at] = after;
      bias += BIAS_VALUE * change;
      for (let index = 0; index < buckets.length; index += 1)
        (weights[buckets[index] as number] as number) += change * (values[index] as number);
    }
  }
  for (let bucket = 0; bucket < size; bucket += 1) (weights[bucket] as number) *= telling[bucket] as number;
  return { weights, bias };
};

/** What is as common on both sides tells little, so it is made smaller: after Wang and Manning's naive Bayes features (2012). */
const tellingOf = (examples: readonly Example[], size: number): Float64Array => {
  const wrong = new Float64Array(size).fill(1);
  const clean = new Float64Array(size).fill(1);
  let all = 0;
  let rest = 0;
  for (const { buckets, target, cost } of examples) {
    const weight = cost / KNOWN_COST;
    const share = (weight * (Math.max(-1, Math.min(1, target)) + 1)) / 2;
    all += share;
    rest += weight - share;
    for (const bucket of buckets) {
      (wrong[bucket] as number) += share;
      (clean[bucket] as number) += weight - share;
    }
  }
  return wrong.map(
    (count, bucket) =>
      0.25 + 0.75 * Math.min(2.5, Math.abs(Math.log(count / (all + 2) / ((clean[bucket] as number) / (rest + 2))))),
  );
};

/** Logistic regression of few inputs, by Newton's method in one dimension at a time; a weight below `least` stays there. */
export const fitLogistic = (
  rows: readonly { inputs: readonly number[]; isViolation: boolean; weight: number }[],
  ridge: number,
  least: readonly number[],
): number[] => {
  const size = least.length;
  const weights = least.map(() => 0);
  const sums = rows.map(() => 0);
  for (let round = 0; round < 200; round += 1) {
    let largest = 0;
    for (let at = 0; at < size; at += 1) {
      // The last input is the bias.
      let slope = at === size - 1 ? 0 : ridge * (weights[at] as number);
      let curve = ridge;
      for (const [index, { inputs, isViolation, weight }] of rows.entries()) {
        const input = inputs[at] as number;
        if (input === 0) continue;
        const probability = 1 / (1 + Math.exp(-(sums[index] as number)));
        slope += weight * input * (probability - (isViolation ? 1 : 0));
        curve += weight * input * input * Math.max(0.02, probability * (1 - probability));
      }
      const before = weights[at] as number;
      const after = Math.max(least[at] as number, before - slope / curve);
      weights[at] = after;
      largest = Math.max(largest, Math.abs(after - before));
      if (after !== before)
        for (const [index, { inputs }] of rows.entries()) (sums[index] as number) += (after - before) * (inputs[at] as number);
    }
    if (largest < 1e-6) break;
  }
  return weights;
};
