/** What the extractors and the rules find in a text and the messages before it, each hit for itself: what to make of them is `guard.ts`. */
import { findBracketedEmails, findHalfEmails, findPlainEmails, findProviderEmails, findSpelledEmails } from './extract/email.ts';
import { findHandles } from './extract/handles.ts';
import { findHidden } from './extract/hidden.ts';
import { findLinks } from './extract/links.ts';
import { findPhones } from './extract/phone.ts';
import { findPlaces } from './extract/places.ts';
import { quotedWork } from './extract/quotes.ts';
import { type Hit, type Reading, read } from './extract/reading.ts';
import { findSpelledLinks } from './extract/spelled-links.ts';
import { lexicon } from './lexicon/index.ts';
import { CONTACT_RULES } from './rules/contact.ts';
import { MONEY_RULES } from './rules/money.ts';
import { createRules } from './rules/patterns.ts';
import { findTogether } from './rules/together.ts';
import { fold } from './text/fold.ts';
import { squeeze } from './text/squeeze.ts';

export type Gathered = {
  reading: Reading;
  /** Where each message begins in the original. */
  starts: number[];
  /** Their places are in the original; in the order of their beginnings, of those that begin together the longest first. */
  hits: Hit[];
};

const matchRules = createRules([...CONTACT_RULES, ...MONEY_RULES], lexicon);

/** Reads messages as one text, oldest first. Links to the hosts allowed are no hits. */
export const gather = (messages: readonly string[], allowed: ReadonlySet<string>): Gathered => {
  const original = messages.length === 1 ? (messages[0] as string) : messages.join('\n');
  const starts: number[] = [];
  let place = 0;
  for (const message of messages) {
    starts.push(place);
    place += message.length + 1;
  }
  const folded = squeeze(fold(original));
  const breaks: number[] = [];
  for (const start of starts.slice(1)) breaks.push(foldedPlace(folded.at, start - 1));
  const reading = read(original, folded, breaks);
  const hidden = findHidden(reading);
  const hits: Hit[] = [
    ...findPlainEmails(reading),
    ...findSpelledEmails(reading),
    ...findBracketedEmails(reading),
    ...findProviderEmails(reading),
    ...findHalfEmails(reading),
    ...findPhones(reading),
    ...findLinks(reading, allowed),
    ...findSpelledLinks(reading),
    ...findHandles(reading),
    ...findPlaces(reading),
    ...findTogether(reading),
    ...hidden.folded,
  ];
  const quoted = quotedWork(reading);
  const { tokens } = reading;
  for (const { rule, first, last } of matchRules(tokens, reading.found)) {
    const start = tokens.starts[first] as number;
    if (quoted(start)) continue;
    hits.push({
      category: rule.category,
      rule: rule.id,
      confidence: rule.confidence,
      start,
      end: tokens.ends[last] as number,
    });
  }
  for (const hit of hits) {
    hit.end = originalEnd(folded.at, hit.start, hit.end);
    hit.start = folded.at[hit.start] as number;
  }
  hits.push(...hidden.original);
  hits.sort((a, b) => a.start - b.start || b.end - a.end);
  return { reading, starts, hits };
};

/** The stretch of the original that a stretch of the folded text stands for. */
export const toOriginal = (at: Uint32Array, { start, end }: { start: number; end: number }): { start: number; end: number } => ({
  start: at[start] as number,
  end: originalEnd(at, start, end),
});

/** Half of a character that reads as two letters is that character. */
const originalEnd = (at: Uint32Array, start: number, end: number): number => {
  const from = at[start] as number;
  let to = at[end] as number;
  for (let next = end; to <= from && next < at.length; next += 1) to = at[next] as number;
  return to;
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
