/** Codes that people spell addresses in: the radio alphabet, rot13, escapes, numbers of characters. Each gives the decoded text and its place. */
import { textOf } from './fold.ts';
import { tableOf } from './known-words.ts';
import type { Tokens } from './tokens.ts';

export type Decoded = { code: string; text: string; start: number; end: number };

const RADIO_OF = tableOf(
  new Map(
    'alpha a,alfa a,bravo b,charlie c,delta d,echo e,foxtrot f,golf g,hotel h,india i,juliet j,juliett j,kilo k,lima l,mike m,november n,oscar o,papa p,quebec q,romeo r,sierra s,tango t,uniform u,victor v,whiskey w,whisky w,xray x,yankee y,zulu z,at @,dot .,point .,period .,underscore _,dash -,hyphen -,zero 0,one 1,two 2,three 3,tree 3,four 4,five 5,fife 5,six 6,seven 7,eight 8,nine 9,niner 9'
      .split(',')
      .map((pair) => pair.split(' ') as [string, string]),
  ),
);
const FEWEST_RADIO = 5;

/** "Kilo india tango". Signs and digits count along, letters decide. */
const radio = ({ texts, numbers, starts, ends }: Tokens): Decoded[] => {
  const found: Decoded[] = [];
  let text = '';
  let letters = 0;
  let start = 0;
  let end = 0;
  const close = (): void => {
    if (letters >= FEWEST_RADIO) found.push({ code: 'radio', text, start, end });
    text = '';
    letters = 0;
  };
  for (let index = 0; index < texts.length; index += 1) {
    const mark = RADIO_OF(numbers[index] as number);
    if (mark === undefined) {
      if (text !== '') close();
      continue;
    }
    if (text === '') start = starts[index] as number;
    text += mark;
    end = ends[index] as number;
    if ((texts[index] as string).length > 3 && /[a-z]/u.test(mark)) letters += 1;
  }
  close();
  return found;
};

/** Each small letter moved on. */
const shifted = (text: string, by: number): string => {
  const units = new Uint16Array(text.length);
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    units[index] = unit >= 97 && unit <= 122 ? ((unit - 97 + by) % 26) + 97 : unit;
  }
  return textOf(units);
};

const ROTATED = /pbz|tznvy|gryrtenz|jungfncc|uggcf|lnubb|bhgybbx|ubgznvy|fxlcr|qvfpbeq|cebgba/u;

/** So many units around a name that is turned are read, to the ends of words. All such places: whoever wrote some for a show would hide one behind them. */
const TURNED_BEFORE = 120;
const TURNED_BEHIND = 240;

const rot13 = (text: string): Decoded[] => {
  const found: Decoded[] = [];
  let from = 0;
  for (;;) {
    const index = from + text.slice(from).search(ROTATED);
    if (index < from) return found;
    const start = Math.max(from, index > TURNED_BEFORE ? text.lastIndexOf(' ', index - TURNED_BEFORE) + 1 : 0);
    const space = text.indexOf(' ', index + TURNED_BEHIND);
    const end = space === -1 ? text.length : space;
    found.push({ code: 'rot13', text: shifted(text.slice(start, end), 13), start, end });
    from = end;
  }
};

const NAMES =
  'gmail yahoo outlook hotmail icloud proton protonmail telegram whatsapp instagram discord skype viber signal wechat'.split(' ');

/** Names as they look when each letter is moved on by one to 25, with the way back. */
const MOVED_BACK = tableOf(
  new Map(NAMES.flatMap((name) => Array.from({ length: 25 }, (_, index) => [shifted(name, index + 1), 25 - index] as const))),
);

/** A word that is a known name in an alphabet moved on, and what stands around it without a space. */
const caesar = (text: string, { numbers, starts, ends }: Tokens): Decoded[] => {
  for (let index = 0; index < numbers.length; index += 1) {
    const by = MOVED_BACK(numbers[index] as number);
    if (by === undefined) continue;
    const from = starts[index] as number;
    const to = ends[index] as number;
    let start = from;
    let end = to;
    while (start > 0 && from - start < 64 && text.charCodeAt(start - 1) > 32) start -= 1;
    while (end < text.length && end - to < 64 && text.charCodeAt(end) > 32) end += 1;
    return [{ code: 'shifted', text: shifted(text.slice(start, end), by), start, end }];
  }
  return [];
};

const FEWEST_BYTES = 5;

/** Groups of eight bits, whatever words stand between them. */
const bits = ({ texts, starts, ends }: Tokens): Decoded[] => {
  const groups: number[] = [];
  for (let index = 0; index < texts.length && groups.length < 80; index += 1) {
    const text = texts[index] as string;
    if (text.length === 8 && /^0[01]{7}$/u.test(text)) groups.push(index);
  }
  if (groups.length < FEWEST_BYTES) return [];
  const codes = groups.map((index) => texts[index] as string);
  return [
    {
      code: 'binary',
      text: characters(codes, 2),
      start: starts[groups[0] as number] as number,
      end: ends[groups.at(-1) as number] as number,
    },
  ];
};

const runs = (text: string, code: string, find: RegExp, decode: (run: string) => string): Decoded[] => {
  const found: Decoded[] = [];
  for (const match of text.matchAll(find)) {
    if (found.length > 4) break;
    found.push({ code, text: decode(match[0]), start: match.index, end: match.index + match[0].length });
  }
  return found;
};

const characters = (codes: string[], radix: number): string =>
  codes.map((code) => String.fromCharCode(Number.parseInt(code, radix) % 0x250)).join('');

/** All that can be read in a folded text. Bounded: what is coded is short. */
export const decodeCodes = (text: string, words: Tokens): Decoded[] => {
  const found = [...radio(words), ...rot13(text), ...caesar(text, words), ...bits(words)];
  if (text.includes('%'))
    found.push(...runs(text, 'escaped', /(?:%[2-7][0-9a-f]){4,80}/gu, (run) => characters(run.slice(1).split('%'), 16)));
  if (text.includes('u00'))
    found.push(
      ...runs(text, 'escaped', /(?:\\?u00[2-7][0-9a-f]){3,80}/gu, (run) =>
        characters(run.replaceAll('\\', '').slice(1).split('u'), 16),
      ),
    );
  if (text.includes('&#')) {
    found.push(...runs(text, 'escaped', /(?:&#\d{2,3};){3,80}/gu, (run) => characters(run.slice(2, -1).split(';&#'), 10)));
  }
  // Numbers of characters, eight bits at the most.
  const { inARow, longest } = figuresOf(words);
  if (inARow >= FEWEST_NUMBERS) {
    found.push(
      ...runs(
        text,
        'numbers',
        /\b(?:3[2-9]|[4-9]\d|1[01]\d|12[0-6])(?:[ ,;-]{1,2}(?:3[2-9]|[4-9]\d|1[01]\d|12[0-6])){6,80}\b/gu,
        (run) => characters(run.split(/[ ,;-]+/u), 10),
      ),
    );
  }
  if (longest >= BITS) {
    found.push(
      ...runs(text, 'binary', /\b0[01]{7}(?:[ ,]?0[01]{7}){4,80}\b/gu, (run) =>
        characters(run.replace(/[ ,]/gu, '').match(/.{8}/gu) ?? [], 2),
      ),
    );
  }
  return found;
};

const FEWEST_NUMBERS = 7;
const BITS = 8;

/** How many numbers of two or three digits follow each other, and how long the longest number is. */
const figuresOf = ({ numerics, starts, ends }: Tokens): { inARow: number; longest: number } => {
  let row = 0;
  let inARow = 0;
  let longest = 0;
  for (let index = 0; index < numerics.length; index += 1) {
    const length = numerics[index] ? (ends[index] as number) - (starts[index] as number) : 0;
    row = length === 2 || length === 3 ? row + 1 : 0;
    inARow = Math.max(inARow, row);
    longest = Math.max(longest, length);
  }
  return { inARow, longest };
};
