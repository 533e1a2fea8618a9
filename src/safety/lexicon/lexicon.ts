/** Which words of all languages mean the same thing to a rule: concepts, and how to find them among tokens. */
import { fold } from '../text/fold.ts';
import { keepWord, tableOfNumbers } from '../text/known-words.ts';
import { type Tokens, tokenise } from '../text/tokens.ts';

/** Concept by name: words and phrases, parted by commas or lines; `telegram*` is any word that begins so. */
export type Concepts = Record<string, string>;

type Node = {
  concepts: number[];
  /** By the number of the word. */
  next: Map<number, Node> | undefined;
  stems: Stem[] | undefined;
};
type Stem = { stem: string; node: Node };

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

/** Builds the tables once. Concepts named with a leading & in a list take in all of that concept's own words. */
export const createLexicon = (concepts: Concepts): Lexicon => {
  const names = Object.keys(concepts);
  const ids = new Map(names.map((name, id) => [name, id]));
  const root = newNode();
  const buckets = new Map<number, Stem[]>();

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
  for (const entry of root.stems ?? []) {
    if (entry.stem.length < KEY) throw new Error(`The stem ${entry.stem}* is too short.`);
    const key = keyOf(entry.stem);
    const bucket = buckets.get(key);
    if (bucket === undefined) buckets.set(key, [entry]);
    else bucket.push(entry);
  }

  const firstOf = tableOfNumbers(root.next ?? new Map());

  const scan = ({ texts, numbers, plains, plainNumbers, positions }: Tokens): Occurrences => {
    const starts: (number[] | undefined)[] = new Array(names.length);
    const ends: (number[] | undefined)[] = new Array(names.length);
    const ids: number[] = [];
    let first = 0;
    const found = (node: Node, end: number): void => {
      for (const id of node.concepts) {
        const of = starts[id];
        if (of === undefined) {
          ids.push(id);
          starts[id] = [first];
          ends[id] = [end];
        } else if (of[of.length - 1] === first) {
          // The longest phrase that begins here.
          const to = ends[id] as number[];
          if ((to[to.length - 1] as number) < end) to[to.length - 1] = end;
        } else {
          of.push(first);
          (ends[id] as number[]).push(end);
        }
      }
      if (node.next === undefined && node.stems === undefined) return;
      if (end >= texts.length || (positions[end] as number) - (positions[end - 1] as number) > PHRASE_GAP) return;
      step(node, texts[end] as string, numbers[end] as number, end + 1);
      if (plains[end] !== '') step(node, plains[end] as string, plainNumbers[end] as number, end + 1);
    };
    const step = (node: Node, word: string, number: number, end: number): void => {
      const next = node.next?.get(number);
      if (next !== undefined) found(next, end);
      if (node.stems !== undefined) for (const { stem, node: at } of node.stems) if (word.startsWith(stem)) found(at, end);
    };
    const begin = (word: string, next: Node | undefined): void => {
      if (next !== undefined) found(next, first + 1);
      if (word.length >= KEY) {
        const bucket = buckets.get(keyOf(word));
        if (bucket !== undefined) for (const { stem, node } of bucket) if (word.startsWith(stem)) found(node, first + 1);
      }
    };
    for (; first < texts.length; first += 1) {
      begin(texts[first] as string, firstOf(numbers[first] as number));
      const plain = plains[first] as string;
      if (plain !== '') begin(plain, firstOf(plainNumbers[first] as number));
    }
    return { ids: ids.sort((a, b) => a - b), starts, ends };
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
