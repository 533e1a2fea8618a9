/**
 * The sockets that have not authenticated yet. So many may wait, so that a flood of them is refused at the upgrade; and they may hold so
 * much together. What one of them holds nobody can see, because the library keeps a frame to itself until it is whole: what can be seen
 * is that the process grows while some have waited for longer than whoever means to authenticate.
 */
import type { Clock } from '../clock.ts';

export interface Admission {
  mayEnter(): boolean;
  /** Counts a socket in until what is returned is called; `close` is called when it has to go. */
  enter(close: () => void): () => void;
}

export interface AdmissionOptions {
  readonly max: number;
  /** Of all that wait, together; where it is passed those go that have waited for `PATIENCE_MS`. */
  readonly maxBytes: number;
  readonly clock: Clock;
  /** What the process holds beside its JavaScript; `nativeBytes` unless a test says otherwise. */
  readonly held?: () => number;
  readonly onCount: (waiting: number) => void;
  /** So many had to go. */
  readonly onRelief?: (closed: number) => void;
}

/** Longer than anybody takes from the upgrade to `session.open` and its reply, where all is well. */
const PATIENCE_MS = 1_000;
const LOOK_EVERY_MS = 250;
/** What was held so many looks ago is what is held without those that wait now. */
const LOOKS_BACK = PATIENCE_MS / LOOK_EVERY_MS + 1;

interface Waiting {
  readonly since: number;
  close(): void;
}

const nativeBytes = (): number => {
  const { rss, heapTotal, external } = process.memoryUsage();
  return rss - heapTotal - external;
};

export const createAdmission = (options: AdmissionOptions): Admission => {
  const { max, maxBytes, clock, held = nativeBytes, onCount, onRelief } = options;
  /** In the order of their coming. */
  const waiting = new Set<Waiting>();
  let looks: number[] = [];
  let isLooking = false;

  const overdue = (): Waiting[] => {
    const found: Waiting[] = [];
    for (const each of waiting) {
      if (clock.now() - each.since < PATIENCE_MS) break;
      found.push(each);
    }
    return found;
  };

  const look = (): void => {
    isLooking = waiting.size > 0;
    if (!isLooking) return;
    const late = overdue();
    const now = held();
    if (late.length === 0) looks = [...looks, now].slice(-LOOKS_BACK);
    else if (now - (looks[0] ?? now) > maxBytes) {
      for (const each of late) each.close();
      onRelief?.(late.length);
    }
    clock.after(LOOK_EVERY_MS, look);
  };

  return {
    mayEnter: () => waiting.size < max,
    enter(close) {
      const entered: Waiting = { since: clock.now(), close };
      waiting.add(entered);
      onCount(waiting.size);
      if (!isLooking) {
        looks = [held()];
        isLooking = true;
        clock.after(LOOK_EVERY_MS, look);
      }
      return () => {
        if (waiting.delete(entered)) onCount(waiting.size);
      };
    },
  };
};
