/** Names by which a person is found in an app: `@name` and the like beside one, ids with a form of their own. */
import { lexicon } from '../lexicon/index.ts';
import { endsOf, startsOf } from '../lexicon/lexicon.ts';
import { FIGURES, isWordUnit, oneOf, SMALL_LETTERS } from '../text/letters.ts';
import { type Token, tokenOf } from '../text/tokens.ts';
import { type Hit, nearby, type Reading } from './reading.ts';

const MESSENGER = [lexicon.idOf('MESSENGER'), lexicon.idOf('SHORT_APP')];
const SOCIAL = [lexicon.idOf('SOCIAL_APP')];

const messenger = nearby('MESSENGER', 'SHORT_APP', 'MEET_APP');
const social = nearby('SOCIAL_APP');
const personal = nearby('MY', 'REACH', 'I_AM', 'HANDLE_WORD', 'SAME_NAME', 'ME', 'SEARCH');
const technical = nearby('TECH', 'FICTION');
const referenced = nearby('REFERENCE');

/** Decorators, packages, at-rules, groups: what stands after an @ in code and in teams. */
const NOT_NAMES = new Set(
  'everyone here channel media import keyframes param returns override component injectable types babel angular vue nestjs nuxtjs testing me you all client team admin angular storybook tailwindcss apply layer tailwind screen variants supports container property charset namespace page include extend mixin use forward each while warn error debug function autowired restcontroller controller module test deprecated todo author since see throws link example dataclass staticmethod property classmethod app pytest emotion mui reduxjs apollo aws sentry input output'.split(
    ' ',
  ),
);

const SLASH = 47;
const STOP = 46;
const BACKTICK = 96;
const SHORTEST_NAME = 3;
const isNameSign = oneOf('.-');
const isName = oneOf(`${SMALL_LETTERS}${FIGURES}_.-`);

export const findHandles = (reading: Reading): Hit[] => {
  const { text } = reading.folded;
  const hits: Hit[] = [];
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
    const before = text.charCodeAt(at - 1);
    if (isWordUnit(before) || before === SLASH || before === STOP) continue;
    let end = at + 1;
    while (end < text.length && end - at < 40 && isName(text.charCodeAt(end))) end += 1;
    while (end > at && isNameSign(text.charCodeAt(end - 1))) end -= 1;
    if (end - at <= SHORTEST_NAME) continue;
    const name = text.slice(at + 1, end);
    if (NOT_NAMES.has(name) || text[end] === '/' || text[end] === '(' || text[end] === '@' || before === BACKTICK) continue;
    if (social(reading, at, end, 8) && !(referenced(reading, at, end, 5) && !personal(reading, at, end, 5))) {
      hits.push({
        category: 'social',
        rule: 'handle.social',
        confidence: personal(reading, at, end, 8) || !technical(reading, at, end, 10) ? 0.9 : 0.5,
        start: at,
        end,
      });
    } else if (messenger(reading, at, end, 8)) {
      hits.push({
        category: 'handle',
        rule: 'handle.at',
        confidence: technical(reading, at, end, 6) && !personal(reading, at, end, 6) ? 0.45 : 0.92,
        start: at,
        end,
      });
    } else if (personal(reading, at, end, 5) && !technical(reading, at, end, 6))
      hits.push({ category: 'handle', rule: 'handle.at', confidence: 0.75, start: at, end });
    else if ((text.length - name.length < 14 || isAlone(text, at, end)) && !technical(reading, at, end, 8))
      hits.push({ category: 'handle', rule: 'handle.at', confidence: 0.7, start: at, end });
  }
  hits.push(...besideApp(reading, MESSENGER, 'handle'), ...besideApp(reading, SOCIAL, 'social'));
  const live = text.indexOf('live:');
  if (live !== -1 && /^live:[.\w]{4,}/u.test(text.slice(live, live + 40)))
    hits.push({
      category: 'handle',
      rule: 'handle.skype',
      confidence: 0.95,
      start: live,
      end: Math.min(text.length, live + 5 + 12),
    });
  for (let hash = text.indexOf('#'); hash !== -1; hash = text.indexOf('#', hash + 1)) {
    if (!/^\d{4}(?!\d)/u.test(text.slice(hash + 1, hash + 6))) continue;
    if (hits.length > 64) break;
    const name = /[a-z0-9_.]{2,32}$/u.exec(text.slice(Math.max(0, hash - 32), hash))?.[0];
    if (
      name === undefined ||
      !/[a-z]/u.test(name) ||
      /^(?:issue|ticket|order|pr|bug|invoice|case|no|nr|n|po|room|unit|apt)$/u.test(name)
    )
      continue;
    hits.push({ category: 'handle', rule: 'handle.discord', confidence: 0.8, start: hash - name.length, end: hash + 5 });
  }
  return hits;
};

const MOST_BESIDE = 5;
const MOST_BLANK = 24;

/** Is hardly anything else in its line? Looked for in a few characters around, so that many names in one line cost no more. */
const isAlone = (text: string, start: number, end: number): boolean => {
  const before = text.slice(Math.max(0, start - MOST_BLANK), start);
  const after = text.slice(end, end + MOST_BLANK);
  const from = before.lastIndexOf('\n');
  const to = after.indexOf('\n');
  if ((from === -1 && start > MOST_BLANK) || (to === -1 && end + MOST_BLANK < text.length)) return false;
  const beside = before.slice(from + 1).trimStart().length + after.slice(0, to === -1 ? undefined : to).trimEnd().length;
  return beside < MOST_BESIDE;
};

/** Words of letters alone are words. */
const MARKED = /[\d_.]/u;

/** A word that is somebody's chosen name: with an underscore, or letters and digits that are no measure, size or version. */
const isChosen = (text: string, from: number, to: number): { start: number; end: number } | undefined => {
  let start = from;
  let end = to;
  while (start > 0 && from - start < 40 && isName(text.charCodeAt(start - 1))) start -= 1;
  while (end < text.length && end - to < 40 && isName(text.charCodeAt(end))) end += 1;
  while (end > start && '.-'.includes(text[end - 1] as string)) end -= 1;
  while (start < end && '.-'.includes(text[start] as string)) start += 1;
  const name = text.slice(start, end);
  if (name.length < 4 || !MARKED.test(name) || !/[a-z]/u.test(name)) return undefined;
  if (/\.(?:pdf|docx?|png|jpe?g|zip|xlsx?|csv|mp[34]|js|ts|py|md|txt|com|net|org|json|html?|css)$/u.test(name)) return undefined;
  if (name.includes('_') && /[a-z0-9]_[a-z0-9]/u.test(name)) return { start, end };
  if (/^\d+(?:st|nd|rd|th|k|m|h|hrs?|min|mins|px|gb|mb|ms|s|x|d|w|am|pm|usd|eur|kg|cm|mm|ft|in|p|fps|pm|st)?$/u.test(name))
    return undefined;
  if (
    /^(?:v\d|h26[45]|mp[34]|web[23]|b2b|b2c|p2p|k8s|i18n|l10n|a11y|utf|sha|md5|es\d|ps\d|html5|css3|oauth2|log4j|base64|rot13|3d|2d|4k|8k|5g|1080p|720p|h1|h2|h3|q[1-4]|24.7|wp\d|php\d|win\d+|s3|ec2|gpt.?\d|covid.?19)/u.test(
      name,
    )
  )
    return undefined;
  if (/[a-z]{2}\d|\d[a-z]{2,}/u.test(name) && !/^\d+[-.]\d+/u.test(name) && !name.includes('-')) return { start, end };
  if (/^[a-z]{2,}\.[a-z]{2,}(?:\.[a-z]+)?$/u.test(name) && name.length > 7) return { start, end };
  return undefined;
};

/** Who names one more often says nothing more with it. */
const MOST_APPS = 64;

const besideApp = (reading: Reading, apps: number[], category: 'handle' | 'social'): Hit[] => {
  const { tokens, found, folded } = reading;
  const hits: Hit[] = [];
  for (const app of apps) {
    const ends = endsOf(found, app);
    for (const [at, first] of startsOf(found, app).slice(0, MOST_APPS).entries()) {
      const last = ends[at] as number;
      const here = tokenOf(tokens, first) as Token;
      for (const [from, to] of [
        [last, last + 9],
        [first - 9, first],
      ] as const) {
        for (let index = Math.max(0, from); index < Math.min(tokens.starts.length, to); index += 1) {
          if (Math.abs((tokens.positions[index] as number) - here.position) > 14 || tokens.numerics[index]) continue;
          const chosen = isChosen(folded.text, tokens.starts[index] as number, tokens.ends[index] as number);
          if (chosen === undefined || (chosen.start <= here.start && chosen.end >= here.end)) continue;
          const own = personal(reading, chosen.start, chosen.end, 7);
          const colon = folded.text
            .slice(here.end, here.end + 3)
            .trim()
            .startsWith(':');
          const tech = technical(reading, chosen.start, chosen.end, 10);
          const confidence = own || colon ? (tech && !own ? 0.6 : 0.88) : tech ? 0.3 : 0.72;
          hits.push({ category, rule: 'handle.beside_app', confidence, start: chosen.start, end: chosen.end });
          index = to;
        }
      }
      // "Telegram: name", "ig - name", where nothing else is said.
      let after = tokenOf(tokens, last);
      // An arrow points at the name.
      if (after !== undefined && /^(?:→|👉|➡|⇒|=|»)$/u.test(after.text)) {
        after = tokenOf(tokens, last + 1);
        if (after !== undefined && after.text.length > 3 && !after.numeric && !technical(reading, here.start, after.end, 6))
          hits.push({ category, rule: 'handle.after_colon', confidence: 0.75, start: after.start, end: after.end });
        continue;
      }
      if (
        after !== undefined &&
        !after.numeric &&
        /^(?: ?[:>]{1,3} ?| [-–]>? )@?$/u.test(folded.text.slice(tokens.ends[last - 1] as number, after.start)) &&
        after.text.length > 3 &&
        !technical(reading, here.start, after.end, 6)
      ) {
        hits.push({ category, rule: 'handle.after_colon', confidence: 0.7, start: after.start, end: after.end });
      }
      if (hits.length > 8) return hits;
    }
  }
  return hits;
};
