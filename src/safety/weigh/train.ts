/**
 * Trains the learned part and prints what the guard is worth on items that it has not seen.
 *
 *     script/run node --max-old-space-size=14000 src/safety/weigh/train.ts [--seed N] [--folds N] [--dry] FILE.jsonl…
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Hit } from '../extract/reading.ts';
import { type Gathered, gather } from '../gather.ts';
import { type Item, readItems } from '../items.ts';
import { CATEGORIES } from '../verdict.ts';
import { BUCKETS, VALUE_OF } from './buckets.ts';
import { EVIDENCE, evidenceOf, LEAST_WEIGHTS, probabilityOf } from './evidence.ts';
import { featuresOf, normOf } from './features.ts';
import { bucketOf } from './few.ts';
import { KIND_BUCKETS, type Kind, kindBucket } from './kinds.ts';
import { type Example, fitLogistic, KNOWN_COST, type Learned, learn, SETTINGS } from './learn.ts';
import { createStretches, hitsBetween, type Stretch } from './stretches.ts';
import { readScores, targetOf } from './taught.ts';
import { taughtItems, variantsOf } from './variants.ts';
import { createWeigher, HEARD, pack, WEIGHTS_FILE, writeWeights } from './weigh.ts';
import { cut, type Window } from './windows.ts';

const NONE: ReadonlySet<string> = new Set();
/** Items that were written one after the other are alike, so they are held out together. */
const BLOCK = 10;
const RIDGE = 0.5;
/** It is learned from texts and from what is as long as a sentence or two, in tokens. */
const PIECES = [96, 24];
const none = EVIDENCE.map(() => 0);
type Sample = {
  item: Item;
  gathered: Gathered;
  isViolation: boolean;
  /** Of the text in pieces of each length of `PIECES`; of one that is no longer than a piece, of it alone. */
  examples: Example[][];
};

const inputsOf = ({ reading }: Gathered, hits: readonly Hit[], from: number, to: number): Pick<Example, 'buckets' | 'values'> => {
  const features = featuresOf(reading, hits, from, to);
  const norm = normOf(features);
  const values = Float64Array.from(features.kinds.subarray(0, features.count), (kind) => (VALUE_OF[kind] as number) / norm);
  return { buckets: features.places.subarray(0, features.count).map(bucketOf), values };
};

/** What a teacher made of a variant of the corpus, and which samples it is made of. */
type Taught = Example & { from: number[] };

/** Of a sixth of an item's weight: most variants are near to each other, and no one has read them. */
const TAUGHT_COST = 1;

const taughtOf = (samples: readonly Sample[]): Taught[] => {
  const items = samples.map(({ item }) => item);
  const scores = readScores(items);
  const placeOf = new Map(items.map((item, place) => [item, place]));
  const own = taughtItems(items);
  const taught: Taught[] = [];
  for (const { messages, from } of variantsOf(own)) {
    const score = scores[taught.length] as number;
    const gathered = gather(messages, NONE);
    const [first] = cut(gathered.reading, PIECES[0] as number);
    const { to } = first ?? { to: 0 };
    taught.push({
      ...inputsOf(gathered, hitsBetween(gathered)(0, to).hits, 0, to),
      target: targetOf(score),
      cost: TAUGHT_COST,
      from: from.map((place) => placeOf.get(own[place] as Item) as number),
    });
  }
  return taught;
};

export const sampleOf = (item: Item): Sample => {
  const gathered = gather(item.messages, NONE);
  const isViolation = item.labels.length > 0;
  const inside = hitsBetween(gathered);
  const target = isViolation ? 1 : -1;
  const exampleOf = ({ from, to }: Window): Example => ({
    ...inputsOf(gathered, inside(from, to).hits, from, to),
    target,
    cost: KNOWN_COST,
  });
  const pieces = PIECES.map((size) => cut(gathered.reading, size)).filter(({ length }, at) => at === 0 || length > 1);
  const examples = pieces.map((windows) => windows.map(exampleOf));
  return { item, gathered, isViolation, examples };
};

/** What is allowed is so in each of its pieces; of what is not, the heaviest of each length is learned from, as far as it is known. */
const learnFrom = (samples: readonly Sample[], taught: readonly Taught[], settings: typeof SETTINGS): Learned => {
  const clean = samples.filter(({ isViolation }) => !isViolation).flatMap(({ examples }) => examples.flat());
  const wrong = samples.filter(({ isViolation }) => isViolation).flatMap(({ examples }) => examples);
  const whole = wrong.flatMap((pieces) => (pieces.length === 1 ? pieces : []));
  const first = learn([...clean, ...whole], BUCKETS, settings);
  const heaviest = wrong.flatMap((pieces) => (pieces.length > 1 ? [heaviestOf(pieces, first)] : []));
  return learn([...clean, ...whole, ...heaviest, ...taught], BUCKETS, settings);
};

/** For each category, violations of it against those of the others, by the whole of each. */
const learnKinds = (samples: readonly Sample[], settings: typeof SETTINGS): Kind[] => {
  const wrong = samples.filter(({ isViolation, examples }) => isViolation && examples[0]?.length === 1);
  const folded = wrong.map(({ examples }) => foldExample(examples[0]?.[0] as Example));
  return CATEGORIES.map((category) => {
    const examples = folded.map((example, at) => {
      const { labels } = (wrong[at] as Sample).item;
      return { ...example, target: labels.includes(category) ? 1 : -1 };
    });
    const { weights, bias } = learn(examples, KIND_BUCKETS, settings);
    return { ...pack(weights), bias };
  });
};

/** In fewer buckets. */
const foldExample = ({ buckets, values, ...rest }: Example): Example => {
  const sums = new Map<number, number>();
  for (const [at, bucket] of buckets.entries()) {
    const to = kindBucket(bucket);
    sums.set(to, (sums.get(to) ?? 0) + (values[at] as number));
  }
  return { ...rest, buckets: Uint32Array.from(sums.keys()), values: Float64Array.from(sums.values()) };
};

const heaviestOf = (examples: readonly Example[], { weights }: Learned): Example => {
  const marginOf = ({ buckets, values }: Example): number =>
    buckets.reduce((sum, bucket, at) => sum + (weights[bucket] as number) * (values[at] as number), 0);
  return [...examples].sort((a, b) => marginOf(b) - marginOf(a))[0] as Example;
};

const foldOf = (index: number, folds: number): number => Math.floor(index / BLOCK) % folds;

/** The stretches of each sample, weighed by what was learned without its fold and without what is made of it. */
const stretchesOf = (
  samples: readonly Sample[],
  taught: readonly Taught[],
  folds: number,
  settings: typeof SETTINGS,
): Stretch[][] => {
  const all: Stretch[][] = new Array(samples.length);
  for (let held = 0; held < folds; held += 1) {
    const { weights, bias } = learnFrom(
      samples.filter((_, index) => foldOf(index, folds) !== held),
      taught.filter(({ from }) => from.every((index) => foldOf(index, folds) !== held)),
      settings,
    );
    const weigh = createStretches(createWeigher({ ...pack(weights), bias, evidence: none, kinds: [] }));
    for (const [index, { gathered }] of samples.entries()) if (foldOf(index, folds) === held) all[index] = weigh(gathered);
  }
  return all;
};

type Row = { inputs: number[]; isViolation: boolean; weight: number };
const evidenceIn = ({ margin, hits }: Stretch): number[] => evidenceOf(margin, hits);
const scoreOf = (evidence: readonly number[], stretches: readonly Stretch[]): number =>
  Math.max(...stretches.map((stretch) => probabilityOf(evidence, evidenceIn(stretch))));

/** By the most telling stretch of each item, which is chosen by the weights of the round before. */
const fitEvidence = (samples: readonly { isViolation: boolean; stretches: Stretch[] }[]): number[] => {
  let evidence = [...none];
  evidence[0] = 1;
  for (let round = 0; round < 3; round += 1) {
    const rows: Row[] = samples.map(({ isViolation, stretches }) => {
      // The most telling stretch decides over the item, whichever side it is on.
      const [most] = [...stretches].sort(
        (a, b) => probabilityOf(evidence, evidenceIn(b)) - probabilityOf(evidence, evidenceIn(a)),
      );
      return { inputs: evidenceIn(most as Stretch), isViolation, weight: 1 };
    });
    evidence = fitLogistic(rows, RIDGE, LEAST_WEIGHTS);
  }
  return evidence;
};

type Judged = { item: Item; probability: number; isViolation: boolean; stretches: Stretch[] };

/** Each item judged by what was learned and fitted without it and its neighbours. */
const judgeUnseen = (
  samples: readonly Sample[],
  taught: readonly Taught[],
  folds: number,
  settings = SETTINGS,
): { judged: Judged[]; evidence: number[] } => {
  const all = stretchesOf(samples, taught, folds, settings);
  const pairs = samples.map(({ isViolation, item }, index) => ({ item, isViolation, stretches: all[index] as Stretch[] }));
  const judged: Judged[] = [];
  for (let held = 0; held < folds; held += 1) {
    const evidence = fitEvidence(pairs.filter((_, index) => foldOf(index, folds) !== held));
    for (const [index, pair] of pairs.entries())
      if (foldOf(index, folds) === held) judged.push({ ...pair, probability: scoreOf(evidence, pair.stretches) });
  }
  return { judged, evidence: fitEvidence(pairs) };
};

const figures = (name: string, judged: readonly Judged[], threshold: number): string => {
  const heard = judged.filter(({ probability }) => probability >= threshold);
  const right = heard.filter(({ isViolation }) => isViolation).length;
  const all = judged.filter(({ isViolation }) => isViolation).length;
  return `${name.padEnd(24)} ${String(judged.length).padStart(5)} items  precision ${(right / heard.length).toFixed(3)}  recall ${(right / all).toFixed(3)}`;
};

const train = (): void => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seed: { type: 'string', default: String(SETTINGS.seed) },
      folds: { type: 'string', default: '8' },
      dry: { type: 'boolean', default: false },
    },
  });
  const samples = readItems(positionals).map(sampleOf);
  const settings = { ...SETTINGS, seed: Number(values.seed) };
  const taught = taughtOf(samples);
  const { judged, evidence } = judgeUnseen(samples, taught, Number(values.folds), settings);
  for (const threshold of [0.3, 0.4, 0.5, HEARD, 0.7, 0.8])
    process.stdout.write(`${figures(`unseen, from ${threshold}`, judged, threshold)}\n`);
  if (values.dry) return;
  const { weights, bias } = learnFrom(samples, taught, settings);
  for (const [at, name] of EVIDENCE.entries())
    process.stdout.write(`${name.padEnd(24)} ${(evidence[at] as number).toFixed(2)}\n`);
  writeFileSync(WEIGHTS_FILE, writeWeights({ ...pack(weights), bias, evidence, kinds: learnKinds(samples, settings) }));
  process.stdout.write(`Weights of ${samples.length} items and ${taught.length} variants with seed ${values.seed}\n`);
};

if (import.meta.main) train();
