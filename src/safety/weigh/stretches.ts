/** A text in stretches, which may overlap, each with the hits that begin in it and its score. */
import { type Hit, type Reading, unitsBetween } from '../extract/reading.ts';
import type { Gathered } from '../gather.ts';
import { REPORTED } from '../verdict.ts';
import { HEARD, type Weigher } from './weigh.ts';
import { type Window, windowsOf } from './windows.ts';

export type Stretch = Window & {
  /** What the learned part makes of it, and a little of what stands around it. */
  margin: number;
  hits: readonly Hit[];
  /** Where they begin among all that were gathered. */
  firstHit: number;
  probability: number;
};

/** So many windows before one and behind it stand around it. */
const NEAR = 3;
/**
 * How much what stands around a stretch counts for it. More, and one sentence is lost among many; less, and more sentences of long innocent texts are
 * taken for something: measured on held-out items put between others (docs/safety.md).
 */
const SHARE_AROUND = 0.35;
/** Of a text of more windows than people write those that are most like writing are weighed, and what a rule found something in. */
const MOST_WINDOWS = 48;
/** The same where the text is signs: what is written among them stands out. */
const MOST_AMONG_SIGNS = 16;
/** Of a text of several windows the half in which a rule found something is weighed by itself too, unless it is heard with the other: at no price in what is allowed, one in twenty more is found. Signs in no order have no sentences. */
const MOST_CLOSER = 20;

export const createStretches =
  ({ marginOf, probabilityOf }: Weigher): ((gathered: Gathered) => Stretch[]) =>
  (gathered) => {
    const { reading } = gathered;
    const inside = hitsBetween(gathered);
    const newStretch = ({ from, to }: Window): Stretch => {
      const { hits, firstHit } = inside(from, to);
      return { from, to, hits, firstHit, margin: 0, probability: 0 };
    };
    const { windows, halves } = windowsOf(reading);
    const most = reading.isSigns ? MOST_AMONG_SIGNS : MOST_WINDOWS;
    const isRead = windows.length > most ? mostLikeWriting(reading, windows, most) : undefined;
    const stretches = windows.map(newStretch).filter(({ hits }, index) => isRead?.[index] !== 0 || hits.length > 0);
    const margins = stretches.map(({ from, to, hits }) => marginOf(reading, hits, from, to));
    const weigh = (stretch: Stretch, own: number, index: number): void => {
      stretch.margin = own + SHARE_AROUND * (around(margins, index) - own);
      stretch.probability = probabilityOf(stretch.margin, stretch.hits);
    };
    for (const [index, stretch] of stretches.entries()) weigh(stretch, margins[index] as number, index);
    if (reading.isSigns || !isTold(gathered)) return stretches;
    const isHeard = ({ from, to }: Window): boolean =>
      stretches.some((whole) => whole.probability >= HEARD && whole.from <= from && to <= whole.to);
    const told = halves.map(newStretch).filter((half) => isTold(half) && !isHeard(half));
    const closer = told.slice(0, MOST_CLOSER);
    for (const half of closer) {
      const index = stretches.findLastIndex(({ from }) => from <= half.from);
      weigh(half, marginOf(reading, half.hits, half.from, half.to), Math.max(0, index));
    }
    return [...stretches, ...closer];
  };

/** Does a rule say something that is reported? */
const isTold = ({ hits }: { hits: readonly Hit[] }): boolean => hits.some(({ confidence }) => confidence >= REPORTED);

/** The mean of what stands around one. */
const around = (margins: readonly number[], index: number): number => {
  const from = Math.max(0, index - NEAR);
  const to = Math.min(margins.length, index + NEAR + 1);
  let sum = 0;
  for (let at = from; at < to; at += 1) sum += margins[at] as number;
  return sum / (to - from);
};

/** One for each window whose words are among the longest. */
const mostLikeWriting = ({ tokens }: Reading, windows: readonly Window[], most: number): Uint8Array => {
  const written = windows.map(({ from, to }) => unitsBetween(tokens, from, to));
  const order = [...written.keys()].sort((a, b) => (written[b] as number) - (written[a] as number));
  const isRead = new Uint8Array(windows.length);
  for (const index of order.slice(0, most)) isRead[index] = 1;
  return isRead;
};

type SomeHits = Pick<Stretch, 'hits' | 'firstHit'>;

/** The hits that begin between two tokens; the first and the last have what is before and behind them too. */
export const hitsBetween = ({ reading: { tokens, folded }, hits }: Gathered): ((from: number, to: number) => SomeHits) => {
  const placeOf = (token: number): number => {
    const place = folded.at[tokens.starts[token] as number] as number;
    let low = 0;
    let high = hits.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((hits[middle] as Hit).start < place) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return (from, to) => {
    const firstHit = from === 0 || hits.length === 0 ? 0 : placeOf(from);
    return { firstHit, hits: hits.slice(firstHit, to >= tokens.starts.length || hits.length === 0 ? hits.length : placeOf(to)) };
  };
};
