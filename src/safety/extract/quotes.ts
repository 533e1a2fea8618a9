/** Words in quotation marks that are the work: strings to translate, what a bot says, a placeholder. */
import { lexicon } from '../lexicon/index.ts';
import { startsOf } from '../lexicon/lexicon.ts';
import { type Reading, tokenAt } from './reading.ts';

const WORK = [lexicon.idOf('TECH'), lexicon.idOf('FICTION')];
const MOST = 60;

/** Is this place within quotation marks, in a text that speaks of the work outside them? */
export const quotedWork = (reading: Reading): ((place: number) => boolean) => {
  const { text } = reading.folded;
  const zones: { start: number; end: number }[] = [];
  let open = text.indexOf('"');
  while (open !== -1 && zones.length < MOST) {
    const close = text.indexOf('"', open + 1);
    if (close === -1) break;
    zones.push({ start: open, end: close });
    open = text.indexOf('"', close + 1);
  }
  if (zones.length === 0) return () => false;
  const inside = (place: number): boolean => zones.some(({ start, end }) => place > start && place < end);
  const speaksOfWork = WORK.some((concept) =>
    startsOf(reading.found, concept).some((index) => !inside(reading.tokens.starts[index] as number)),
  );
  if (!speaksOfWork || tokenAt(reading.tokens, 0) < 0) return () => false;
  return inside;
};
