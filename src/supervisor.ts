/**
 * Several processes of one host as one program: starts them, starts one that dies again, stops them together. A process that dies again
 * and again, or refuses its configuration, ends the whole: something is wrong that starting does not mend.
 */
import type { ChildProcess } from 'node:child_process';
import type { Logger } from 'pino';
import type { Clock } from './clock.ts';

export interface Supervisor {
  /** Starts all; resolves with the exit code once all are gone. */
  run(): Promise<number>;
  /** Tells all to drain; those that are not gone in time are killed. Safe to call twice. */
  stop(): void;
}

/** The exit code of a process whose configuration is bad: starting it again is in vain. */
const BAD_CONFIGURATION = 2;
const BACKOFF_MS = { first: 250, most: 10_000 };
/** A process that lived this long died for a new reason. */
const STABLE_MS = 60_000;
const MAX_DEATHS = 6;

export const createSupervisor = (options: {
  names: readonly string[];
  start: (name: string) => ChildProcess;
  clock: Clock;
  log: Logger;
  /** How long a process may take to drain. */
  stopWithinMs: (name: string) => number;
}): Supervisor => {
  const { names, clock, log } = options;
  const running = new Map<string, ChildProcess>();
  const waiting = new Map<string, () => void>();
  const deaths = new Map<string, number>();
  let exitCode = 0;
  let stopping = false;
  let finish: (code: number) => void = () => {};

  const finishWhenGone = (): void => {
    if (stopping && running.size === 0) finish(exitCode);
  };

  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    for (const cancel of waiting.values()) cancel();
    waiting.clear();
    for (const [name, child] of running) {
      child.kill('SIGTERM');
      clock.after(options.stopWithinMs(name), () => {
        if (running.get(name) !== child) return;
        log.error({ process: name }, 'a process did not drain in time and is killed');
        child.kill('SIGKILL');
      });
    }
    finishWhenGone();
  };

  const giveUp = (name: string, why: string): void => {
    log.fatal({ process: name }, `${why}; everything is stopped`);
    exitCode = 1;
    stop();
  };

  const start = (name: string): void => {
    waiting.delete(name);
    const startedAt = clock.now();
    const child = options.start(name);
    running.set(name, child);
    log.info({ process: name, childPid: child.pid }, 'process started');
    let gone = false;
    const died = (code: number | null, signal: NodeJS.Signals | null): void => {
      if (gone) return;
      gone = true;
      running.delete(name);
      if (stopping) {
        if (code !== 0) exitCode = 1;
        finishWhenGone();
        return;
      }
      if (code === BAD_CONFIGURATION) {
        exitCode = BAD_CONFIGURATION;
        log.fatal({ process: name }, 'a process refuses its configuration; everything is stopped');
        stop();
        return;
      }
      const count = clock.now() - startedAt >= STABLE_MS ? 1 : (deaths.get(name) ?? 0) + 1;
      deaths.set(name, count);
      if (count >= MAX_DEATHS) {
        giveUp(name, `a process died ${count} times in a row, none of its lives lasting a minute`);
        return;
      }
      const delayMs = Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** (count - 1));
      log.error({ process: name, code, signal, delayMs }, 'a process died and is started again');
      waiting.set(
        name,
        clock.after(delayMs, () => start(name)),
      );
    };
    child.once('exit', died);
    child.once('error', (error) => {
      log.error({ process: name, err: error }, 'a process could not be started');
      died(1, null);
    });
  };

  return {
    stop,
    run: () =>
      new Promise((resolve) => {
        // Timers of the clock keep no process alive, and for a moment there may be nothing else.
        const alive = setInterval(() => {}, 60_000);
        finish = (code) => {
          clearInterval(alive);
          resolve(code);
        };
        for (const name of names) start(name);
      }),
  };
};
