/** A list of cases as it is now: asked for again when the queue changes, and after each reconnection. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { CaseKind, CaseList, CasePlace, ModerationCase, User, UserId } from '../../../protocol/index.ts';
import { useParley } from '../app/parley.tsx';
import { useReadable } from '../lib/use-readable.ts';

export interface Cases {
  readonly status: 'loading' | 'ready' | 'failed';
  readonly cases: readonly ModerationCase[];
  readonly users: ReadonlyMap<UserId, User>;
  readonly more: boolean;
  reload(): void;
  loadMore(): void;
}

interface Loaded {
  readonly cases: readonly ModerationCase[];
  readonly users: ReadonlyMap<UserId, User>;
  readonly next: CasePlace | null;
}

const PAGE = 50;
const MOST = 100;
/** Changes that come together are looked at together. */
const SETTLE_MS = 150;

export const useCases = (list: CaseList, kind: CaseKind | null): Cases => {
  const { client } = useParley();
  const isOnline = useReadable(client.connection).status === 'online';
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [failed, setFailed] = useState(false);
  const wanted = useRef('');
  const count = useRef(0);

  const load = useCallback(
    (after: Loaded | null) => {
      const asked = `${list} ${kind ?? ''}`;
      wanted.current = asked;
      const limit = after === null ? Math.min(MOST, Math.max(PAGE, count.current)) : PAGE;
      const page = { list, limit, ...(kind === null ? {} : { kind }), ...(after?.next == null ? {} : { after: after.next }) };
      client.request('moderation.list', page).then(
        ({ cases, users, next }) => {
          if (wanted.current !== asked) return;
          const shown = [...(after?.cases ?? []), ...cases];
          count.current = shown.length;
          setLoaded({
            cases: shown,
            users: new Map([...(after?.users ?? []), ...users.map((user) => [user.userId, user] as const)]),
            next,
          });
          setFailed(false);
        },
        () => setFailed(true),
      );
    },
    [client, list, kind],
  );
  const reload = useCallback(() => load(null), [load]);

  useEffect(() => {
    setLoaded(null);
    count.current = 0;
    if (isOnline) reload();
  }, [isOnline, reload]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = client.onQueue(() => {
      clearTimeout(timer);
      timer = setTimeout(reload, SETTLE_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [client, reload]);

  return {
    status: loaded !== null ? 'ready' : failed ? 'failed' : 'loading',
    cases: loaded?.cases ?? [],
    users: loaded?.users ?? new Map(),
    more: loaded?.next != null,
    reload,
    loadMore: () => load(loaded),
  };
};
