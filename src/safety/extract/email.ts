/** E-mail addresses: as they are, with signs apart, with "at" and "dot" in words. */
import { lexicon } from '../lexicon/index.ts';
import { endsOf, startSetOf, startsOf } from '../lexicon/lexicon.ts';
import { numberOf, tableOf, wordSet } from '../text/known-words.ts';
import { FIGURES, oneOf, SMALL_LETTERS } from '../text/letters.ts';
import { type Token, type Tokens, tokenOf } from '../text/tokens.ts';
import { isTopLevel, isTopLevelWord } from './domains.ts';
import { type Hit, nearby, type Reading } from './reading.ts';

const PROVIDER = lexicon.idOf('PROVIDER');
const DOT_WORD = lexicon.idOf('DOT_WORD');
/** Whether a word for the sign is one by itself (true), or may be a word of its own too. */
const AT_WORDS_OF = tableOf(
  new Map([
    ...'@ arroba arobase arrobase arobas собака собачка klammeraffe małpa malpa chiocciola'
      .split(' ')
      .map((word) => [word, true] as const),
    ...'at ät ad et एट ऐट кутю'.split(' ').map((word) => [word, false] as const),
  ]),
);
/** Words before "at gmail" that make it the company or the product. */
const COMMON = new Set(
  'look looking looks work works worked working employed engineer manager team people folks inbox arrive arrives arrived land lands me not only is are was were good bad best worse spam over it them client clients stuff everything laugh job role hired this that issue problem bug support security staff here and or mail emails email account accounts'.split(
    ' ',
  ),
);
const DUMMY_DOMAIN =
  /^(?:(?:[a-z0-9-]+\.)*example\.(?:com|org|net|co\.uk|[a-z]{2})|test\.(?:com|de|io|org)|(?:ejemplo|exemplo|exemple|esempio|beispiel|teste|prueba|mustermann|muster|primer|przyklad|ornek|contoh|dummy|fake|lorem|demo|mail-tester|unusual)\.[a-z]{2,4}|(?:[a-z0-9-]+\.)?unusual\.com|domain\.(?:com|tld|de)|localhost|foo\.com|bar\.com|foo\.bar|acme\.(?:com|test|org)|yourdomain\.com|mydomain\.com|company\.com|email\.com|mail\.example|sample\.com|x\.com|[a-z0-9.-]+\.(?:test|invalid|local|localhost|tld|internal)|(?:mail|shop|company|acme|app|domain|host|site|foo|bar|test|corp|my|your|some|client|customer)\.example)$/u;
const DUMMY_LOCAL =
  /^(?:git|root|user|username|you|your\.?name|name|example|test|tests|foo|bar|john\.?doe|jane\.?doe|someone|noreply|no-reply|do-not-reply|donotreply|postmaster|abuse|admin|usuario|nombre|nom|prenom|max\.?mustermann|fulano)$/u;

/** "Name@proton", and a host whose full stops went with the signs between its letters. */
const isProviderHost = wordSet(
  'gmail googlemail hotmail outlook yahoo icloud proton protonmail fastmail gmx yandex hey tutanota aol'.split(' '),
);
const JOINED_HOST = /^[a-z-]{4,}(?:com|net|org|io|co|me|de|fr|es|ru|uk)$/u;

/** More of them say nothing more. */
const MOST_HITS = 64;
/** No message has so many. */
const MOST_SIGNS = 500;

const isLocal = oneOf(`${SMALL_LETTERS}${FIGURES}._+-%`);
const isHost = oneOf(`${SMALL_LETTERS}${FIGURES}.-`);
const isHostSign = oneOf('.-');
const STOP = 46;

const technical = nearby('TECH', 'FICTION');
const own = nearby('MY', 'ME', 'REACH', 'SHARE', 'EMAIL', 'CONTACT_WORD');

const SHORTEST_HOST = 3;

/** Addresses written as addresses. Each of them, because each is masked. */
export const findPlainEmails = (reading: Reading, text = reading.folded.text, most = Number.POSITIVE_INFINITY): Hit[] => {
  const hits: Hit[] = [];
  for (let at = text.indexOf('@'); at !== -1 && hits.length < most; at = text.indexOf('@', at + 1)) {
    // Of signs in no order most are passed over here.
    if (at === 0 || !isLocal(text.charCodeAt(at - 1))) continue;
    let end = at + 1;
    while (end < text.length && end - at < 100 && isHost(text.charCodeAt(end))) end += 1;
    while (end > at && isHostSign(text.charCodeAt(end - 1))) end -= 1;
    if (end - at <= SHORTEST_HOST) continue;
    let start = at;
    while (start > 0 && at - start < 64 && isLocal(text.charCodeAt(start - 1))) start -= 1;
    let stop = end - 1;
    while (stop > at && text.charCodeAt(stop) !== STOP) stop -= 1;
    if (stop === at) {
      const isKnown =
        isProviderHost(numberOf(text, at + 1, end)) || (reading.folded.hidden > 0 && JOINED_HOST.test(text.slice(at + 1, end)));
      if (isKnown && /[a-z]/u.test(text.slice(start, at)) && !technical(reading, start, end, 6))
        hits.push({ category: 'email', rule: 'email.spelled', confidence: 0.85, start, end });
      continue;
    }
    const local = text.slice(start, at);
    const host = text.slice(at + 1, end);
    const dot = stop - at - 1;
    if (!/[a-z0-9]/u.test(local) || dot < 1 || !isTopLevel(host.slice(dot + 1))) continue;
    if (DUMMY_DOMAIN.test(host)) continue;
    // ssh remotes, connection strings, fixtures.
    const before = text.slice(Math.max(0, start - 24), start);
    if (/:\/\/\S*$/u.test(before) || (local === 'git' && text[end] === ':')) continue;
    if (DUMMY_LOCAL.test(local) && !own(reading, start, end, 6)) continue;
    hits.push({ category: 'email', rule: 'email.address', confidence: 0.97, start, end });
    at = Math.max(at, end - 1);
  }
  return hits;
};

const BRACKETED =
  /[[({<](?:a|at|@|et|ad|arroba)[\])}>] ?([a-z0-9-]{2,30}) ?[[({<](?:d|dot|\.|pt|p|punto|punkt|ponto|point)[\])}>] ?([a-z]{2,10})/gu;
const NAME_BEFORE = /[a-z0-9][a-z0-9._-]* ?$/u;
const LONGEST_NAME = 32;

/** `name [a] host [d] com`. */
export const findBracketedEmails = ({ folded }: Reading): Hit[] => {
  const { text } = folded;
  const hits: Hit[] = [];
  for (const match of text.matchAll(BRACKETED)) {
    const [whole, host, top] = match as unknown as [string, string, string];
    const name = NAME_BEFORE.exec(text.slice(Math.max(0, match.index - LONGEST_NAME), match.index))?.[0];
    if (name === undefined || !isTopLevel(top) || DUMMY_DOMAIN.test(`${host}.${top}`)) continue;
    const end = match.index + whole.length;
    hits.push({ category: 'email', rule: 'email.spelled', confidence: 0.92, start: match.index - name.length, end });
    if (hits.length === MOST_BRACKETED) break;
  }
  return hits;
};
const MOST_BRACKETED = 8;

/** Addresses with the signs apart or in words. */
export const findSpelledEmails = (reading: Reading): Hit[] => {
  const { tokens, found, folded } = reading;
  const { text } = folded;
  const hits: Hit[] = [];
  const providers = startSetOf(found, PROVIDER);
  const dots = startSetOf(found, DOT_WORD);
  let looked = 0;
  const { texts, plains, numbers, starts, ends } = tokens;
  /** The next provider, or word that a domain may end with: without one near there is none. */
  let ending = 0;
  for (let index = 0; index < texts.length; index += 1) {
    const sign = texts[index] as string;
    const strong = AT_WORDS_OF(numbers[index] as number);
    const plain = plains[index];
    if (strong === undefined && plain !== 'at' && plain !== 'ai') continue;
    if (plain === 'ai' && sign !== '4t' && sign !== 'a7') continue;
    looked += 1;
    if (looked > MOST_SIGNS) break;
    if (index === 0 || index + 1 >= texts.length || hits.length >= MOST_HITS) continue;
    // A row of them is no address.
    if (texts[index + 1] === '@' || texts[index + 2] === '@') continue;
    ending = Math.max(ending, index + 1);
    while (ending < texts.length && !providers.has(ending) && !isTopLevelWord(numbers[ending] as number)) ending += 1;
    if (ending > index + LONGEST_DOMAIN) continue;
    // Glued addresses are found as such.
    const domain = domainAfter(tokens, index + 1, text, dots, providers);
    if (domain === undefined) continue;
    const signStart = starts[index] as number;
    const signEnd = ends[index] as number;
    if (sign === '@' && signStart > 0 && text[signStart - 1] !== ' ' && text[signEnd] !== ' ' && domain.plain && !domain.provider)
      continue;
    const bracketed = /[[({<_\-*]/u.test(text[signStart - 1] ?? '') || /[\])}>_*]/u.test(text[signEnd] ?? '');
    const leftStart = starts[index - 1] as number;
    const named =
      /[\d._-]/u.test(text.slice(leftStart, ends[index - 1])) || (leftStart > 0 && /[._-]/u.test(text[leftStart - 1] as string));
    let confidence = strong || bracketed ? 0.93 : domain.spelled ? 0.88 : domain.provider ? 0.75 : 0.6;
    if (!strong && !bracketed && !domain.spelled) {
      if (COMMON.has(texts[index - 1] as string)) continue;
      if (!domain.provider && !named && !own(reading, signStart, signEnd, 8)) continue;
      if (technical(reading, signStart, domain.end, 8) && !named) confidence -= 0.3;
    }
    if (DUMMY_DOMAIN.test(domain.host) && !own(reading, signStart, signEnd, 5)) continue;
    const start = localStart(tokens, index - 1, dots);
    hits.push({ category: 'email', rule: 'email.spelled', confidence, start, end: domain.end });
  }
  return hits;
};

/** "Name gmail com", "name*yahoo*co*uk": the provider and its ending without the signs. */
export const findProviderEmails = ({ tokens, found, folded }: Reading): Hit[] => {
  const hits: Hit[] = [];
  const dots = startSetOf(found, DOT_WORD);
  const ends = endsOf(found, PROVIDER);
  for (const [at, index] of startsOf(found, PROVIDER).entries()) {
    const end = ends[at] as number;
    const provider = tokenOf(tokens, index) as Token;
    const left = tokenOf(tokens, index - 1);
    let ending = tokenOf(tokens, end);
    if (ending !== undefined && (ending.text.length > 4 || !isTopLevel(ending.text)))
      ending = dots.has(end) || DOT_LIKE.test(ending.text) ? tokenOf(tokens, end + 1) : undefined;
    if (
      left === undefined ||
      ending === undefined ||
      !/^(?:com|co|net|org|ru|fr|de|it|es|br|in|ua|pl|me|uk|ph|id|tr|pt)$/u.test(ending.text)
    )
      continue;
    const last = tokenOf(tokens, end - 1) as Token;
    if (ending.start - last.end > 8 || ending.position - last.position > 3) continue;
    const gap = folded.text.slice(last.end, ending.start);
    // "gmail.com" alone is the provider; a name is put before it some other way.
    const plain = gap === '.';
    const before = folded.text.slice(left.end, provider.start);
    if (before === '@' || before === '.' || before === '://' || before.length > 8) continue;
    if (plain && !/[*_|~>\p{S}]/u.test(before) && !AT_LIKE.test(left.text)) continue;
    if (COMMON.has(left.text) || /^(?:a|the|my|your|our|to|from|via|by|with|for|of|and|or|any|use|uses)$/u.test(left.text))
      continue;
    hits.push({ category: 'email', rule: 'email.spelled', confidence: 0.85, start: left.start, end: ending.end });
  }
  return hits;
};
const DOT_LIKE = /^[\p{S}\p{P}]$/u;
const AT_LIKE = /^(?:at|arroba|arobase|собака|🐒|🌀|🐌|🐵)$/u;

const isSignBeforeHost = oneOf(' \n\t\v\f\r"\'(:+');
const isBeforeHost = (unit: number): boolean => isSignBeforeHost(unit) || (unit > 127 && /\s/u.test(String.fromCharCode(unit)));

/** `@domain.com` without a name before it: half of an address. */
export const findHalfEmails = (reading: Reading): Hit[] => {
  const { text } = reading.folded;
  const hits: Hit[] = [];
  for (let at = text.indexOf('@'); at !== -1 && hits.length < 8; at = text.indexOf('@', at + 1)) {
    if (at > 0 && !isBeforeHost(text.charCodeAt(at - 1))) continue;
    let end = at + 1;
    while (end < text.length && end - at < 60 && isHost(text.charCodeAt(end))) end += 1;
    while (end > at && text.charCodeAt(end - 1) === STOP) end -= 1;
    if (end - at < SHORTEST_HOST) continue;
    const host = text.slice(at + 1, end);
    const dot = host.lastIndexOf('.');
    if (dot < 2 || !isTopLevel(host.slice(dot + 1)) || DUMMY_DOMAIN.test(host) || technical(reading, at, end, 12)) continue;
    hits.push({ category: 'email', rule: 'email.half', confidence: 0.7, start: at, end });
  }
  return hits;
};

type Domain = {
  end: number;
  host: string;
  spelled: boolean;
  provider: boolean /** Written with a real full stop. */;
  plain: boolean;
};

/** In tokens. */
const LONGEST_DOMAIN = 9;

const domainAfter = (
  { starts, ends, texts, plains }: Tokens,
  from: number,
  text: string,
  dots: ReadonlySet<number>,
  providers: ReadonlySet<number>,
): Domain | undefined => {
  let host = '';
  let spelled = false;
  let provider = false;
  let plain = true;
  for (let index = from; index < Math.min(texts.length, from + LONGEST_DOMAIN); index += 1) {
    const word = texts[index] as string;
    const start = starts[index] as number;
    const before = ends[index - 1] as number;
    if (index > from && start - before > 5) break;
    const gap = text.slice(before, Math.min(start, before + 6));
    if (providers.has(index)) provider = true;
    if (dots.has(index) || plains[index] === 'dot') {
      if (host === '') return undefined;
      spelled = true;
      host += '.';
      continue;
    }
    if (index > from && !host.endsWith('.')) {
      if (gap.includes('.') || gap.includes('_')) {
        if (gap !== '.') plain = false;
        host += '.';
      } else if (isTopLevel(word) && (word === 'com' || word === 'net' || word === 'ru' || word === 'org' || provider)) {
        plain = false;
        host += '.';
      } else if (/^[,;:/|*]$/u.test(gap)) {
        plain = false;
        host += '.';
      } else if (index - from > 2 || !/^[\s\-()[\]]*$/u.test(gap)) break;
    } else if (index > from && gap.trim() !== '' && !/^[\s()[\]{}<>*_\-.]*$/u.test(gap)) break;
    host += word;
    if (host.includes('.') && isTopLevel(word)) {
      return { end: ends[index] as number, host, spelled, provider, plain: plain && !spelled };
    }
  }
  if (!provider) return undefined;
  for (let index = from; index < Math.min(texts.length, from + 3); index += 1) {
    if (providers.has(index)) return { end: ends[index] as number, host, spelled: false, provider, plain: false };
  }
  return { end: ends[from] as number, host, spelled: false, provider, plain: false };
};

/** Goes back over "marlo dot quibbins", "marlo.quibbins", "marlo_quibbins". */
const localStart = ({ starts, ends, positions }: Tokens, last: number, dots: ReadonlySet<number>): number => {
  let index = last;
  while (index > 0 && last - index < 8) {
    const from = index;
    const apart = (starts[from] as number) - (ends[from - 1] as number);
    if (apart === 1 && (positions[from] as number) - (positions[from - 1] as number) <= 1) index -= 1;
    else if (dots.has(index) || dots.has(index - 1)) index -= 1;
    else break;
    // A plain space ends it, unless a dot in words is near.
    if (apart === 1 && !dots.has(index) && !dots.has(index + 1)) return starts[from - 1] as number;
  }
  return starts[index] as number;
};
