/**
 * Features of which there are few: the senses of words, the concepts, and each two of them. They are numbered instead of hashed, and their weights lie
 * together: half of all look-ups are of them, and each into the table of all buckets would be one into a far memory. They keep their buckets: what is
 * learned is the same.
 */
import { lexicon } from '../lexicon/index.ts';
import { SENSE_NAMES } from '../lexicon/word-senses.ts';
import { BUCKETS, bucketIn, hashText, kindNumber, mix } from './buckets.ts';

/** Of a number only its length counts; no longer one is told from a longer one. */
const LONGEST_NUMBER = 9;
export const hashOfNumber = (length: number): number => mix(1, Math.min(LONGEST_NUMBER, length));

/** The senses of words, then those of numbers of each length. */
const SENSES = SENSE_NAMES.length + LONGEST_NUMBER;
export const SENSE_HASHES = Int32Array.from({ length: SENSES }, (_, sense) =>
  mix(2, sense < SENSE_NAMES.length ? sense : hashOfNumber(sense - SENSE_NAMES.length + 1)),
);
/** Behind those of words, which `senseOf` knows (lexicon/word-senses.ts). */
export const senseOfNumber = (length: number): number => SENSE_NAMES.length + Math.min(LONGEST_NUMBER, length) - 1;

const CONCEPTS = lexicon.names.length;
export const CONCEPT_HASHES = Int32Array.from(lexicon.names, (name) => hashText(name, 0x2468ace));

/** Where the features of each kind begin; senses that follow each other and senses apart lie side by side. */
const FIRST_PAIR = SENSES;
const FIRST_CONCEPT = FIRST_PAIR + 2 * SENSES * SENSES;
const FIRST_MEETING = FIRST_CONCEPT + CONCEPTS;
export const FEW = FIRST_MEETING + CONCEPTS * CONCEPTS;

export const senseFeature = (sense: number): number => sense;
export const sensesFeature = (before: number, sense: number): number => FIRST_PAIR + 2 * (before * SENSES + sense);
export const sensesApartFeature = (before: number, sense: number): number => sensesFeature(before, sense) + 1;
export const conceptFeature = (concept: number): number => FIRST_CONCEPT + concept;
export const meetingFeature = (one: number, other: number): number => FIRST_MEETING + one * CONCEPTS + other;

const bucketsOfFew = (): Uint32Array => {
  const buckets = new Uint32Array(FEW);
  const { sense, senses, sensesApart, concept, meeting } = kindNumber;
  for (const [a, before] of SENSE_HASHES.entries()) {
    buckets[senseFeature(a)] = bucketIn(sense, before);
    for (const [b, hash] of SENSE_HASHES.entries()) {
      const both = mix(before, hash);
      buckets[sensesFeature(a, b)] = bucketIn(senses, both);
      buckets[sensesApartFeature(a, b)] = bucketIn(sensesApart, both);
    }
  }
  for (const [a, one] of CONCEPT_HASHES.entries()) {
    buckets[conceptFeature(a)] = bucketIn(concept, one);
    for (const [b, other] of CONCEPT_HASHES.entries()) buckets[meetingFeature(a, b)] = bucketIn(meeting, mix(one, other));
  }
  return buckets;
};
const BUCKETS_OF_FEW = bucketsOfFew();

/** What is no bucket is one of the few. */
export const placeOfFew = (feature: number): number => BUCKETS + feature;
export const bucketOf = (place: number): number => (place < BUCKETS ? place : (BUCKETS_OF_FEW[place - BUCKETS] as number));

/** The weights of all buckets, and behind them those of the few again. */
export const withFew = (bytes: Int8Array): Int8Array => {
  const all = new Int8Array(BUCKETS + FEW);
  all.set(bytes);
  for (const [feature, bucket] of BUCKETS_OF_FEW.entries()) all[placeOfFew(feature)] = bytes[bucket] as number;
  return all;
};
