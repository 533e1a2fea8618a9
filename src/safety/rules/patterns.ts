/** Rules as sequences of concepts: `SHARE ~3 YOUR ~2 EMAIL !TECH`, one engine for all languages. */
import type { Lexicon, Occurrences } from '../lexicon/lexicon.ts';
import type { Tokens } from '../text/tokens.ts';
import type { Category } from '../verdict.ts';

/**
 * A pattern names concepts in order. `~n` before one lets up to n words stand between (a comma counts as one); with none they follow each
 * other, and above 100 it reaches into the next sentence. `A|B` is either. `!A|B` anywhere: not in a sentence that has one of them.
 */
export type Rule = { id: string; category: Category /** From 0 to 1. */; confidence: number; patterns: readonly string[] };

/** `first` and `last` are indexes of tokens. */
export type RuleMatch = { rule: Rule; first: number; last: number };

type Step = { gap: number; concepts: number[] };
type Pattern = { rule: Rule; steps: Step[]; unless: number[] };

const parse = (rule: Rule, text: string, lexicon: Lexicon): Pattern => {
  const steps: Step[] = [];
  const unless: number[] = [];
  let gap = 0;
  for (const part of text.trim().split(/\s+/u)) {
    if (part.startsWith('!')) unless.push(...part.slice(1).split('|').map(lexicon.idOf));
    else if (part.startsWith('~')) gap = Number(part.slice(1));
    else {
      steps.push({ gap, concepts: part.split('|').map(lexicon.idOf) });
      gap = 0;
    }
  }
  if (steps.length === 0) throw new Error(`The rule ${rule.id} has an empty pattern.`);
  return { rule, steps, unless };
};

/** A way to have come so far: from which token, and the one after the last. */
type Way = { first: number; end: number };

/** No pattern is reported more often in one text. */
const MOST = 4;

/** Compiles rules; the function returned finds their matches, in time linear in the occurrences for each step. */
export const createRules = (rules: readonly Rule[], lexicon: Lexicon): ((tokens: Tokens, found: Occurrences) => RuleMatch[]) => {
  const patterns = rules.flatMap((rule) => rule.patterns.map((text) => parse(rule, text, lexicon)));

  return (tokens, found) => {
    const isFound = (concept: number): boolean => found.starts[concept] !== undefined;
    const isSaid = createIsSaid(tokens, found);
    const matches: RuleMatch[] = [];
    for (const pattern of patterns) {
      if (!pattern.steps.every(({ concepts }) => concepts.some(isFound))) continue;
      let reported = 0;
      for (const { first, end } of waysOf(pattern.steps, tokens, found)) {
        const from = tokens.sentences[first] as number;
        const to = tokens.sentences[end - 1] as number;
        if (pattern.unless.some((concept) => isSaid(concept, from, to))) continue;
        matches.push({ rule: pattern.rule, first, last: end - 1 });
        reported += 1;
        if (reported === MOST) break;
      }
    }
    return matches;
  };
};

/** All ways through the steps. Of those that end before a concept only the latest matters, because it is the nearest. */
const waysOf = (steps: readonly Step[], { positions }: Tokens, found: Occurrences): Way[] => {
  let ways: Way[] | undefined;
  for (const { gap, concepts } of steps) {
    const places = placesOf(concepts, found);
    if (ways === undefined) {
      ways = places.sort((a, b) => a.end - b.end);
      continue;
    }
    const next: Way[] = [];
    let reach = 0;
    for (const { first, end } of places) {
      while (reach < ways.length && (ways[reach] as Way).end <= first) reach += 1;
      const before = ways[reach - 1];
      if (before === undefined) continue;
      const between = (positions[first] as number) - (positions[before.end - 1] as number) - 1;
      if (between <= gap) next.push({ first: before.first, end });
    }
    // Where phrases overlap a later one may end earlier.
    ways = next.sort((a, b) => a.end - b.end);
  }
  return ways ?? [];
};

/** Where one of the concepts is, in the order of first tokens. */
const placesOf = (concepts: readonly number[], { starts, ends }: Occurrences): Way[] => {
  const places: Way[] = [];
  for (const concept of concepts) {
    const to = ends[concept];
    for (const [at, first] of (starts[concept] ?? []).entries()) places.push({ first, end: to?.[at] as number });
  }
  return concepts.length > 1 ? places.sort((a, b) => a.first - b.first || a.end - b.end) : places;
};

/** Answers whether a concept is in one of the sentences from one to another. */
const createIsSaid = (
  { sentences }: Tokens,
  { starts }: Occurrences,
): ((concept: number, from: number, to: number) => boolean) => {
  const count = (sentences.at(-1) ?? 0) + 1;
  const marks = new Map<number, Uint8Array>();
  return (concept, from, to) => {
    const places = starts[concept];
    if (places === undefined) return false;
    let marked = marks.get(concept);
    if (marked === undefined) {
      marked = new Uint8Array(count);
      for (const token of places) marked[sentences[token] as number] = 1;
      marks.set(concept, marked);
    }
    for (let sentence = from; sentence <= to; sentence += 1) if (marked[sentence] === 1) return true;
    return false;
  };
};
