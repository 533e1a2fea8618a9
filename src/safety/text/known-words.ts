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

/** Several times as many as there are words, so that one is found at the first look. */
const slots: (string | undefined)[] = new Array(1 << 17).fill(undefined);
/** The number of a word is below this. */
export const WORD_NUMBERS = slots.length;
const MOST = slots.length / 2;
let size = 0;

/** Where a word is, or would be. */
const slotOf = (hash: number, text: string, start: number, end: number): number => {
  let slot = (hash ^ (hash >>> 15)) & (slots.length - 1);
  for (let word = slots[slot]; word !== undefined && !isAt(word, text, start, end); word = slots[slot])
    slot = (slot + 1) & (slots.length - 1);
  return slot;
};

const isAt = (word: string, text: string, start: number, end: number): boolean => {
  if (word.length !== end - start) return false;
  for (let index = 0; index < word.length; index += 1)
    if (word.charCodeAt(index) !== text.charCodeAt(start + index)) return false;
  return true;
};

/** Makes a word known, while tables are built, and gives its number. */
export const keepWord = (word: string): number => {
  const slot = slotOf(hashOf(word), word, 0, word.length);
  if (slots[slot] !== undefined) return slot;
  if (size === MOST) throw new Error('There are more words than the table of known ones has room for.');
  slots[slot] = word;
  size += 1;
  return slot;
};

/** The number of the piece of a text that has this hash; UNKNOWN where no table has it. */
export const numberAt = (hash: number, text: string, start: number, end: number): number => {
  const slot = slotOf(hash, text, start, end);
  return slots[slot] === undefined ? UNKNOWN : slot;
};
export const UNKNOWN = -1;

/** The number of a whole text. */
export const numberOf = (text: string): number => numberAt(hashOf(text), text, 0, text.length);

/** The word of a number that is not UNKNOWN. */
export const wordOf = (number: number): string => slots[number] as string;

/** Looks a word's number up among these, which it makes known. */
export const tableOf = <T>(entries: ReadonlyMap<string, T>): ((number: number) => T | undefined) =>
  tableOfNumbers(new Map(Array.from(entries, ([word, value]) => [keepWord(word), value])));

/** The same, of words that are known. */
export const tableOfNumbers = <T>(entries: ReadonlyMap<number, T>): ((number: number) => T | undefined) => {
  // A place before the first would be looked for by its name.
  const values: (T | undefined)[] = [undefined];
  const placeOf = new Uint16Array(WORD_NUMBERS);
  for (const [number, value] of entries) placeOf[number] = values.push(value) - 1;
  return (number) => (number === UNKNOWN ? undefined : values[placeOf[number] as number]);
};

/** Answers of a word's number whether it is that of one of these, which it makes known. */
export const wordSet = (words: Iterable<string>): ((number: number) => boolean) => {
  const isIn = new Uint8Array(WORD_NUMBERS);
  for (const word of words) isIn[keepWord(word)] = 1;
  return (number) => number !== UNKNOWN && isIn[number] === 1;
};
