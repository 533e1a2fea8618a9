/** The learned part: how likely the words of a text are those of a violation, and which of them weighed. */
import type { Category } from './verdict.ts';

export type Scored = { probability: number; category: Category; words: string[] };

/** Undefined as long as no weights are there: the rules then decide alone. */
export const scoreWords = (_text: string): Scored | undefined => undefined;
