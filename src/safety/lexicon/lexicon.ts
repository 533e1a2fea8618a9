/** Which words of all languages mean the same thing to a rule: concepts, and how to find them among tokens. */
import { fold } from '../text/fold.ts';
import { keepWord, UNKNOWN, WORD_NUMBERS } from '../text/known-words.ts';
import { type Tokens, tokenise } from '../text/tokens.ts';

/** Concept by name: words and phrases, parted by commas or lines; `telegram*` is any word that begins so. */
export type Concepts = Record<string, string>;

/** Where a phrase has come to, while the tables are built. */
type Node = {
  concepts: number[];
  /** By the number of the word. */
  next: Map<number, Node> | undefined;
  stems: Stem<Node>[] | undefined;
};
type Stem<N> = { stem: string; node: N };

export type Lexicon = {
  names: readonly string[];
  idOf: (name: string) => number;
  /** Finds every concept in the tokens. */
  scan: (tokens: Tokens) => Occurrences;
};

/** Where a concept was found: by the index of its first token and the one after its last. */
export type Occurrences = {
  /** The concepts that were found, in order. */
  ids: number[];
  /** By concept id; in order of their first tokens. */
  starts: (number[] | undefined)[];
  ends: (number[] | undefined)[];
};

const newNode = (): Node => ({ concepts: [], next: undefined, stems: undefined });

/** The shortest stem; a bucket is found by that many letters, as a number, which may be that of others too. */
const KEY = 3;
const keyOf = (word: string): number => (word.charCodeAt(0) * 31 + word.charCodeAt(1)) * 31 + word.charCodeAt(2);
/** Of the keys, so that most words are known to begin with no stem by one look. */
const KEY_SLOTS = 1 << 12;
const NONE: number[] = [];
/** Places among the firsts of words. */
const NOT_ASKED = 0;
const NO_FIRSTS = 1;
/** A phrase goes on over a comma or a line, not over the end of a sentence. */
const PHRASE_GAP = 3;

const child = (node: Node, word: string): Node => {
  if (word.endsWith('\u0001')) {
    const stem = word.slice(0, -1);
    node.stems ??= [];
    const known = node.stems.find((entry) => entry.stem === stem);
    if (known !== undefined) return known.node;
    const entry = { stem, node: newNode() };
    node.stems.push(entry);
    return entry.node;
  }
  const number = keepWord(word);
  node.next ??= new Map();
  const next = node.next.get(number) ?? newNode();
  node.next.set(number, next);
  return next;
};

/** A node, as a number: where its concepts begin, how many there are, and whether a phrase goes on from it, with a word or with a stem. */
const INFO_BITS = 10;
const COUNT = 0x3fc;
const HAS_NEXT = 1;
const HAS_STEMS = 2;
const GOES_ON = HAS_NEXT | HAS_STEMS;
const ROOT = 0;
/** With a word's number beside it a node is a number of 31 bits. */
const MOST_NODES = 1 << 16;

/**
 * Nodes as numbers, in the order of a walk, and what they lead to in one table for all: phrases are looked for in each message, among words that were not
 * looked at for long, and what lies together is brought from a far memory at once.
 */
const flatten = (root: Node) => {
  const nodes: Node[] = [root];
  const edges: [node: number, word: number, next: Node][] = [];
  for (let node = 0; node < nodes.length; node += 1) {
    const { next, stems } = nodes[node] as Node;
    for (const [word, to] of next ?? []) {
      nodes.push(to);
      if (node !== ROOT) edges.push([node, word, to]);
    }
    for (const stem of stems ?? []) nodes.push(stem.node);
  }
  if (nodes.length > MOST_NODES) throw new Error('There are more phrases than the table of them has room for.');
  const numbers = new Map(nodes.map((node, number) => [node, number]));
  const numberOf = (node: Node): number => numbers.get(node) as number;
  const concepts = Uint16Array.from(nodes.flatMap((node) => node.concepts));
  let from = 0;
  const infos = Int32Array.from(nodes, (node) => {
    const count = node.concepts.length;
    const info =
      (from << INFO_BITS) | (count << 2) | (node.stems === undefined ? 0 : HAS_STEMS) | (node.next === undefined ? 0 : HAS_NEXT);
    from += count;
    return info;
  });
  const last = 2 ** Math.ceil(Math.log2(2 * edges.length)) - 1;
  // An edge and where it leads to; zero is none, because no word is.
  const slots = new Int32Array(2 * (last + 1));
  const slotOf = (edge: number): number => {
    let slot = (Math.imul(edge, 0x9e3779b1) >>> 8) & last;
    while (slots[2 * slot] !== 0 && slots[2 * slot] !== edge) slot = (slot + 1) & last;
    return slot;
  };
  for (const [node, word, next] of edges) {
    const edge = node * WORD_NUMBERS + word;
    slots.set([edge, numberOf(next)], 2 * slotOf(edge));
  }
  return {
    numberOf,
    concepts,
    infos,
    /** Zero where there is none. */
    nextOf: (node: number, word: number): number => slots[2 * slotOf(node * WORD_NUMBERS + word) + 1] as number,
    stemsAt: nodes.map(({ stems }) => stems?.map(({ stem, node }) => ({ stem, node: numberOf(node) }))),
  };
};

/** Builds the tables once. Concepts named with a leading & in a list take in all of that concept's own words. */
export const createLexicon = (concepts: Concepts): Lexicon => {
  const names = Object.keys(concepts);
  const ids = new Map(names.map((name, id) => [name, id]));
  const root = newNode();
  const buckets = new Map<number, Stem<number>[]>();

  const listOf = (name: string, seen: ReadonlySet<string> = new Set()): string[] =>
    (concepts[name] ?? '')
      .split(/[,\n]/u)
      .map((entry) => entry.trim())
      .filter((entry) => entry !== '')
      .flatMap((entry) =>
        entry.startsWith('&') && !seen.has(entry.slice(1)) ? listOf(entry.slice(1), new Set([...seen, name])) : [entry],
      );

  for (const [id, name] of names.entries()) {
    for (const entry of listOf(name)) {
      // The star is lost in tokens, so words are cut at spaces first.
      const words = entry.split(/\s+/u).flatMap((part) => {
        const isStem = part.length > 1 && part.endsWith('*');
        const { texts } = tokenise(fold(isStem ? part.slice(0, -1) : part).text);
        return isStem ? [...texts.slice(0, -1), `${texts.at(-1)}\u0001`] : texts;
      });
      if (words.length === 0) throw new Error(`The concept ${name} has an entry without words: ${entry}`);
      let node = root;
      for (const word of words) node = child(node, word);
      if (!node.concepts.includes(id)) node.concepts.push(id);
    }
  }
  const { numberOf, concepts: conceptIds, infos, nextOf, stemsAt } = flatten(root);
  for (const { stem, node } of root.stems ?? []) {
    if (stem.length < KEY) throw new Error(`The stem ${stem}* is too short.`);
    const key = keyOf(stem);
    const entry = { stem, node: numberOf(node) };
    const bucket = buckets.get(key);
    if (bucket === undefined) buckets.set(key, [entry]);
    else bucket.push(entry);
  }
  const keyBits = new Uint8Array(KEY_SLOTS);
  for (const key of buckets.keys()) keyBits[key & (KEY_SLOTS - 1)] = 1;
  /** The nodes of stems that a word begins with. */
  const stemsOf = (word: string): number[] => {
    if (word.length < KEY) return NONE;
    const key = keyOf(word);
    if (keyBits[key & (KEY_SLOTS - 1)] === 0) return NONE;
    const bucket = buckets.get(key);
    return bucket === undefined ? NONE : bucket.flatMap(({ stem, node }) => (word.startsWith(stem) ? [node] : []));
  };
  /** Where phrases go on from a first word that has a number: worked out once for each, because most have none and are asked about all the time. */
  const firsts: number[][] = [NONE, NONE];
  const firstsAt = new Uint16Array(WORD_NUMBERS);
  const firstsOf = (word: string, number: number): number[] => {
    if (number === UNKNOWN) return stemsOf(word);
    let at = firstsAt[number] as number;
    if (at === NOT_ASKED) {
      const next = root.next?.get(number);
      const all = next === undefined ? stemsOf(word) : [numberOf(next), ...stemsOf(word)];
      at = all.length === 0 ? NO_FIRSTS : firsts.push(all) - 1;
      firstsAt[number] = at;
    }
    return firsts[at] as number[];
  };

  const scan = ({ texts, numbers, plains, plainNumbers, positions }: Tokens): Occurrences => {
    const starts: (number[] | undefined)[] = new Array(names.length);
    const ends: (number[] | undefined)[] = new Array(names.length);
    let first = 0;
    const found = (node: number, end: number): void => {
      const info = infos[node] as number;
      const from = info >> INFO_BITS;
      const to = from + ((info & COUNT) >> 2);
      for (let at = from; at < to; at += 1) {
        const id = conceptIds[at] as number;
        const of = starts[id];
        if (of === undefined) {
          starts[id] = [first];
          ends[id] = [end];
        } else if (of[of.length - 1] === first) {
          // The longest phrase that begins here.
          const last = ends[id] as number[];
          if ((last[last.length - 1] as number) < end) last[last.length - 1] = end;
        } else {
          of.push(first);
          (ends[id] as number[]).push(end);
        }
      }
      if ((info & GOES_ON) === 0) return;
      if (end >= texts.length || (positions[end] as number) - (positions[end - 1] as number) > PHRASE_GAP) return;
      step(node, info, texts[end] as string, numbers[end] as number, end + 1);
      if (plains[end] !== '') step(node, info, plains[end] as string, plainNumbers[end] as number, end + 1);
    };
    const step = (node: number, info: number, word: string, number: number, end: number): void => {
      const next = (info & HAS_NEXT) === 0 ? ROOT : nextOf(node, number);
      if (next !== ROOT) found(next, end);
      if ((info & HAS_STEMS) !== 0)
        for (const { stem, node: at } of stemsAt[node] as Stem<number>[]) if (word.startsWith(stem)) found(at, end);
    };
    const begin = (word: string, number: number): void => {
      for (const node of firstsOf(word, number)) found(node, first + 1);
    };
    for (; first < texts.length; first += 1) {
      begin(texts[first] as string, numbers[first] as number);
      const plain = plains[first] as string;
      if (plain !== '') begin(plain, plainNumbers[first] as number);
    }
    const ids: number[] = [];
    for (let id = 0; id < starts.length; id += 1) if (starts[id] !== undefined) ids.push(id);
    return { ids, starts, ends };
  };

  return {
    names,
    idOf: (name) => {
      const id = ids.get(name);
      if (id === undefined) throw new Error(`No concept is called ${name}.`);
      return id;
    },
    scan,
  };
};
