/** What only several messages or lines say together: an address or a number in pieces, a name here and the app there. */
import { isTopLevel } from '../extract/domains.ts';
import type { Hit, Reading } from '../extract/reading.ts';
import { lexicon } from '../lexicon/index.ts';
import { occurs, startsOf } from '../lexicon/lexicon.ts';
import { FIGURES, isWordUnit, oneOf } from '../text/letters.ts';

const MESSENGER = lexicon.idOf('MESSENGER');
const SOCIAL = lexicon.idOf('SOCIAL_APP');
const I_AM = [
  lexicon.idOf('I_AM'),
  lexicon.idOf('MY'),
  lexicon.idOf('REACH'),
  lexicon.idOf('SAME_NAME'),
  lexicon.idOf('HANDLE_WORD'),
];
const TECH = lexicon.idOf('TECH');

/** A piece is a short line. */
const LONGEST_PIECE = 28;
/** An address in pieces is shorter. */
const LONGEST_JOINED = 600;
const MOST_RUNS = 40;

export const findTogether = (reading: Reading): Hit[] => {
  const { folded, breaks } = reading;
  const { text } = folded;
  if (!text.includes('\n')) return [];
  const hits: Hit[] = [];
  const lines: { start: number; end: number }[] = [];
  let from = 0;
  while (from <= text.length && lines.length < 400) {
    const next = text.indexOf('\n', from);
    const end = next === -1 ? text.length : next;
    lines.push({ start: from, end });
    from = end + 1;
  }
  // Runs of short lines, put together without what is between them.
  let run: { start: number; end: number }[] = [];
  let runs = 0;
  const close = (): void => {
    if (run.length > 1 && runs < MOST_RUNS) {
      runs += 1;
      hits.push(...inPieces(text, run));
    }
    run = [];
  };
  for (const line of lines) {
    if (line.end - line.start > LONGEST_PIECE || line.end === line.start) close();
    else run.push(line);
  }
  close();
  if (breaks.length > 0) hits.push(...nameAndApp(reading, lines));
  hits.push(...digitsOnly(text, lines), ...onePieceALine(reading, lines), ...meetingCode(reading, lines));
  return hits;
};

const inPieces = (text: string, run: readonly { start: number; end: number }[]): Hit[] => {
  const written = text.slice(run[0]?.start, run.at(-1)?.end);
  if (!written.includes('@') && !written.includes('at')) return [];
  const joined = written
    .slice(0, LONGEST_JOINED)
    .replace(/[^a-z0-9@._ -]+/gu, '')
    .replace(/\b(?:at|dot)\b/gu, (word) => (word === 'at' ? '@' : '.'))
    .replace(/ ([@.]) ?|([@.]) /gu, '$1$2');
  const start = run[0]?.start as number;
  const end = run.at(-1)?.end as number;
  if (!joined.includes('@')) return [];
  // Looked back from the sign, so that a text without it costs nothing.
  const address = /(?<=[a-z0-9._-]{2})@([a-z0-9-]{2,40}(?:\.[a-z0-9-]{2,20}){0,3})/u.exec(joined);
  if (address !== null && !joined.includes('@example')) {
    const host = address[1] as string;
    if (
      (host.includes('.') && isTopLevel(host.split('.').at(-1) as string)) ||
      /^(?:gmail|hotmail|yahoo|outlook|icloud|proton)/u.test(host)
    )
      return [{ category: 'email', rule: 'email.pieces', confidence: 0.88, start, end }];
  }
  return [];
};

const MOST_IN_NUMBER = 13;
const isDigit = oneOf(FIGURES);
/** Of amounts, shares and times. */
const COUNTING = new Set([...'$€£₹%:'].map((sign) => sign.charCodeAt(0)));
const isPoint = oneOf('.,');

/** Has a line digits, few enough, hardly anything beside them, and nothing that says what they count? */
const mayBePiece = (text: string, start: number, end: number): boolean => {
  let digits = 0;
  let letters = 0;
  for (let index = start; index < end; index += 1) {
    const code = text.charCodeAt(index);
    if (isDigit(code)) {
      digits += 1;
      if (index - start > 1 && isPoint(text.charCodeAt(index - 1)) && isDigit(text.charCodeAt(index - 2))) return false;
    } else if (isWordUnit(code)) letters += 1;
    else if (COUNTING.has(code)) return false;
  }
  return digits > 0 && digits <= 11 && letters <= 12;
};

/** Lines of digits alone, or nearly, that make a number together. */
const digitsOnly = (text: string, lines: readonly { start: number; end: number }[]): Hit[] => {
  const pieces: { start: number; end: number; digits: string }[] = [];
  for (const { start, end } of lines) {
    if (end - start > LONGEST_PIECE || !mayBePiece(text, start, end)) continue;
    pieces.push({ start, end, digits: text.slice(start, end).replace(/\D/gu, '') });
    // More digits than a number has.
    if (pieces.length > MOST_IN_NUMBER) return [];
  }
  if (pieces.length < 2 || (pieces.length < 7 && pieces.every(({ digits }) => digits.length < 2))) return [];
  if (isCount(pieces.map(({ digits }) => Number(digits)))) return [];
  const total = pieces.reduce((sum, { digits }) => sum + digits.length, 0);
  const bare = pieces.filter(({ start, end, digits }) => end - start <= digits.length + 6).length;
  if (total < 9 || total > MOST_IN_NUMBER || bare * 2 < pieces.length) return [];
  return [
    {
      category: 'phone',
      rule: 'phone.pieces',
      confidence: bare === pieces.length ? 0.75 : 0.6,
      start: pieces[0]?.start as number,
      end: pieces.at(-1)?.end as number,
    },
  ];
};

/** "Line 1", "Line 2", "Line 3": somebody counts. */
const isCount = (numbers: readonly number[]): boolean =>
  numbers.length > 2 && numbers.every((number, index) => index === 0 || number === (numbers[index - 1] as number) + 1);

const nameAndApp = (
  { folded, found, tokens: { starts, ends } }: Reading,
  lines: readonly { start: number; end: number }[],
): Hit[] => {
  if (occurs(found, TECH) || !I_AM.some((id) => occurs(found, id))) return [];
  const app = startsOf(found, MESSENGER)[0] ?? startsOf(found, SOCIAL)[0];
  if (app === undefined) return [];
  const single = lines.find(({ start, end }) => {
    const line = folded.text.slice(start, end).trim();
    return (
      line.length >= 4 &&
      line.length <= 30 &&
      !line.includes(' ') &&
      /[a-z]/u.test(line) &&
      (/[_\d.]/u.test(line) || lines.length > 2) &&
      !/[?!]$/u.test(line) &&
      !(start <= (starts[app] as number) && end >= (ends[app] as number))
    );
  });
  if (single === undefined) return [];
  const category = !occurs(found, MESSENGER) ? 'social' : 'handle';
  return [
    {
      category,
      rule: 'handle.pieces',
      confidence: 0.75,
      start: Math.min(single.start, starts[app] as number),
      end: Math.max(single.end, ends[app] as number),
    },
  ];
};

const TALKS_OF_NUMBERS = ['PHONE', 'REACH', 'NUMBER_TALK', 'DIAL', 'EVADE', 'CALL_WORD'].map(lexicon.idOf);
const COUNTS = ['UNIT', 'MONEY_SIGN', 'TECH'].map(lexicon.idOf);
const NAMES = lexicon.idOf('ID_WORD');
const PARTS = lexicon.idOf('NUMBER_TALK');

/** Sentences that each have one group of digits, and a word somewhere of numbers or calls. */
const onePieceALine = ({ folded, found }: Reading, lines: readonly { start: number; end: number }[]): Hit[] => {
  if (lines.length < 2 || lines.length > 12 || COUNTS.some((id) => occurs(found, id))) return [];
  if (occurs(found, NAMES) && !occurs(found, PARTS)) return [];
  if (!TALKS_OF_NUMBERS.some((id) => occurs(found, id))) return [];
  let total = 0;
  const pieces: { start: number; end: number }[] = [];
  for (const { start, end } of lines) {
    if (end - start > 120) return [];
    const groups = folded.text.slice(start, end).match(/\d+/gu) ?? [];
    if (groups.length > 2 || groups.some((group) => group.length > 7)) return [];
    if (groups.length > 0) pieces.push({ start, end });
    total += groups.join('').length;
  }
  if (pieces.length < 2 || total < 9 || total > 13) return [];
  return [
    {
      category: 'phone',
      rule: 'phone.pieces',
      confidence: 0.7,
      start: pieces[0]?.start as number,
      end: pieces.at(-1)?.end as number,
    },
  ];
};

const MEET = ['MEET_APP', 'CALL_WORD'].map(lexicon.idOf);

/** `abc-defg-hij`, whole or in three lines. */
const meetingCode = ({ folded, found }: Reading, lines: readonly { start: number; end: number }[]): Hit[] => {
  if (!MEET.some((id) => occurs(found, id)) && !/\bmeet\b|google/u.test(folded.text)) return [];
  const shapes = lines.map(({ start, end }) =>
    /^[a-z]+$/u.test(folded.text.slice(start, end).trim()) ? folded.text.slice(start, end).trim().length : 0,
  );
  for (let index = 0; index + 2 < lines.length; index += 1) {
    if (shapes[index] !== 3 || shapes[index + 1] !== 4 || shapes[index + 2] !== 3) continue;
    return [
      {
        category: 'meeting_link',
        rule: 'link.meeting_code',
        confidence: 0.8,
        start: lines[index]?.start as number,
        end: lines[index + 2]?.end as number,
      },
    ];
  }
  return [];
};
