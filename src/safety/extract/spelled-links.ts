/** Links in words, or with what stands apart in them: "my name dot studio slash hire". */
import { lexicon } from '../lexicon/index.ts';
import { startSetOf, startsOf } from '../lexicon/lexicon.ts';
import { wordSet } from '../text/known-words.ts';
import { type Token, tokenOf } from '../text/tokens.ts';
import { hostKind } from './domains.ts';
import { type Hit, nearby, type Reading } from './reading.ts';

const technical = nearby('TECH', 'FICTION');
const ownSite = nearby('OWN_SITE');

const DOT_WORD = lexicon.idOf('DOT_WORD');
const SLASH = lexicon.idOf('SLASH');
const isPlainEnding = wordSet(
  'com net org io co ru es it de fr br ua pl me us uk tr id ph in pt eu info studio works design agency site online app dev art shop ee ly gg us tv'.split(
    ' ',
  ),
);
const NOT_A_NAME = new Set(
  'a the asp vb one of and or with by this that red blue white polka each every per el un este ese mi buen primer otro o um le ce il un der ein'.split(
    ' ',
  ),
);

/** Of the first few tokens after one. Not within the loop: a function there that knows of an index costs an object a token. */
const isSoonAfter = (places: readonly number[], index: number): boolean =>
  places.some((place) => place > index && place < index + 4);

/** So many units stand between a name and its ending at the most. */
const MOST_APART = 14;

const hasStop = (text: string, start: number, end: number): boolean => {
  for (let place = start; place < end; place += 1) if (text.charCodeAt(place) === 46) return true;
  return false;
};

/** "My name dot studio slash hire", "name [.] net", "meet . google . com". */
export const findSpelledLinks = (reading: Reading): Hit[] => {
  const { tokens, found, folded } = reading;
  const hits: Hit[] = [];
  const dots = startSetOf(found, DOT_WORD);
  const slashes = startsOf(found, SLASH);
  for (let index = 1; index < tokens.texts.length; index += 1) {
    if (!isPlainEnding(tokens.numbers[index] as number)) continue;
    const isWord = dots.has(index - 1) && index > 1;
    const gapStart = tokens.ends[index - 1] as number;
    const gapEnd = Math.min(tokens.starts[index] as number, gapStart + 8);
    if (!isWord && !hasStop(folded.text, gapStart, gapEnd)) continue;
    const gap = folded.text.slice(gapStart, gapEnd);
    const nameEnd = tokens.ends[isWord ? index - 2 : index - 1] as number;
    if ((tokens.starts[index] as number) - nameEnd > MOST_APART) continue;
    const end = tokens.ends[index] as number;
    const apart =
      !isWord &&
      (/^ \. ?$|^ ?\n ?\.$|^ ?[[({] ?\. ?[\])}] ?$/u.test(gap) ||
        (/^\. $/u.test(gap) && /^ ?\//u.test(folded.text.slice(end, end + 2))));
    if (!isWord && !apart) continue;
    const token = tokenOf(tokens, index) as Token;
    const before = tokenOf(tokens, index - 1) as Token;
    const name = isWord ? (tokenOf(tokens, index - 2) as Token) : before;
    if (NOT_A_NAME.has(name.text)) continue;
    if (AT_BEFORE.test(folded.text.slice(Math.max(0, name.start - 40), name.start))) continue;
    if (isWord && token.text === 'net' && technical(reading, name.start, token.end, 8)) continue;
    const bracketed = /[[({]/u.test(folded.text[before.start - 1] ?? '') || /[[({]/u.test(gap);
    const slash = isSoonAfter(slashes, index);
    if (technical(reading, name.start, token.end, 8) && !slash && !bracketed && !ownSite(reading, name.start, token.end, 8))
      continue;
    const host =
      folded.text
        .slice(Math.max(0, name.start - 24), token.end)
        .replace(/ ?(?:dot|punto|ponto|point|punkt|точка|\(dot\)|[[({]\.[\])}]) ?/gu, '.')
        .replace(/ \. /gu, '.')
        .split(/[\s]/u)
        .at(-1) ?? '';
    const kind = hostKind(host, '/x');
    const category =
      kind === 'meeting'
        ? 'meeting_link'
        : kind === 'chat'
          ? 'handle'
          : kind === 'social'
            ? 'social'
            : kind === 'payment'
              ? 'payment_offplatform'
              : 'link';
    if (kind === 'brand' || kind === 'dummy') continue;
    hits.push({
      category,
      rule: 'link.spelled',
      confidence: slash || bracketed || apart || ownSite(reading, name.start, token.end, 10) ? 0.88 : 0.75,
      start: name.start,
      end: token.end,
    });
    if (hits.length > 4) break;
  }
  const code = hasMeetingCode(folded.text) ? MEETING_CODE.exec(folded.text) : null;
  if (code !== null && (MEETING_TALK(reading, code.index + 1, code.index + 13, 14) || folded.text.includes('meet')))
    hits.push({
      category: 'meeting_link',
      rule: 'link.meeting_code',
      confidence: 0.85,
      start: code.index,
      end: code.index + code[0].length,
    });
  const masked =
    folded.text.includes(':') && WEB.some((name) => folded.text.includes(name)) ? folded.text.search(MASKED_WEB) : -1;
  if (masked !== -1)
    hits.push({
      category: 'link',
      rule: 'link.spelled',
      confidence: 0.85,
      start: masked,
      end: Math.min(folded.text.length, masked + 24),
    });
  return hits;
};
const WEB = ['http', 'hxxp', 'h t t p'];
const MASKED_WEB = /hxxps?:|h t t p s? ?:|https? ?: ?\/ \//u;
const MEETING_CODE = /(?:^|[^a-z0-9-])([a-z]{3}-[a-z]{4}-[a-z]{3})(?![a-z0-9-])/u;
/** Are there two hyphens as far apart as in one? */
const hasMeetingCode = (text: string): boolean => {
  for (let hyphen = text.indexOf('-'); hyphen !== -1; hyphen = text.indexOf('-', hyphen + 1))
    if (text.charCodeAt(hyphen + 5) === 45) return true;
  return false;
};
const MEETING_TALK = nearby('MEET_APP', 'CALL_WORD', 'MEET_UP');
const AT_BEFORE = /@| at |arroba|arobase|собак/u;
