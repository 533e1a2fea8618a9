/** Where in the application one is, as a path: `/`, `/threads/ID`, `/threads/ID/OFFSET`, `/jobs`, `/jobs/ID`, `/proposals`, `/proposals/ID`, `/archived`, `/moderation`, `/moderation/ID`. The query is kept. */
import { useCallback, useMemo, useSyncExternalStore } from 'react';

export type Route =
  | { readonly page: 'threads' }
  /** At the message of this offset, or else at its end. */
  | { readonly page: 'thread'; readonly threadId: string; readonly offset?: number }
  | { readonly page: 'archived' }
  | { readonly page: 'jobs' }
  | { readonly page: 'job'; readonly jobId: string }
  | { readonly page: 'proposals' }
  | { readonly page: 'proposal'; readonly proposalId: string }
  | { readonly page: 'moderation' }
  | { readonly page: 'case'; readonly caseId: string };

export const pathOf = (route: Route): string => {
  switch (route.page) {
    case 'threads':
      return '/';
    case 'thread':
      return `/threads/${encodeURIComponent(route.threadId)}${route.offset === undefined ? '' : `/${route.offset}`}`;
    case 'archived':
      return '/archived';
    case 'jobs':
      return '/jobs';
    case 'job':
      return `/jobs/${encodeURIComponent(route.jobId)}`;
    case 'proposals':
      return '/proposals';
    case 'proposal':
      return `/proposals/${encodeURIComponent(route.proposalId)}`;
    case 'moderation':
      return '/moderation';
    case 'case':
      return `/moderation/${encodeURIComponent(route.caseId)}`;
  }
};

const decoded = (segment: string): string | undefined => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
};

/** Any path that names no place is the thread list. */
export const routeOf = (path: string): Route => {
  const [, noun, segment = '', place = ''] = path.split('/');
  const id = decoded(segment);
  if (noun === 'threads' && id) {
    return { page: 'thread', threadId: id, ...(/^[1-9]\d{0,8}$/.test(place) ? { offset: Number(place) } : {}) };
  }
  if (noun === 'archived') return { page: 'archived' };
  if (noun === 'jobs') return id ? { page: 'job', jobId: id } : { page: 'jobs' };
  if (noun === 'proposals') return id ? { page: 'proposal', proposalId: id } : { page: 'proposals' };
  if (noun === 'moderation') return id ? { page: 'case', caseId: id } : { page: 'moderation' };
  return { page: 'threads' };
};

const subscribe = (listener: () => void): (() => void) => {
  addEventListener('popstate', listener);
  return () => removeEventListener('popstate', listener);
};

export const useRoute = (): Route => {
  const path = useSyncExternalStore(subscribe, () => location.pathname);
  return useMemo(() => routeOf(path), [path]);
};

export type Navigate = (route: Route, options?: { replace?: boolean }) => void;

export const useNavigate = (): Navigate =>
  useCallback((route, { replace = false } = {}) => {
    const path = pathOf(route) + location.search;
    if (path === location.pathname + location.search) return;
    history[replace ? 'replaceState' : 'pushState'](null, '', path);
    // The History API says nothing about one's own navigation.
    dispatchEvent(new PopStateEvent('popstate'));
  }, []);
