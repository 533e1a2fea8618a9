/**
 * The "New" mark: stands before what was unread when one came, and stays while one reads, so that one sees where to begin. It
 * is set anew when messages come while one looks elsewhere, and goes when one writes.
 */
import { useCallback, useEffect, useRef, useState } from 'react';

interface Reading {
  readonly unread: number;
  readonly readOffset: number;
  /** Whether what comes is seen at once. */
  readonly reading: boolean;
}

/** Returns the offset after which all is new, or null for no mark; and how to take it away. */
export const useUnreadMark = ({ unread, readOffset, reading }: Reading): [mark: number | null, clear: () => void] => {
  const [mark, setMark] = useState<number | null>(unread > 0 ? readOffset : null);
  const before = useRef(unread);
  useEffect(() => {
    if (before.current === 0 && unread > 0 && !reading) setMark(readOffset);
    before.current = unread;
  }, [unread, readOffset, reading]);
  return [mark, useCallback(() => setMark(null), [])];
};
