/**
 * A list that is kept between two lives of the application. Several tabs may share it, so each change is made to the list as it
 * is stored, and only by item.
 */
import type { ClientStorage } from './types.ts';

export interface StoredList<Item> {
  load(): Promise<Item[]>;
  /** Adds an item or replaces it. */
  put(item: Item): void;
  remove(id: string): void;
  clear(): Promise<void>;
}

export interface StoredListOptions<Item> {
  readonly storage: ClientStorage;
  readonly key: string;
  readonly idOf: (item: Item) => string;
  /** Undefined for what was written by something else, or by a version to come. */
  readonly parse: (item: unknown) => Item | undefined;
}

export const createStoredList = <Item>({ storage, key, idOf, parse }: StoredListOptions<Item>): StoredList<Item> => {
  const changes = new Map<string, Item | null>();
  let writing: Promise<void> | undefined;

  const parseList = (stored: string | null): Item[] => {
    if (stored === null) return [];
    try {
      const list: unknown = JSON.parse(stored);
      return Array.isArray(list) ? list.flatMap((item) => parse(item) ?? []) : [];
    } catch {
      return [];
    }
  };

  /** Writes what has gathered since the last time, as one. */
  const flush = async (): Promise<void> => {
    while (changes.size > 0) {
      const stored = storage.get(key);
      const list = parseList(stored instanceof Promise ? await stored : stored);
      const gathered = new Map(changes);
      changes.clear();
      const kept = list.filter((item) => gathered.get(idOf(item)) !== null);
      const next = kept.map((item) => gathered.get(idOf(item)) ?? item);
      const known = new Set(kept.map(idOf));
      for (const [id, item] of gathered) {
        if (item !== null && !known.has(id)) next.push(item);
      }
      await (next.length === 0 ? storage.delete(key) : storage.set(key, JSON.stringify(next)));
    }
  };

  const change = (id: string, item: Item | null): void => {
    changes.set(id, item);
    // A storage that is full or forbidden leaves the items in memory, which is all there is then.
    writing ??= Promise.resolve()
      .then(flush)
      .catch(() => changes.clear())
      .finally(() => {
        writing = undefined;
      });
  };

  return {
    async load() {
      try {
        return parseList(await storage.get(key));
      } catch {
        return [];
      }
    },
    put: (item) => change(idOf(item), item),
    remove: (id) => change(id, null),
    async clear() {
      changes.clear();
      await writing;
      try {
        await storage.delete(key);
      } catch {
        // It cannot be reached; then nothing of ours is there.
      }
    },
  };
};
