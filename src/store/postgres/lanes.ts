/**
 * Work under one key runs one after the other, so that a busy thread takes one connection of the pool: the others would wait in
 * the database for its lock.
 */
export interface Lanes {
  run<Result>(key: string, work: () => Promise<Result>): Promise<Result>;
}

export const createLanes = (): Lanes => {
  const tails = new Map<string, Promise<unknown>>();
  return {
    run(key, work) {
      const result = (tails.get(key) ?? Promise.resolve()).then(work);
      const tail = result
        .catch(() => {})
        .then(() => {
          if (tails.get(key) === tail) tails.delete(key);
        });
      tails.set(key, tail);
      return result;
    },
  };
};
