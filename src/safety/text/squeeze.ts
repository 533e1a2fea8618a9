/** Words that were pulled apart, letter by letter: `t e l e g r a m`, `w-h-a-t-s`, put together again. */
import type { Folded } from './fold.ts';
import { FIGURES, oneOf, SMALL_LETTERS } from './letters.ts';

const FEWEST = 4;
const isSeparator = oneOf(' -.*_|/~,');
const isPlainMark = oneOf(`${SMALL_LETTERS}${FIGURES}@._`);
const isBreak = oneOf(' \n(:",!?)');

/** What a unit may be to a run, so that each unit is asked once and without branches: of signs in no order each would be guessed wrong. */
const BREAK = 1;
const MARK = 2;
const SEPARATOR = 4;
const PARTS = Uint8Array.from(
  { length: 0x10000 },
  (_, code) =>
    (isBreak(code) ? BREAK : 0) |
    (isPlainMark(code) || (code > 127 && (code < 0x2000 || code > 0xdfff)) ? MARK : 0) |
    (isSeparator(code) ? SEPARATOR : 0),
);
const isMark = (code: number): boolean => ((PARTS[code] as number) & MARK) !== 0;
const isLetter = (code: number): boolean => (code >= 97 && code <= 122) || (code > 127 && code < 0x2000);

/** The same text where nothing was apart. Linear: each place is passed once. */
export const squeeze = (folded: Folded): Folded => {
  const { text, at } = folded;
  const { length } = text;
  if (length < FEWEST) return folded;
  let drops: Uint8Array | undefined;
  let index = 0;
  let before = BREAK;
  let here = PARTS[text.charCodeAt(0)] as number;
  // The last mark has no separator after it.
  while (index < length - 1) {
    const separator = text.charCodeAt(index + 1);
    const next = PARTS[separator] as number;
    // A run: single marks with the same separator between each two.
    if ((before & BREAK & ((here & MARK) >> 1) & ((next & SEPARATOR) >> 2)) === 0) {
      before = here;
      here = next;
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
    before = PARTS[text.charCodeAt(index - 1)] as number;
    here = index < length ? (PARTS[text.charCodeAt(index)] as number) : 0;
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
