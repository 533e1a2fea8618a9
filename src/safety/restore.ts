/** Puts back what is under the marks that a sender left in place while editing a message. */
import { MARK } from './mask.ts';

/** The edited text with what was hidden under its marks, in their order; marks beyond those stay marks. */
export const restore = (edited: string, hidden: readonly string[]): string => {
  let index = 0;
  return edited.replaceAll(MARK, () => {
    const original = hidden[index];
    index += 1;
    return original ?? MARK;
  });
};
