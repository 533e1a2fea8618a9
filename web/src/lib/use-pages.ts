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

/** `fetchPage` is given the page before. Nothing is asked for while `isOnline` is false, and the list anew once it is true. */
export const usePages = <Page extends { readonly more: boolean }>(
  fetchPage: (before: Page | undefined) => Promise<Page>,
  isOnline: boolean,
): Pages<Page> => {
  const [{ status, pages }, setLoaded] = useState<Loaded<Page>>({ status: 'loading', pages: [] });
  const [loadingMore, setLoadingMore] = useState(false);
  /** How many pages are shown, and which asking is the last. */
  const wanted = useRef(1);
  const asking = useRef(0);

  const load = useCallback(async (): Promise<void> => {
    asking.current += 1;
    const mine = asking.current;
    const next: Page[] = [];
    try {
      do next.push(await fetchPage(next.at(-1)));
      while (next.length < wanted.current && next.at(-1)?.more === true);
      if (asking.current === mine) setLoaded({ status: 'ready', pages: next });
    } catch {
      // What is shown already stays.
      if (asking.current === mine) setLoaded((shown) => (shown.status === 'ready' ? shown : { status: 'failed', pages: [] }));
    } finally {
      if (asking.current === mine) setLoadingMore(false);
    }
  }, [fetchPage]);

  const reload = useCallback((): void => void load(), [load]);
  useEffect(() => {
    if (isOnline) reload();
  }, [isOnline, reload]);
  useEffect(
    () => () => {
      asking.current += 1;
    },
    [],
  );

  const loadMore = useCallback((): void => {
    wanted.current += 1;
    setLoadingMore(true);
    void load();
  }, [load]);

  return { status, pages, more: pages.at(-1)?.more === true, loadingMore, loadMore, reload };
};
