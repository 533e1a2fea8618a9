/** Linear classifiers from examples: the same examples and seed give the same weights. */
/** Features as buckets and values, the vector's length 1. */
export type Example = { buckets: Uint32Array; values: Float64Array; isViolation: boolean };
export type Learned = { weights: Float64Array; bias: number };

export const SETTINGS = { seed: 4, rounds: 30, cost: 3, /** A bucket of fewer examples is noise. */ fewest: 3 };
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

/** A support vector machine with squared hinge loss over `size` buckets, by descent in the dual (Hsieh and others, 2008). */
export const learn = (examples: readonly Example[], size: number, { seed, rounds, cost, fewest } = SETTINGS): Learned => {
  const counts = new Uint32Array(size);
  for (const { buckets } of examples) for (const bucket of buckets) (counts[bucket] as number)++;
  const telling = tellingOf(examples, size);
  const inputs = examples.map(({ buckets, values, isViolation }) => {
    const kept = [...buckets.keys()].filter((at) => (counts[buckets[at] as number] as number) >= fewest);
    const some = Float64Array.from(kept, (at) => (values[at] as number) * (telling[buckets[at] as number] as number));
    return {
      buckets: Uint32Array.from(kept, (at) => buckets[at] as number),
      values: some,
      sign: isViolation ? 1 : -1,
      curve: some.reduce((sum, value) => sum + value * value, BIAS_VALUE) + 1 / (2 * cost),
    };
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
      const { buckets, values, sign, curve } = inputs[at] as (typeof inputs)[number];
      let margin = bias;
      for (let index = 0; index < buckets.length; index += 1)
        margin += (weights[buckets[index] as number] as number) * (values[index] as number);
      const before = shares[at] as number;
      const after = Math.max(0, before - (sign * margin - 1 + before / (2 * cost)) / curve);
      const change = (after - before) * sign;
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
  for (const { buckets, isViolation } of examples) {
    if (isViolation) all += 1;
    const side = isViolation ? wrong : clean;
    for (const bucket of buckets) (side[bucket] as number) += 1;
  }
  const rest = examples.length - all;
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
