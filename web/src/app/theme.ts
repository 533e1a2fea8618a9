/** Light, dark or what the system says. Kept in localStorage; public/theme.js reads it before the first paint. */
import { useCallback, useSyncExternalStore } from 'react';

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'parley:theme';

const read = (): Theme => {
  const kept = localStorage.getItem(KEY);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
};

const apply = (theme: Theme): void => {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
};

/** Another tab's choice arrives as a storage event; one's own is announced the same way. */
const subscribe = (listener: () => void): (() => void) => {
  const onStorage = (event: StorageEvent): void => {
    if (event.key !== KEY) return;
    apply(read());
    listener();
  };
  addEventListener('storage', onStorage);
  return () => removeEventListener('storage', onStorage);
};

export const useTheme = (): [theme: Theme, choose: (theme: Theme) => void] => {
  const theme = useSyncExternalStore(subscribe, read);
  const choose = useCallback((next: Theme) => {
    if (next === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, next);
    dispatchEvent(new StorageEvent('storage', { key: KEY }));
  }, []);
  return [theme, choose];
};
