/** `parley guard evaluate`: how well the guard does on labelled messages. */
import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { inspect } from './guard.ts';
import { EvaluationError, type Item, parseItems } from './items.ts';
import type { Finding } from './verdict.ts';

export type Score = {
  items: number;
  violations: number;
  truePositives: number;
  falsePositives: number;
  falseNegatives: number;
  /** Null where nothing could be counted. */
  precision: number | null;
  recall: number | null;
  f1: number | null;
};

export type Miss = {
  id: string;
  kind: 'missed' | 'false_alarm';
  lang: string;
  difficulty: string;
  labels: string[];
  found: string[];
  messages: string[];
};

export type Evaluation = {
  overall: Score;
  /** Of the items that carry a label: was a violation seen, and was it that one? A label is found in `precision` of the items it was given to. */
  byLabel: Record<string, Score>;
  byDifficulty: Record<string, Score>;
  byLanguage: Record<string, Score>;
  microseconds: { p50: number; p99: number; messages: number };
  misses: Miss[];
};

type Count = { items: number; violations: number; tp: number; fp: number; fn: number };
const none = (): Count => ({ items: 0, violations: 0, tp: 0, fp: 0, fn: 0 });

const scoreOf = ({ items, violations, tp, fp, fn }: Count): Score => {
  const precision = tp + fp === 0 ? null : tp / (tp + fp);
  const recall = tp + fn === 0 ? null : tp / (tp + fn);
  const f1 =
    precision === null || recall === null || precision + recall === 0 ? null : (2 * precision * recall) / (precision + recall);
  return { items, violations, truePositives: tp, falsePositives: fp, falseNegatives: fn, precision, recall, f1 };
};

/** Judged before anything is timed, so that the times are those of a server that has run for a second or two: a program's first calls are slow ones. */
const MESSAGES_TO_WARM = 20_000;

/** Messages come one after the other, as in a thread; an item is a violation when any of them is. */
export const judge = (messages: readonly string[], took?: (microseconds: number) => void): Finding[] => {
  const findings: Finding[] = [];
  for (const [index, text] of messages.entries()) {
    const began = performance.now();
    const verdict = inspect({ text, earlier: messages.slice(0, index), contract: 'before' });
    took?.((performance.now() - began) * 1_000);
    findings.push(...verdict.findings);
  }
  return findings;
};

export const evaluate = (items: readonly Item[]): Evaluation => {
  const overall = none();
  const byLabel = new Map<string, Count>();
  const byDifficulty = new Map<string, Count>();
  const byLanguage = new Map<string, Count>();
  const of = (counts: Map<string, Count>, key: string): Count => {
    const count = counts.get(key) ?? none();
    counts.set(key, count);
    return count;
  };
  for (let judged = 0; items.length > 0 && judged < MESSAGES_TO_WARM; )
    for (const { messages } of items) {
      judge(messages);
      judged += Math.max(1, messages.length);
    }
  const times: number[] = [];
  const misses: Miss[] = [];
  for (const { id, messages, lang, labels, difficulty } of items) {
    const findings = judge(messages, (microseconds) => times.push(microseconds));
    const isViolation = labels.length > 0;
    const seen = findings.length > 0;
    for (const count of [overall, of(byDifficulty, difficulty), of(byLanguage, lang)]) {
      count.items += 1;
      if (isViolation) count.violations += 1;
      if (isViolation && seen) count.tp += 1;
      if (!isViolation && seen) count.fp += 1;
      if (isViolation && !seen) count.fn += 1;
    }
    const categories = new Set<string>(findings.map(({ category }) => category));
    for (const label of new Set([...labels, ...categories])) {
      const count = of(byLabel, label);
      count.items += 1;
      const given = labels.includes(label);
      if (given) count.violations += 1;
      if (given && categories.has(label)) count.tp += 1;
      if (!given) count.fp += 1;
      if (given && !categories.has(label)) count.fn += 1;
    }
    if (isViolation !== seen) {
      misses.push({
        id,
        kind: isViolation ? 'missed' : 'false_alarm',
        lang,
        difficulty,
        labels,
        found: [
          ...new Set(
            findings.map(({ rule, confidence, spans }) => {
              const here = spans.find(({ message }) => message === null);
              const text =
                here === undefined
                  ? ''
                  : (messages.find((message) => message.length >= here.end) ?? '').slice(here.start, here.end);
              return `${rule} ${confidence.toFixed(2)} “${text.slice(0, 60)}”`;
            }),
          ),
        ],
        messages,
      });
    }
  }
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] as number;
  const scores = (counts: Map<string, Count>): Record<string, Score> =>
    Object.fromEntries([...counts].sort(([a], [b]) => a.localeCompare(b)).map(([key, count]) => [key, scoreOf(count)]));
  return {
    overall: scoreOf(overall),
    byLabel: scores(byLabel),
    byDifficulty: scores(byDifficulty),
    byLanguage: scores(byLanguage),
    microseconds: { p50: at(0.5), p99: at(0.99), messages: times.length },
    misses,
  };
};

const share = (value: number | null): string => (value === null ? '    –' : value.toFixed(3).padStart(5));

/** The evaluation as a page. */
export const printEvaluation = (
  { overall, byLabel, byDifficulty, byLanguage, microseconds, misses }: Evaluation,
  withMisses: boolean,
): string => {
  const lines = ['                        items  violations  precision  recall     F1  missed  false alarms'];
  const row = (name: string, score: Score): void => {
    lines.push(
      `${name.padEnd(22)} ${String(score.items).padStart(6)} ${String(score.violations).padStart(11)}      ${share(score.precision)}   ${share(score.recall)}  ${share(score.f1)} ${String(score.falseNegatives).padStart(7)} ${String(score.falsePositives).padStart(13)}`,
    );
  };
  row('overall', overall);
  for (const [title, scores] of [
    ['by difficulty', byDifficulty],
    ['by language', byLanguage],
    ['by label (the same one found)', byLabel],
  ] as const) {
    lines.push('', title);
    for (const [name, score] of Object.entries(scores)) row(`  ${name}`, score);
  }
  lines.push(
    '',
    `microseconds per message: p50 ${microseconds.p50.toFixed(1)}, p99 ${microseconds.p99.toFixed(1)} (${microseconds.messages} messages)`,
  );
  if (withMisses) {
    for (const miss of misses) {
      lines.push(
        '',
        `${miss.kind === 'missed' ? 'MISSED' : 'FALSE ALARM'} ${miss.id} ${miss.lang} ${miss.difficulty} [${miss.labels.join(', ')}]${miss.found.length > 0 ? ` by ${miss.found.join(', ')}` : ''}`,
      );
      for (const message of miss.messages) lines.push(`  > ${message.replaceAll('\n', '\n    ')}`);
    }
  }
  return lines.join('\n');
};

/** The command: reads a file, and gives what is to be printed. */
export const evaluateFile = async (file: string, { json, misses }: { json: boolean; misses: boolean }): Promise<string> => {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new EvaluationError((error as Error).message);
  });
  const evaluation = evaluate(parseItems(text));
  if (!json) return printEvaluation(evaluation, misses);
  return JSON.stringify(misses ? evaluation : { ...evaluation, misses: undefined }, null, 2);
};
