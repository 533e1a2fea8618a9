/**
 * The words of a text, as search compares them: one function for what is stored, what is asked for and what is shown as found, so
 * that the stores agree with each other and with what a client marks. Needs no database's own dictionary.
 */

/** In code points; longer words are told apart by their beginning. */
export const MAX_WORD_LENGTH = 32;

/** Shorter beginnings would match a large part of everything. */
export const MIN_PREFIX_LENGTH = 3;

export interface WordInText {
  readonly word: string;
  /** Where it stands in the text, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

/** Letters and digits with the marks that belong to them; an apostrophe or a point within a word parts it. */
const RUNS = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu;
/** Written without spaces between words: parted by the dictionary of the runtime. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;
/** Accents of Latin, Greek and Cyrillic letters. Marks of other scripts are vowels, and stay. */
const ACCENTS = /[\u0300-\u036f]/g;

const segmenter = new Intl.Segmenter('en', { granularity: 'word' });

/** Every word of the text in its order: case, accents and width of letters set aside. */
export function* wordsIn(text: string): Generator<WordInText> {
  for (const { 0: run, index } of text.matchAll(RUNS)) {
    if (!UNSPACED.test(run)) yield wordAt(run, index);
    else
      for (const { segment, index: within, isWordLike } of segmenter.segment(run))
        if (isWordLike !== false) yield wordAt(segment, index + within);
  }
}

const wordAt = (run: string, start: number): WordInText => ({ word: plain(run), start, end: start + run.length });

const plain = (run: string): string => {
  const bare = run.normalize('NFKD').replace(ACCENTS, '').toLowerCase().normalize('NFC');
  return bare.length <= MAX_WORD_LENGTH ? bare : [...bare].slice(0, MAX_WORD_LENGTH).join('');
};

/** The words of a text, each once. */
export const wordsOf = (text: string): string[] => [...new Set(Array.from(wordsIn(text), ({ word }) => word))];

/** What is asked for: messages with all of `words` and, where it is not null, a word that begins with `prefix`. */
export interface WordQuery {
  readonly words: readonly string[];
  readonly prefix: string | null;
}

/** The last word of a query may be unfinished, unless something follows it. Null when there is no word in it. */
export const queryOf = (text: string): WordQuery | null => {
  const words = wordsOf(text);
  const last = words.at(-1);
  if (last === undefined) return null;
  const isUnfinished = /[\p{L}\p{N}\p{M}]$/u.test(text) && [...last].length >= MIN_PREFIX_LENGTH;
  return isUnfinished ? { words: words.slice(0, -1), prefix: last } : { words, prefix: null };
};

/** Where in a text a query's words stand, in order; empty unless all of them do. */
export const matchesIn = (text: string, { words, prefix }: WordQuery): WordInText[] => {
  const wanted = new Set(words);
  const matches = Array.from(wordsIn(text)).filter(
    ({ word }) => wanted.has(word) || (prefix !== null && word.startsWith(prefix)),
  );
  const found = new Set(matches.map(({ word }) => word));
  const hasAll =
    words.every((word) => found.has(word)) && (prefix === null || [...found].some((word) => word.startsWith(prefix)));
  return hasAll ? matches : [];
};
