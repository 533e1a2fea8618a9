/** Links and bare domains, and what they are used for. */
import { fold } from '../text/fold.ts';
import { hostKind, isDoubtful, isTopLevel, isUsual, withoutWww } from './domains.ts';
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

/** What links give away; those that are fine are no hits. */
export const findLinks = (reading: Reading, allowed: ReadonlySet<string>): Hit[] => {
  const { text } = reading.folded;
  const hits: Hit[] = [];
  for (const link of linksIn(text)) {
    const top = link.host.slice(link.host.lastIndexOf('.') + 1);
    if (!isTopLevel(top) || isAllowedHost(withoutWww(link.host), allowed)) continue;
    const given = givenAway(reading, link, top);
    if (given === undefined) continue;
    const [category, rule, confidence] = given;
    const start = link.scheme ? Math.max(text.lastIndexOf(' ', link.start) + 1, link.start - 8, 0) : link.start;
    hits.push({ category, rule, confidence, start, end: link.end });
  }
  hits.push(...findSchemes(reading));
  return hits;
};

type Given = readonly [category: Hit['category'], rule: string, confidence: number];

const givenAway = (reading: Reading, link: Link, top: string): Given | undefined => {
  const { host, path, start, end } = link;
  const hasPath = path.length > 1;
  switch (hostKind(host, path)) {
    case undefined:
      return ofSite(reading, link, top);
    case 'meeting':
      if (hasPath && !(reference(reading, start, end, 3) && technical(reading, start, end, 6)))
        return ['meeting_link', 'link.meeting', 0.95];
      if (contacting(reading, start, end, 8) || ownSite(reading, start, end, 5)) return ['meeting_link', 'link.meeting', 0.75];
      return undefined;
    case 'chat':
      if (!hasPath || /^\/(?:api|docs?|developers?|business)/u.test(path)) return undefined;
      if (technical(reading, start, end, 5) && /\/(?:x+|\.\.\.|number|phone|username|<)/u.test(path)) return undefined;
      return ['handle', 'link.chat', technical(reading, start, end, 4) ? 0.7 : 0.95];
    case 'social':
      return hasPath && !isReading(reading, link) ? ['social', 'link.social', 0.9] : undefined;
    case 'profile_list':
      return hasPath || host.indexOf('.') !== host.lastIndexOf('.') ? ['link', 'link.profile_list', 0.9] : undefined;
    case 'payment':
      return hasPath && !/^\/(?:docs?|help|blog|developers?|api|pricing|us\/|gb\/|for)/u.test(path)
        ? ['payment_offplatform', 'link.payment', 0.92]
        : undefined;
    case 'form':
      return contacting(reading, start, end, 14) || ownSite(reading, start, end, 4) ? ['link', 'link.form', 0.75] : undefined;
    case 'sample':
      return contacting(reading, start, end, 9) ? ['link', 'link.sample_contact', 0.8] : undefined;
    default:
      return undefined;
  }
};

const PACKAGE =
  /^(?:node|next|vue|react|three|asp|vb|d3|nuxt|express|socket|ember|backbone|chart|p5|discord|moment|day)\.(?:.*\.)?(?:js|net|io)$/u;
const PUBLIC = /\.(?:gov|edu|mil|ac)(?:\.[a-z]{2})?$/u;
const TO_READ = /^\/(?:docs?|wiki|blob|issues?|api|reference|guide|manual|rfc|spec|en\/docs)\b/u;

/** Of a host that is not known. */
const ofSite = (reading: Reading, link: Link, top: string): Given | undefined => {
  const { text } = reading.folded;
  const { host, path, scheme, start, end } = link;
  const isPlain = scheme || host.startsWith('www.') || (path.length > 1 && path[0] === '/');
  if (isDoubtful(top) && !isPlain && !(isUsual(top) && !isCode(text, link)) && !ownSite(reading, start, end, 6)) return undefined;
  if (host.indexOf('.') < 2 && host.indexOf('.') === host.lastIndexOf('.')) return undefined;
  if (!isPlain && PACKAGE.test(host)) return undefined;
  if (isCode(text, link) && !scheme) return undefined;
  if (PUBLIC.test(host) || (path !== '' && TO_READ.test(path))) return undefined;
  if (ownSite(reading, start, end, 8) || contacting(reading, start, end, 8)) return ['link', 'link.own', 0.9];
  if (reference(reading, start, end, 10) || client(reading, start, end, 8)) return undefined;
  if (technical(reading, start, end, 8) && !scheme) return undefined;
  return ['link', 'link.site', technical(reading, start, end, 12) ? 0.5 : 0.7];
};

const PAGE =
  /^\/(?:docs?|business|help|about|legal|policies|developers?|ads|r\/|explore|hashtag|company\/|watch|p\/|reel\/|status\/|groups\/\d)/u;
const POST = /\/status\/|\/video\/|\/p\/|\/posts\//u;

/** A page of a social network that is spoken of, not a way to somebody. */
const isReading = (reading: Reading, { path, start, end }: Link): boolean => {
  const contacts = (words: number): boolean => contacting(reading, start, end, words);
  if (PAGE.test(path) && !contacts(8) && !ownSite(reading, start, end, 4)) return true;
  if (POST.test(path) && !contacts(6)) return true;
  return reference(reading, start, end, 6) && !contacts(6) && !ownSite(reading, start, end, 4);
};

const SCHEMES = ['mailto:', 'tel:', 'sms:', 'skype:', 'tg://', 'viber://', 'whatsapp://'];

/** Up to the colon. */
const SCHEME_NAMES = SCHEMES.map((scheme) => scheme.slice(0, scheme.indexOf(':')));

const hasScheme = (text: string): boolean => {
  for (let colon = text.indexOf(':'); colon !== -1; colon = text.indexOf(':', colon + 1))
    for (const name of SCHEME_NAMES) if (text.startsWith(name, colon - name.length)) return true;
  return false;
};

const findSchemes = (reading: Reading): Hit[] => {
  const { text } = reading.folded;
  const hits: Hit[] = [];
  if (!hasScheme(text)) return hits;
  for (const scheme of SCHEMES) {
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
  new Set(hosts.map((host) => withoutWww(fold(host).text)));
