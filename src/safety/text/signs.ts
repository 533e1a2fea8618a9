/** What a unit outside words is to the words around it, as a table, because each of them is asked. */

/** It only parts them. */
export const NOTHING = 0;
export const LINE_END = 1;
/** Of a sentence. */
export const STOP = 2;
/** The first of a pair that is one character. */
export const PAIR = 3;
/** A token of its own. */
export const TOKEN = 4;
export const COMMA = 5;
export const QUESTION = 63;

const KINDS: Record<string, number> = { '\n': LINE_END };
for (const [signs, kind] of [
  ['.!?', STOP],
  ['@$%+£¥', TOKEN],
  [',;:()', COMMA],
] as const)
  for (const sign of signs) KINDS[sign] = kind;

const SIGNS = Uint8Array.from({ length: 0x10000 }, (_, unit) => {
  if (unit >= 0xd800 && unit <= 0xdbff) return PAIR;
  return unit > 0x2000 && unit < 0xd800 ? TOKEN : (KINDS[String.fromCharCode(unit)] ?? NOTHING);
});

export const signOf = (unit: number): number => SIGNS[unit] as number;
