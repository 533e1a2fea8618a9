/** One mediasoup worker with its WebRTC server: spawning, what it carries, how busy it is, and closing it for good. */
import { createWorker, type types } from 'mediasoup';
import { listenInfosOf } from './listen-infos.ts';
import type { MediaSettings } from './settings.ts';

/** A worker that was asked to close has this long before it is killed. */
const CLOSE_TIMEOUT_MS = 2_000;

export interface MediaWorker {
  readonly worker: types.Worker;
  readonly webRtcServer: types.WebRtcServer;
  /** What it carries now, kept by the worker's own observers. */
  readonly carries: { rooms: number; producers: number; consumers: number };
  /** Share of one core over the last interval. */
  cpu: number;
  /** Rooms placed on it since `cpu` was measured, which it does not show yet. */
  placed: number;
  /** It takes no new rooms. */
  draining: boolean;
  /** Measures `cpu`. */
  measure(): Promise<void>;
  /** Resolves when the process is gone. */
  close(): Promise<void>;
}

/**
 * mediasoup closes its workers at SIGTERM and SIGINT by itself, which would cut every call at the start of a drain. Signals are
 * the program's to handle (main.ts). The listeners are added while `createWorker` runs its first, synchronous part.
 */
const withoutSignalHandlers = <Value>(spawn: () => Value): Value => {
  const signals = ['SIGTERM', 'SIGINT'] as const;
  const before = signals.map((signal) => new Set(process.listeners(signal)));
  const spawned = spawn();
  for (const [at, signal] of signals.entries()) {
    for (const listener of process.listeners(signal)) {
      if (!before[at]!.has(listener)) process.removeListener(signal, listener);
    }
  }
  return spawned;
};

/** Counts what is created and closed, so that a gauge costs no request to the worker. */
const countCarried = (worker: types.Worker): MediaWorker['carries'] => {
  const carries = { rooms: 0, producers: 0, consumers: 0 };
  const count = (key: keyof typeof carries, observer: { once(event: 'close', listener: () => void): unknown }): void => {
    carries[key] += 1;
    observer.once('close', () => {
      carries[key] -= 1;
    });
  };
  worker.observer.on('newrouter', (router) => {
    count('rooms', router.observer);
    router.observer.on('newtransport', (transport) => {
      transport.observer.on('newproducer', (producer) => count('producers', producer.observer));
      transport.observer.on('newconsumer', (consumer) => count('consumers', consumer.observer));
    });
  });
  return carries;
};

export const spawnMediaWorker = async (settings: MediaSettings, index: number): Promise<MediaWorker> => {
  const { workerBin } = settings;
  const worker = await withoutSignalHandlers(() =>
    createWorker({ logLevel: 'error', ...(workerBin === undefined ? {} : { workerBin }) }),
  );
  const gone = new Promise<void>((resolve) => worker.once('subprocessclose', resolve));
  let measured: { cpuMs: number; at: number } | undefined;
  const close = async (): Promise<void> => {
    const { pid } = worker;
    worker.close();
    const timer = setTimeout(() => process.kill(pid, 'SIGKILL'), CLOSE_TIMEOUT_MS);
    if (!worker.subprocessClosed) await gone;
    clearTimeout(timer);
  };
  try {
    const carries = countCarried(worker);
    const webRtcServer = await worker.createWebRtcServer({ listenInfos: listenInfosOf(settings, index) });
    const mediaWorker: MediaWorker = {
      worker,
      webRtcServer,
      carries,
      cpu: 0,
      placed: 0,
      draining: false,
      async measure() {
        const usage = await worker.getResourceUsage();
        const now = { cpuMs: usage.ru_utime + usage.ru_stime, at: performance.now() };
        // The first time there is nothing to compare with: starting is not work.
        mediaWorker.cpu =
          measured === undefined ? 0 : Math.max(0, (now.cpuMs - measured.cpuMs) / Math.max(1, now.at - measured.at));
        mediaWorker.placed = 0;
        measured = now;
      },
      close,
    };
    return mediaWorker;
  } catch (error) {
    await close();
    throw error;
  }
};
