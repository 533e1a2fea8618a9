/** Words that were pulled apart, letter by letter: `t e l e g r a m`, `w-h-a-t-s`, put together again. */
import type { Folded } from './fold.ts';
import { FIGURES, oneOf, SMALL_LETTERS } from './letters.ts';

const FEWEST = 4;
const isSeparator = oneOf(' -.*_|/~,');
const isPlainMark = oneOf(`${SMALL_LETTERS}${FIGURES}@._`);
const isMark = (code: number): boolean => isPlainMark(code) || (code > 127 && (code < 0x2000 || code > 0xdfff));
const isBreak = oneOf(' \n(:",!?)');
const isLetter = (code: number): boolean => (code >= 97 && code <= 122) || (code > 127 && code < 0x2000);

/** The same text where nothing was apart. Linear: each place is passed once. */
export const squeeze = (folded: Folded): Folded => {
  const { text, at } = folded;
  const { length } = text;
  let drops: Uint8Array | undefined;
  let index = 0;
  while (index < length) {
    // A run: single marks with the same separator between each two.
    const separator = text.charCodeAt(index + 1);
    const begins = isSeparator(separator) && (index === 0 || isBreak(text.charCodeAt(index - 1)));
    if (!begins || !isMark(text.charCodeAt(index))) {
      index += 1;
      continue;
    }
    let end = index;
    let letters = 0;
    let marks = 0;
    while (
      end < length &&
      isMark(text.charCodeAt(end)) &&
      (end + 1 >= length || text.charCodeAt(end + 1) === separator || isBreak(text.charCodeAt(end + 1)))
    ) {
      marks += 1;
      if (isLetter(text.charCodeAt(end))) letters += 1;
      if (text.charCodeAt(end + 1) !== separator) {
        end += 1;
        break;
      }
      // Two separators in a row part two words.
      if (text.charCodeAt(end + 2) === separator && separator !== 46) {
        end += 1;
        break;
      }
      end += 2;
    }
    if (marks >= FEWEST && letters >= FEWEST - 1) {
      drops ??= new Uint8Array(length);
      for (let place = index + 1; place < end - 1; place += 2) if (text.charCodeAt(place) === separator) drops[place] = 1;
      // A full run of one word that ends before another such run.
    }
    index = Math.max(index + 1, end);
  }
  if (drops === undefined) return folded;
  const kept = new Uint32Array(length + 1);
  let squeezed = '';
  let size = 0;
  let from = 0;
  for (let place = 0; place <= length; place += 1) {
    if (place < length && drops[place] === 0) {
      kept[size] = at[place] as number;
      size += 1;
      continue;
    }
    squeezed += text.slice(from, place);
    from = place + 1;
  }
  kept[size] = at[length] as number;
  return { text: squeezed, at: kept.subarray(0, size + 1), hidden: folded.hidden + 1 };
};
