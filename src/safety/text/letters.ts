/** Which units of a folded text make words, as a table, because each unit of each message is asked. */

const LETTER = /[\p{L}\p{M}\p{N}]/u;

/** One for the small letters and digits of ASCII (a folded text has no others), and for letters, marks and digits of the basic plane beyond it. */
const WORD_UNITS = Uint8Array.from({ length: 0x10000 }, (_, code) =>
  (code < 128 ? /[a-z0-9]/u : LETTER).test(String.fromCharCode(code)) ? 1 : 0,
);

/** A unit that is part of a word. */
export const isWordUnit = (code: number): boolean => WORD_UNITS[code] === 1;

/** Answers whether a unit is one of these characters of ASCII. */
export const oneOf = (characters: string): ((code: number) => boolean) => {
  const table = Uint8Array.from({ length: 0x80 }, (_, code) => (characters.includes(String.fromCharCode(code)) ? 1 : 0));
  return (code) => code < 0x80 && table[code] === 1;
};

export const SMALL_LETTERS = 'abcdefghijklmnopqrstuvwxyz';
export const FIGURES = '0123456789';
