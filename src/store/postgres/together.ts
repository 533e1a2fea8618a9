/**
 * Calls that may be made together: what comes while earlier ones are on their way waits, and goes with the next. So a database that is
 * slow, or far, is asked for more at once, and one call alone is made at once.
 */
export interface Together<Call, Result> {
  make(call: Call): Promise<Result>;
}

interface Waiting<Call, Result> {
  readonly call: Call;
  resolve(result: Promise<Result>): void;
}

/** On their way at once; and calls in one. */
const MOST_BATCHES = 4;
const MOST_CALLS = 64;
const WORTH_A_COMMIT = 16;

export const createTogether = <Call, Result>(options: {
  /** Undefined for a call that has to be made alone. Rejects when that is so for all. */
  together: (calls: readonly Call[]) => Promise<(Result | undefined)[]>;
  /** `after` is what the attempt together failed with. */
  alone: (call: Call, after?: unknown) => Promise<Result>;
  mayJoin: (call: Call) => boolean;
}): Together<Call, Result> => {
  const { together, alone, mayJoin } = options;
  const waiting: Waiting<Call, Result>[] = [];
  let onTheWay = 0;

  const makeAll = async (batch: readonly Waiting<Call, Result>[]): Promise<unknown> => {
    const calls = batch.map(({ call }) => call);
    try {
      const results = await together(calls);
      for (const [index, { call, resolve }] of batch.entries()) {
        const result = results[index];
        resolve(result === undefined ? alone(call) : Promise.resolve(result));
      }
    } catch (error) {
      for (const { call, resolve } of batch) resolve(alone(call, error));
    }
    return undefined;
  };

  const makeOne = ({ call, resolve }: Waiting<Call, Result>): Promise<unknown> => {
    const result = alone(call);
    resolve(result);
    return result.catch(() => {});
  };

  const go = (): void => {
    while (waiting.length > 0 && onTheWay < MOST_BATCHES) {
      // Shared out among the connections that are free, but not so thin that the commits outweigh the calls.
      const share = Math.ceil(waiting.length / (MOST_BATCHES - onTheWay));
      const taken = waiting.splice(0, Math.min(MOST_CALLS, Math.max(WORTH_A_COMMIT, share)));
      const batch = taken.filter(({ call }) => mayJoin(call));
      for (const apart of taken.filter(({ call }) => !mayJoin(call))) void makeOne(apart);
      const [first] = batch;
      if (first === undefined) continue;
      onTheWay += 1;
      void (batch.length === 1 ? makeOne(first) : makeAll(batch)).then(() => {
        onTheWay -= 1;
        go();
      });
    }
  };

  return {
    make: (call) =>
      new Promise((resolve) => {
        waiting.push({ call, resolve });
        // What comes in the same turn of the event loop goes together.
        if (waiting.length === 1) setImmediate(go);
      }),
  };
};
