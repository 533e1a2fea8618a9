/**
 * Keeps a copy in step with a log: entries are applied in order, each once, and nothing is passed over. A hole, or a head further
 * on than what came, is filled by asking for all that was missed; the answer is everything or a snapshot, never a part.
 * The inbox and a room's events are both such logs.
 */
export interface LogPoint<Epoch> {
  readonly epoch: Epoch;
  readonly position: number;
}

/** `position` is where the copy stands afterwards. Entries that only the last counts of may be left out of a replay. */
export type LogRecovery<Epoch, Event, Snapshot> = LogPoint<Epoch> &
  (
    | { readonly recovered: true; readonly entries: readonly { readonly position: number; readonly event: Event }[] }
    | { readonly recovered: false; readonly snapshot: Snapshot }
  );

export interface OrderedLog<Epoch, Event, Snapshot> {
  /** Where the copy stands; undefined before the first recovery. */
  at(): LogPoint<Epoch> | undefined;
  /** What came with the opening; from here on pushes count. */
  take(recovery: LogRecovery<Epoch, Event, Snapshot>): void;
  push(position: number, event: Event): void;
  /** The log has got this far. */
  head(point: LogPoint<Epoch>): void;
  /** The connection is gone; the next `take` carries all that was missed. */
  suspend(): void;
  /** Forgets where the copy stands. */
  reset(): void;
}

export interface OrderedLogOptions<Epoch, Event, Snapshot> {
  apply(event: Event): void;
  replace(snapshot: Snapshot): void;
  /** Asks for everything after a point. */
  recover(after: LogPoint<Epoch>): Promise<LogRecovery<Epoch, Event, Snapshot>>;
  /** Asking failed; the log stays behind until the next `take`. */
  onFailure(error: unknown): void;
}

export const createOrderedLog = <Epoch, Event, Snapshot>(
  options: OrderedLogOptions<Epoch, Event, Snapshot>,
): OrderedLog<Epoch, Event, Snapshot> => {
  let at: LogPoint<Epoch> | undefined;
  /** While a recovery is on its way, pushes wait for it: a snapshot in it may be older than they are. */
  let waiting = true;
  const early = new Map<number, Event>();
  /** Counts recoveries asked for, so that the answer to an old one is passed over. */
  let asked = 0;

  const recover = async (after: LogPoint<Epoch>): Promise<void> => {
    waiting = true;
    asked += 1;
    const mine = asked;
    try {
      const recovery = await options.recover(after);
      if (mine === asked) take(recovery);
    } catch (error) {
      if (mine === asked) options.onFailure(error);
    }
  };

  const take = (recovery: LogRecovery<Epoch, Event, Snapshot>): void => {
    asked += 1;
    if (recovery.recovered) {
      for (const { event } of recovery.entries) options.apply(event);
    } else {
      options.replace(recovery.snapshot);
    }
    at = { epoch: recovery.epoch, position: recovery.position };
    waiting = false;
    const pushes = [...early].sort(([a], [b]) => a - b);
    early.clear();
    for (const [position, event] of pushes) push(position, event);
  };

  const push = (position: number, event: Event): void => {
    if (waiting || at === undefined) {
      early.set(position, event);
    } else if (position === at.position + 1) {
      at = { epoch: at.epoch, position };
      options.apply(event);
    } else if (position > at.position) {
      early.set(position, event);
      void recover(at);
    }
  };

  const suspend = (): void => {
    waiting = true;
    asked += 1;
    early.clear();
  };

  return {
    at: () => at,
    take,
    push,
    head({ epoch, position }) {
      if (waiting || at === undefined) return;
      if (epoch !== at.epoch || position > at.position) void recover(at);
    },
    suspend,
    reset() {
      suspend();
      at = undefined;
    },
  };
};
