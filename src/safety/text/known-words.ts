/**
 * The words that the lexicon, the senses and the like know, each with a number, by which their tables have it, and as one string that every token shares:
 * nothing is made for it, nothing is copied by the collector, and it is looked up once. What people write beyond them is not kept.
 */

/** The hash of an empty text. */
export const FIRST_HASH = 0x811c9dc5;
const PRIME = 0x01000193;

/** The hash of a text with one unit more. */
export const hashWith = (hash: number, unit: number): number => Math.imul(hash ^ unit, PRIME);

/** FNV-1a over units. */
export const hashOf = (text: string, start = 0, end = text.length, seed = FIRST_HASH): number => {
  let hash = seed;
  for (let index = start; index < end; index += 1) hash = hashWith(hash, text.charCodeAt(index));
  return hash;
};

/** A second hash beside the first, so that a word is known by its hashes alone: looking at its letters is one more look into a far memory. */
export const FIRST_CHECK = 0x2545f491;
export const checkWith = (check: number, unit: number): number => Math.imul(check + unit, 0x2c1b3c6d);
export const checkOf = (text: string, start = 0, end = text.length): number => {
  let check = FIRST_CHECK;
  for (let index = start; index < end; index += 1) check = checkWith(check, text.charCodeAt(index));
  return check;
};

/** What no table has. */
export const UNKNOWN = 0;
const NUMBER_BITS = 15;
/** The numbers of words are below this. */
export const WORD_NUMBERS = 1 << NUMBER_BITS;
const NUMBER = WORD_NUMBERS - 1;
/** By number. */
const words: string[] = [''];

/** Twice as many as there are words, so that one is found at the first look or the second: the hash of a word, and the upper bits of its check with its number below. */
const SLOTS = 2 * WORD_NUMBERS;
const slots = new Int32Array(2 * SLOTS);

const firstSlot = (hash: number): number => (hash ^ (hash >>> 15)) & (SLOTS - 1);

/** Where a word is, or would be. */
const slotOf = (hash: number, check: number): number => {
  let slot = firstSlot(hash);
  for (;;) {
    const entry = slots[2 * slot + 1] as number;
    if (entry === UNKNOWN || (slots[2 * slot] === (hash | 0) && (entry ^ check) >>> NUMBER_BITS === 0)) return slot;
    slot = (slot + 1) & (SLOTS - 1);
  }
};

/** Makes a word known, while tables are built, and gives its number. */
export const keepWord = (word: string): number => {
  const hash = hashOf(word);
  const check = checkOf(word);
  const slot = slotOf(hash, check);
  const known = (slots[2 * slot + 1] as number) & NUMBER;
  if (known !== UNKNOWN) {
    if (words[known] !== word) throw new Error(`${word} and ${words[known]} have the same hashes.`);
    return known;
  }
  if (words.length === WORD_NUMBERS) throw new Error('There are more words than the table of known ones has room for.');
  slots[2 * slot] = hash;
  slots[2 * slot + 1] = (check & ~NUMBER) | (words.push(word) - 1);
  return words.length - 1;
};

/** The number of the text that has these hashes; UNKNOWN where no table has it. */
export const numberAt = (hash: number, check: number): number => (slots[2 * slotOf(hash, check) + 1] as number) & NUMBER;

/** The sum of what was brought near, so that the processor has a reason to look. */
const brought = new Uint32Array(1);

/**
 * Looks at where the words of these hashes are before they are looked up one by one: most lie far apart in memory, and a loop that does nothing else
 * waits for many of them at once.
 */
export const bringNear = (hashes: readonly number[], count: number): void => {
  let sum = 0;
  for (let at = 0; at < count; at += 1) sum ^= slots[2 * firstSlot(hashes[at] as number) + 1] as number;
  brought[0] = sum;
};

/** The number of a text, or of a piece of it. */
export const numberOf = (text: string, start = 0, end = text.length): number =>
  numberAt(hashOf(text, start, end), checkOf(text, start, end));

/** The word of a number that is not UNKNOWN. */
export const wordOf = (number: number): string => words[number] as string;

/** Looks a word's number up among these, which it makes known. */
export const tableOf = <T>(entries: ReadonlyMap<string, T>): ((number: number) => T | undefined) => {
  const numbers = Array.from(entries.keys(), keepWord);
  const values = [...entries.values()];
  const placeOf = new Uint16Array(WORD_NUMBERS);
  for (const [place, number] of numbers.entries()) placeOf[number] = place;
  const isIn = wordSetOf(numbers);
  return (number) => (isIn(number) ? values[placeOf[number] as number] : undefined);
};

/** By number in which sets a word is, a bit each: one look into a far memory is enough for all of them, and most words are in none. */
const setsOf = new Uint16Array(WORD_NUMBERS);
let sets = 0;

const wordSetOf = (numbers: Iterable<number>): ((number: number) => boolean) => {
  const bit = 1 << sets;
  sets += 1;
  if (bit > 0xffff) throw new Error('There are more sets of words than the table of them has room for.');
  for (const number of numbers) (setsOf[number] as number) |= bit;
  return (number) => ((setsOf[number] as number) & bit) !== 0;
};

/** Answers of a word's number whether it is that of one of these, which it makes known. */
export const wordSet = (words: Iterable<string>): ((number: number) => boolean) => wordSetOf(Array.from(words, keepWord));
