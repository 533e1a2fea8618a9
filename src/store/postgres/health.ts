/** Whether the database answers: told by every call, and asked for by a probe while it does not or nothing else asks. */
import type { Queryable } from './database.ts';
import { refusalOf } from './refusal.ts';

export interface Health {
  ready(): boolean;
  succeeded(): void;
  failed(error: Error): void;
  close(): void;
}

interface Log {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const PROBE_MS = 1_000;

export const createHealth = ({ db, log }: { db: Queryable; log: Log | undefined }): Health => {
  let isReady = true;
  let asked = false;
  let isAsking = false;
  const health: Health = {
    ready: () => isReady,
    succeeded() {
      asked = true;
      if (isReady) return;
      isReady = true;
      log?.info({}, 'the store is back');
    },
    failed(error) {
      if (!isReady) return;
      isReady = false;
      const why = refusalOf(error) ?? 'the store cannot be reached';
      log?.error({ err: error }, `${why}; calls are refused as unavailable until it is back`);
    },
    close: () => clearInterval(timer),
  };
  const probe = async (): Promise<void> => {
    isAsking = true;
    await db.get('SELECT 1').then(health.succeeded, health.failed);
    isAsking = false;
  };
  const timer = setInterval(() => {
    if (!isAsking && (!isReady || !asked)) void probe();
    asked = false;
  }, PROBE_MS);
  timer.unref();
  return health;
};
