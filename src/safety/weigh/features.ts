/**
 * What a stretch of a text is to the learned part: its words, pieces of those that no table knows, their senses, concepts, which of them meet or follow
 * each other, and a few signs of its whole shape, and which rules spoke, as numbers of buckets.
 */
import type { Hit, Reading } from '../extract/reading.ts';
import { lexicon } from '../lexicon/index.ts';
import { NUMBER, senseOf } from '../lexicon/word-senses.ts';
import { hashOf, UNKNOWN } from '../text/known-words.ts';
import type { Tokens } from '../text/tokens.ts';

const BUCKET_BITS = 23;
export const BUCKETS = 1 << BUCKET_BITS;

/** A hash of two, in two steps, because the second is often the same for many. */
const keyOf = (b: number): number => (b >>> 15) ^ Math.imul(b, 0x9e3779b1);
const mixKey = (a: number, key: number): number => {
  let hash = Math.imul(a ^ key, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
};
const mix = (a: number, b: number): number => mixKey(a, keyOf(b));

/** How much a feature of each kind says beside the others. */
const VALUES = {
  word: 1,
  pair: 0.7,
  stem: 1,
  piece: 0.6,
  sense: 0.8,
  senses: 0.8,
  around: 0.8,
  sensesApart: 0.4,
  concept: 1,
  meeting: 0.7,
  turn: 0.7,
  shape: 0.5,
  rule: 0.7,
};
type Kind = keyof typeof VALUES;
const KINDS = Object.keys(VALUES) as Kind[];
/** By the number of a kind. */
export const VALUE_OF = Float64Array.from(KINDS, (kind) => VALUES[kind]);
const KEY_OF = Int32Array.from(KINDS, (_, index) => keyOf(Math.imul(index + 1, 0x9e3779b1)));
const kindNumber = Object.fromEntries(KINDS.map((kind, index) => [kind, index])) as Record<Kind, number>;

/** The same arrays are filled again by the next call, so that nothing is left for the collector: read them before it. */
export type Features = {
  count: number;
  /** Each bucket once. */
  buckets: Uint32Array;
  /** The numbers of their kinds, which have their values: see `VALUE_OF`. */
  kinds: Uint8Array;
  /**
   * The tokens that a bucket came from first, counted from the first of all, a byte each; the upper one is the same, or the last of several. `NO_TOKEN`:
   * none of its own.
   */
  tokens: Uint16Array;
};

export const NO_TOKEN = 0xffff;

const hashText = (text: string, seed: number): number => hashOf(text, 0, text.length, seed);

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

const CONCEPT_HASHES = Int32Array.from(lexicon.names, (name) => hashText(name, 0x2468ace));

const buckets = new Uint32Array(MOST);
const kinds = new Uint8Array(MOST);
const tokensOf = new Uint16Array(MOST);
const filled: Features = { count: 0, buckets, kinds, tokens: tokensOf };
/** The buckets that this round has filled, each with the number of the round: what is of another round is free. */
const seen = new Int32Array(SLOTS);
const MOST_ROUNDS = 1 << (32 - BUCKET_BITS);
let round = 0;
/** Whose features they are. */
const weighed = { reading: 0, from: 0, to: 0 };
let lastSlot = 0;
let most = 0;
const hashes = new Int32Array(MOST_TOKENS);
const senseAt = new Int32Array(MOST_TOKENS);
const NUMBER_SENSE = mix(2, NUMBER);
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
  const bucket = mixKey(hash, KEY_OF[kind] as number) & (BUCKETS - 1);
  const { count } = filled;
  if (count === most || !isNew(bucket)) return;
  buckets[count] = bucket;
  kinds[count] = kind;
  tokensOf[count] = tokens;
  filled.count = count + 1;
};

const add = (kind: number, hash: number, first: number, last: number): void => addOf(kind, hash, (last << 8) | first);

/**
 * The sum of what the features weigh, over the length of their vector. The weights are looked up when all features are known: they lie far apart in
 * memory, and a loop that does nothing else waits for many of them at once; the length (`normOf`) is worked out meanwhile.
 */
export const weightOf = (reading: Reading, hits: readonly Hit[], from: number, to: number, bytes: Int8Array): number => {
  const { count } = featuresOf(reading, hits, from, to);
  let sum = 0;
  let squares = 0;
  for (let at = 0; at < count; at += 1) {
    const value = VALUE_OF[kinds[at] as number] as number;
    sum += (bytes[buckets[at] as number] as number) * value;
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
    // Of a number only its length counts.
    const hash = numeric ? mix(1, Math.min(9, text.length)) : (textHashes[index] as number);
    hashes[at] = hash;
    senseAt[at] = mix(2, numeric ? hash : senseOf(numbers[index] as number));
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
    const hash = senseAt[at] as number;
    add(sense, hash, at, at);
    if (at === 0) continue;
    const before = senseAt[at - 1] as number;
    const wordKey = keyOf(hashes[at] as number);
    const senseKey = keyOf(hash);
    add(senses, mixKey(before, senseKey), at - 1, at);
    add(around, mixKey(hashes[at - 1] as number, senseKey), at - 1, at);
    add(around, mixKey(before, wordKey), at - 1, at);
    for (let back = 3; back <= most && back <= at; back += 1)
      add(sensesApart, mixKey(senseAt[at - back] as number, senseKey), at - back, at);
    if (at > 1) add(senses, mixKey(mix(senseAt[at - 2] as number, before), senseKey), at - 2, at);
  }
};

/** The concepts of each sentence of a stretch in the order of their ids, `MOST_CONCEPTS` places a sentence: their hashes and first tokens, and how many. */
const sentenceAt = new Int32Array(MOST_TOKENS);
const metHashes = new Int32Array(MOST_TOKENS * MOST_CONCEPTS);
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

const addConcepts = ({ number, tokens, found }: Reading, from: number, end: number): void => {
  const sentences = numberSentences(tokens, from, end);
  coverOf.fill(0, 0, end - from);
  coverLength.fill(0, 0, end - from);
  const { ids } = found;
  if (number !== ahead.reading || from < ahead.from) nextOf.fill(0, 0, ids.length);
  ahead.reading = number;
  ahead.from = from;
  for (let order = 0; order < ids.length; order += 1) {
    // Most concepts of a long text are in few of its stretches.
    if ((nextOf[order] as number) >= end) continue;
    const id = ids[order] as number;
    const starts = found.starts[id] as number[];
    const ends = found.ends[id] as number[];
    const hash = CONCEPT_HASHES[id] as number;
    const first = firstFrom(id, starts, from);
    nextOf[order] = starts[first] ?? NEVER;
    let last = -1;
    for (let at = first; at < starts.length; at += 1) {
      const token = starts[at] as number;
      if (token >= end) break;
      if (last === -1) add(kindNumber.concept, hash, token - from, token - from);
      const length = Math.min(255, (ends[at] as number) - token);
      if (length > (coverLength[token - from] as number)) {
        coverLength[token - from] = length;
        coverOf[token - from] = hash;
      }
      const sentence = sentenceAt[token - from] as number;
      if (sentence === last) continue;
      last = sentence;
      const count = metCounts[sentence] as number;
      if (count === MOST_CONCEPTS) continue;
      metHashes[sentence * MOST_CONCEPTS + count] = hash;
      metTokens[sentence * MOST_CONCEPTS + count] = token - from;
      metCounts[sentence] = count + 1;
    }
  }
  for (let sentence = 0; sentence < sentences; sentence += 1)
    addMeetings(sentence * MOST_CONCEPTS, metCounts[sentence] as number);
};

const addMeetings = (first: number, count: number): void => {
  for (let one = first; one < first + count; one += 1) {
    for (let other = one + 1; other < first + count; other += 1) {
      const hash = mix(metHashes[one] as number, metHashes[other] as number);
      add(kindNumber.meeting, hash, metTokens[one] as number, metTokens[other] as number);
    }
  }
};

/** By the order of a reading's concepts the first token of each that is not before the stretch that was looked at last: no stretch from there on has one before it. */
const nextOf = new Uint16Array(lexicon.names.length);
const NEVER = 0xffff;
const ahead = { reading: 0, from: 0 };

/** By concept where the stretch before began: the next one is mostly behind it. */
const reached = new Uint16Array(lexicon.names.length);

/** The first place of a concept from a token on. */
const firstFrom = (id: number, starts: readonly number[], token: number): number => {
  if (token === 0) return 0;
  let at = Math.min(reached[id] as number, starts.length);
  while (at > 0 && (starts[at - 1] as number) >= token) at -= 1;
  while (at < starts.length && (starts[at] as number) < token) at += 1;
  reached[id] = at;
  return at;
};

/** The text with each phrase of a concept as that concept: what follows what, in any language. */
const addTurns = (count: number): void => {
  let before = 0;
  let beforeAt = -1;
  for (let at = 0; at < count; ) {
    const length = coverLength[at] as number;
    const hash = (length > 0 ? coverOf[at] : hashes[at]) as number;
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
  for (let at = 0; at < end - from; at += 1) if (senseAt[at] === NUMBER_SENSE) spoken += 1;
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
