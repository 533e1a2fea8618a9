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
    const withHits = ({ from, to }: Window) => ({ from, to, ...inside(from, to) });
    const { windows: all, halves } = windowsOf(reading);
    const most = reading.isSigns ? MOST_AMONG_SIGNS : MOST_WINDOWS;
    const isRead = all.length > most ? mostLikeWriting(reading, all, most) : undefined;
    const windows = all.map(withHits).filter(({ hits }, index) => isRead?.[index] !== 0 || hits.length > 0);
    const margins = windows.map(({ from, to, hits }) => marginOf(reading, hits, from, to));
    const stretchOf = (window: Window & SomeHits, own: number, index: number): Stretch => {
      const near = margins.slice(Math.max(0, index - NEAR), index + NEAR + 1);
      const around = near.reduce((sum, margin) => sum + margin, 0) / near.length;
      const margin = own + SHARE_AROUND * (around - own);
      return { ...window, margin, probability: probabilityOf(margin, window.hits) };
    };
    const stretches = windows.map((window, index) => stretchOf(window, margins[index] as number, index));
    const isHeard = ({ from, to }: Window): boolean =>
      stretches.some((whole) => whole.probability >= HEARD && whole.from <= from && to <= whole.to);
    const closer = reading.isSigns
      ? []
      : halves.map(withHits).filter((half) => half.hits.some(({ confidence }) => confidence >= REPORTED) && !isHeard(half));
    for (const half of closer.slice(0, MOST_CLOSER)) {
      const index = Math.max(
        0,
        windows.findLastIndex(({ from }) => from <= half.from),
      );
      stretches.push(stretchOf(half, marginOf(reading, half.hits, half.from, half.to), index));
    }
    return stretches;
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
