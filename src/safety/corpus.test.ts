import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CATEGORIES } from './verdict.ts';

const CORPUS = fileURLToPath(new URL('corpus/', import.meta.url));

const DIFFICULTIES = ['plain', 'obfuscated', 'subtle', 'split', 'hard_negative'] as const;

/** One sender's consecutive messages, oldest first, before a contract. A violation if and only if it has labels. */
const Item = z
  .strictObject({
    id: z.string().min(1),
    messages: z.array(z.string().min(1)).min(1),
    lang: z.string().regex(/^[a-z]{2}$/),
    labels: z.array(z.enum(CATEGORIES)),
    difficulty: z.enum(DIFFICULTIES),
    note: z.string().optional(),
  })
  .refine(
    ({ labels, difficulty }) => (labels.length === 0) === (difficulty === 'hard_negative'),
    'an item without labels is a hard negative',
  )
  .refine(({ labels }) => new Set(labels).size === labels.length, 'a label is named once');
type Item = z.infer<typeof Item>;

const isViolation = ({ labels }: Item): boolean => labels.length > 0;

/** Throws with file and line where one is not an item. */
const readItems = (file: string): Item[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line, index) => {
      if (line.trim() === '') return [];
      try {
        return [Item.parse(JSON.parse(line))];
      } catch (cause) {
        throw new Error(`${file}:${index + 1} is not an item: ${cause instanceof Error ? cause.message : cause}`, { cause });
      }
    });

const files = globSync('*.jsonl', { cwd: CORPUS }).sort();
const corpus = new Map(files.map((file): [string, Item[]] => [file, readItems(join(CORPUS, file))]));
const items = [...corpus.values()].flat();

/** What is left of an item when case, spacing and punctuation are not looked at; symbols alone are compared as they are. */
const gistOf = (item: Item): string => {
  const text = item.messages.join('\n').normalize('NFKC').toLowerCase();
  return text.replace(/[^\p{L}\p{N}\p{M}]+/gu, '') || text;
};

describe('the corpus', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-corpus-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('[GM1] is of items in the published format, each with an id of its own and in the language of its file', () => {
    expect(items.map(({ id }) => id).sort()).toEqual([...new Set(items.map(({ id }) => id))].sort());
    for (const [file, those] of corpus) {
      // Languages of few items are together.
      if (file === 'other.jsonl') continue;
      for (const { id, lang } of those) expect(file.slice(0, 2), `${id} in ${file}`).toBe(lang);
    }
  });

  it('[GM1] has no item that is another one in different case, spacing or punctuation', () => {
    const known = new Map<string, string>();
    const same: string[] = [];
    for (const item of items) {
      const gist = gistOf(item);
      if (known.has(gist)) same.push(`${item.id} is ${known.get(gist)}`);
      known.set(gist, item.id);
    }
    expect(same).toEqual([]);
  });

  it('[GM1] is refused with file and line where a line is not an item', () => {
    const good = { id: 'en-1', messages: ['Hello'], lang: 'en', labels: [], difficulty: 'hard_negative' };
    const bad = [
      { ...good, labels: ['telepathy'], difficulty: 'plain' },
      { ...good, labels: ['email'] },
      { ...good, difficulty: 'plain' },
      { ...good, labels: ['email', 'email'], difficulty: 'plain' },
      { ...good, messages: [] },
      { ...good, mood: 'fine' },
    ];
    const file = join(folder, 'en.jsonl');
    writeFileSync(file, `${JSON.stringify(good)}\n`);
    expect(readItems(file)).toEqual([good]);
    for (const item of bad) {
      writeFileSync(file, `${JSON.stringify(good)}\n${JSON.stringify(item)}\n`);
      expect(() => readItems(file), JSON.stringify(item)).toThrow(`${file}:2 is not an item`);
    }
  });

  it('[GM2] is large, in several languages, and more than half of it is clean', () => {
    expect(items.length).toBeGreaterThanOrEqual(80_000);
    for (const [file, those] of corpus) expect(those.length, file).toBeGreaterThanOrEqual(60);
    const clean = items.filter((item) => !isViolation(item)).length / items.length;
    expect(clean).toBeGreaterThanOrEqual(0.5);
    expect(clean).toBeLessThanOrEqual(0.65);
    for (const label of CATEGORIES)
      expect(items.filter(({ labels }) => labels.includes(label)).length, label).toBeGreaterThanOrEqual(20);
    for (const difficulty of DIFFICULTIES) {
      expect(items.filter((item) => item.difficulty === difficulty).length, difficulty).toBeGreaterThanOrEqual(45);
    }
  });
});
