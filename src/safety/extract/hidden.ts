/** What is written so that it is not seen: base64, hex, Morse, backwards, letter by letter. */

import { lexicon } from '../lexicon/index.ts';
import { occurs } from '../lexicon/lexicon.ts';
import { chunksOf, decode, isPrintable } from '../text/base64.ts';
import { decodeCodes } from '../text/codes.ts';
import { type Folded, fold, textOf } from '../text/fold.ts';
import { tokenise } from '../text/tokens.ts';
import { hostKind, isTopLevel } from './domains.ts';
import { findPlainEmails } from './email.ts';
import { linksIn } from './links.ts';
import { type Hit, nearby, type Reading } from './reading.ts';

/** What a decoded text gives away. */
const categoryOf = (decoded: string): Hit['category'] | undefined => {
  const { text } = fold(decoded);
  if (text.startsWith('{')) return undefined;
  // Looked back from the sign, so that a text without it costs nothing.
  if (/(?<=[a-z0-9._-])@[a-z0-9-]+\.[a-z]{2,}/u.test(text)) return 'email';
  if (/^\+?[\d\s().-]{7,20}$/u.test(text.trim())) return 'phone';
  for (const link of linksIn(text)) {
    if (!isTopLevel(link.host.slice(link.host.lastIndexOf('.') + 1))) continue;
    const kind = hostKind(link.host, link.path);
    return kind === 'chat'
      ? 'handle'
      : kind === 'meeting'
        ? 'meeting_link'
        : kind === 'social'
          ? 'social'
          : kind === 'payment'
            ? 'payment_offplatform'
            : kind === 'brand' || kind === 'dummy' || kind === 'sample'
              ? undefined
              : 'link';
  }
  if (/^@[a-z0-9_.]{3,}$/u.test(text.trim())) return 'handle';
  const found = lexicon.scan(tokenise(text));
  if (occurs(found, APPS[1] as number)) return 'email';
  if (occurs(found, APPS[0] as number)) return 'handle';
  return undefined;
};

const APPS = [lexicon.idOf('MESSENGER'), lexicon.idOf('PROVIDER')];
const spoken = nearby('EVADE');

const MORSE = new Map(
  '.- a|-... b|-.-. c|-.. d|. e|..-. f|--. g|.... h|.. i|.--- j|-.- k|.-.. l|-- m|-. n|--- o|.--. p|--.- q|.-. r|... s|- t|..- u|...- v|.-- w|-..- x|-.-- y|--.. z|----- 0|.---- 1|..--- 2|...-- 3|....- 4|..... 5|-.... 6|--... 7|---.. 8|----. 9|.--.-. @|.-.-.- .|..--.- _'
    .split('|')
    .map((pair) => pair.split(' ') as [string, string]),
);

const findMorse = (text: string): Hit | undefined => {
  const from = text.search(/[.-]{3,6}[ /|]+[.-]{1,6}[ /|]/u);
  if (from === -1) return undefined;
  let end = from;
  while (end < text.length && end - from < 1_000 && /[.\-\s/|]/u.test(text[end] as string)) end += 1;
  const marks = text
    .slice(from, end)
    .trim()
    .split(/[\s/|]+/u);
  let decoded = '';
  for (const mark of marks) decoded += MORSE.get(mark) ?? '';
  if (decoded.length < 5 || decoded.length < marks.length - 1) return undefined;
  const digits = decoded.replace(/\D/gu, '').length;
  return {
    category: digits >= 7 ? 'phone' : decoded.includes('@') ? 'email' : 'handle',
    rule: 'hidden.morse',
    confidence: digits >= 7 || decoded.includes('@') ? 0.92 : 0.7,
    start: from,
    end,
  };
};

/** The text from its end, with the way back. */
const reversed = ({ text }: Folded): string => {
  const units = new Uint16Array(text.length);
  for (let index = 0; index < text.length; index += 1) units[text.length - 1 - index] = text.charCodeAt(index);
  return textOf(units);
};

const BACKWARDS = [
  'moc.',
  'ten.',
  'gro.',
  'liamg',
  'oohay',
  'kooltuo',
  'liamtoh',
  'margelet',
  'ppastahw',
  'epyks',
  'drocsid',
  'margatsni',
  'em.aw',
  'em.t',
  '//:sptth',
  'rebiv',
];
/** One look for all of them. */
const ANY_BACKWARDS = new RegExp(BACKWARDS.map((word) => word.replaceAll('.', '\\.')).join('|'), 'u');
const MOST_BACKWARDS = 9_000;

const findReversed = (reading: Reading): Hit[] => {
  const { text } = reading.folded;
  if (text.length > MOST_BACKWARDS || !ANY_BACKWARDS.test(text)) return [];
  const { length } = text;
  const back = reversed(reading.folded);
  const away = (hit: { start: number; end: number }): { start: number; end: number } => ({
    start: length - hit.end,
    end: length - hit.start,
  });
  const hits: Hit[] = [];
  for (const hit of findPlainEmails({ ...reading, tokens: tokenise('') }, back, MOST_PIECES))
    hits.push({ ...hit, ...away(hit), rule: 'hidden.reversed', confidence: 0.9 });
  for (const link of linksIn(back)) {
    const top = link.host.split('.').at(-1) as string;
    if (
      (top === 'com' || top === 'net' || top === 'org' || hostKind(link.host, link.path) === 'chat') &&
      text.slice(length - link.end, length - link.start).includes('.') &&
      hits.length === 0
    ) {
      hits.push({
        category: hostKind(link.host, link.path) === 'chat' ? 'handle' : 'link',
        rule: 'hidden.reversed',
        confidence: 0.85,
        ...away(link),
      });
    }
  }
  for (const word of BACKWARDS.slice(3, 13)) {
    const at = text.indexOf(word);
    if (at !== -1 && hits.length === 0)
      hits.push({ category: 'handle', rule: 'hidden.reversed', confidence: 0.8, start: at, end: at + word.length });
  }
  return hits;
};

const SPELT = /(?:gmail|hotmail|yahoo|outlook|telegram|whatsapp|signal|skype|discord|instagram|callme|textme|mailme)/u;
const MOST_INITIALS = 400;
/** First units of words and lines, filled again for each text. */
const [ofWords, ofLines] = [new Uint16Array(MOST_INITIALS), new Uint16Array(MOST_INITIALS)];

/** First letters of words or lines that spell the name of a way to reach somebody. */
const findInitials = ({ tokens: { starts, ends }, folded }: Reading): Hit | undefined => {
  const { text } = folded;
  const count = Math.min(starts.length, MOST_INITIALS);
  let lines = 0;
  let nextLine = -1;
  for (let index = 0; index < count; index += 1) {
    const start = starts[index] as number;
    const unit = text.charCodeAt(start);
    ofWords[index] = unit;
    if (start <= nextLine) continue;
    ofLines[lines] = unit;
    lines += 1;
    const end = text.indexOf('\n', start);
    nextLine = end === -1 ? text.length : end;
  }
  for (const [letters, confidence] of [
    [textOf(ofLines.subarray(0, lines)), 0.85],
    [textOf(ofWords.subarray(0, count)), 0.8],
  ] as const) {
    if (letters.length < 5 || !SPELT.test(letters)) continue;
    return {
      category: /mail|yahoo|outlook/u.test(letters) ? 'email' : 'handle',
      rule: 'hidden.initials',
      confidence,
      start: starts[0] as number,
      end: ends[count - 1] as number,
    };
  }
  return undefined;
};

/** Letters of a telephone's keys among a number: `415-JKL-0177`. */
const KEYS = /(?:^|[^\p{L}\p{N}])((?:\+?1[ .-]?)?\(?\d{3}\)?[ .-][A-Z]{3}[ .-]?(?:\d{4}|[A-Z]{4}))(?![\p{L}\p{N}])/u;

/** Their middle, which is looked for first. */
const KEYED = /\d\)?[ .-][A-Z]{3}/u;

/** Digits at the beginnings of lines, where the text says to read them so. */
const findAcrostic = (reading: Reading): Hit | undefined => {
  const { text } = reading.folded;
  if (!occurs(reading.found, ACROSTIC)) return undefined;
  let digits = 0;
  let letters = 0;
  let from = 0;
  let lines = 0;
  while (from < text.length && lines < 200) {
    const code = text
      .slice(from, from + 24)
      .trimStart()
      .replace(/^[-*•.]\s*/u, '')
      .charCodeAt(0);
    lines += 1;
    if (code >= 48 && code <= 57) digits += 1;
    else if (code > 64) letters += 1;
    const next = text.indexOf('\n', from);
    if (next === -1) break;
    from = next + 1;
  }
  if (digits >= 6) return { category: 'phone', rule: 'hidden.acrostic', confidence: 0.9, start: 0, end: text.length };
  return letters + digits >= 7 &&
    lines >= 7 &&
    (text.includes('@') || occurs(reading.found, APPS[0] as number) || occurs(reading.found, CALLS))
    ? { category: 'handle', rule: 'hidden.acrostic', confidence: 0.7, start: 0, end: text.length }
    : undefined;
};
const ACROSTIC = lexicon.idOf('ACROSTIC');
const CALLS = lexicon.idOf('REACH');

const MOST_PIECES = 8;
const ESCAPED = /(?:%40|&#(?:64|x40);|\\u0040|&commat;)/u;

/** Finds in the original text, so its places are translated by the caller: `original: true`. */
export const findHidden = (reading: Reading): { folded: Hit[]; original: Hit[] } => {
  const original: Hit[] = [];
  // Base64 and the letters of a telephone's keys have some.
  const hasCapitals = /[A-Z]/u.test(reading.original);
  const chunks = chunksOf(reading.original);
  if (chunks.length > 1) {
    // In pieces: all of them together say more than one alone.
    const pieces = chunks.slice(0, MOST_PIECES);
    const decoded = decode(pieces.map(({ text }) => text).join(''));
    const category = decoded.length >= 7 ? categoryOf(decoded) : undefined;
    if (category !== undefined) {
      for (const { start, end } of pieces) original.push({ category, rule: 'hidden.base64', confidence: 0.9, start, end });
    }
  }
  for (const chunk of original.length === 0 ? chunks : []) {
    if (chunk.text.length < 12) continue;
    const decoded = decode(chunk.text);
    const category = decoded.length >= 7 ? categoryOf(decoded) : undefined;
    if (category !== undefined)
      original.push({ category, rule: 'hidden.base64', confidence: 0.92, start: chunk.start, end: chunk.end });
  }
  const folded: Hit[] = findReversed(reading);
  const { text } = reading.folded;
  if (text.includes('..') || text.includes('--')) {
    const morse = findMorse(text);
    if (morse !== undefined) folded.push(morse);
  }
  const acrostic = findAcrostic(reading);
  if (acrostic !== undefined) folded.push(acrostic);
  const initials = findInitials(reading);
  if (initials !== undefined) folded.push(initials);
  const keys = hasCapitals && KEYED.test(reading.original) ? KEYS.exec(reading.original) : null;
  if (keys !== null) {
    const start = keys.index + keys[0].length - (keys[1] as string).length;
    original.push({ category: 'phone', rule: 'hidden.keys', confidence: 0.75, start, end: start + (keys[1] as string).length });
  }
  const escaped = /[%&\\]/u.test(text) ? ESCAPED.exec(text) : null;
  if (
    escaped !== null &&
    /[a-z0-9]$/u.test(text.slice(0, escaped.index)) &&
    /^[a-z0-9-]+(?:\.|%2e)[a-z]/u.test(text.slice(escaped.index + escaped[0].length, escaped.index + 60))
  ) {
    folded.push({
      category: 'email',
      rule: 'hidden.escaped',
      confidence: 0.85,
      start: escaped.index,
      end: escaped.index + escaped[0].length,
    });
  }
  for (const { code, text: decoded, start, end } of decodeCodes(text, reading.tokens)) {
    const category = isPrintable(decoded) ? categoryOf(decoded) : undefined;
    // What is said in plain words beside the code is no finding of the code.
    if (category !== undefined && (code !== 'rot13' || categoryOf(text.slice(start, end)) === undefined))
      folded.push({ category, rule: `hidden.${code}`, confidence: 0.88, start, end });
    else if (code === 'radio' && spoken(reading, start, end, 12))
      folded.push({ category: 'handle', rule: 'hidden.radio', confidence: 0.7, start, end });
  }
  const hex = /(?:0x|\\x|\b)[2-7][0-9a-f](?:[ ,:]{0,2}(?:0x|\\x)?[2-7][0-9a-f]){6,60}/u.exec(text.slice(0, 2_000));
  if (hex !== null && !/^\d+$/u.test(hex[0])) {
    const bytes = hex[0].replace(/0x|\\x|[^0-9a-f]/gu, '');
    const decoded = bytes.length % 2 === 0 ? Buffer.from(bytes, 'hex').toString('latin1') : '';
    const category = isPrintable(decoded) ? categoryOf(decoded) : undefined;
    if (category !== undefined)
      folded.push({ category, rule: 'hidden.hex', confidence: 0.85, start: hex.index, end: hex.index + hex[0].length });
  }
  return { folded, original };
};
