/**
 * Telephone numbers: digits in groups, bare, spelled, or with words between. Numbers reserved for fiction and placeholders count: who
 * writes one where a number is asked for means to show the way. No numbering plan is looked up, because an obfuscated number seldom
 * keeps to one; shape and context decide.
 */

import { lexicon } from '../lexicon/index.ts';
import { occurs, startsOf } from '../lexicon/lexicon.ts';
import { lookDigits, type Run, runsOf } from './digit-runs.ts';
import { type Hit, nearby, type Reading } from './reading.ts';

const callContext = nearby('CALL_CONTEXT');
const phoneContext = nearby('PHONE', 'MESSENGER', 'REACH', 'SHORT_APP', 'CALL_WORD');
/** "Tracking number" is no telephone's. */
const called = nearby('PHONE_STRONG', 'MESSENGER', 'REACH', 'SHORT_APP', 'CALL_WORD');
const idBefore = nearby('ID_WORD');
const unitContext = nearby('UNIT');
const technical = nearby('TECH', 'FICTION');
const refused = nearby('FICTION');
const personal = nearby('MY', 'ME', 'REACH', 'I_AM');

const LONGEST = 15;

export const findPhones = (reading: Reading): Hit[] => {
  const hits: Hit[] = [];
  for (const run of runsOf(reading)) {
    const confidence = confidenceOf(run, reading);
    if (confidence >= 0.5) {
      const rule = run.spelled > 1 ? 'phone.spelled' : run.joined ? 'phone.described' : 'phone.digits';
      const start = reading.folded.text[run.start - 1] === '+' ? run.start - 1 : run.start;
      hits.push({ category: 'phone', rule, confidence, start, end: run.end });
    }
  }
  if (hits.length === 0) {
    const described = findDescribed(reading);
    if (described !== undefined && described.confidence >= 0.5) hits.push(described);
  }
  return hits;
};

const DIAL = lexicon.idOf('DIAL');
const EVADES = lexicon.idOf('EVADE');
const READ_SO = lexicon.idOf('S_READ_SO');
const MONEY = lexicon.idOf('MONEY_SIGN');
const UNITS = lexicon.idOf('UNIT');
const TECHS = lexicon.idOf('TECH');
const PARTS = lexicon.idOf('NUMBER_TALK');
const RINGS = lexicon.idOf('IT_RINGS');

const MEASURE = /^[.,:×/]\d/u;

/** "The end is 0186, 555 in the middle": digits here and there, and words that say how they make a number. */
const findDescribed = ({ tokens: { starts, ends, texts, plains, numerics }, found, folded }: Reading): Hit | undefined => {
  const dials = startsOf(found, DIAL);
  const evades = [...startsOf(found, EVADES), ...startsOf(found, READ_SO)];
  const parts = startsOf(found, PARTS);
  const rings = occurs(found, RINGS);
  if (dials.length === 0 && evades.length === 0 && !rings && parts.length < 2) return undefined;
  let total = 0;
  let groups = 0;
  let measures = 0;
  let start = -1;
  let end = -1;
  for (let index = 0; index < texts.length; index += 1) {
    const text = texts[index] as string;
    const digits = numerics[index] ? text : lookDigits(text, plains[index] as string);
    if (digits === undefined || digits.length > 11) continue;
    total += digits.length;
    groups += 1;
    end = ends[index] as number;
    if (MEASURE.test(folded.text.slice(end, end + 2))) measures += 1;
    if (start === -1) start = starts[index] as number;
    // Further apart than a number is.
    if ((starts[index] as number) - start > 300) return undefined;
  }
  if (start === -1 || /97[89]-\d/u.test(folded.text.slice(start, end))) return undefined;
  if (total < 7 || total > 15) return undefined;
  const stretch = { category: 'phone', rule: 'phone.described', start, end } as const;
  // Whatever it is called: it rings.
  if (rings && total <= 13) return { ...stretch, confidence: total >= 9 ? 0.85 : 0.7 };
  if (occurs(found, MONEY)) return undefined;
  // Seven digits or more that count something count nothing here.
  if (occurs(found, TECHS) && parts.length < 2) return undefined;
  if (startsOf(found, UNITS).length > 1) return undefined;
  // Prices, versions and times are written with a sign between digits.
  if (measures > 0 && dials.length === 0) return undefined;
  const confidence =
    dials.length > 0 || (evades.length > 0 && groups < 7)
      ? total >= 9
        ? 0.8
        : 0.6
      : groups > 2 && groups < 6 && total >= 9 && total <= 13 && parts.length >= 2
        ? 0.65
        : 0;
  return { ...stretch, confidence };
};

const isYear = (group: string): boolean => group.length === 4 && group >= '1900' && group <= '2099';
const isHour = (group: string): boolean => group.length === 4 && group.slice(0, 2) <= '24' && group.slice(2) <= '59';
const isMonthOrDay = (group: string): boolean => group.length <= 2 && Number(group) >= 1 && Number(group) <= 31;

const ascends = (digits: string): boolean => {
  for (let index = 1; index < digits.length; index += 1)
    if (Number(digits[index]) !== (Number(digits[index - 1]) + 1) % 10) return false;
  return true;
};

const confidenceOf = (run: Run, reading: Reading): number => {
  const { text } = reading.folded;
  const { digits, items } = run;
  const total = digits.length;
  if (total > LONGEST) return 0;
  if (new Set(digits).size < 2 || (/0{6}$/u.test(digits) && !personal(reading, run.start, run.end, 8))) return 0;
  const before = text[run.start - 1] ?? ' ';
  const beforeThat = text[run.start - 2] ?? ' ';
  const after = text[run.end] ?? ' ';
  const plus = before === '+' && !/[\p{L}\p{N}]/u.test(beforeThat);
  const groups = items.map((item) => item.digits);
  const lengths = groups.map((group) => group.length);
  const seps = items.slice(1).map((item) => item.before);
  const context = callContext(reading, run.start, run.end, 9);
  const strong = phoneContext(reading, run.start, run.end, 8);

  if (run.mixed > 0 && total >= 7 && run.mixed + run.spelled > 1) return total >= 9 ? 0.88 : 0.75;
  if (run.spelled >= 4 && run.spelled * 2 >= items.length) {
    if (ascends(digits)) return 0;
    if (!phoneContext(reading, run.start, run.end, 10) && technical(reading, run.start, run.end, 12)) return 0.4;
    return run.spelled >= 5 ? 0.9 : context ? 0.8 : 0.55;
  }
  if (run.spelled > 0 && run.spelled < 4 && items.length - run.spelled < 2 && total < 9) return 0;

  // Glued to a name: an identifier, unless the name is that of a call.
  if (/[\p{L}\p{N}]/u.test(before)) return 0;
  if (
    (before === '-' || before === '_' || before === '/' || before === '#' || before === '=' || before === ':') &&
    /[\p{L}\p{N}/]/u.test(beforeThat)
  ) {
    const name = /([a-z]+)[-_/#=:]$/u.exec(text.slice(Math.max(0, run.start - 16), run.start))?.[1] ?? '';
    if (!/^(?:tel|phone|call|cell|mob|mobile|whatsapp|wa|me|to|telefono|telefone|ph)$/u.test(name)) return 0;
    return 0.9;
  }
  if (before === '#') return 0;
  if (/[$€£₹₽¥%°]/u.test(before) || (before === ' ' && /[$€£₹₽¥]/u.test(beforeThat))) return 0;
  if (/[%°€$£₹'":]/u.test(after) && after !== '"' && after !== ':' && after !== "'") return 0;
  if (after === ':' && /\d/u.test(text[run.end + 1] ?? '')) return 0;
  if (/[a-z]/u.test(after) && after !== 'x') return 0;
  if (after === '-' && /[a-z]/u.test(text[run.end + 1] ?? '')) return 0;

  if (plus && total >= 8) {
    if (/0{6}$/u.test(digits) || refused(reading, run.start, run.end, 12)) return 0.4;
    if (technical(reading, run.start, run.end, 10) && !personal(reading, run.start, run.end, 8)) return strong ? 0.6 : 0.4;
    return 0.95;
  }

  if (total >= 9 && total <= 13 && groups.length >= 7 && isOneByOne(lengths, seps) && !ascends(digits)) return 0.9;
  const dotted = seps.length > 0 && seps.every((sep) => sep === '.');
  if (dotted) {
    if (groups.length === 4 && groups.every((group) => Number(group) <= 255)) return 0;
    if (lengths[0] === 1 || groups.length < 3) return strong && total >= 9 ? 0.7 : 0;
  }
  const [first, second, third] = groups as [string, string | undefined, string | undefined];
  const dashed = seps[0] === '-' || seps[0] === '/' || seps[0] === '.';
  if (dashed && second !== undefined) {
    // Dates, and what begins with one.
    if (isYear(first) && isMonthOrDay(second)) return 0;
    if (third !== undefined && isMonthOrDay(first) && isMonthOrDay(second) && (isYear(third) || isMonthOrDay(third))) return 0;
    if (isYear(first) && isYear(second)) return 0;
    if (isHour(first) && isHour(second) && !strong) return 0;
  }
  if (seps.some((sep) => sep.includes(',')) && !(strong && !seps.some((sep) => sep === ','))) return 0;
  if (seps.some((sep) => sep === ',' || sep === '.') && !dotted && !strong) return 0;
  if (total === 13 && /^97[89]/u.test(digits)) return 0;
  if (groups.length === 5 && /^97[89]$/u.test(first)) return 0;

  // What a number of this kind would be called.
  const beforeStart = Math.max(0, run.start - 1);
  if (
    (idBefore(reading, beforeStart, run.end, 2) || idBefore(reading, run.start, run.end, 1)) &&
    !called(reading, run.start, run.end, 8)
  )
    return 0;
  if (!strong || total < 9) {
    if (idBefore(reading, beforeStart, run.end, 2) && !strong) return 0;
    if (unitContext(reading, run.end - 1, run.end, 1)) return 0;
  }
  const hidden = isHidden(reading, run.start, run.end);
  if (total >= 9 && total <= 13 && isOneByOne(lengths, seps) && !ascends(digits)) return 0.9;
  if (hidden && total >= 9 && total <= 13 && !ascends(digits)) return 0.9;
  let confidence = shapeOf(digits, lengths, seps);
  if (hidden) confidence += total >= 9 ? 0.55 : 0.3;
  if (strong) confidence += 0.3;
  else if (context) confidence += 0.2;
  if (!strong && isCoded(reading, run.start)) confidence -= 0.35;
  if (run.joined) confidence += strong || context ? 0 : -0.3;
  if (!strong && idBefore(reading, beforeStart, run.end, 8)) confidence -= 0.4;
  if (!hidden && !strong && technical(reading, run.start, run.end, 12)) confidence -= 0.3;
  if (!hidden && refused(reading, run.start, run.end, 12)) confidence -= 0.2;
  return Math.min(0.97, confidence);
};

/** `6|0|2|5`: each digit for itself, with a sign between that no list of numbers has. */
const isOneByOne = (lengths: readonly number[], seps: readonly string[]): boolean =>
  lengths.length >= 7 && lengths.every((length) => length === 1) && seps.every((sep) => /[^\s,]/u.test(sep));

/** "PO 0770", "RB 912": letters of a code stand before it. */
const isCoded = ({ original, folded }: Reading, start: number): boolean => {
  const place = folded.at[start] as number;
  const code = /(?:^|[^\p{L}])(\p{Lu}{2,4})[ -]?$/u.exec(original.slice(Math.max(0, place - 8), place))?.[1];
  return code !== undefined && !CALLED.has(code);
};
const CALLED = new Set(
  'TEL MOB CEL CELL WA WSP WPP WZP PH HP TLF GSM FON FONE CALL TEXT TXT SMS ME US UK IN ON AT OR TO IS'.split(' '),
);

const shapeOf = (digits: string, lengths: number[], seps: string[]): number => {
  const total = digits.length;
  const shape = lengths.join('-');
  const lines = seps.some((sep) => sep.includes('\n'));
  if (lengths.length === 1) {
    if (total === 10 && /^[6-9]/u.test(digits)) return 0.45;
    if (total === 11 && /^(?:0|1[2-9]|8|7)/u.test(digits)) return 0.5;
    if (total >= 10 && total <= 13) return 0.4;
    return total >= 9 ? 0.3 : 0.2;
  }
  if (/^(?:1-)?3-3-4$/u.test(shape) || seps[0]?.includes(')')) return 0.75;
  if (digits.startsWith('0') && total >= 9 && total <= 12 && lengths.length >= 2) return 0.7;
  if (lengths.length >= 7 && lengths.every((length) => length === 1) && total <= 12) return lines ? 0.4 : 0.6;
  if (shape === '3-4') return digits.startsWith('555') ? 0.6 : 0.4;
  if (
    shape === '5-5' ||
    shape === '5-6' ||
    shape === '4-3-4' ||
    shape === '4-3-3' ||
    shape === '3-3-3' ||
    shape === '2-4-4' ||
    shape === '2-5-4'
  )
    return 0.6;
  if (lengths.every((length) => length >= 2 && length <= 4) && total >= 9 && total <= 13) return lines ? 0.4 : 0.55;
  if (total >= 9 && total <= 13) return 0.3;
  return 0.2;
};

/** Digits of other scripts, in circles, or with characters between that nobody sees. */
const isHidden = ({ original, folded }: Reading, start: number, end: number): boolean => {
  const from = folded.at[start] as number;
  const to = folded.at[end] as number;
  if (to - from > 120) return false;
  for (let index = from; index < to; index += 1) {
    const code = original.charCodeAt(index);
    // Digits of a script that people write in, no-break spaces and long dashes are no disguise.
    if (
      code > 0xff &&
      !(code >= 0x660 && code <= 0x669) &&
      !(code >= 0x966 && code <= 0x96f) &&
      !(code >= 0x2010 && code <= 0x2015) &&
      code !== 0x202f &&
      code !== 0x2009
    )
      return true;
    if (code === 0xad) return true;
  }
  return false;
};
