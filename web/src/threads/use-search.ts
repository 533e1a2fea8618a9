/** A search as one types: the newest query alone is asked, a moment after the last key, and its pages go on below. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { SearchPage } from '../../../client/types.ts';
import { queryOf } from '../../../protocol/index.ts';
import { useParley } from '../app/parley.tsx';

export interface SearchView {
  readonly status: 'idle' | 'searching' | 'found' | 'failed';
  /** What the page was found for. */
  readonly query: string;
  readonly page: SearchPage | null;
}

const PAUSE_MS = 180;
const NOTHING: SearchView = { status: 'idle', query: '', page: null };

export const useSearch = (query: string): SearchView & { more(): void; again(): void } => {
  const { client } = useParley();
  const [view, setView] = useState(NOTHING);
  const [attempt, setAttempt] = useState(0);
  const giveUp = useRef(new AbortController());

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt asks the same again.
  useEffect(() => {
    if (queryOf(query) === null) {
      setView(NOTHING);
      return;
    }
    const controller = new AbortController();
    giveUp.current = controller;
    const { signal } = controller;
    // What was found before stays until there is something newer.
    setView((before) => ({ ...before, status: 'searching' }));
    const timer = setTimeout(async () => {
      try {
        const page = await client.search(query, { signal });
        setView({ status: 'found', query, page });
      } catch {
        if (!signal.aborted) setView({ status: 'failed', query, page: null });
      }
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [client, query, attempt]);

  const more = useCallback(async () => {
    const { page } = view;
    if (view.status !== 'found' || page?.next == null) return;
    const { signal } = giveUp.current;
    setView({ ...view, status: 'searching' });
    try {
      const next = await client.search(view.query, { after: page.next, signal });
      const joined: SearchPage = {
        messages: [...page.messages, ...next.messages],
        threads: new Map([...page.threads, ...next.threads]),
        users: new Map([...page.users, ...next.users]),
        next: next.next,
      };
      setView({ ...view, status: 'found', page: joined });
    } catch {
      // What is there stays, with the button to ask again.
      if (!signal.aborted) setView({ ...view, status: 'found' });
    }
  }, [client, view]);

  return { ...view, more, again: useCallback(() => setAttempt((count) => count + 1), []) };
};
