import { expect, test } from 'vitest';
import { gather } from '../gather.ts';
import { featuresOf } from './features.ts';

const featuresIn = (text: string, from = 0, to = 6): number[] => {
  const { reading, hits } = gather([text], new Set());
  const { count, buckets } = featuresOf(reading, hits, from, to);
  return [...buckets.subarray(0, count)];
};

const ONE = 'could you say which version runs on the server at the moment';
const OTHER = 'the first milestone is the wireframes of all nine screens';

test('[GU14] features are those of the stretch that is asked about, whatever was asked about before', () => {
  const first = featuresIn(ONE);
  const other = featuresIn(OTHER);
  expect(other).not.toEqual(first);
  expect(featuresIn(ONE)).toEqual(first);
  expect(featuresIn(ONE, 1, 7)).not.toEqual(first);
  expect(featuresIn(ONE, 0, 7).length).toBeGreaterThan(first.length);
});

test('[GU14] each stretch of one text has features of its own, the same when it is asked about again', () => {
  const { reading, hits } = gather([ONE], new Set());
  const buckets = (from: number, to: number): number[] => {
    const features = featuresOf(reading, hits, from, to);
    return [...features.buckets.subarray(0, features.count)];
  };
  const first = buckets(0, 6);
  expect(buckets(0, 6)).toEqual(first);
  expect(buckets(2, 6)).not.toEqual(first);
  expect(buckets(0, 6)).toEqual(first);
  expect(buckets(0, 4)).not.toEqual(first);
  expect(buckets(0, 6)).toEqual(first);
});
