import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { BUCKETS } from './buckets.ts';
import { learn, SETTINGS } from './learn.ts';
import { sampleOf } from './train.ts';
import { readWeights, WEIGHTS_FILE } from './weigh.ts';

const itemOf = (text: string, labels: string[]) => ({ id: text, messages: [text], lang: 'en', labels, difficulty: 'plain' });
const samples = [
  itemOf('Add me on Telegram, I am crewe_clay there.', ['handle']),
  itemOf('Write me on Telegram, the name is crewe_clay.', ['handle']),
  itemOf('The Telegram bot answers with the price of the kiln.', []),
  itemOf('The bot writes the price of the kiln into the sheet.', []),
].map(sampleOf);
/** Of four examples nothing is noise. */
const settings = { ...SETTINGS, fewest: 1 };
const examples = samples.flatMap(({ examples }) => examples.flat());

describe('the weights', () => {
  test('[GM3] the same examples and seed give the same weights, and these tell the examples apart', () => {
    const { weights, bias } = learn(examples, BUCKETS, settings);
    expect(learn(examples, BUCKETS, settings)).toEqual({ weights, bias });
    for (const { buckets, values, target } of examples) {
      const margin = buckets.reduce((sum, bucket, at) => sum + (weights[bucket] as number) * (values[at] as number), bias);
      expect(margin > 0).toBe(target > 0);
    }
  });

  test('[GM3] are data of less than two megabytes, and a file of another length is refused', () => {
    expect(readFileSync(WEIGHTS_FILE).length).toBeLessThan(2_000_000);
    expect(readWeights().evidence.every(Number.isFinite)).toBe(true);
    expect(() => readWeights(new URL('learn.ts', import.meta.url))).toThrow('is not a file of');
  });
});
