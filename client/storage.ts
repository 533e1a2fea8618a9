/** Places where unsent messages survive. */
import type { ClientStorage } from './types.ts';

/** Survives nothing; the default. */
export const memoryStorage = (): ClientStorage => {
  const values = new Map<string, string>();
  return {
    get: (key) => values.get(key) ?? null,
    set: (key, value) => void values.set(key, value),
    delete: (key) => void values.delete(key),
  };
};

/** A browser's `localStorage` or `sessionStorage`, under a prefix of the application's own. */
export const webStorage = (storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>, prefix = 'parley:'): ClientStorage => ({
  get: (key) => storage.getItem(prefix + key),
  set: (key, value) => storage.setItem(prefix + key, value),
  delete: (key) => storage.removeItem(prefix + key),
});
