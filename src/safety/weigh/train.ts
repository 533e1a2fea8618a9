/**
 * Trains the learned part and prints what the guard is worth on items that it has not seen.
 *
 *     script/run node src/safety/weigh/train.ts [--seed N] [--folds N] [--dry] FILE.jsonl…
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Item, parseItems } from '../evaluate.ts';
import { type Gathered, gather } from '../gather.ts';
import { EVIDENCE, evidenceOf, LEAST_WEIGHTS, probabilityOf } from './evidence.ts';
import { featuresOf } from './features.ts';
import { type Example, fitLogistic, learn, SETTINGS } from './learn.ts';
import { createWeigher, HEARD, pack, WEIGHTS_FILE, writeWeights } from './weigh.ts';

const NONE: ReadonlySet<string> = new Set();
/** Items that were written one after the other are alike, so they are held out together. */
const BLOCK = 10;
const RIDGE = 0.5;

type Sample = { item: Item; gathered: Gathered; example: Example };

const sampleOf = (item: Item): Sample => {
  const gathered = gather(item.messages, NONE);
  const { reading } = gathered;
  const { count, buckets, values, norm } = featuresOf(reading, gathered.hits, 0, reading.tokens.length);
  return {
    item,
    gathered,
    example: {
      buckets: buckets.slice(0, count),
      values: values.slice(0, count).map((value) => value / norm),
      isViolation: item.labels.length > 0,
    },
  };
};

const none = EVIDENCE.map(() => 0);

/** The margin of each sample by weights that were learned without its fold. */
const marginsOf = (samples: readonly Sample[], folds: number, settings: typeof SETTINGS): number[] => {
  const margins: number[] = new Array(samples.length).fill(0);
  for (let held = 0; held < folds; held += 1) {
    const isHeld = (index: number): boolean => Math.floor(index / BLOCK) % folds === held;
    const { weights, bias } = learn(
      samples.filter((_, index) => !isHeld(index)).map(({ example }) => example),
      settings,
    );
    const { marginOf } = createWeigher({ ...pack(weights), bias, evidence: none });
    for (const [index, { gathered }] of samples.entries())
      if (isHeld(index)) margins[index] = marginOf(gathered.reading, gathered.hits, 0, gathered.reading.tokens.length);
  }
  return margins;
};

type Judged = { probability: number; isViolation: boolean };

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
  const samples = positionals.flatMap((file) => parseItems(readFileSync(file, 'utf8'))).map(sampleOf);
  const settings = { ...SETTINGS, seed: Number(values.seed) };
  const folds = Number(values.folds);
  const margins = marginsOf(samples, folds, settings);
  const rows = samples.map(({ gathered, example }, index) => ({
    inputs: evidenceOf(margins[index] as number, gathered.hits),
    isViolation: example.isViolation,
    weight: 1,
  }));
  const judged: Judged[] = [];
  for (let held = 0; held < folds; held += 1) {
    const isHeld = (index: number): boolean => Math.floor(index / BLOCK) % folds === held;
    const evidence = fitLogistic(
      rows.filter((_, index) => !isHeld(index)),
      RIDGE,
      LEAST_WEIGHTS,
    );
    for (const [index, { inputs, isViolation }] of rows.entries())
      if (isHeld(index)) judged.push({ probability: probabilityOf(evidence, inputs), isViolation });
  }
  for (const threshold of [0.3, 0.4, HEARD, 0.6, 0.7, 0.8])
    process.stdout.write(`${figures(`unseen, from ${threshold}`, judged, threshold)}\n`);
  if (values.dry) return;
  const { weights, bias } = learn(
    samples.map(({ example }) => example),
    settings,
  );
  const evidence = fitLogistic(rows, RIDGE, LEAST_WEIGHTS);
  for (const [at, name] of EVIDENCE.entries())
    process.stdout.write(`${name.padEnd(24)} ${(evidence[at] as number).toFixed(2)}\n`);
  writeFileSync(WEIGHTS_FILE, writeWeights({ ...pack(weights), bias, evidence }));
  process.stdout.write(`Weights of ${samples.length} items with seed ${values.seed}\n`);
};

if (import.meta.main) train();
