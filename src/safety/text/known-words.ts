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

/** What no table has. */
export const UNKNOWN = 0;
/** The numbers of words are below this. */
export const WORD_NUMBERS = 1 << 15;
/** By number. */
const words: string[] = [''];

/** Twice as many as there are words, so that one is found at the first look or the second: the hash of a word, and its number. */
const SLOTS = 2 * WORD_NUMBERS;
const slots = new Int32Array(2 * SLOTS);

/** Where a word is, or would be. */
const slotOf = (hash: number, text: string, start: number, end: number): number => {
  let slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
  for (;;) {
    const number = slots[2 * slot + 1] as number;
    if (number === UNKNOWN || (slots[2 * slot] === (hash | 0) && isAt(words[number] as string, text, start, end))) return slot;
    slot = (slot + 1) & (SLOTS - 1);
  }
};

const isAt = (word: string, text: string, start: number, end: number): boolean => {
  if (word.length !== end - start) return false;
  for (let index = 0; index < word.length; index += 1)
    if (word.charCodeAt(index) !== text.charCodeAt(start + index)) return false;
  return true;
};

/** Makes a word known, while tables are built, and gives its number. */
export const keepWord = (word: string): number => {
  const hash = hashOf(word);
  const slot = slotOf(hash, word, 0, word.length);
  if (slots[2 * slot + 1] !== UNKNOWN) return slots[2 * slot + 1] as number;
  if (words.length === WORD_NUMBERS) throw new Error('There are more words than the table of known ones has room for.');
  slots[2 * slot] = hash;
  slots[2 * slot + 1] = words.push(word) - 1;
  return words.length - 1;
};

/** The number of the piece of a text that has this hash; UNKNOWN where no table has it. */
export const numberAt = (hash: number, text: string, start: number, end: number): number =>
  slots[2 * slotOf(hash, text, start, end) + 1] as number;

/** The number of a whole text. */
export const numberOf = (text: string): number => numberAt(hashOf(text), text, 0, text.length);

/** The word of a number that is not UNKNOWN. */
export const wordOf = (number: number): string => words[number] as string;

/** Looks a word's number up among these, which it makes known. */
export const tableOf = <T>(entries: ReadonlyMap<string, T>): ((number: number) => T | undefined) =>
  tableOfNumbers(new Map(Array.from(entries, ([word, value]) => [keepWord(word), value])));

/** The same, of words that are known. */
export const tableOfNumbers = <T>(entries: ReadonlyMap<number, T>): ((number: number) => T | undefined) => {
  const values: (T | undefined)[] = [undefined];
  const placeOf = new Uint16Array(WORD_NUMBERS);
  for (const [number, value] of entries) placeOf[number] = values.push(value) - 1;
  return (number) => values[placeOf[number] as number];
};

/** Answers of a word's number whether it is that of one of these, which it makes known. */
export const wordSet = (words: Iterable<string>): ((number: number) => boolean) => {
  const isIn = new Uint8Array(WORD_NUMBERS);
  for (const word of words) isIn[keepWord(word)] = 1;
  return (number) => isIn[number] === 1;
};
