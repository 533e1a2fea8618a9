/** Names of apps that are one slip of the finger, or one letter of disguise, away from how they are written. */

const NAMES = [
  'telegram',
  'whatsapp',
  'instagram',
  'facebook',
  'linkedin',
  'messenger',
  'hotmail',
  'calendly',
  'payoneer',
  'facetime',
  'snapchat',
  'protonmail',
];
/** Words of their own that are as near. */
const WORDS = new Set(['passenger', 'messengers', 'telegrams', 'telegraph', 'telegrama', 'messages', 'calendly']);
const SHORTEST = 6;
const LONGEST = Math.max(...NAMES.map(({ length }) => length)) + 1;

const without = (word: string, at: number): string => word.slice(0, at) + word.slice(at + 1);

/** Names, and what is left of them without one letter. */
const LEFT = new Map(
  NAMES.flatMap((name) => [name, ...Array.from(name, (_, at) => without(name, at))].map((left) => [left, name] as const)),
);
const FIRST = new Set([...LEFT.keys()].map((left) => left.slice(0, 2)));
/** By a number of the first two units whether a name may begin so: most words are told apart by one look, and nothing is made for it. */
const FIRST_KEYS = 1 << 10;
const keyOf = (word: string): number => (word.charCodeAt(0) * 31 + word.charCodeAt(1)) & (FIRST_KEYS - 1);
const MAY_BEGIN = new Uint8Array(FIRST_KEYS);
for (const left of FIRST) MAY_BEGIN[keyOf(left)] = 1;

/** The name that a word is one letter away from: missing, added, changed or two in the wrong order. '' for the name itself and any other word. */
export const nearName = (word: string): string => {
  if (word.length < SHORTEST || word.length > LONGEST || MAY_BEGIN[keyOf(word)] === 0) return '';
  if (!FIRST.has(word.slice(0, 2)) || WORDS.has(word)) return '';
  const known = LEFT.get(word);
  if (known !== undefined) return known === word ? '' : known;
  for (let at = word.length - 1; at >= 0; at -= 1) {
    const name = LEFT.get(without(word, at));
    if (name !== undefined && Math.abs(name.length - word.length) < 2) return name;
  }
  return '';
};
