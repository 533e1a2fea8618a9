/** Whether a media query holds, as React state. */
import { useCallback, useSyncExternalStore } from 'react';

export const NARROW = '(max-width: 767px)';
export const WIDE = '(min-width: 1180px)';

export const useMediaQuery = (query: string): boolean => {
  const subscribe = useCallback(
    (listener: () => void) => {
      const list = matchMedia(query);
      list.addEventListener('change', listener);
      return () => list.removeEventListener('change', listener);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches);
};
