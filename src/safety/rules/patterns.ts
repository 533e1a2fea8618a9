/** Rules as sequences of concepts: `ASK ~3 YOUR ~2 CONTACT !TECH`, one engine for all languages. */
import type { Lexicon, Occurrences } from '../lexicon/lexicon.ts';
import type { Token } from '../text/tokens.ts';
import type { Category } from '../verdict.ts';

/**
 * A pattern names concepts in order. `~n` before one lets up to n words stand between (commas count as one); with none they follow each other.
 * `A|B` is either. `!X` anywhere: not in a sentence with X. `!!X`: not in a text with X. `~n` above 100 reaches into the next sentence.
 */
export type Rule = { id: string; category: Category; confidence: number; patterns: readonly string[] };

type Step = { gap: number; concepts: number[] };
type Pattern = { rule: Rule; steps: Step[]; notInSentence: number[]; notInText: number[] };

export type RuleMatch = { rule: Rule /** Tokens. */; first: number; last: number };

const parse = (rule: Rule, text: string, lexicon: Lexicon): Pattern => {
  const steps: Step[] = [];
  const notInSentence: number[] = [];
  const notInText: number[] = [];
  let gap = 0;
  for (const part of text.trim().split(/\s+/u)) {
    if (part.startsWith('!!')) notInText.push(...part.slice(2).split('|').map(lexicon.idOf));
    else if (part.startsWith('!')) notInSentence.push(...part.slice(1).split('|').map(lexicon.idOf));
    else if (part.startsWith('~')) gap = Number(part.slice(1));
    else {
      steps.push({ gap, concepts: part.split('|').map(lexicon.idOf) });
      gap = 0;
    }
  }
  if (steps.length === 0) throw new Error(`The rule ${rule.id} has an empty pattern.`);
  return { rule, steps, notInSentence, notInText };
};

/** No rule is reported more often in one text. */
const MOST = 4;

/** Compiles rules; the function returned finds their matches. Linear in the occurrences for each step. */
export const createRules = (
  rules: readonly Rule[],
  lexicon: Lexicon,
): ((tokens: readonly Token[], found: Occurrences) => RuleMatch[]) => {
  const patterns = rules.flatMap((rule) => rule.patterns.map((text) => parse(rule, text, lexicon)));

  return (tokens, { starts, ends }) => {
    const has = (concept: number): boolean => starts[concept] !== undefined;
    const sentences = (tokens.at(-1)?.sentence ?? 0) + 1;
    const marks = new Map<number, Uint8Array>();
    const inSentences = (concept: number, from: number, to: number): boolean => {
      const places = starts[concept];
      if (places === undefined) return false;
      let marked = marks.get(concept);
      if (marked === undefined) {
        marked = new Uint8Array(sentences);
        for (const token of places) marked[(tokens[token] as Token).sentence] = 1;
        marks.set(concept, marked);
      }
      for (let sentence = from; sentence <= to; sentence += 1) if (marked[sentence] === 1) return true;
      return false;
    };
    const matches: RuleMatch[] = [];

    for (const pattern of patterns) {
      if (!pattern.steps.every(({ concepts }) => concepts.some(has))) continue;
      if (pattern.notInText.some(has)) continue;
      // The ways to have come so far, by where they end; only the latest that still reaches matters.
      let firsts: number[] = [];
      let lasts: number[] = [];
      for (const [index, { gap, concepts }] of pattern.steps.entries()) {
        const nextFirsts: number[] = [];
        const nextLasts: number[] = [];
        const place = (start: number, end: number, from: number): void => {
          nextFirsts.push(from);
          nextLasts.push(end);
        };
        const single = concepts.length === 1;
        const all = single
          ? (starts[concepts[0] as number] as number[])
          : concepts.flatMap((concept) =>
              (starts[concept] ?? []).map((start, at) => start * 64 + Math.min(63, (ends[concept] as number[])[at]! - start)),
            );
        if (!single) all.sort((a, b) => a - b);
        let reach = 0;
        for (let at = 0; at < all.length; at += 1) {
          const start = single ? (all[at] as number) : Math.floor((all[at] as number) / 64);
          const end = single ? ((ends[concepts[0] as number] as number[])[at] as number) : start + ((all[at] as number) % 64);
          if (index === 0) {
            place(start, end, start);
            continue;
          }
          // `lasts` is the token after the last; the latest way that ends at or before this start.
          while (reach < lasts.length && (lasts[reach] as number) <= start) reach += 1;
          if (reach === 0) continue;
          const before = tokens[(lasts[reach - 1] as number) - 1] as Token;
          if ((tokens[start] as Token).position - before.position - 1 <= gap) place(start, end, firsts[reach - 1] as number);
        }
        // Ends may be out of order where phrases overlap.
        for (let at = 1; at < nextLasts.length; at += 1) {
          if ((nextLasts[at] as number) < (nextLasts[at - 1] as number)) {
            const order = nextLasts.map((_, place) => place).sort((a, b) => (nextLasts[a] as number) - (nextLasts[b] as number));
            lasts = order.map((place) => nextLasts[place] as number);
            firsts = order.map((place) => nextFirsts[place] as number);
            break;
          }
          if (at === nextLasts.length - 1) {
            firsts = nextFirsts;
            lasts = nextLasts;
          }
        }
        if (nextLasts.length <= 1) {
          firsts = nextFirsts;
          lasts = nextLasts;
        }
        if (lasts.length === 0) break;
      }
      let reported = 0;
      for (let at = 0; at < lasts.length && reported < MOST; at += 1) {
        const first = firsts[at] as number;
        const last = (lasts[at] as number) - 1;
        const from = (tokens[first] as Token).sentence;
        const to = (tokens[last] as Token).sentence;
        if (pattern.notInSentence.some((concept) => inSentences(concept, from, to))) continue;
        matches.push({ rule: pattern.rule, first, last });
        reported += 1;
      }
    }
    return matches;
  };
};
