/**
 * Values one can subscribe to, in the shape that `useSyncExternalStore` takes. A value keeps its identity until it changes, and
 * listeners are called once a microtask, however much changed in it.
 */
import type { Readable } from './types.ts';

/** A value that is computed from others when it is read. */
export interface View<Value> extends Readable<Value> {
  /** Something that the value is made of has changed. */
  invalidate(): void;
}

/** A value that is set. */
export interface Cell<Value> extends Readable<Value> {
  set(value: Value): void;
}

/** An object or a list whose parts come out as they were keeps its identity. `compute` has no side effects. */
export const createView = <Value>(compute: () => Value): View<Value> => {
  const listeners = new Set<() => void>();
  let current: { readonly value: Value } | undefined;
  let stale = true;
  let announced: Value | undefined;
  let scheduled = false;

  const get = (): Value => {
    if (current !== undefined && !stale) return current.value;
    stale = false;
    const value = compute();
    if (current === undefined || !isSame(current.value, value)) current = { value };
    return current.value;
  };

  const announce = (): void => {
    scheduled = false;
    const value = get();
    if (Object.is(value, announced)) return;
    announced = value;
    for (const listener of [...listeners]) call(listener);
  };

  return {
    get,
    subscribe(listener) {
      if (listeners.size === 0) announced = get();
      // Wrapped, so that a function subscribed twice is heard until both have stopped.
      const own = (): void => listener();
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    invalidate() {
      stale = true;
      if (scheduled || listeners.size === 0) return;
      scheduled = true;
      queueMicrotask(announce);
    },
  };
};

export const createCell = <Value>(initial: Value): Cell<Value> => {
  let value = initial;
  const view = createView(() => value);
  return {
    get: view.get,
    subscribe: view.subscribe,
    set(next) {
      value = next;
      view.invalidate();
    },
  };
};

/** A listener that throws must not keep the others from hearing; its error goes to the platform's handler. */
const call = (listener: () => void): void => {
  try {
    listener();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
};

const isSame = (before: unknown, after: unknown): boolean => {
  if (Object.is(before, after)) return true;
  if (!isPlain(before) || !isPlain(after)) return false;
  const keys = Object.keys(before);
  return keys.length === Object.keys(after).length && keys.every((key) => key in after && Object.is(before[key], after[key]));
};

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype);
