/** Words with digits and signs in place of letters. */

const LETTERS: Record<string, string> = { 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 7: 't', 8: 'b', 9: 'g' };

const SIGNS: Record<string, string> = { ...LETTERS, '@': 'a', $: 's', '!': 'i' };

const readBy = (letters: Record<string, string>): ((word: string) => string) => {
  const byUnit = Array.from({ length: 0x80 }, (_, code) => letters[String.fromCharCode(code)]);
  return (word) => {
    let plain = '';
    let from = 0;
    for (let index = 0; index < word.length; index += 1) {
      const letter = byUnit[word.charCodeAt(index)];
      if (letter === undefined) continue;
      plain += word.slice(from, index) + letter;
      from = index + 1;
    }
    return from === 0 ? word : plain + word.slice(from);
  };
};

/** `t3l3gr4m` as `telegram`. A digit that stands for no letter stays. */
export const deleet = readBy(LETTERS);

/** `wh@ts@pp`, `commi$$10n`: the same with signs. */
export const deleetSigns = readBy(SIGNS);
