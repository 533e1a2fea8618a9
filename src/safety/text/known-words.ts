/**
 * The words that the lexicon and the senses know, each as one string that every token shares: nothing is made for it, nothing is copied by the
 * collector, and whatever looks it up finds its hash worked out. What people write beyond them is not kept.
 */

const FIRST = 0x811c9dc5;
const PRIME = 0x01000193;

/** FNV-1a over units. */
export const hashOf = (text: string, start = 0, end = text.length, seed = FIRST): number => {
  let hash = seed;
  for (let index = start; index < end; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), PRIME);
  return hash;
};

/** Several times as many as there are words, so that one is found at the first look. */
const slots: (string | undefined)[] = new Array(1 << 17).fill(undefined);
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

/** Makes a word known, once, while tables are built. */
export const keepWord = (word: string): void => {
  const slot = slotOf(hashOf(word), word, 0, word.length);
  if (slots[slot] !== undefined || size === MOST) return;
  slots[slot] = word;
  size += 1;
};

/** The piece of a text that has this hash: the known word, or a string of its own. */
export const wordAt = (hash: number, text: string, start: number, end: number): string =>
  slots[slotOf(hash, text, start, end)] ?? text.slice(start, end);
