/** Which words of all languages mean the same thing to a rule: concepts, and how to find them among tokens. */
import { fold } from '../text/fold.ts';
import { keepWord, UNKNOWN, WORD_NUMBERS } from '../text/known-words.ts';
import { type Tokens, tokenise } from '../text/tokens.ts';

const NONE: readonly number[] = [];
const EMPTY: ReadonlySet<number> = new Set();

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

/** Where concepts were found, in columns for all of them: lists for each of a hundred are dear to make and to collect. */
export type Occurrences = {
  /** The concepts that were found, in order. */
  ids: number[];
  /** By concept id, where its occurrences begin in the columns; they end where those of the next begin. */
  begins: number[];
  /** By the indexes of the first token and the one after the last; those of a concept in order of their first tokens. */
  starts: number[];
  ends: number[];
  /** All occurrences in the order of their first tokens: their concepts, and their places in the columns. */
  order: number[];
  places: number[];
};

export const occurs = ({ begins }: Occurrences, id: number): boolean => (begins[id] as number) < (begins[id + 1] as number);

/** The first tokens of a concept. */
export const startsOf = ({ begins, starts }: Occurrences, id: number): readonly number[] => listOf(begins, starts, id);
export const endsOf = ({ begins, ends }: Occurrences, id: number): readonly number[] => listOf(begins, ends, id);
/** Of most concepts there are none, in most messages. */
const listOf = (begins: readonly number[], column: readonly number[], id: number): readonly number[] =>
  begins[id] === begins[id + 1] ? NONE : column.slice(begins[id], begins[id + 1]);
export const startSetOf = (found: Occurrences, id: number): ReadonlySet<number> =>
  occurs(found, id) ? new Set(startsOf(found, id)) : EMPTY;

const newNode = (): Node => ({ concepts: [], next: undefined, stems: undefined });

/** The shortest stem; a bucket is found by that many letters, as a number, which may be that of others too. */
const KEY = 3;
const keyOf = (word: string): number => (word.charCodeAt(0) * 31 + word.charCodeAt(1)) * 31 + word.charCodeAt(2);
/** Of the keys, so that most words are known to begin with no stem by one look. */
const KEY_SLOTS = 1 << 12;
const NO_STEMS: Stem<number>[] = [];
/** Places among the firsts of words. */
const NOT_ASKED = 0;
const NO_FIRSTS = 1;
/** A column that is filled again by each scan; a text of people has fewer occurrences. */
const newColumn = (): number[] => Array.from({ length: 2_048 }, () => 0);
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
  /** The stems of which a word may begin with one. */
  const stemsNear = (word: string): readonly Stem<number>[] => {
    if (word.length < KEY) return NO_STEMS;
    const key = keyOf(word);
    return keyBits[key & (KEY_SLOTS - 1)] === 0 ? NO_STEMS : (buckets.get(key) ?? NO_STEMS);
  };
  /** Where phrases go on from a first word that has a number: worked out once for each, because most have none and are asked about all the time. */
  const firsts: (readonly number[])[] = [NONE, NONE];
  const firstsAt = new Uint16Array(WORD_NUMBERS);
  const firstsOf = (word: string, number: number): readonly number[] => {
    let at = firstsAt[number] as number;
    if (at === NOT_ASKED) {
      const next = root.next?.get(number);
      const stems = stemsNear(word).filter(({ stem }) => word.startsWith(stem));
      const all = [...(next === undefined ? NONE : [numberOf(next)]), ...stems.map(({ node }) => node)];
      at = all.length === 0 ? NO_FIRSTS : firsts.push(all) - 1;
      firstsAt[number] = at;
    }
    return firsts[at] as readonly number[];
  };

  /** What a scan fills: occurrences as they come, by concept the newest of them (counted from one) and how many there are, and the columns in the concepts' order. */
  const [metIds, metStarts, metEnds, metPlaces, starts, ends] = [
    newColumn(),
    newColumn(),
    newColumn(),
    newColumn(),
    newColumn(),
    newColumn(),
  ];
  const begins = newColumn();
  const newest = new Int32Array(names.length);
  const counts = new Int32Array(names.length);

  let count = 0;
  let first = 0;
  const found = (tokens: Tokens, node: number, end: number): void => {
    const info = infos[node] as number;
    const from = info >> INFO_BITS;
    const to = from + ((info & COUNT) >> 2);
    for (let at = from; at < to; at += 1) {
      const id = conceptIds[at] as number;
      const last = (newest[id] as number) - 1;
      if (last !== -1 && metStarts[last] === first) {
        // The longest phrase that begins here.
        if ((metEnds[last] as number) < end) metEnds[last] = end;
        continue;
      }
      metIds[count] = id;
      metStarts[count] = first;
      metEnds[count] = end;
      count += 1;
      newest[id] = count;
      counts[id] = (counts[id] as number) + 1;
    }
    if ((info & GOES_ON) === 0) return;
    const { texts, numbers, plains, plainNumbers, positions } = tokens;
    if (end >= texts.length || (positions[end] as number) - (positions[end - 1] as number) > PHRASE_GAP) return;
    step(tokens, node, info, texts[end] as string, numbers[end] as number, end + 1);
    if (plains[end] !== '') step(tokens, node, info, plains[end] as string, plainNumbers[end] as number, end + 1);
  };
  const step = (tokens: Tokens, node: number, info: number, word: string, number: number, end: number): void => {
    const next = (info & HAS_NEXT) === 0 ? ROOT : nextOf(node, number);
    if (next !== ROOT) found(tokens, next, end);
    if ((info & HAS_STEMS) !== 0) foundStems(tokens, stemsAt[node] as Stem<number>[], word, end);
  };
  // Loops by index: an iterator would be made for each word, a quarter of all that a text leaves to the collector.
  const foundStems = (tokens: Tokens, stems: readonly Stem<number>[], word: string, end: number): void => {
    for (let at = 0; at < stems.length; at += 1) {
      const { stem, node } = stems[at] as Stem<number>;
      if (word.startsWith(stem)) found(tokens, node, end);
    }
  };
  const begin = (tokens: Tokens, word: string, number: number): void => {
    if (number === UNKNOWN) {
      foundStems(tokens, stemsNear(word), word, first + 1);
      return;
    }
    const nodes = firstsOf(word, number);
    for (let at = 0; at < nodes.length; at += 1) found(tokens, nodes[at] as number, first + 1);
  };

  const scan = (tokens: Tokens): Occurrences => {
    newest.fill(0);
    counts.fill(0);
    count = 0;
    const { texts, numbers, plains, plainNumbers } = tokens;
    for (first = 0; first < texts.length; first += 1) {
      begin(tokens, texts[first] as string, numbers[first] as number);
      const plain = plains[first] as string;
      if (plain !== '') begin(tokens, plain, plainNumbers[first] as number);
    }
    const ids: number[] = [];
    begins[0] = 0;
    let next = 0;
    for (let id = 0; id < names.length; id += 1) {
      if (counts[id] !== 0) ids.push(id);
      // From here on where the next of them comes.
      newest[id] = next;
      next += counts[id] as number;
      begins[id + 1] = next;
    }
    while (starts.length < count) {
      starts.push(0);
      ends.push(0);
    }
    for (let at = 0; at < count; at += 1) {
      const id = metIds[at] as number;
      const to = newest[id] as number;
      newest[id] = to + 1;
      metPlaces[at] = to;
      starts[to] = metStarts[at] as number;
      ends[to] = metEnds[at] as number;
    }
    return {
      ids,
      begins: begins.slice(0, names.length + 1),
      starts: starts.slice(0, count),
      ends: ends.slice(0, count),
      order: metIds.slice(0, count),
      places: metPlaces.slice(0, count),
    };
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
