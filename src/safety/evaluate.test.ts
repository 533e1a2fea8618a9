import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { type Evaluation, evaluate } from './evaluate.ts';
import { parseItems } from './items.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-guard-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const items = [
  { id: 'a', messages: ['Mail me at odalys.crewe@fastmail.com'], lang: 'en', labels: ['email'], difficulty: 'plain' },
  { id: 'b', messages: ['my cell starts 202', '555', 'and ends 0143'], lang: 'en', labels: ['phone'], difficulty: 'split' },
  { id: 'c', messages: ['The three pages are ready on Tuesday.'], lang: 'en', labels: [], difficulty: 'hard_negative' },
  { id: 'd', messages: ['Las tres páginas están listas.'], lang: 'es', labels: ['reward'], difficulty: 'subtle' },
  { id: 'e', messages: ['Llama al +34 612 345 678'], lang: 'es', labels: [], difficulty: 'hard_negative' },
];
const lines = items.map((item) => JSON.stringify(item)).join('\n');
const run = (...args: string[]) =>
  spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', fileURLToPath(new URL('../main.ts', import.meta.url)), 'guard', ...args],
    { encoding: 'utf8' },
  );

describe('evaluate', () => {
  test('[GU16] counts by item, overall, by label, difficulty and language', () => {
    const { overall, byLabel, byDifficulty, byLanguage, misses, microseconds } = evaluate(parseItems(lines));
    expect(overall).toMatchObject({ items: 5, violations: 3, truePositives: 2, falsePositives: 1, falseNegatives: 1 });
    expect(overall.precision).toBeCloseTo(2 / 3);
    expect(overall.recall).toBeCloseTo(2 / 3);
    expect(overall.f1).toBeCloseTo(2 / 3);
    expect(byLabel.email).toMatchObject({ violations: 1, truePositives: 1 });
    expect(byLabel.reward).toMatchObject({ violations: 1, falseNegatives: 1 });
    expect(byDifficulty.split?.recall).toBe(1);
    expect(byLanguage.es).toMatchObject({ items: 2, falsePositives: 1, falseNegatives: 1 });
    expect(misses.map(({ id, kind }) => [id, kind])).toEqual([
      ['d', 'missed'],
      ['e', 'false_alarm'],
    ]);
    expect(microseconds.messages).toBe(7);
  });

  test('[GU16] the command prints a page, or JSON, and the misses where they are asked for', { timeout: 60_000 }, () => {
    const file = join(folder, 'items.jsonl');
    writeFileSync(file, lines);
    const page = run('evaluate', file, '--misses');
    expect(page.status, page.stderr).toBe(0);
    expect(page.stdout).toMatch(/overall +5 +3/u);
    expect(page.stdout).toContain('MISSED d es subtle [reward]');
    expect(page.stdout).toContain('FALSE ALARM e es');
    const json = run('evaluate', file, '--json');
    const read = JSON.parse(json.stdout) as Evaluation;
    expect(read.overall.items).toBe(5);
    expect(read.misses).toBeUndefined();
  });

  test('[GU16] a file that is not there or has other lines is said to be so', { timeout: 60_000 }, () => {
    const file = join(folder, 'bad.jsonl');
    writeFileSync(file, `${lines}\n{"id": 3}`);
    for (const [args, message] of [
      [['evaluate', file], /Line 6 is not a labelled item/u],
      [['evaluate', join(folder, 'none.jsonl')], /ENOENT/u],
      [['evaluate'], /needs a FILE/u],
    ] as const) {
      const { status, stderr } = run(...args);
      expect(status).toBe(2);
      expect(stderr).toMatch(message);
    }
  });
});
