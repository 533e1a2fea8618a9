/** Queues by key: what is asked under one key is carried out one after the other, in the order it was asked. */
export interface SerialQueues {
  run<Value>(key: string, work: () => Promise<Value>): Promise<Value>;
}

export const createSerialQueues = (): SerialQueues => {
  const tails = new Map<string, Promise<unknown>>();
  return {
    run(key, work) {
      const before = tails.get(key);
      // An idle queue begins at once, so that what is asked elsewhere afterwards also happens afterwards.
      const result = before === undefined ? work() : before.then(work);
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
