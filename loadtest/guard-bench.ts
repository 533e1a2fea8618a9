/**
 * How long the guard takes: on messages of 100 and 500 characters, on any input up to the longest message, with and without messages before it, on
 * messages of the corpus, each another one, so that nothing of it is near the processor yet, and on input made to hurt.
 *
 *     npm run bench:guard -- [--json] [--quick] [--alone]
 *
 * The last column is the reference, measured between the runs of each row: links and e-mail addresses by linkifyjs and telephone numbers by libphonenumber-js in a
 * message of 500 characters, which is the least that a filter does. It tells how quick the machine was; after a row of little work, which leaves the
 * processor's memory to it, it is lower.
 *
 * `--alone` leaves out the runs in which the system gave the processor to another program.
 */
import { readdirSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { findPhoneNumbersInText } from 'libphonenumber-js/max';
import { find as findLinks } from 'linkifyjs';
import { MAX_BODY_LENGTH } from '../protocol/index.ts';
import { type Inspection, inspect } from '../src/safety/guard.ts';
import { readItems } from '../src/safety/items.ts';

const SENTENCES = [
  'I have read the brief twice and would begin with the checkout, because that is where most of the visitors are lost.',
  'Could you say which version of the framework the shop runs on, and who looks after the server at the moment?',
  'The first milestone is the wireframes of all nine screens, the second the finished design, 600 in all.',
  'Lo tengo listo para el jueves por la tarde si recibo los textos antes del martes.',
  'Ich würde die Tabelle erst bereinigen und dann die 4.200 Zeilen in einem Lauf einspielen.',
  'Мне удобно созвониться здесь завтра после обеда, вопросов по макету немного.',
];

const textOf = (length: number, seed: number): string => {
  let text = '';
  for (let index = seed; text.length < length; index += 1) text += `${SENTENCES[index % SENTENCES.length]} `;
  return text.slice(0, length);
};

const CORPUS = fileURLToPath(new URL('../src/safety/corpus/', import.meta.url));

/** Messages of all languages and difficulties. */
const corpus = (): string[] => {
  const files = readdirSync(CORPUS).filter((file) => file.endsWith('.jsonl'));
  return readItems(files.map((file) => CORPUS + file)).flatMap((item) => item.messages);
};

/** What reading the corpus has left behind is no message's. */
const collect = (): void => {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
};

/** The slowest of a thousand is not the slowest of all. */
const FEWEST_RUNS = 3_000;
const MOST_JOINED = 500;
/** Of a text of no more words than this has each is weighed twice (src/safety/weigh/windows.ts). */
const MOST_OVERLAPPING = 2_200;

/** What nobody writes: half of the sentences are violations, and each is another one. */
const joined = (messages: readonly string[], length: number): string[] => {
  const all = messages.slice(0, (MOST_JOINED * length) / 50).join(' ');
  return Array.from({ length: Math.min(MOST_JOINED, Math.floor(all.length / length)) }, (_, at) =>
    all.slice(at * length, (at + 1) * length),
  );
};

/** Signs in no order, the same each time: each is a token, or the end of one. */
export const shuffled = (signs: Iterable<string>, length: number): string => {
  const of = [...signs];
  let state = 1;
  let text = '';
  while (text.length < length) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    text += of[(state >>> 16) % of.length];
  }
  return text.slice(0, length);
};

export const HOSTILE: Record<string, (length: number) => string> = {
  'zero width': (length) => '\u200b'.repeat(length),
  'zero width between letters': (length) => 'a\u200b'.repeat(length / 2),
  'combining marks': (length) => `e${'\u0301'.repeat(length - 1)}`,
  'lone surrogates': (length) => '\ud800'.repeat(length),
  'at signs': (length) => '@'.repeat(length),
  'a@a@a@': (length) => 'a@'.repeat(length / 2),
  'a.a.a.': (length) => 'a.'.repeat(length / 2),
  'one letter': (length) => 'a'.repeat(length),
  digits: (length) => '7'.repeat(length),
  'digits apart': (length) => '7 '.repeat(length / 2),
  'digits in groups': (length) => '555-0100 '.repeat(length / 9),
  'digit words': (length) => 'five '.repeat(length / 5),
  'letters apart': (length) => 'a b c d '.repeat(length / 8),
  newlines: (length) => '\n'.repeat(length),
  'short lines': (length) => '12\nat\n'.repeat(length / 6),
  'full stops': (length) => '.'.repeat(length),
  morse: (length) => '... --- '.repeat(length / 8),
  base64: (length) => 'aB3dEfGh '.repeat(length / 9),
  'one long base64': (length) => 'aB3d'.repeat(length / 4),
  'base64 of letters': (length) => `${Buffer.from('ab'.repeat(148)).toString('base64')} `.repeat(length / 397),
  'turned letters': (length) => 'pbz'.repeat(length / 3),
  'percent signs': (length) => '%41'.repeat(length / 3),
  quotes: (length) => '"a" '.repeat(length / 4),
  'apps and verbs': (length) => 'add me on whatsapp my email is your number '.repeat(length / 43),
  'hire and gifts': (length) => 'if you hire me a gift card for you '.repeat(length / 35),
  'links of many labels': (length) => `${'a-b.'.repeat(length / 4)}com`,
  hashes: (length) => 'ab#1234 '.repeat(length / 8),
  emoji: (length) => '📞'.repeat(length / 2),
  'backwards hosts': (length) => 'moc.liamg@a '.repeat(length / 12),
  'names one after the other': (length) => '@abc '.repeat(length / 5),
  addresses: (length) => 'ann@mail.com '.repeat(length / 13),
  hosts: (length) => 'www.a.com '.repeat(length / 10),
  'apps in signs': (length) => 'wh@t$ '.repeat(length / 6),
  'letters and signs in no order': (length) => shuffled('abcde 12@.,-+\n', length),
  'letters of two alphabets in no order': (length) => shuffled('а б@gм.ё1 ', length),
  // The three were the slowest of some 5,000 mixtures made at random.
  'sharp s, at and circled figures in no order': (length) => shuffled('ß@➐', length),
  'figures in all forms and signs in no order': (length) =>
    shuffled(['l0', 'з', '@', '\n', '@', 'ß', '+1', '|', '+', 'ß'], length),
  'pieces of numbers and signs in no order': (length) => shuffled(['/', 'wa', '@', '@', '0100', '!', '0', 'б', 'о'], length),
  streets: (length) => '12 high street '.repeat(length / 15),
};

type Row = { name: string; characters: number; p50: number; p99: number; 'p99.9': number; reference: number };

const REFERENCE = textOf(500, 0);
/** One of so many runs is followed by one of the reference. */
const REFERENCE_EVERY = 20;

const timed = (run: () => unknown): number => {
  const began = performance.now();
  run();
  return (performance.now() - began) * 1_000;
};

const timedReference = (): number => timed(() => [findLinks(REFERENCE), findPhoneNumbersInText(REFERENCE)]);

const switches = (): number => process.resourceUsage().involuntaryContextSwitches;

/** Microseconds of many runs, after as many to warm; `before` each text so much of the one before it, as the sender's last message. */
const measure = (name: string, texts: readonly string[], runs: number, alone: boolean, before = 0): Row => {
  const calls = texts.map((text, at) => ({ text, earlier: before === 0 ? [] : [(texts.at(at - 1) as string).slice(-before)] }));
  for (let run = 0; run < runs; run += 1) inspect(calls[run % calls.length] as Inspection);
  const times: number[] = [];
  const references: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const call = calls[run % calls.length] as Inspection;
    const switched = alone ? switches() : 0;
    const took = timed(() => inspect(call));
    if (!alone || switches() === switched) times.push(took);
    if (run % REFERENCE_EVERY === 0) references.push(timedReference());
  }
  const at = (share: number, of = times): number =>
    Math.round((of.toSorted((a, b) => a - b)[Math.min(of.length - 1, Math.floor(of.length * share))] as number) * 10) / 10;
  const characters = texts[0]?.length ?? 0;
  return { name, characters, p50: at(0.5), p99: at(0.99), 'p99.9': at(0.999), reference: at(0.5, references) };
};

export const benchmark = (quick: boolean, alone = false): Row[] => {
  const scale = quick ? 0.1 : 1;
  for (let run = 0; run < 1_000 * scale; run += 1) timedReference();
  const usual = [100, 500, 2_000, MAX_BODY_LENGTH].map((length) =>
    measure(
      `messages of ${length}`,
      Array.from({ length: 60 }, (_, seed) => textOf(length, seed)),
      Math.round((length > 1_000 ? 1_500 : 8_000) * scale),
      alone,
    ),
  );
  const messages = corpus();
  collect();
  const different = [100, 400].map((length) => {
    const of = messages.filter((message) => message.length > length * 0.8 && message.length < length * 1.2);
    return measure(`of the corpus, about ${length}`, of, Math.round(Math.max(of.length, FEWEST_RUNS) * scale), alone);
  });
  const joinedOf = (length: number, before = 0): Row =>
    measure(
      `of the corpus, one after the other${before === 0 ? '' : ', another before'}`,
      joined(messages, length),
      Math.round(FEWEST_RUNS * scale),
      alone,
      before,
    );
  const together = [joinedOf(MOST_OVERLAPPING), joinedOf(MAX_BODY_LENGTH), joinedOf(MAX_BODY_LENGTH, MAX_BODY_LENGTH)];
  const hostile = Object.entries(HOSTILE).map(([name, of]) =>
    measure(name, [of(MAX_BODY_LENGTH)], Math.round(FEWEST_RUNS * scale), alone),
  );
  return [...usual, ...different, ...together, ...hostile];
};

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      alone: { type: 'boolean', default: false },
    },
  });
  const rows = benchmark(values.quick, values.alone);
  if (values.json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  else {
    process.stdout.write('microseconds                                  characters      p50      p99    p99.9 reference\n');
    for (const row of rows) {
      const figures = [row.p50, row.p99, row['p99.9'], row.reference].map((figure) => figure.toFixed(1).padStart(8)).join(' ');
      process.stdout.write(`${row.name.padEnd(45)} ${String(row.characters).padStart(10)} ${figures}\n`);
    }
  }
}
