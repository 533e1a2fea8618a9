/** What a member keeps about a thread for themselves; nobody else hears of it. */
import { z } from 'zod';

export const Mark = z.enum(['archived', 'favourite', 'hidden']);

export const Marks = z.object({
  archived: z.boolean(),
  favourite: z.boolean(),
  /** Until a new message comes. */
  hidden: z.boolean(),
  /** Counts the changes that this member made. */
  version: z.int().min(0),
});

export type Mark = z.infer<typeof Mark>;
export type Marks = z.infer<typeof Marks>;

export const NO_MARKS: Marks = { archived: false, favourite: false, hidden: false, version: 0 };
