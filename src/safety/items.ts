/** Labelled messages, a line of JSON each: what the guard is measured on and its learned part is trained on. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const Item = z.object({
  id: z.string(),
  /** One sender's messages in a row, oldest first; judged as a whole. */
  messages: z.array(z.string()).min(1),
  lang: z.string().default('und'),
  /** Empty: nothing is wrong with it. */
  labels: z.array(z.string()),
  difficulty: z.string().default('unknown'),
});
export type Item = z.infer<typeof Item>;

/** What is wrong with the file, for people. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError';
}

/** Reads lines of JSON; says which one is not an item. */
export const parseItems = (text: string): Item[] => {
  const items: Item[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      throw new EvaluationError(`Line ${index + 1} is not JSON.`);
    }
    const item = Item.safeParse(value);
    if (!item.success) throw new EvaluationError(`Line ${index + 1} is not a labelled item: ${z.prettifyError(item.error)}`);
    items.push(item.data);
  }
  if (items.length === 0) throw new EvaluationError('The file has no items.');
  return items;
};

/** The items of files, in the order of their names, however they were listed. */
export const readItems = (files: readonly string[]): Item[] =>
  files.toSorted().flatMap((file) => parseItems(readFileSync(file, 'utf8')));
