/** The SDK's values in React: the present one, drawn once a frame however often it changes. */
import { useCallback, useSyncExternalStore } from 'react';
import type { Readable } from '../../../client/types.ts';

/** A hidden page has no frames, and its title still counts what is unread. */
const LATEST_MS = 200;

/** Calls back with the next frame, once for all changes until then; returns how to stop. */
const onFrame = (subscribe: Readable<unknown>['subscribe'], listener: () => void): (() => void) => {
  let cancel: (() => void) | undefined;
  const run = (): void => {
    cancel?.();
    cancel = undefined;
    listener();
  };
  const stop = subscribe(() => {
    if (cancel !== undefined) return;
    const frame = requestAnimationFrame(run);
    const timer = setTimeout(run, LATEST_MS);
    cancel = () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  });
  return () => {
    stop();
    cancel?.();
  };
};

export const useReadable = <Value>({ subscribe, get }: Readable<Value>): Value =>
  useSyncExternalStore(
    useCallback((listener: () => void) => onFrame(subscribe, listener), [subscribe]),
    get,
  );
