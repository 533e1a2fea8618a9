/**
 * What a stretch of a text is to the learned part: its words, pieces of those that no table knows, their senses, concepts, which of them meet or follow
 * each other, and a few signs of its whole shape, and which rules spoke, as numbers of buckets.
 */
import type { Hit, Reading } from '../extract/reading.ts';
import type { Occurrences } from '../lexicon/lexicon.ts';
import { NUMBER, senseOf } from '../lexicon/word-senses.ts';
import { hashOf, UNKNOWN } from '../text/known-words.ts';
import type { Tokens } from '../text/tokens.ts';
import { BUCKET_BITS, bucketIn, hashText, keyOf, kindNumber, mix, mixKey, VALUE_OF } from './buckets.ts';
import {
  CONCEPT_HASHES,
  conceptFeature,
  FEW,
  hashOfNumber,
  meetingFeature,
  placeOfFew,
  SENSE_HASHES,
  senseFeature,
  senseOfNumber,
  sensesApartFeature,
  sensesFeature,
} from './few.ts';

/** The same arrays are filled again by the next call, so that nothing is left for the collector: read them before it. */
export type Features = {
  count: number;
  /** Where their weights are, each once: a bucket, or behind all of them one of the few (see weigh/few.ts). */
  places: Uint32Array;
  /** The numbers of their kinds, which have their values: see `VALUE_OF`. */
  kinds: Uint8Array;
  /**
   * The tokens that a feature came from first, counted from the first of all, a byte each; the upper one is the same, or the last of several. `NO_TOKEN`:
   * none of its own.
   */
  tokens: Uint16Array;
};

export const NO_TOKEN = 0xffff;

const STEM_LENGTH = 5;
const PIECE = 4;
const LONGEST_WORD = 24;
/** More than a sentence of a person has; the rest of such a text says the same again. */
const MOST_CONCEPTS = 20;
/** More than a piece of a text has: see weigh/windows.ts. */
const MOST_TOKENS = 160;
const MOST = MOST_TOKENS * (LONGEST_WORD + 30 + MOST_CONCEPTS);
/** Of a text that is weighed in pieces each is shorter, and what is known of it is so little that it stays near the processor. */
const FEW_TOKENS = 48;
const MOST_OF_FEW = 3_500;
/** More than there can be features, so that one is always free. */
const SLOTS = 1 << 14;
const SLOTS_OF_FEW = 1 << 12;

const places = new Uint32Array(MOST);
const kinds = new Uint8Array(MOST);
const tokensOf = new Uint16Array(MOST);
const filled: Features = { count: 0, places, kinds, tokens: tokensOf };
/** The buckets that this round has filled, each with the number of the round: what is of another round is free. */
const seen = new Int32Array(SLOTS);
const MOST_ROUNDS = 1 << (32 - BUCKET_BITS);
/** The same for the few, by feature. */
const seenFew = new Uint16Array(FEW);
let round = 0;
/** Whose features they are. */
const weighed = { reading: 0, from: 0, to: 0 };
let lastSlot = 0;
let most = 0;
const hashes = new Int32Array(MOST_TOKENS);
const senseAt = new Uint16Array(MOST_TOKENS);
/** By token the concept of the longest phrase that begins there, and how many tokens it has. */
const coverOf = new Int32Array(MOST_TOKENS);
const coverLength = new Uint8Array(MOST_TOKENS);

const isNew = (bucket: number): boolean => {
  const entry = (round << BUCKET_BITS) | bucket;
  let slot = bucket & lastSlot;
  for (;;) {
    const other = (seen[slot] as number) ^ entry;
    if (other === 0) return false;
    if (other >>> BUCKET_BITS !== 0) break;
    slot = (slot + 1) & lastSlot;
  }
  seen[slot] = entry;
  return true;
};

/** Tokens counted from the first. */
const addOf = (kind: number, hash: number, tokens: number): void => {
  const bucket = bucketIn(kind, hash);
  const { count } = filled;
  if (count === most || !isNew(bucket)) return;
  places[count] = bucket;
  kinds[count] = kind;
  tokensOf[count] = tokens;
  filled.count = count + 1;
};

const add = (kind: number, hash: number, first: number, last: number): void => addOf(kind, hash, (last << 8) | first);

/** One of the few. */
const addFew = (kind: number, feature: number, first: number, last: number): void => {
  const { count } = filled;
  if (seenFew[feature] === round || count === most) return;
  seenFew[feature] = round;
  places[count] = placeOfFew(feature);
  kinds[count] = kind;
  tokensOf[count] = (last << 8) | first;
  filled.count = count + 1;
};

/**
 * The sum of what the features weigh, over the length of their vector. The weights are looked up when all features are known: they lie far apart in
 * memory, and a loop that does nothing else waits for many of them at once; the length (`normOf`) is worked out meanwhile.
 */
export const weightOf = (reading: Reading, hits: readonly Hit[], from: number, to: number, weights: Int8Array): number => {
  const { count } = featuresOf(reading, hits, from, to);
  let sum = 0;
  let squares = 0;
  for (let at = 0; at < count; at += 1) {
    const value = VALUE_OF[kinds[at] as number] as number;
    sum += (weights[places[at] as number] as number) * value;
    squares += value * value;
  }
  return sum / (Math.sqrt(squares) || 1);
};

/** The length of the vector of features. */
export const normOf = ({ count, kinds }: Features): number => {
  let squares = 0;
  for (let at = 0; at < count; at += 1) {
    const value = VALUE_OF[kinds[at] as number] as number;
    squares += value * value;
  }
  return Math.sqrt(squares) || 1;
};

/** Of the tokens from one to another, the end not among them, and of the hits in them. */
export const featuresOf = (reading: Reading, hits: readonly Hit[], from: number, to: number): Features => {
  // What was weighed last is explained next; the hits in a stretch are those of its text.
  if (reading.number === weighed.reading && from === weighed.from && to === weighed.to) return filled;
  weighed.reading = reading.number;
  weighed.from = from;
  weighed.to = to;
  const { tokens } = reading;
  round += 1;
  if (round === MOST_ROUNDS) {
    seen.fill(0);
    seenFew.fill(0);
    round = 1;
  }
  filled.count = 0;
  const end = Math.min(to, from + MOST_TOKENS);
  const isShort = end - from <= FEW_TOKENS;
  lastSlot = (isShort ? SLOTS_OF_FEW : SLOTS) - 1;
  most = isShort ? MOST_OF_FEW : MOST;
  addWords(tokens, from, end);
  // Of signs in no order each two are near each other by chance.
  addSenses(end - from, reading.isOverlong ? 0 : APART);
  addConcepts(reading, from, end);
  addTurns(end - from);
  addShape(reading, from, end);
  addRules(hits);
  return filled;
};

const addWords = ({ texts, hashes: textHashes, numbers, numerics }: Tokens, from: number, end: number): void => {
  const { word, pair, stem, piece } = kindNumber;
  for (let index = from; index < end; index += 1) {
    const text = texts[index] as string;
    const numeric = numerics[index] as boolean;
    const at = index - from;
    const hash = numeric ? hashOfNumber(text.length) : (textHashes[index] as number);
    hashes[at] = hash;
    senseAt[at] = numeric ? senseOfNumber(text.length) : senseOf(numbers[index] as number);
    add(word, hash, at, at);
    if (at > 0) add(pair, mix(hashes[at - 1] as number, hash), at - 1, at);
    if (numeric || text.length < PIECE - 1) continue;
    if (text.length > STEM_LENGTH) add(stem, hashOf(text, 0, STEM_LENGTH, 7), at, at);
    // A word that the tables know says what it says as a whole.
    if (numbers[index] !== UNKNOWN) continue;
    const length = Math.min(LONGEST_WORD, text.length);
    // With the word's ends, so that "_call" is not "recall".
    let a = 1;
    let b = text.charCodeAt(0);
    let c = text.charCodeAt(1);
    for (let place = 2; place <= length; place += 1) {
      const d = place === length ? 2 : text.charCodeAt(place);
      add(piece, Math.imul(Math.imul(Math.imul(a, 0x10193) ^ b, 0x10193) ^ c, 0x10193) ^ d, at, at);
      a = b;
      b = c;
      c = d;
    }
  }
};

/** The senses of words that are no further apart than this are seen together, whatever stands between them. */
const APART = 8;

/** What follows what, by sense, and each word in the senses around it. */
const addSenses = (count: number, most: number): void => {
  const { sense, senses, around, sensesApart } = kindNumber;
  for (let at = 0; at < count; at += 1) {
    const here = senseAt[at] as number;
    addFew(sense, senseFeature(here), at, at);
    if (at === 0) continue;
    const before = senseAt[at - 1] as number;
    addFew(senses, sensesFeature(before, here), at - 1, at);
    const wordKey = keyOf(hashes[at] as number);
    const senseKey = keyOf(SENSE_HASHES[here] as number);
    const beforeHash = SENSE_HASHES[before] as number;
    add(around, mixKey(hashes[at - 1] as number, senseKey), at - 1, at);
    add(around, mixKey(beforeHash, wordKey), at - 1, at);
    for (let back = 3; back <= most && back <= at; back += 1)
      addFew(sensesApart, sensesApartFeature(senseAt[at - back] as number, here), at - back, at);
    if (at > 1) add(senses, mixKey(mix(SENSE_HASHES[senseAt[at - 2] as number] as number, beforeHash), senseKey), at - 2, at);
  }
};

/** The concepts of each sentence of a stretch in the order of their ids, `MOST_CONCEPTS` places a sentence: they, their first tokens, and how many. */
const sentenceAt = new Int32Array(MOST_TOKENS);
const metConcepts = new Int32Array(MOST_TOKENS * MOST_CONCEPTS);
const metTokens = new Int32Array(MOST_TOKENS * MOST_CONCEPTS);
const metCounts = new Int32Array(MOST_TOKENS);

/** Numbers the sentences of a stretch from zero on. */
const numberSentences = ({ sentences }: Tokens, from: number, end: number): number => {
  let count = 0;
  for (let index = from; index < end; index += 1) {
    if (index === from || sentences[index] !== sentences[index - 1]) count += 1;
    sentenceAt[index - from] = count - 1;
  }
  metCounts.fill(0, 0, count);
  return count;
};

const addConcepts = ({ tokens, found }: Reading, from: number, end: number): void => {
  const sentences = numberSentences(tokens, from, end);
  coverOf.fill(0, 0, end - from);
  coverLength.fill(0, 0, end - from);
  const { order, places, starts, ends } = found;
  for (let next = firstFrom(found, from); next < order.length; next += 1) {
    const place = places[next] as number;
    const token = starts[place] as number;
    if (token >= end) break;
    const id = order[next] as number;
    const at = token - from;
    addFew(kindNumber.concept, conceptFeature(id), at, at);
    const length = Math.min(255, (ends[place] as number) - token);
    const longest = coverLength[at] as number;
    if (length > longest || (length === longest && id < (coverOf[at] as number))) {
      coverLength[at] = length;
      coverOf[at] = id;
    }
    meet(sentenceAt[at] as number, id, at);
  }
  for (let sentence = 0; sentence < sentences; sentence += 1)
    addMeetings(sentence * MOST_CONCEPTS, metCounts[sentence] as number);
};

/** The first occurrence from a token on. */
const firstFrom = ({ places, starts }: Occurrences, token: number): number => {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[places[middle] as number] as number) < token) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Puts a concept among those of its sentence, once, in the order of their ids. */
const meet = (sentence: number, id: number, token: number): void => {
  const first = sentence * MOST_CONCEPTS;
  const count = metCounts[sentence] as number;
  let at = first + count;
  while (at > first && (metConcepts[at - 1] as number) >= id) at -= 1;
  if (at < first + count && metConcepts[at] === id) return;
  if (at === first + MOST_CONCEPTS) return;
  const last = Math.min(first + count, first + MOST_CONCEPTS - 1);
  for (let to = last; to > at; to -= 1) {
    metConcepts[to] = metConcepts[to - 1] as number;
    metTokens[to] = metTokens[to - 1] as number;
  }
  metConcepts[at] = id;
  metTokens[at] = token;
  metCounts[sentence] = last - first + 1;
};

const addMeetings = (first: number, count: number): void => {
  for (let one = first; one < first + count; one += 1) {
    for (let other = one + 1; other < first + count; other += 1) {
      const feature = meetingFeature(metConcepts[one] as number, metConcepts[other] as number);
      addFew(kindNumber.meeting, feature, metTokens[one] as number, metTokens[other] as number);
    }
  }
};

/** The text with each phrase of a concept as that concept: what follows what, in any language. */
const addTurns = (count: number): void => {
  let before = 0;
  let beforeAt = -1;
  for (let at = 0; at < count; ) {
    const length = coverLength[at] as number;
    const hash = (length > 0 ? CONCEPT_HASHES[coverOf[at] as number] : hashes[at]) as number;
    const next = at + Math.max(1, length);
    if (beforeAt >= 0) add(kindNumber.turn, mix(before, hash), beforeAt, Math.min(count, next) - 1);
    before = hash;
    beforeAt = at;
    at = next;
  }
};

const SHAPES = ['messages', 'words', 'digits', 'hidden', 'asks', 'at', 'figures', 'spoken'];
const SHAPE_HASHES = Int32Array.from(SHAPES, (name) => hashText(name, 99));
/** Said of the first token. */
const addMeasure = (at: number, measure: number): void =>
  addOf(kindNumber.shape, mix(SHAPE_HASHES[at] as number, measure + 1), 0);

/** What a unit counts as, without branches. */
const DIGIT = 1;
const ASKS = 2;
const AT_SIGN = 4;
const COUNTS_AS = Uint8Array.from({ length: 0x80 }, (_, unit) =>
  unit >= 48 && unit <= 57 ? DIGIT : unit === 63 ? ASKS : unit === 64 ? AT_SIGN : 0,
);

/** Of the whole window. */
const addShape = ({ tokens, folded, breaks }: Reading, from: number, end: number): void => {
  if (from >= end) return;
  const start = tokens.starts[from] as number;
  const stop = tokens.ends[end - 1] as number;
  const { text } = folded;
  let digits = 0;
  let signs = 0;
  let spoken = 0;
  for (let at = 0; at < end - from; at += 1) if (senseAt[at] === NUMBER) spoken += 1;
  for (let index = start; index < stop; index += 1) {
    const code = text.charCodeAt(index);
    const counts = code < COUNTS_AS.length ? (COUNTS_AS[code] as number) : 0;
    digits += counts & DIGIT;
    signs |= counts;
  }
  addMeasure(0, Math.min(4, breaks.length));
  addMeasure(1, Math.floor(Math.log2(end - from + 1)));
  addMeasure(2, digits > 12 ? 4 : digits > 6 ? 3 : digits > 2 ? 2 : digits > 0 ? 1 : 0);
  if (folded.hidden > 0) addMeasure(3, 1);
  if ((signs & ASKS) !== 0) addMeasure(4, 1);
  if ((signs & AT_SIGN) !== 0) addMeasure(5, 1);
  // As many as a telephone has say more than some.
  if (digits > 0) addMeasure(6, Math.min(16, digits));
  if (digits + spoken > 0) addMeasure(7, Math.min(16, digits + spoken));
};

/** A hit less sure than this says nothing. */
const LEAST = 0.4;
const ruleHashes = new Map<string, number>();
const hashOfName = (name: string): number => {
  const known = ruleHashes.get(name) ?? hashText(name, 31);
  ruleHashes.set(name, known);
  return known;
};

const addRules = (hits: readonly Hit[]): void => {
  for (const { rule, category, confidence } of hits) {
    if (confidence < LEAST) continue;
    addOf(kindNumber.rule, hashOfName(rule), NO_TOKEN);
    addOf(kindNumber.rule, hashOfName(category), NO_TOKEN);
  }
};
