/** A row that leaves its list, or goes up to another, does not take the focus away: it stays on the row, or goes to its neighbour. */
import { type RefObject, useEffect, useRef } from 'react';
import type { ThreadId } from '../../../protocol/index.ts';
import { isFocusLost } from '../lib/focus.ts';

const rowsIn = (list: HTMLElement | null): HTMLElement[] => [...(list?.querySelectorAll<HTMLElement>('a[data-thread]') ?? [])];

/** Call what it returns before the row moves. */
export const useKeptFocus = (list: RefObject<HTMLElement | null>): ((threadId: ThreadId, leaves: boolean) => void) => {
  const next = useRef<ThreadId | null>(null);
  // After each drawing, since the row moves once the server has said so.
  useEffect(() => {
    if (next.current === null || !isFocusLost()) return;
    const row = rowsIn(list.current).find(({ dataset }) => dataset.thread === next.current);
    next.current = null;
    (row ?? list.current)?.focus();
  });
  return (threadId, leaves) => {
    const rows = rowsIn(list.current);
    const at = rows.findIndex(({ dataset }) => dataset.thread === threadId);
    next.current = leaves ? ((rows[at + 1] ?? rows[at - 1])?.dataset.thread ?? '') : threadId;
    // Whoever goes elsewhere meanwhile is not called back.
    const forget = (): void => {
      next.current = null;
    };
    document.addEventListener('focusin', forget, { once: true });
  };
};
