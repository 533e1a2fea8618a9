/** Links and bare domains, and what they are used for. */
import { lexicon } from '../lexicon/index.ts';
import { fold } from '../text/fold.ts';
import type { Token } from '../text/tokens.ts';
import { hostKind, isDoubtful, isTopLevel, isUsual } from './domains.ts';
import { type Hit, nearby, type Reading } from './reading.ts';

const isHost = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === 45 || (code >= 0x430 && code <= 0x491);
const PATH_END = new Set([' ', '\n', '"', "'", '<', '>', ')', ']', '}', '|', '\\', '`', ',']);

const reference = nearby('REFERENCE');
const technical = nearby('TECH', 'FICTION');
const ownSite = nearby('OWN_SITE');
const contacting = nearby('REACH', 'CONTACT_WORD', 'PHONE_STRONG', 'DETAILS');
const client = nearby('THEIR_SITE');

export type Link = { start: number; end: number; scheme: boolean; host: string; path: string };

/** Every name with a full stop that could be a host. Linear: a stop is looked at once. */
export const linksIn = (text: string): Link[] => {
  const links: Link[] = [];
  let from = 0;
  for (let dot = text.indexOf('.'); dot !== -1; dot = text.indexOf('.', Math.max(dot + 1, from))) {
    if (dot < from || !isHost(text.charCodeAt(dot + 1)) || dot === 0 || !isHost(text.charCodeAt(dot - 1))) continue;
    let start = dot;
    while (start > from && dot - start < 64 && isHost(text.charCodeAt(start - 1))) start -= 1;
    let end = dot;
    while (
      end < text.length &&
      end - dot < 200 &&
      (isHost(text.charCodeAt(end)) || (text[end] === '.' && isHost(text.charCodeAt(end + 1))))
    )
      end += 1;
    from = end;
    if (text[start - 1] === '@' || text[end] === '@') continue;
    const host = text.slice(start, end);
    const scheme = text.startsWith('://', start - 3);
    let pathEnd = end;
    if (text[end] === ':' && /\d/u.test(text[end + 1] ?? '')) {
      pathEnd += 1;
      while (/\d/u.test(text[pathEnd] ?? '')) pathEnd += 1;
    }
    if (text[pathEnd] === '/' || text[pathEnd] === '?' || text[pathEnd] === '#') {
      while (pathEnd < text.length && pathEnd - end < 2_000 && !PATH_END.has(text[pathEnd] as string)) pathEnd += 1;
      while (pathEnd > end && '.!?;:'.includes(text[pathEnd - 1] as string)) pathEnd -= 1;
    }
    from = Math.max(from, pathEnd);
    links.push({ start, end: pathEnd, scheme, host, path: text.slice(end, pathEnd) });
  }
  return links;
};

const isCode = (text: string, link: Link): boolean =>
  text[link.end] === '(' ||
  text[link.end] === '=' ||
  text[link.start - 1] === '$' ||
  (text[link.start - 1] === '/' && !link.scheme) ||
  text[link.start - 1] === '.' ||
  text[link.start - 1] === '_' ||
  text[link.end] === '_' ||
  text[link.start - 1] === '`';

/** What a link gives away, or undefined when it is fine. */
export const findLinks = (reading: Reading, allowed: ReadonlySet<string>, text = reading.folded.text): Hit[] => {
  const hits: Hit[] = [];
  for (const link of linksIn(text)) {
    const labels = link.host.split('.');
    const top = labels.at(-1) as string;
    const { start, end, path } = link;
    if (!isTopLevel(top)) continue;
    const host = link.host.startsWith('www.') ? link.host.slice(4) : link.host;
    if (isAllowedHost(host, allowed)) continue;
    const kind = hostKind(host, path);
    const near = (ask: ReturnType<typeof nearby>, words: number): boolean => ask(reading, start, end, words);
    const hit = (category: Hit['category'], rule: string, confidence: number): void => {
      const from = link.scheme ? text.lastIndexOf(' ', start) + 1 : start;
      hits.push({ category, rule, confidence, start: link.scheme ? Math.max(from, start - 8, 0) : start, end });
    };
    const hasPath = path.length > 1;
    if (kind === undefined) {
      const plain = link.scheme || link.host.startsWith('www.') || (hasPath && path[0] === '/');
      if (isDoubtful(top) && !plain && !(isUsual(top) && !isCode(text, link)) && !near(ownSite, 6)) continue;
      if (labels.length === 2 && (labels[0] as string).length < 2) continue;
      if (
        /^(?:node|next|vue|react|three|asp|vb|d3|nuxt|express|socket|ember|backbone|chart|p5|discord|moment|day)$/u.test(
          labels[0] as string,
        ) &&
        (top === 'js' || top === 'net' || top === 'io') &&
        !plain
      )
        continue;
      if (isCode(text, link) && !link.scheme) continue;
      if (/\.(?:gov|edu|mil|ac)(?:\.[a-z]{2})?$/u.test(host)) continue;
      if (/^\/(?:docs?|wiki|blob|issues?|api|reference|guide|manual|rfc|spec|en\/docs)\b/u.test(path)) continue;
      if (near(ownSite, 8) || near(contacting, 8)) {
        hit('link', 'link.own', 0.9);
        continue;
      }
      if (near(reference, 10) || near(client, 8)) continue;
      if (near(technical, 8) && !link.scheme) continue;
      hit('link', 'link.site', near(technical, 12) ? 0.5 : 0.7);
    } else if (kind === 'meeting') {
      if (hasPath && !(near(reference, 3) && near(technical, 6))) hit('meeting_link', 'link.meeting', 0.95);
      else if (near(contacting, 8) || near(ownSite, 5)) hit('meeting_link', 'link.meeting', 0.75);
    } else if (kind === 'chat') {
      if (/^\/(?:api|docs?|developers?|business)/u.test(path)) continue;
      if (hasPath && !(near(technical, 5) && /\/(?:x+|\.\.\.|number|phone|username|<)/u.test(path)))
        hit('handle', 'link.chat', near(technical, 4) ? 0.7 : 0.95);
    } else if (kind === 'social') {
      if (!hasPath) continue;
      if (
        /^\/(?:docs?|business|help|about|legal|policies|developers?|ads|r\/|explore|hashtag|company\/|watch|p\/|reel\/|status\/|groups\/\d)/u.test(
          path,
        ) &&
        !near(contacting, 8) &&
        !near(ownSite, 4)
      )
        continue;
      if (/\/status\/|\/video\/|\/p\/|\/posts\//u.test(path) && !near(contacting, 6)) continue;
      if (near(reference, 6) && !near(contacting, 6) && !near(ownSite, 4)) continue;
      hit('social', 'link.social', 0.9);
    } else if (kind === 'profile_list') {
      if (hasPath || labels.length > 2) hit('link', 'link.profile_list', 0.9);
    } else if (kind === 'payment') {
      if (hasPath && !/^\/(?:docs?|help|blog|developers?|api|pricing|us\/|gb\/|for)/u.test(path))
        hit('payment_offplatform', 'link.payment', 0.92);
    } else if (kind === 'form') {
      if (near(contacting, 14) || near(ownSite, 4)) hit('link', 'link.form', 0.75);
    } else if (kind === 'sample') {
      if (near(contacting, 9)) hit('link', 'link.sample_contact', 0.8);
    }
  }
  for (const scheme of ['mailto:', 'tel:', 'sms:', 'skype:', 'tg://', 'viber://', 'whatsapp://']) {
    const at = text.indexOf(scheme);
    if (at === -1 || /[a-z0-9]/u.test(text[at - 1] ?? ' ')) continue;
    let end = at + scheme.length;
    while (end < text.length && end - at < 100 && !PATH_END.has(text[end] as string)) end += 1;
    if (end - at < scheme.length + 5 || /[<{$]/u.test(text.slice(at, end + 1)) || technical(reading, at, end, 8)) continue;
    hits.push({
      category: scheme === 'mailto:' ? 'email' : scheme === 'tel:' || scheme === 'sms:' ? 'phone' : 'handle',
      rule: 'link.scheme',
      confidence: 0.85,
      start: at,
      end,
    });
  }
  return hits;
};

/** Is this host, or one above it, among these? */
export const isAllowedHost = (host: string, allowed: ReadonlySet<string>): boolean => {
  if (allowed.size === 0) return false;
  let name = host;
  for (;;) {
    if (allowed.has(name)) return true;
    const dot = name.indexOf('.');
    if (dot === -1) return false;
    name = name.slice(dot + 1);
  }
};

/** Hosts as they are compared. */
export const hostsOf = (hosts: readonly string[]): ReadonlySet<string> =>
  new Set(hosts.map((host) => fold(host).text.replace(/^www\./u, '')));

const DOT_WORD = lexicon.idOf('DOT_WORD');
const SLASH = lexicon.idOf('SLASH');
const PLAIN_ENDINGS = new Set(
  'com net org io co ru es it de fr br ua pl me us uk tr id ph in pt eu info studio works design agency site online app dev art shop ee ly gg us tv'.split(
    ' ',
  ),
);
const NOT_A_NAME = new Set(
  'a the asp vb one of and or with by this that red blue white polka each every per el un este ese mi buen primer otro o um le ce il un der ein'.split(
    ' ',
  ),
);

/** "My name dot studio slash hire", "name [.] net", "meet . google . com". */
export const findSpelledLinks = (reading: Reading): Hit[] => {
  const { tokens, found, folded } = reading;
  const hits: Hit[] = [];
  const dots = new Set(found.starts[DOT_WORD] ?? []);
  const slashes = found.starts[SLASH] ?? [];
  for (let index = 1; index < tokens.length; index += 1) {
    const token = tokens[index] as Token;
    if (!PLAIN_ENDINGS.has(token.text)) continue;
    const before = tokens[index - 1] as Token;
    const isWord = dots.has(index - 1) && index > 1;
    const name = isWord ? (tokens[index - 2] as Token) : before;
    const gap = folded.text.slice(before.end, Math.min(token.start, before.end + 8));
    const apart =
      !isWord &&
      (/^ \. ?$|^ ?\n ?\.$|^ ?[[({] ?\. ?[\])}] ?$/u.test(gap) ||
        (/^\. $/u.test(gap) && /^ ?\//u.test(folded.text.slice(token.end, token.end + 2))));
    if (!isWord && !apart) continue;
    if (token.start - name.end > 14 || NOT_A_NAME.has(name.text)) continue;
    if (AT_BEFORE.test(folded.text.slice(Math.max(0, name.start - 40), name.start))) continue;
    if (isWord && token.text === 'net' && technical(reading, name.start, token.end, 8)) continue;
    const bracketed = /[[({]/u.test(folded.text[before.start - 1] ?? '') || /[[({]/u.test(gap);
    const slash = slashes.some((place) => place > index && place < index + 4);
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
  const code = /(?:^|[^a-z0-9-])([a-z]{3}-[a-z]{4}-[a-z]{3})(?![a-z0-9-])/u.exec(folded.text);
  if (code !== null && (MEETING_TALK(reading, code.index + 1, code.index + 13, 14) || folded.text.includes('meet')))
    hits.push({
      category: 'meeting_link',
      rule: 'link.meeting_code',
      confidence: 0.85,
      start: code.index,
      end: code.index + code[0].length,
    });
  const masked = folded.text.search(/hxxps?:|h t t p s? ?:|https? ?: ?\/ \//u);
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
const MEETING_TALK = nearby('MEET_APP', 'CALL_WORD', 'MEET_UP');
const AT_BEFORE = /@| at |arroba|arobase|собак/u;
