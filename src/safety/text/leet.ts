/** Words with digits and signs in place of letters. */

const LETTERS: Record<string, string> = { 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 7: 't', 8: 'b', 9: 'g' };

const SIGNS: Record<string, string> = { ...LETTERS, '@': 'a', $: 's', '!': 'i' };

/** Of words, which are short: each unit is an argument of one call, because a text that is put together of others is looked through more slowly. */
const readBy = (letters: Record<string, string>): ((text: string, start?: number, end?: number) => string) => {
  const unitOf = Uint16Array.from({ length: 0x10000 }, (_, unit) => {
    const character = String.fromCharCode(unit);
    return (letters[character] ?? character).charCodeAt(0);
  });
  return (text, start = 0, end = text.length) => {
    const units: number[] = [];
    for (let index = start; index < end; index += 1) units.push(unitOf[text.charCodeAt(index)] as number);
    return String.fromCharCode(...units);
  };
};

/** `t3l3gr4m` as `telegram`. A digit that stands for no letter stays. */
export const deleet = readBy(LETTERS);

/** `wh@ts@pp`, `commi$$10n`: the same with signs. */
export const deleetSigns = readBy(SIGNS);
