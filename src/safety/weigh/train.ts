/**
 * Trains the learned part and prints what it is worth on items that it has not seen.
 *
 *     script/run node src/safety/weigh/train.ts [--seed N] [--folds N] [--dry] FILE.jsonl…
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Item, parseItems } from '../evaluate.ts';
import { lexicon } from '../lexicon/index.ts';
import { fold } from '../text/fold.ts';
import { squeeze } from '../text/squeeze.ts';
import { tokenise } from '../text/tokens.ts';
import { featuresOf } from './features.ts';
import { type Example, learn, pack, SETTINGS } from './learn.ts';
import { createWeigher, HEARD, WEIGHTS_FILE } from './weigh.ts';

const readingOf = ({ messages }: Item) => {
  const folded = squeeze(fold(messages.join('\n')));
  const breaks: number[] = [];
  for (let place = 0, index = 0; index < messages.length - 1; index += 1) {
    // Folding keeps line ends, so the ends of messages are found again by counting those within.
    const within = (messages[index] as string).split('\n').length;
    for (let line = 0; line < within; line += 1) place = folded.text.indexOf('\n', place) + 1;
    breaks.push(place - 1);
  }
  const tokens = tokenise(folded.text, breaks);
  return { tokens, found: lexicon.scan(tokens) };
};

export const exampleOf = (item: Item): Example => {
  const { tokens, found } = readingOf(item);
  return { buckets: featuresOf(tokens, found).buckets, isViolation: item.labels.length > 0 };
};

const figures = (name: string, judged: readonly { probability: number; isViolation: boolean }[], threshold: number): string => {
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
      folds: { type: 'string', default: '5' },
      dry: { type: 'boolean', default: false },
    },
  });
  const items = positionals.flatMap((file) => parseItems(readFileSync(file, 'utf8')));
  const settings = { ...SETTINGS, seed: Number(values.seed) };
  const folds = Number(values.folds);
  const judged: { probability: number; isViolation: boolean }[] = [];
  for (let held = 0; held < folds; held += 1) {
    const weigh = createWeigher(pack(learn(items.filter((_, index) => index % folds !== held).map(exampleOf), settings)));
    for (const item of items.filter((_, index) => index % folds === held)) {
      const { tokens, found } = readingOf(item);
      judged.push({ probability: weigh(tokens, found).probability, isViolation: item.labels.length > 0 });
    }
  }
  for (const threshold of [0.5, 0.6, HEARD, 0.75, 0.85])
    process.stdout.write(`${figures(`unseen, from ${threshold}`, judged, threshold)}\n`);
  if (values.dry) return;
  const { scale, bytes } = pack(learn(items.map(exampleOf), settings));
  const header = Buffer.alloc(8);
  header.writeDoubleLE(scale);
  writeFileSync(WEIGHTS_FILE, Buffer.concat([header, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)]));
  process.stdout.write(`${bytes.length} weights, of ${items.length} items with seed ${values.seed}\n`);
};

if (import.meta.main) train();
