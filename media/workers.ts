/**
 * The media workers of this node: one for each core, replaced when they die or hang. A worker that dies at once again and again is
 * replaced ever more slowly.
 */
import { availableParallelism } from 'node:os';
import type { Logger } from 'pino';
import { ProtocolError } from '../protocol/index.ts';
import type { Clock } from '../src/clock.ts';
import { type MediaWorker, spawnMediaWorker } from './media-worker.ts';
import { leastBusy } from './placement.ts';
import type { MediaSettings } from './settings.ts';

const MEASURE_EVERY_MS = 1_000;
const DEFAULT_WORKER_TIMEOUT_MS = 8_000;
const FIRST_BACK_OFF_MS = 250;
const MAX_BACK_OFF_MS = 30_000;
/** A worker that lived this long is replaced at once. */
const STABLE_AFTER_MS = 60_000;
/** How long a room waits for a worker when there is none. */
const TAKE_TIMEOUT_MS = 30_000;

export interface Workers {
  /** The worker for the next room; waits for a replacement when none lives. Rejects with `unavailable` after 30 s. */
  take(): Promise<MediaWorker>;
  /** The least busy of the others, for a room that needs one more; undefined when there is none. */
  spare(others: readonly MediaWorker[]): MediaWorker | undefined;
  /** A worker of this process id takes no new rooms, or takes them again; undefined when there is no such worker. */
  drain(pid: number, draining: boolean): MediaWorker | undefined;
  living(): readonly MediaWorker[];
  close(): Promise<void>;
}

interface WorkersOptions {
  readonly settings: MediaSettings;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called at once when a worker died; everything in it is closed. */
  readonly onDied: (worker: MediaWorker) => void;
}

/** Starts them all; rejects when one cannot be started. */
export const startWorkers = async ({ settings, clock, log, onDied }: WorkersOptions): Promise<Workers> => {
  const timeoutMs = settings.workerTimeoutMs ?? DEFAULT_WORKER_TIMEOUT_MS;
  const living = new Map<number, MediaWorker>();
  const waiting = new Set<() => void>();
  const cancels = new Set<() => void>();
  let closed = false;

  const after = (delayMs: number, run: () => void): (() => void) => {
    const cancel = clock.after(delayMs, () => {
      cancels.delete(cancel);
      run();
    });
    cancels.add(cancel);
    return cancel;
  };

  const start = async (index: number, failures: number): Promise<void> => {
    const worker = await spawnMediaWorker(settings, index);
    if (closed) return worker.close();
    const startedAt = clock.now();
    living.set(index, worker);
    worker.worker.once('died', (error) => {
      living.delete(index);
      if (closed) return;
      log.error({ err: error, workerPid: worker.worker.pid }, 'a media worker died');
      onDied(worker);
      replace(index, clock.now() - startedAt >= STABLE_AFTER_MS ? 0 : failures + 1);
    });
    for (const wake of [...waiting]) wake();
  };

  const replace = (index: number, failures: number): void => {
    const delayMs = failures <= 1 ? 0 : Math.min(MAX_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** (failures - 2));
    after(delayMs, () => {
      start(index, failures).catch((error) => {
        log.error({ err: error }, 'a media worker could not be started');
        if (!closed) replace(index, failures + 1);
      });
    });
  };

  /** A worker that does not answer is as good as dead, and worse: its calls stand still. */
  const check = async (worker: MediaWorker): Promise<void> => {
    const kill = after(timeoutMs, () => {
      log.error({ workerPid: worker.worker.pid }, 'a media worker hangs and is killed');
      process.kill(worker.worker.pid, 'SIGKILL');
    });
    try {
      await worker.measure();
    } catch {
      // It died while it was asked, and is being replaced.
    } finally {
      kill();
      cancels.delete(kill);
    }
  };
  const checking = new Set<MediaWorker>();
  const beat = (): void => {
    for (const worker of living.values()) {
      if (checking.has(worker)) continue;
      checking.add(worker);
      void check(worker).finally(() => checking.delete(worker));
    }
    after(MEASURE_EVERY_MS, beat);
  };

  const close = async (): Promise<void> => {
    closed = true;
    for (const cancel of cancels) cancel();
    for (const wake of [...waiting]) wake();
    await Promise.all([...living.values()].map((worker) => worker.close()));
    living.clear();
  };

  const count = settings.workers === 0 ? availableParallelism() : settings.workers;
  try {
    await Promise.all(Array.from({ length: count }, (_, index) => start(index, 0)));
  } catch (error) {
    await close();
    throw error;
  }
  beat();

  /** Until a worker is there or the node closes; false when it took too long. */
  const replacement = (): Promise<boolean> =>
    new Promise((resolve) => {
      const settle = (came: boolean): void => {
        waiting.delete(wake);
        giveUp();
        resolve(came);
      };
      const wake = (): void => settle(true);
      const giveUp = after(TAKE_TIMEOUT_MS, () => settle(false));
      waiting.add(wake);
    });

  const choose = (except: readonly MediaWorker[] = []): MediaWorker | undefined => {
    const open = [...living.values()].filter((worker) => !worker.draining && !except.includes(worker));
    const worker = closed ? undefined : leastBusy(open);
    if (worker !== undefined) worker.placed += 1;
    return worker;
  };

  return {
    async take() {
      for (;;) {
        const worker = choose();
        if (worker !== undefined) return worker;
        if (closed || !(await replacement()))
          throw new ProtocolError('unavailable', 'No media worker runs; try again in a moment.');
      }
    },
    spare: choose,
    drain(pid, draining) {
      const worker = [...living.values()].find((candidate) => candidate.worker.pid === pid);
      if (worker === undefined) return undefined;
      worker.draining = draining;
      if (!draining) for (const wake of [...waiting]) wake();
      return worker;
    },
    living: () => [...living.values()],
    close,
  };
};
