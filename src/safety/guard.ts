/** The guard: a text and what its sender said before it in, what is to be said against it out. Pure: no clock, no network, no chance. */
import { findHalfEmails, findPlainEmails, findProviderEmails, findSpelledEmails } from './extract/email.ts';
import { findHandles } from './extract/handles.ts';
import { findHidden } from './extract/hidden.ts';
import { findLinks, findSpelledLinks, hostsOf, isAllowedHost, linksIn } from './extract/links.ts';
import { findPhones } from './extract/phone.ts';
import { findPlaces } from './extract/places.ts';
import { quotedWork } from './extract/quotes.ts';
import { type Hit, type Reading, read } from './extract/reading.ts';
import { lexicon } from './lexicon/index.ts';
import { CONTACT_RULES } from './rules/contact.ts';
import { MONEY_RULES } from './rules/money.ts';
import { createRules } from './rules/patterns.ts';
import { findTogether } from './rules/together.ts';
import { fold } from './text/fold.ts';
import { squeeze } from './text/squeeze.ts';
import type { Token } from './text/tokens.ts';
import { type ContractState, type Finding, REPORTED, type Role, type Span, type Verdict } from './verdict.ts';
import { createWeigher, HEARD, readWeights } from './weigh/weigh.ts';

const weights = readWeights();
const weigh = weights === undefined ? undefined : createWeigher(weights);

export type Inspection = {
  text: string;
  /** The sender's own last messages of the thread, oldest first. What they held alone is not reported again. */
  earlier?: readonly string[];
  /** What is found does not depend on these two; what becomes of it does (`decide`). They are part of a call's record. */
  contract?: ContractState;
  role?: Role;
  exceptions?: {
    /** Links to these hosts, and to those below them, are fine. */
    allowedHosts?: readonly string[];
  };
};

/** How far back numbers and addresses in pieces are put together. */
const MOST_EARLIER = 10;
const EARLIER_UNITS = 2_000;
/** Every message the server takes is shorter; of a longer text the head is read. */
export const LONGEST_TEXT = 20_000;

/** Below this probability the learned part takes a rule's word only from `BEYOND_DOUBT` on. */
const DOUBTED = 0.1;
const BEYOND_DOUBT = 0.9;

const matchRules = createRules([...CONTACT_RULES, ...MONEY_RULES], lexicon);

/** What the rules and the learned part find in a text. */
export const inspect = (inspection: Inspection): Verdict => {
  const text = inspection.text.length > LONGEST_TEXT ? inspection.text.slice(0, LONGEST_TEXT) : inspection.text;
  const earlier = inspection.earlier ?? [];
  const used: string[] = [];
  let room = EARLIER_UNITS;
  for (let index = earlier.length - 1; index >= 0 && used.length < MOST_EARLIER; index -= 1) {
    const message = earlier[index] as string;
    if (message.length > room) break;
    room -= message.length;
    used.unshift(message);
  }
  const offset = earlier.length - used.length;
  const parts = [...used, text];
  const original = used.length === 0 ? text : parts.join('\n');
  const starts: number[] = [];
  let place = 0;
  for (const part of parts) {
    starts.push(place);
    place += part.length + 1;
  }

  const folded = squeeze(fold(original));
  const breaks: number[] = [];
  for (const start of starts.slice(1)) breaks.push(foldedPlace(folded.at, start - 1));
  const allowed = hostsOf(inspection.exceptions?.allowedHosts ?? []);
  const reading = read(original, folded, breaks);
  const hits: Hit[] = [
    ...findPlainEmails(reading),
    ...findSpelledEmails(reading),
    ...findProviderEmails(reading),
    ...findHalfEmails(reading),
    ...findPhones(reading),
    ...findLinks(reading, allowed),
    ...findSpelledLinks(reading),
    ...findHandles(reading),
    ...findPlaces(reading),
    ...findTogether(reading),
  ];
  const hidden = findHidden(reading);
  hits.push(...hidden.folded);
  const quoted = quotedWork(reading);
  for (const { rule, first, last } of matchRules(reading.tokens, reading.found)) {
    if (quoted((reading.tokens[first] as Token).start)) continue;
    hits.push({
      category: rule.category,
      rule: rule.id,
      confidence: rule.confidence,
      start: (reading.tokens[first] as Token).start,
      end: (reading.tokens[last] as Token).end,
    });
  }
  const all = [...hits.map((hit) => ({ ...hit, ...backTo(folded.at, hit) })), ...hidden.original];

  const weighed = weigh?.(reading.tokens, reading.found);
  // Where every word speaks of the work, what looks like more is not believed, unless it is beyond doubt.
  const trusted =
    weighed !== undefined && weighed.probability < DOUBTED ? all.filter(({ confidence }) => confidence >= BEYOND_DOUBT) : all;
  const findings = toFindings(trusted, starts, parts, offset);
  // The learned part is heard where the rules are silent.
  if (weighed !== undefined && findings.length === 0 && weighed.probability >= HEARD) {
    const { category, probability, words, start, end } = weighed;
    const isAllowed = category === 'link' && linksIn(folded.text).some(({ host }) => isAllowedHost(host, allowed));
    if (!isAllowed && isNew(reading, breaks.at(-1))) {
      const hit: Hit = { category, rule: 'learned.words', confidence: Math.min(0.99, probability), start, end };
      const last = breaks.at(-1);
      // What was said before weighs, but it is this message that is spoken of.
      const place = last === undefined || end > last + 1 ? hit : { ...hit, start: last + 1, end: folded.text.length };
      const [finding] = toFindings([{ ...place, ...backTo(folded.at, place) }], starts, parts, offset);
      if (finding !== undefined) findings.push({ ...finding, words });
    }
  }
  return { findings };
};

/** Would the earlier messages have been heard without this one? Then only what it says itself counts. */
const isNew = ({ tokens }: Reading, last: number | undefined): boolean => {
  if (last === undefined || weigh === undefined) return true;
  const heard = (some: Token[]): boolean => weigh(some, lexicon.scan(some)).probability >= HEARD;
  return !heard(tokens.filter(({ start }) => start < last)) || heard(tokens.filter(({ start }) => start > last));
};

const backTo = (at: Uint32Array, { start, end }: Hit): { start: number; end: number } => {
  const from = at[start] as number;
  let to = at[end] as number;
  // Half of a character that reads as two letters is that character.
  for (let next = end; to <= from && next < at.length; next += 1) to = at[next] as number;
  return { start: from, end: to };
};

const foldedPlace = (at: Uint32Array, place: number): number => {
  let low = 0;
  let high = at.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((at[middle] as number) < place) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** A hit has at most a part in each message. */
const MOST_PARTS = MOST_EARLIER + 1;

/** Cuts hits at the messages' ends, drops what the current text has no part in, and joins what is the same. */
const toFindings = (hits: Hit[], starts: number[], parts: string[], offset: number): Finding[] => {
  const current = starts.length - 1;
  const byKey = new Map<string, Finding>();
  hits.sort((a, b) => a.start - b.start || b.end - a.end);
  for (const hit of hits) {
    if (hit.confidence < REPORTED) continue;
    const spans: Span[] = [];
    for (const [index, start] of starts.entries()) {
      const from = Math.max(hit.start, start) - start;
      const to = Math.min(hit.end, start + (parts[index] as string).length) - start;
      if (from < to) spans.push({ message: index === current ? null : offset + index, start: from, end: to });
    }
    if (!spans.some(({ message }) => message === null)) continue;
    const key = `${hit.category} ${hit.rule}`;
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, { category: hit.category, rule: hit.rule, confidence: hit.confidence, spans });
    else {
      known.confidence = Math.max(known.confidence, hit.confidence);
      for (const span of spans) {
        // In order of their beginnings, so only the newest can touch.
        const last = known.spans
          .slice(-MOST_PARTS)
          .find((other) => other.message === span.message && other.start <= span.end && span.start <= other.end);
        if (last === undefined) known.spans.push(span);
        else {
          last.start = Math.min(last.start, span.start);
          last.end = Math.max(last.end, span.end);
        }
      }
    }
  }
  return [...byKey.values()];
};
