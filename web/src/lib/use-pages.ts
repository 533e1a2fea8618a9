/** A list that comes in pages: the first by itself, more when asked for, and all of those again when what they show has changed. */
import { useCallback, useEffect, useRef, useState } from 'react';

export interface Pages<Page> {
  readonly status: 'loading' | 'ready' | 'failed';
  readonly pages: readonly Page[];
  /** There are more behind them. */
  readonly more: boolean;
  readonly loadingMore: boolean;
  loadMore(): void;
  reload(): void;
}

interface Loaded<Page> {
  readonly status: Pages<Page>['status'];
  readonly pages: readonly Page[];
}

/**
 * `fetchPage` is given the page before. Nothing is asked for while `isOnline` is false, and the list anew once it is true. It is asked
 * for once at a time, however often it is said that it has changed.
 */
export const usePages = <Page extends { readonly more: boolean }>(
  fetchPage: (before: Page | undefined) => Promise<Page>,
  isOnline: boolean,
): Pages<Page> => {
  const [{ status, pages }, setLoaded] = useState<Loaded<Page>>({ status: 'loading', pages: [] });
  const [loadingMore, setLoadingMore] = useState(false);
  const wanted = useRef(1);
  const isAsking = useRef(false);
  const again = useRef(false);

  const load = useCallback(async (): Promise<void> => {
    again.current = true;
    if (isAsking.current) return;
    isAsking.current = true;
    while (again.current) {
      again.current = false;
      const next: Page[] = [];
      try {
        do next.push(await fetchPage(next.at(-1)));
        while (next.length < wanted.current && next.at(-1)?.more === true);
        setLoaded({ status: 'ready', pages: next });
      } catch {
        // What is shown already stays.
        setLoaded((shown) => (shown.status === 'ready' ? shown : { status: 'failed', pages: [] }));
      }
    }
    isAsking.current = false;
    setLoadingMore(false);
  }, [fetchPage]);

  const reload = useCallback((): void => void load(), [load]);
  useEffect(() => {
    if (isOnline) reload();
  }, [isOnline, reload]);

  const loadMore = useCallback((): void => {
    wanted.current = pages.length + 1;
    setLoadingMore(true);
    void load();
  }, [load, pages.length]);

  return { status, pages, more: pages.at(-1)?.more === true, loadingMore, loadMore, reload };
};
