/** What is begun once under a key, however many ask for it at the same time. */
export interface Once<Key, Value> {
  /** A failure is told to whoever asked, and forgotten: the next one tries again. */
  get(key: Key, begin: () => Promise<Value>): Promise<Value>;
  known(key: Key): Promise<Value> | undefined;
  forget(key: Key): void;
}

export const createOnce = <Key, Value>(): Once<Key, Value> => {
  const begun = new Map<Key, Promise<Value>>();
  return {
    get(key, begin) {
      const before = begun.get(key);
      if (before !== undefined) return before;
      const value = begin();
      begun.set(key, value);
      value.catch(() => begun.get(key) === value && begun.delete(key));
      return value;
    },
    known: (key) => begun.get(key),
    forget: (key) => void begun.delete(key),
  };
};
