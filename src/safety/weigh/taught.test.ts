import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { readItems } from '../items.ts';
import { readScores, TAUGHT_FILE, targetOf, writeScores } from './taught.ts';
import { taughtItems, VARIANTS, variantsOf } from './variants.ts';

const CORPUS = fileURLToPath(new URL('../corpus/', import.meta.url));
const corpus = readItems(globSync('*.jsonl', { cwd: CORPUS }).map((file) => join(CORPUS, file)));
const some = taughtItems(corpus).slice(0, 500);

describe('the variants of the corpus', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-taught-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('[GM5] are the same for the same items and seed, each once, and say which items they are made of', () => {
    const variants = [...variantsOf(some, { count: 300, seed: 7 })];
    expect([...variantsOf(some, { count: 300, seed: 7 })]).toEqual(variants);
    expect([...variantsOf(some, { count: 300, seed: 8 })]).not.toEqual(variants);
    expect(new Set(variants.map(({ messages }) => messages.join('\n'))).size).toBe(300);
    const wordsOf = (text: string): string[] => text.split(/\s+/u);
    for (const { messages, from } of variants) {
      const known = new Set(from.flatMap((place) => (some[place]?.messages ?? []).flatMap(wordsOf)));
      const shared = messages.flatMap(wordsOf).filter((word) => known.has(word));
      expect(shared.length).toBeGreaterThan(0);
    }
  });

  test('[GM5] have a score each, of this very corpus; of another one the teacher has to be asked again', () => {
    const scores = readScores(corpus);
    expect(scores).toHaveLength(VARIANTS.count);
    expect(scores.some((score) => targetOf(score) >= 1)).toBe(true);
    expect(scores.some((score) => targetOf(score) <= -1)).toBe(true);
    expect(readFileSync(TAUGHT_FILE).length).toBeLessThan(1_000_000);
    // The teacher reads English alone.
    expect(readScores(taughtItems(corpus))).toEqual(scores);
    const [first] = some;
    expect(() => readScores(corpus.filter((item) => item !== first))).toThrow('scored variants of another corpus');
    // It has learned from the labels too.
    const turned = corpus.map((item) => (item === first ? { ...item, labels: item.labels.length > 0 ? [] : ['email'] } : item));
    expect(() => readScores(turned)).toThrow('scored variants of another corpus');
  });

  test('[GM5] are kept with their scores as they were given, and not with fewer', () => {
    const file = join(folder, 'scores.bin');
    const given = Uint8Array.from({ length: VARIANTS.count }, (_, index) => index % 251);
    writeFileSync(file, writeScores(some, given));
    expect(readScores(some, pathToFileURL(file))).toEqual(new Int8Array(given.buffer));
    expect(() => writeScores(some, given.subarray(1))).toThrow('There are 599999 scores of 600000 variants.');
  });
});
