/** The guard: a text and what its sender said before it in, what is to be said against it out. Pure: no clock, no network, no chance. */
import { MAX_BODY_LENGTH, partsOf } from '../../protocol/index.ts';
import { hostsOf, isAllowedHost, linksIn } from './extract/links.ts';
import type { Hit } from './extract/reading.ts';
import { type Gathered, gather, toOriginal } from './gather.ts';
import { type ContractState, type Finding, REPORTED, type Role, type Span, type Verdict } from './verdict.ts';
import { createStretches, type Stretch } from './weigh/stretches.ts';
import { createWeigher, HEARD, readWeights } from './weigh/weigh.ts';

const weigher = createWeigher(readWeights());
const weigh = createStretches(weigher);

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
/** Beside a long message less is read of what was said before it, but always so much. */
const MOST_EARLIER_UNITS = 2_000;
const LEAST_EARLIER_UNITS = 300;
/** No message is longer. */
const LONGEST_PART = MAX_BODY_LENGTH;
/** No text that is asked about is longer; of one that is the head is read. */
const LONGEST_TEXT = 20_000;

/**
 * Believed whatever the words around them weigh: who hides something means it, and one's own page or meeting room is what it is. Chosen by
 * how often the rules are right where the words speak of the work: these mostly, the others in less than a third.
 */
const BEYOND_DOUBT = /^(?:hidden\.|link\.(?:own|meeting|payment)$)/u;

/** What the rules and the learned part find in a text. */
export const inspect = (inspection: Inspection): Verdict => {
  if (inspection.text.length <= LONGEST_PART) return inspectPart(inspection);
  return Array.from(inspectParts(inspection)).at(-1) ?? { findings: [] };
};

/**
 * The same for a text of any length, a part after the other, each as a message that follows those before it: yields what was found so far, for who has
 * something else to do between two parts.
 */
export function* inspectParts({ text, earlier = [], ...rest }: Inspection): Generator<Verdict> {
  const findings: Finding[] = [];
  const parts = partsOf(text.slice(0, LONGEST_TEXT), LONGEST_PART);
  const said = [...earlier];
  for (const part of parts) {
    for (const { spans, ...found } of inspectPart({ ...rest, text: part.text, earlier: said }).findings) {
      const finding = addFinding(findings, found);
      for (const span of spans) {
        const { start } = span.message === null ? part : (parts[span.message - earlier.length] ?? NOT_MOVED);
        const message = (span.message ?? earlier.length) < earlier.length ? span.message : null;
        addSpan(finding.spans, { message, start: span.start + start, end: span.end + start });
      }
    }
    said.push(part.text);
    yield { findings };
  }
}
const NOT_MOVED = { start: 0 };

/** In the order they were said: the text, and before it as much of the messages before as is read. */
type Said = {
  parts: string[];
  /** So many messages are not read, and of the first that is so many units. */
  unread: number;
  unreadUnits: number;
};

const saidOf = (text: string, earlier: readonly string[]): Said => {
  const parts = [text];
  let room = Math.max(LEAST_EARLIER_UNITS, Math.min(MOST_EARLIER_UNITS, LONGEST_PART - text.length));
  let unread = earlier.length;
  let unreadUnits = 0;
  while (unread > 0 && room > 0 && parts.length <= MOST_EARLIER) {
    unread -= 1;
    const message = earlier[unread] as string;
    unreadUnits = Math.max(0, message.length - room);
    parts.unshift(message.slice(unreadUnits));
    room -= message.length;
  }
  return { parts, unread, unreadUnits };
};

const inspectPart = ({ text, earlier = [], exceptions }: Inspection): Verdict => {
  const said = saidOf(text, earlier);
  const allowed = hostsOf(exceptions?.allowedHosts ?? []);
  const gathered = gather(said.parts, allowed);
  const { starts, hits } = gathered;

  const isBelieved = new Uint8Array(hits.length);
  let heaviest: Stretch | undefined;
  for (const stretch of weigh(gathered)) {
    // What looks like more where every word speaks of the work is not believed, unless it is beyond doubt.
    const isHeard = stretch.probability >= HEARD;
    for (let at = 0; at < stretch.hits.length; at += 1)
      if (isHeard || BEYOND_DOUBT.test((stretch.hits[at] as Hit).rule)) isBelieved[stretch.firstHit + at] = 1;
    // What lies in the messages before was spoken of with them.
    if (stretch.probability >= Math.max(HEARD, heaviest?.probability ?? 0) && reaches(gathered, stretch)) heaviest = stretch;
  }
  const believed = hits.filter((_, at) => isBelieved[at] === 1);
  const findings = toFindings(believed, starts, said);
  // Where no rule speaks of this message the words speak for themselves.
  if (findings.length === 0 && heaviest !== undefined && isNew(gathered, heaviest, said.parts, allowed)) {
    const finding = ofWords(gathered, heaviest, allowed, said);
    if (finding !== undefined) findings.push(finding);
  }
  return { findings };
};

/** Does a stretch go on in the last message? */
const reaches = ({ reading: { tokens, breaks } }: Gathered, { to }: Stretch): boolean =>
  breaks.length === 0 || (tokens.ends[to - 1] ?? 0) > (breaks.at(-1) as number);

/** What the words of a stretch say, where no rule has a word for it. */
const ofWords = (
  { reading, starts }: Gathered,
  { from, to, probability, hits }: Stretch,
  allowed: ReadonlySet<string>,
  said: Said,
): Finding | undefined => {
  const { folded, breaks } = reading;
  const { category, words, start, end } = weigher.explain(reading, hits, from, to);
  if (words.length === 0) return undefined;
  const isAllowed = category === 'link' && linksIn(folded.text).some(({ host }) => isAllowedHost(host, allowed));
  const last = breaks.at(-1);
  if (isAllowed) return undefined;
  const hit: Hit = { category, rule: 'learned.words', confidence: Math.min(0.99, probability), start, end };
  // What was said before weighs, but it is this message that is spoken of.
  const place = last === undefined || end > last + 1 ? hit : { ...hit, start: last + 1, end: folded.text.length };
  const [finding] = toFindings([{ ...place, ...toOriginal(folded.at, place) }], starts, said);
  return finding === undefined ? undefined : { ...finding, words };
};

/** Of a longer message what lies in the stretch is enough. */
const LEAST_OWN_UNITS = 500;

/** Would the earlier messages have been heard without the last? Then only what that says itself in the stretch counts. */
const isNew = (
  { reading: { tokens, folded, breaks }, starts }: Gathered,
  { from, to }: Stretch,
  parts: readonly string[],
  allowed: ReadonlySet<string>,
): boolean => {
  // No word of the earlier ones is in the stretch.
  if ((tokens.starts[from] ?? 0) > (breaks.at(-1) ?? -1)) return true;
  const heard = (some: readonly string[]): boolean =>
    weigh(gather(some, allowed)).some(({ probability }) => probability >= HEARD);
  const own = (folded.at[tokens.ends[to - 1] as number] as number) - (starts.at(-1) as number);
  return !heard(parts.slice(0, -1)) || heard([(parts.at(-1) as string).slice(0, Math.max(own, LEAST_OWN_UNITS))]);
};

/** Cuts hits, in the order of their beginnings, at the messages' ends, drops what the current text has no part in, and joins what is the same. */
const toFindings = (hits: readonly Hit[], starts: readonly number[], { parts, unread, unreadUnits }: Said): Finding[] => {
  const current = starts.length - 1;
  const findings: Finding[] = [];
  for (const { category, rule, confidence, start, end } of hits) {
    if (confidence < REPORTED || !meets(start, end, starts[current] as number, parts[current] as string)) continue;
    const finding = addFinding(findings, { category, rule, confidence });
    for (let index = 0; index <= current; index += 1) {
      const begin = starts[index] as number;
      const part = parts[index] as string;
      if (!meets(start, end, begin, part)) continue;
      const message = index === current ? null : unread + index;
      const moved = (index === 0 && message !== null ? unreadUnits : 0) - begin;
      addSpan(finding.spans, { message, start: Math.max(start, begin) + moved, end: Math.min(end, begin + part.length) + moved });
    }
  }
  return findings;
};

/** One of a rule has all its spans. */
const addFinding = (findings: Finding[], found: Omit<Finding, 'spans'>): Finding => {
  let finding = findings.find((known) => known.rule === found.rule && known.category === found.category);
  if (finding === undefined) {
    finding = { ...found, spans: [] };
    findings.push(finding);
  }
  finding.confidence = Math.max(finding.confidence, found.confidence);
  return finding;
};

/** Has a hit a part in what is written from this place on? */
const meets = (start: number, end: number, begin: number, part: string): boolean =>
  Math.max(start, begin) < Math.min(end, begin + part.length);

/** A hit has at most a part in each message. */
const MOST_PARTS = MOST_EARLIER + 1;

/** In order of their beginnings, so only the newest can touch. */
const addSpan = (spans: Span[], span: Span): void => {
  for (let at = spans.length - 1; at >= Math.max(0, spans.length - MOST_PARTS); at -= 1) {
    const last = spans[at] as Span;
    if (last.message !== span.message || last.start > span.end || span.start > last.end) continue;
    last.start = Math.min(last.start, span.start);
    last.end = Math.max(last.end, span.end);
    return;
  }
  spans.push(span);
};
