/** Which units of a folded text make words, as a table, because each unit of each message is asked. */

const LETTER = /[\p{L}\p{M}\p{N}]/u;

export const NO_WORD = 0;
export const A_LETTER = 1;
export const A_FIGURE = 2;

/** Small letters and digits of ASCII (a folded text has no others), and letters, marks and digits of the basic plane beyond it, those as letters. */
const WORD_UNITS = Uint8Array.from({ length: 0x10000 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[0-9]/u.test(character)) return A_FIGURE;
  return (code < 128 ? /[a-z]/u : LETTER).test(character) ? A_LETTER : NO_WORD;
});

/** What a unit is in a word. */
export const wordUnit = (code: number): number => WORD_UNITS[code] as number;

/** A unit that is part of a word. */
export const isWordUnit = (code: number): boolean => (WORD_UNITS[code] as number) > NO_WORD;

/** Answers whether a unit is one of these characters of ASCII. */
export const oneOf = (characters: string): ((code: number) => boolean) => {
  const table = Uint8Array.from({ length: 0x80 }, (_, code) => (characters.includes(String.fromCharCode(code)) ? 1 : 0));
  return (code) => code < 0x80 && table[code] === 1;
};

export const SMALL_LETTERS = 'abcdefghijklmnopqrstuvwxyz';
export const FIGURES = '0123456789';
