/** What stands for a person without a picture. */

/** Colours an avatar can have; avatar.module.css has as many. */
const HUES = 8;

/** The same for a person everywhere. */
export const hueOf = (userId: string): number => {
  // FNV-1a: short ids that differ little still land far apart.
  let hash = 0x811c9dc5;
  for (const character of userId) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return ((hash ^ (hash >>> 15)) >>> 0) % HUES;
};

/** First letters of the first and the last word, whole characters only. */
export const initialsOf = (displayName: string): string => {
  const words = displayName.trim().split(/\s+/u);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return ends
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toLocaleUpperCase();
};
