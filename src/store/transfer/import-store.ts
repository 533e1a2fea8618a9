/** Reads a file into an empty store, in constant memory and one transaction: all of it, or nothing and the line that is wrong. */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { z } from 'zod';
import type { Progress } from './export-store.ts';
import { BATCH, type End, FORMAT_VERSION, Footer, Header, type Row, rowSchema, TABLES, TransferError } from './format.ts';

/** A message's row is some 100 KiB at most. */
const MAX_LINE = 4 * 1024 * 1024;

export const importStore = async (
  end: End,
  path: string,
  { keepEpoch, progress }: { keepEpoch: boolean; progress: Progress },
): Promise<{ rows: number; epoch: string }> => {
  if (!(await end.isEmpty())) {
    throw new TransferError(
      'The store has data already, and an import goes into an empty one: name a new database in DATABASE_URL, or a new folder in PARLEY_DATA_DIR.',
    );
  }
  let number = 0;
  let rows = 0;
  let place = -1;
  let batch: Row[] = [];
  let header: z.infer<typeof Header> | undefined;
  let footer: z.infer<typeof Footer> | undefined;
  const sha256 = createHash('sha256');
  const fail = (problem: string): never => {
    throw new TransferError(`Line ${number}: ${problem}.`);
  };

  const flush = async (): Promise<void> => {
    const { length } = batch;
    if (length === 0) return;
    const from = number - length;
    await end.insert(TABLES[place]!, batch).catch((error: unknown) => {
      throw new TransferError(`Lines ${from} to ${number - 1}: the store refuses them: ${(error as Error).message}.`);
    });
    batch = [];
  };

  const takeRow = async (value: unknown): Promise<void> => {
    const [name, row] = Array.isArray(value) && value.length === 2 ? (value as [unknown, unknown]) : fail('this is not a row');
    const index = TABLES.findIndex((table) => table.name === name);
    if (index === -1) fail('there is no such table');
    if (index < place) fail('the tables are not in their order');
    if (index !== place || batch.length === BATCH) {
      await flush();
      if (index !== place) progress(`${TABLES[index]!.name} …`);
      place = index;
    }
    const parsed = SCHEMAS[index]!.safeParse(row);
    batch.push(
      parsed.success ? parsed.data : fail(`${parsed.error.issues[0]!.path.join('.')}: ${parsed.error.issues[0]!.message}`),
    );
    rows += 1;
  };

  for await (const line of linesOf(path, () => number + 1)) {
    number += 1;
    if (footer !== undefined) fail('the file goes on after its end');
    const value = parsed(line) ?? fail('this is not JSON');
    if (header === undefined) {
      header = Header.safeParse(value).data ?? fail('this is not the export of a Parley store');
      if (header.version !== FORMAT_VERSION)
        fail(`the file is of version ${header.version} and this release reads ${FORMAT_VERSION}`);
    } else {
      footer = Footer.safeParse(value).data;
      if (footer === undefined) await takeRow(value);
    }
    if (footer === undefined) sha256.update(line).update('\n');
  }
  number += 1;
  await flush();
  if (header === undefined || footer === undefined) return fail('the file ends before its last line; it was cut off');
  number -= 1;
  if (footer.end.rows !== rows) fail(`there should be ${footer.end.rows} rows and there are ${rows}`);
  if (footer.end.sha256 !== sha256.digest('hex')) fail('the hash does not fit: the file was changed');
  const epoch = keepEpoch ? header.epoch : randomUUID();
  await end.commit(epoch);
  return { rows, epoch };
};

const SCHEMAS = TABLES.map(rowSchema);

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
};

/** Lines end with LF alone: U+2028 is a character of a body. */
async function* linesOf(path: string, next: () => number): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  for await (const chunk of createReadStream(path)) {
    let text: string;
    try {
      text = decoder.decode(chunk as Buffer, { stream: true });
    } catch {
      throw new TransferError(`Line ${next()} or soon after: this is not UTF-8.`);
    }
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    yield* lines;
    if (rest.length > MAX_LINE) throw new TransferError(`Line ${next()}: the line is too long.`);
  }
  if (rest !== '') yield rest;
}
