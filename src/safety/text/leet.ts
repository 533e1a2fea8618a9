/** Words with digits and signs in place of letters. */

const LETTERS: Record<string, string> = { 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 7: 't', 8: 'b', 9: 'g' };

const SIGNS: Record<string, string> = { ...LETTERS, '@': 'a', $: 's', '!': 'i' };

const readBy =
  (letters: Record<string, string>) =>
  (word: string): string => {
    let plain = '';
    for (let index = 0; index < word.length; index += 1) {
      const character = word[index] as string;
      plain += letters[character] ?? character;
    }
    return plain;
  };

/** `t3l3gr4m` as `telegram`. A digit that stands for no letter stays. */
export const deleet = readBy(LETTERS);

/** `wh@ts@pp`, `commi$$10n`: the same with signs. */
export const deleetSigns = readBy(SIGNS);
