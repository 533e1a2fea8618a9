/**
 * The thread that has the file. Takes all the calls that have arrived, commits their writes together, then runs their reads;
 * what arrives meanwhile makes the next group. A write's reply leaves after its commit reached the disk.
 */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { ProtocolError } from '../../protocol/index.ts';
import type { Call, FromWorker, Reply } from './sqlite/calls.ts';
import { type Database, openDatabase, type Settings } from './sqlite/database.ts';
import { isFatal, isOutage } from './sqlite/failures.ts';
import { CommitFailed, createGroupCommit, type Outcome } from './sqlite/group-commit.ts';
import { READS, WRITES } from './sqlite/operations.ts';

/** Bounds how long the first call of a burst waits for the last. */
const MAX_GROUP = 256;

/** How long a replaced or deleted body may stay in the write-ahead log, so that a burst of deletes costs one checkpoint. */
const ERASE_WITHIN_MS = 1_000;

type Run = (db: Database, ...args: never[]) => unknown;

const serve = (port: MessagePort, db: Database): void => {
  const send = (message: FromWorker): void => port.postMessage(message);
  const group = createGroupCommit(db);
  let erasing: NodeJS.Timeout | undefined;

  const operate = (operations: Record<string, Run>, { name, args }: Call): unknown => operations[name]!(db, ...(args as never[]));

  const commit = (writes: readonly Call[]): void => {
    if (writes.length === 0) return;
    const outcomes = group.commit(writes.map((write) => () => operate(WRITES, write)));
    const trouble = outcomes.map(errorOf).find(isUnavailable);
    if (trouble !== undefined) send({ type: 'trouble', message: trouble.message });
    send({ type: 'replies', replies: writes.map(({ id }, index) => reply(id, outcomes[index]!)) });
    if (writes.some(({ name }) => name === 'editMessage' || name === 'deleteMessage')) eraseSoon();
  };

  const read = (call: Call): Reply => {
    try {
      return reply(call.id, { value: call.name === 'stats' ? group.stats() : operate(READS, call) });
    } catch (error) {
      if (isFatal(error)) throw error;
      return reply(call.id, { error });
    }
  };

  /** Cuts off the log, where replaced bodies still are; in the file they are zeroed. */
  const eraseSoon = (): void => {
    erasing ??= setTimeout(() => {
      erasing = undefined;
      if (!truncated()) eraseSoon();
    }, ERASE_WITHIN_MS);
  };

  const truncated = (): boolean => {
    try {
      return db.truncateLog();
    } catch (error) {
      if (isFatal(error)) throw error;
      return false;
    }
  };

  const close = ({ id }: Call): void => {
    clearTimeout(erasing);
    db.close();
    send({ type: 'replies', replies: [{ id, value: undefined }] });
    port.close();
  };

  port.on('message', (first: Call) => {
    const calls = [first, ...arrived(port)];
    while (calls.length > 0) {
      const next = calls.splice(0, MAX_GROUP);
      commit(next.filter(({ name }) => name in WRITES));
      const reads = next.filter(({ name }) => name in READS || name === 'stats');
      if (reads.length > 0) send({ type: 'replies', replies: reads.map(read) });
      const last = next.find(({ name }) => name === 'close');
      if (last !== undefined) close(last);
    }
  });
};

/** Everything else that waits in the port, without going back to the event loop. */
const arrived = (port: MessagePort): Call[] => {
  const calls: Call[] = [];
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
    calls.push(next.message as Call);
  }
  return calls;
};

const errorOf = (outcome: Outcome): unknown => ('error' in outcome ? outcome.error : undefined);

const isUnavailable = (error: unknown): error is Error => error instanceof CommitFailed || isOutage(error);

const reply = (id: number, outcome: Outcome): Reply => {
  if ('value' in outcome) return { id, value: outcome.value };
  const { error } = outcome;
  if (error instanceof ProtocolError) return { id, error: error.toWire() };
  if (isUnavailable(error)) {
    return { id, error: new ProtocolError('unavailable', 'The store cannot do this now.').toWire() };
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { id, bug: { message, stack: stack ?? '' } };
};

const port = parentPort!;
try {
  const db = openDatabase(workerData as Settings);
  serve(port, db);
  port.postMessage({ type: 'opened', epoch: db.epoch } satisfies FromWorker);
} catch (error) {
  port.postMessage({ type: 'refused', message: (error as Error).message } satisfies FromWorker);
}
