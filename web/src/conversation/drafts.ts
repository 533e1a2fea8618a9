/** What one began to write in each thread: kept while the tab lives, across threads and reloads. */
import { useCallback, useSyncExternalStore } from 'react';
import { useParley } from '../app/parley.tsx';
import { keptInTab } from '../lib/kept.ts';

/** A storage event tells other tabs only; the rows of this one hear this. */
const CHANGED = 'parley:draft';

const subscribe = (listener: () => void): (() => void) => {
  addEventListener(CHANGED, listener);
  return () => removeEventListener(CHANGED, listener);
};

export const useDraft = (threadId: string): [draft: string, setDraft: (draft: string) => void] => {
  const key = `${useParley().storagePrefix}draft:${threadId}`;
  const draft = useSyncExternalStore(subscribe, () => keptInTab.getItem(key) ?? '');
  const setDraft = useCallback(
    (next: string) => {
      if (next === '') keptInTab.removeItem(key);
      else keptInTab.setItem(key, next);
      dispatchEvent(new Event(CHANGED));
    },
    [key],
  );
  return [draft, setDraft];
};
