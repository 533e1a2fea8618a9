/**
 * Where a conversation is scrolled to. At the end, it stays there whatever grows; further up, the row at the top of the window
 * stays where it is, whatever comes before it or goes.
 */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

export interface Scroll {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly content: RefObject<HTMLOListElement | null>;
  readonly atEnd: boolean;
  /** The same as of this moment, for effects of the render that changed it. */
  isAtEndNow(): boolean;
  readonly onScroll: () => void;
  toEnd(): void;
  /** Brings a row into the middle of the window, and stays there. */
  toRow(row: HTMLElement): void;
}

interface Anchor {
  readonly row: HTMLElement;
  /** Its distance from the top of the window. */
  readonly distance: number;
}

/** Nearer to the end than this counts as being there. */
const NEAR_END_PX = 40;

export const useScroll = (): Scroll => {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLOListElement>(null);
  const anchor = useRef<Anchor | null>(null);
  const [atEnd, setAtEnd] = useState(true);
  /** What the observers and effects go by, without a render between. */
  const isAtEnd = useRef(true);
  /** How high the window was when the place was last kept. */
  const height = useRef(0);
  const isAtEndNow = useCallback(() => isAtEnd.current, []);

  const remember = useCallback(() => {
    const [box, list] = [scroller.current, content.current];
    if (box === null || list === null) return;
    const row = firstVisible(list, box.scrollTop);
    anchor.current = row === undefined ? null : { row, distance: distanceOf(row, box) };
  }, []);

  const keepPlace = useCallback(() => {
    const box = scroller.current;
    if (box === null) return;
    height.current = box.clientHeight;
    if (isAtEnd.current) box.scrollTop = box.scrollHeight;
    else if (anchor.current?.row.isConnected === true)
      box.scrollTop += distanceOf(anchor.current.row, box) - anchor.current.distance;
    remember();
  }, [remember]);

  const onScroll = useCallback(() => {
    const box = scroller.current;
    if (box === null) return;
    // It comes after the window has become smaller, and before the observer hears of that: nobody scrolled away from the end.
    if (box.clientHeight !== height.current) return keepPlace();
    isAtEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX;
    setAtEnd(isAtEnd.current);
    remember();
  }, [remember, keepPlace]);

  const toEnd = useCallback(() => {
    isAtEnd.current = true;
    setAtEnd(true);
    keepPlace();
  }, [keepPlace]);

  const toRow = useCallback(
    (row: HTMLElement) => {
      isAtEnd.current = false;
      row.scrollIntoView({ block: 'center' });
      onScroll();
    },
    [onScroll],
  );

  useLayoutEffect(keepPlace);

  useEffect(() => {
    const [box, list] = [scroller.current, content.current];
    if (box === null || list === null) return;
    const observer = new ResizeObserver(keepPlace);
    observer.observe(box);
    observer.observe(list);
    return () => observer.disconnect();
  }, [keepPlace]);

  return { scroller, content, atEnd, isAtEndNow, onScroll, toEnd, toRow };
};

const distanceOf = (row: HTMLElement, box: HTMLElement): number =>
  row.getBoundingClientRect().top - box.getBoundingClientRect().top;

/** Rows so marked (day breaks, the mark before what is unread) go elsewhere when older ones come before them. */
export const WANDERING = 'data-wandering';

/** The first row in the window that stays between its neighbours. By halving: rows are in order, and there may be thousands. */
const firstVisible = (list: HTMLElement, top: number): HTMLElement | undefined => {
  const rows = list.children as HTMLCollectionOf<HTMLElement>;
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (row !== undefined && row.offsetTop + row.offsetHeight > top) high = middle;
    else low = middle + 1;
  }
  while (rows[low]?.hasAttribute(WANDERING) === true) low += 1;
  return rows[low];
};
