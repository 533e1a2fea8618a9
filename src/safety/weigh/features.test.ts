import { expect, test } from 'vitest';
import { gather } from '../gather.ts';
import { BUCKETS } from './buckets.ts';
import { featuresOf } from './features.ts';
import { bucketOf, withFew } from './few.ts';

const featuresIn = (text: string, from = 0, to = 6): number[] => {
  const { reading, hits } = gather([text], new Set());
  const { count, places } = featuresOf(reading, hits, from, to);
  return [...places.subarray(0, count)];
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
  const places = (from: number, to: number): number[] => {
    const features = featuresOf(reading, hits, from, to);
    return [...features.places.subarray(0, features.count)];
  };
  const first = places(0, 6);
  expect(places(0, 6)).toEqual(first);
  expect(places(2, 6)).not.toEqual(first);
  expect(places(0, 6)).toEqual(first);
  expect(places(0, 4)).not.toEqual(first);
  expect(places(0, 6)).toEqual(first);
});

test('[GU14] what is one of the few weighs what its bucket weighs', () => {
  const bytes = Int8Array.from({ length: BUCKETS }, (_, bucket) => bucket % 251);
  const weights = withFew(bytes);
  const places = featuresIn(ONE, 0, 12);
  expect(places.filter((place) => place >= BUCKETS).length).toBeGreaterThan(20);
  for (const place of places) expect(weights[place]).toBe(bytes[bucketOf(place)]);
});
