/** What a browser keeps for an origin. Where it may not (a sandboxed frame, a person who forbade it), it is kept while the page lives. */
export type Kept = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const inMemory = (): Kept => {
  const values = new Map<string, string>();
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  };
};

const orInMemory = (storage: () => Storage): Kept => {
  try {
    return storage();
  } catch {
    return inMemory();
  }
};

export const keptInTab: Kept = orInMemory(() => sessionStorage);
export const keptInBrowser: Kept = orInMemory(() => localStorage);
