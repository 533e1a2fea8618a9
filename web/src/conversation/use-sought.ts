/** Goes to the message that one came for: loads what lies before it, brings it into view, and marks it for a moment. */
import { type RefObject, useEffect } from 'react';
import type { ThreadClient } from '../../../client/types.ts';

const MARKED_MS = 2_500;

export const useSought = (options: {
  thread: ThreadClient;
  offset: number | undefined;
  scroller: RefObject<HTMLElement | null>;
  toRow: (row: HTMLElement) => void;
}): void => {
  const { thread, offset, scroller, toRow } = options;
  useEffect(() => {
    if (offset === undefined) return;
    let isGone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const go = async (): Promise<void> => {
      if (!(await thread.reach(offset).catch(() => false)) || isGone) return;
      // The row is drawn with the next frame.
      requestAnimationFrame(() => {
        const row = scroller.current?.querySelector<HTMLElement>(`[data-offset="${offset}"]`);
        if (isGone || row == null) return;
        toRow(row);
        row.tabIndex = -1;
        row.focus({ preventScroll: true });
        row.dataset.sought = '';
        timer = setTimeout(() => delete row.dataset.sought, MARKED_MS);
      });
    };
    void go();
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [thread, offset, scroller, toRow]);
};
