/**
 * How well the guard finds one message among others: each violation of a file of one message is put between allowed ones of another file, in one text,
 * and each allowed one of the second file between others of it.
 *
 *     script/run node loadtest/guard-among.ts VIOLATIONS.jsonl ALLOWED.jsonl [--lang en]
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { judge } from '../src/safety/evaluate.ts';
import { type Item, parseItems } from '../src/safety/items.ts';

/** How many stand before it and behind it. */
const AROUND = [0, 1, 2, 4];
/** So that one and the same is not beside itself. */
const APART = 7;

const ended = (text: string): string => (/[.!?)]$/u.test(text) ? text : `${text}.`);

const among = (item: Item, place: number, count: number, others: readonly Item[]): string => {
  const other = (index: number): string => ended(others[(place * APART + index) % others.length]?.messages[0] as string);
  const few = Array.from({ length: count }, (_, index) => index + 1);
  return [...few.map(other), ended(item.messages[0] as string), ...few.map((index) => other(index + AROUND.length * APART))].join(
    ' ',
  );
};

const shareFound = (items: readonly Item[], count: number, others: readonly Item[]): string => {
  const found = items.filter((item, place) => judge([among(item, place, count, others)]).length > 0).length;
  return (found / items.length).toFixed(3);
};

const { values, positionals } = parseArgs({ allowPositionals: true, options: { lang: { type: 'string', default: 'en' } } });
if (positionals.length !== 2)
  throw new Error('Two files are needed: of violations, and of allowed messages to put them between.');
const [wrong = [], allowed = []] = positionals.map((file) =>
  parseItems(readFileSync(file, 'utf8')).filter(({ lang, messages }) => lang === values.lang && messages.length === 1),
);
const violations = wrong.filter(({ labels }) => labels.length > 0);
const clean = allowed.filter(({ labels }) => labels.length === 0);
process.stdout.write(`of ${violations.length} violations and ${clean.length} allowed ones are found\n`);
for (const count of AROUND) {
  const name = count === 0 ? 'alone' : `among ${2 * count} others`;
  process.stdout.write(`${name.padEnd(18)} ${shareFound(violations, count, clean)}   ${shareFound(clean, count, clean)}\n`);
}
