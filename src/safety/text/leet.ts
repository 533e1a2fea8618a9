/** Words with digits and signs in place of letters. */

const LETTERS: Record<string, string> = { 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 7: 't', 8: 'b', 9: 'g' };

const SIGNS: Record<string, string> = { ...LETTERS, '@': 'a', $: 's', '!': 'i' };

/** Of words, which are short: each unit is an argument of one call, because a text that is put together of others is looked through more slowly. */
const readBy = (letters: Record<string, string>): ((word: string) => string) => {
  const unitOf = Uint16Array.from({ length: 0x10000 }, (_, unit) => {
    const character = String.fromCharCode(unit);
    return (letters[character] ?? character).charCodeAt(0);
  });
  return (word) => {
    const units: number[] = [];
    for (let index = 0; index < word.length; index += 1) units.push(unitOf[word.charCodeAt(index)] as number);
    return String.fromCharCode(...units);
  };
};

/** `t3l3gr4m` as `telegram`. A digit that stands for no letter stays. */
export const deleet = readBy(LETTERS);

/** `wh@ts@pp`, `commi$$10n`: the same with signs. */
export const deleetSigns = readBy(SIGNS);
