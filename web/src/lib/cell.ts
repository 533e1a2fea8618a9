/** A value of the application's own that components subscribe to, in the same shape as the SDK's. */
import type { Readable } from '../../../client/types.ts';

export interface Cell<Value> extends Readable<Value> {
  set(value: Value): void;
}

export const createCell = <Value>(initial: Value): Cell<Value> => {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener();
    },
  };
};
