/** A text in stretches, each with the hits that begin in it and its score. */
import type { Hit } from '../extract/reading.ts';
import type { Gathered } from '../gather.ts';
import type { Token } from '../text/tokens.ts';
import { partsOf, type Window } from './parts.ts';
import type { Weigher } from './weigh.ts';

export type Stretch = Window & {
  /** Margins of the sentence and of the part that it is in. */
  sentence: number;
  part: number;
  hits: Hit[];
  probability: number;
};

export const createStretches =
  ({ marginOf, probabilityOf }: Weigher): ((gathered: Gathered) => Stretch[]) =>
  (gathered) => {
    const { reading } = gathered;
    const stretches: Stretch[] = [];
    const inside = hitsBetween(gathered);
    for (const { from, to, sentences } of partsOf(reading)) {
      const part = marginOf(reading, inside(from, to), from, to);
      for (const window of sentences) {
        const hits = inside(window.from, window.to);
        const sentence = sentences.length === 1 ? part : marginOf(reading, hits, window.from, window.to);
        stretches.push({ ...window, sentence, part, hits, probability: probabilityOf(sentence, part, hits) });
      }
    }
    return stretches;
  };

/** The hits that begin between two tokens; the first and the last have what is before and behind them too. */
const hitsBetween = ({ reading: { tokens, folded }, hits }: Gathered): ((from: number, to: number) => Hit[]) => {
  if (hits.length === 0) return () => hits;
  const sorted = [...hits].sort((a, b) => a.start - b.start);
  const placeOf = (token: number): number => {
    const place = folded.at[(tokens[token] as Token).start] as number;
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] as Hit).start < place) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return (from, to) => sorted.slice(from === 0 ? 0 : placeOf(from), to >= tokens.length ? sorted.length : placeOf(to));
};
