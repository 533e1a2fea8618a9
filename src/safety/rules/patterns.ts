/** Rules as sequences of concepts: `SHARE ~3 YOUR ~2 EMAIL !TECH`, one engine for all languages. */
import { type Lexicon, type Occurrences, occurs, startsOf } from '../lexicon/lexicon.ts';
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

/** Ways to have come so far: from which token, and the one after the last. As columns, which are filled again by each pattern: there are thousands in a long text. */
type Ways = { count: number; firsts: Int32Array; ends: Int32Array };

/** Of tokens there are fewer than an eighth, and none begins as many phrases of one step. */
const MOST_WAYS = 1 << 13;
const newWays = (): Ways => ({ count: 0, firsts: new Int32Array(MOST_WAYS), ends: new Int32Array(MOST_WAYS) });

const addWay = (ways: Ways, first: number, end: number): void => {
  if (ways.count === MOST_WAYS) return;
  ways.firsts[ways.count] = first;
  ways.ends[ways.count] = end;
  ways.count += 1;
};

/** No pattern is reported more often in one text. */
const MOST = 4;

/** Where a step's concepts end in the list of those of all patterns. */
const STEP_END = -1;

/** Compiles rules; the function returned finds their matches, in time linear in the occurrences for each step. */
export const createRules = (rules: readonly Rule[], lexicon: Lexicon): ((tokens: Tokens, found: Occurrences) => RuleMatch[]) => {
  const patterns = rules.flatMap((rule) => rule.patterns.map((text) => parse(rule, text, lexicon)));
  // All of them in one list, because most of hundreds are passed over in each message.
  const begins: number[] = [];
  const wanted: number[] = [];
  for (const { steps } of patterns) {
    begins.push(wanted.length);
    for (const { concepts } of steps) wanted.push(...concepts, STEP_END);
  }
  begins.push(wanted.length);
  const list = Int16Array.from(wanted);
  const isFound = new Uint8Array(lexicon.names.length);

  /** Is there one of the concepts of each step? */
  const isPossible = (pattern: number): boolean => {
    const end = begins[pattern + 1] as number;
    let one = 0;
    for (let at = begins[pattern] as number; at < end; at += 1) {
      const concept = list[at] as number;
      if (concept !== STEP_END) one |= isFound[concept] as number;
      else if (one === 0) return false;
      else one = 0;
    }
    return true;
  };

  return (tokens, found) => {
    for (const id of found.ids) isFound[id] = 1;
    const isSaid = createIsSaid(tokens, found);
    const matches: RuleMatch[] = [];
    for (let number = 0; number < patterns.length; number += 1) {
      if (!isPossible(number)) continue;
      const { rule, steps, unless } = patterns[number] as Pattern;
      const { count, firsts, ends } = waysOf(steps, tokens, found);
      let reported = 0;
      for (let way = 0; way < count; way += 1) {
        const first = firsts[way] as number;
        const last = (ends[way] as number) - 1;
        const from = tokens.sentences[first] as number;
        const to = tokens.sentences[last] as number;
        if (unless.some((concept) => isSaid(concept, from, to))) continue;
        matches.push({ rule, first, last });
        reported += 1;
        if (reported === MOST) break;
      }
    }
    for (const id of found.ids) isFound[id] = 0;
    return matches;
  };
};

const [waysA, waysB, placesA, placesB] = [newWays(), newWays(), newWays(), newWays()];

/** All ways through the steps. Of those that end before a concept only the latest matters, because it is the nearest. */
const waysOf = (steps: readonly Step[], { positions }: Tokens, found: Occurrences): Ways => {
  let ways = waysA;
  let next = waysB;
  for (let step = 0; step < steps.length; step += 1) {
    const { gap, concepts } = steps[step] as Step;
    const { count, firsts, ends } = placesOf(concepts, found);
    next.count = 0;
    let reach = 0;
    for (let place = 0; place < count; place += 1) {
      const first = firsts[place] as number;
      const end = ends[place] as number;
      if (step === 0) {
        addWay(next, first, end);
        continue;
      }
      while (reach < ways.count && (ways.ends[reach] as number) <= first) reach += 1;
      if (reach === 0) continue;
      const between = (positions[first] as number) - (positions[(ways.ends[reach - 1] as number) - 1] as number) - 1;
      if (between <= gap) addWay(next, ways.firsts[reach - 1] as number, end);
    }
    sortByEnds(next);
    [ways, next] = [next, ways];
  }
  return ways;
};

/** Where phrases overlap a later one may end earlier, by a few places. */
const sortByEnds = ({ count, firsts, ends }: Ways): void => {
  for (let at = 1; at < count; at += 1) {
    const first = firsts[at] as number;
    const end = ends[at] as number;
    let to = at;
    for (; to > 0 && (ends[to - 1] as number) > end; to -= 1) {
      firsts[to] = firsts[to - 1] as number;
      ends[to] = ends[to - 1] as number;
    }
    firsts[to] = first;
    ends[to] = end;
  }
};

/** Where one of the concepts is, in the order of first tokens. */
const placesOf = (concepts: readonly number[], found: Occurrences): Ways => {
  let places = placesA;
  let next = placesB;
  places.count = 0;
  for (const concept of concepts) {
    if (!occurs(found, concept)) continue;
    merge(places, found, concept, next);
    [places, next] = [next, places];
  }
  return places;
};

/** Both in order; of those that begin together what ends first. */
const merge = (ways: Ways, { begins, starts, ends }: Occurrences, concept: number, into: Ways): void => {
  into.count = 0;
  let way = 0;
  for (let at = begins[concept] as number; at < (begins[concept + 1] as number); at += 1) {
    const first = starts[at] as number;
    const end = ends[at] as number;
    for (; way < ways.count; way += 1) {
      const other = ways.firsts[way] as number;
      if (other > first || (other === first && (ways.ends[way] as number) > end)) break;
      addWay(into, other, ways.ends[way] as number);
    }
    addWay(into, first, end);
  }
  for (; way < ways.count; way += 1) addWay(into, ways.firsts[way] as number, ways.ends[way] as number);
};

/** Answers whether a concept is in one of the sentences from one to another. */
const createIsSaid = ({ sentences }: Tokens, found: Occurrences): ((concept: number, from: number, to: number) => boolean) => {
  const count = (sentences.at(-1) ?? 0) + 1;
  const marks = new Map<number, Uint8Array>();
  return (concept, from, to) => {
    if (!occurs(found, concept)) return false;
    let marked = marks.get(concept);
    if (marked === undefined) {
      marked = new Uint8Array(count);
      for (const token of startsOf(found, concept)) marked[sentences[token] as number] = 1;
      marks.set(concept, marked);
    }
    for (let sentence = from; sentence <= to; sentence += 1) if (marked[sentence] === 1) return true;
    return false;
  };
};
