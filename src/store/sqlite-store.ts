/**
 * The store on SQLite, in a worker thread of its own (`sqlite-worker.ts`), so that the event loop never waits for a disk. This
 * side numbers the calls and settles them in the order in which the worker answers, which is the order of commits.
 */
import { Worker } from 'node:worker_threads';
import { type Epoch, ProtocolError } from '../../protocol/index.ts';
import type { Call, FromWorker, Reply, StoreStats } from './sqlite/calls.ts';
import type { Settings } from './sqlite/database.ts';
import type { OperationName } from './sqlite/operations.ts';
import type { Store } from './store.ts';

export interface SqliteStoreOptions {
  /** A file, which is created with its folder when it is not there; or `:memory:`. One process at a time. */
  readonly path: string;
  readonly log?: Log;
  /** Entries a user may be behind and still get them one by one. */
  readonly replayLimit?: number;
  /** Entries an inbox keeps at most; it lets the oldest tenth go at once. */
  readonly inboxKeep?: number;
  /** Types of events that the host platform is told (`OutboxStore`). */
  readonly outbox?: readonly string[];
  /**
   * The store is lost: the disk failed or the worker died. Every call rejects with `unavailable` from here on; what was
   * acknowledged is in the file. Called once, and not after `close`.
   */
  readonly onFatal?: (error: Error) => void;
}

/** What of a logger is used here. */
interface Log {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface SqliteStore extends Store {
  stats(): Promise<StoreStats>;
}

interface Waiting {
  resolve(value: never): void;
  reject(error: Error): void;
}

/** Opens or creates a store. Rejects, saying why, when the file is in use, not a store, or of a later release. */
export const openSqliteStore = async (options: SqliteStoreOptions): Promise<SqliteStore> => {
  const { path, log, replayLimit = 1_000, inboxKeep = 10_000, outbox = [], onFatal } = options;
  const settings: Settings = { path, replayLimit, inboxKeep, outbox };
  const worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), { workerData: settings, name: 'store' });
  const epoch = await opened(worker);
  log?.info({ path, epoch }, 'the store is open');

  const waiting = new Map<number, Waiting>();
  let calls = 0;
  let closed: Promise<void> | undefined;
  let lost = false;

  const send = <Value>(name: Call['name'], args: readonly unknown[]): Promise<Value> =>
    new Promise((resolve, reject) => {
      calls += 1;
      waiting.set(calls, { resolve, reject });
      worker.postMessage({ id: calls, name, args } satisfies Call);
    });

  /** Returns the very promise that is settled, so that continuations run in the order of commits. */
  const ask = <Value>(name: Call['name'], args: readonly unknown[]): Promise<Value> =>
    closed !== undefined || lost ? Promise.reject(unavailable()) : send(name, args);

  const method =
    <Name extends OperationName>(name: Name) =>
    (...args: Parameters<Store[Name]>): ReturnType<Store[Name]> =>
      ask(name, args) as ReturnType<Store[Name]>;

  worker.on('message', (message: FromWorker) => {
    if (message.type === 'replies') for (const reply of message.replies) settle(waiting, reply);
    if (message.type === 'trouble') log?.error({ path, reason: message.message }, 'the store could not write');
  });

  const lose = (error: Error): void => {
    if (lost) return;
    lost = true;
    for (const { reject } of waiting.values()) reject(unavailable());
    waiting.clear();
    if (closed !== undefined) return;
    log?.error({ path, err: error }, 'the store is lost');
    onFatal?.(error);
  };
  worker.on('error', (error) => lose(error instanceof Error ? error : new Error(String(error))));
  const exited = new Promise<void>((resolve) => {
    worker.on('exit', (code) => {
      lose(new Error(`The store's worker ended with code ${code}.`));
      resolve();
    });
  });

  return {
    epoch,
    putUser: method('putUser'),
    users: method('users'),
    putJob: method('putJob'),
    putProposal: method('putProposal'),
    proposal: method('proposal'),
    proposalsOf: method('proposalsOf'),
    jobsOf: method('jobsOf'),
    jobOf: method('jobOf'),
    job: method('job'),
    listUsers: method('listUsers'),
    listJobs: method('listJobs'),
    listProposals: method('listProposals'),
    listContracts: method('listContracts'),
    putContract: method('putContract'),
    contract: method('contract'),
    openContractThread: method('openContractThread'),
    contractState: method('contractState'),
    openProposalThread: method('openProposalThread'),
    openThread: method('openThread'),
    addMember: method('addMember'),
    removeMember: method('removeMember'),
    postMessage: method('postMessage'),
    editMessage: method('editMessage'),
    deleteMessage: method('deleteMessage'),
    moveCursor: method('moveCursor'),
    markThread: method('markThread'),
    thread: method('thread'),
    threads: method('threads'),
    history: method('history'),
    search: method('search'),
    memberIds: method('memberIds'),
    threadsAmong: method('threadsAmong'),
    contactsAmong: method('contactsAmong'),
    changeInterview: method('changeInterview'),
    interview: method('interview'),
    activeInterviews: method('activeInterviews'),
    heads: method('heads'),
    since: method('since'),
    takeDue: method('takeDue'),
    settleDelivery: method('settleDelivery'),
    deliveries: method('deliveries'),
    speech: method('speech'),
    ownMessage: method('ownMessage'),
    sealedIn: method('sealedIn'),
    releaseMessage: method('releaseMessage'),
    dueReleases: method('dueReleases'),
    settleRelease: method('settleRelease'),
    putExceptions: method('putExceptions'),
    replayDelivery: method('replayDelivery'),
    replaySince: method('replaySince'),
    stopDeliveries: method('stopDeliveries'),
    resumeDeliveries: method('resumeDeliveries'),
    setAudience: method('setAudience'),
    audienceOf: method('audienceOf'),
    putAnnouncement: method('putAnnouncement'),
    deleteAnnouncement: method('deleteAnnouncement'),
    announcement: method('announcement'),
    announcements: method('announcements'),
    pendingAnnouncements: method('pendingAnnouncements'),
    dismissAnnouncement: method('dismissAnnouncement'),
    voteHelp: method('voteHelp'),
    helpVotes: method('helpVotes'),
    helpCounts: method('helpCounts'),
    setLastSeen: method('setLastSeen'),
    lastSeen: method('lastSeen'),
    openCase: method('openCase'),
    claimCase: method('claimCase'),
    decideCase: method('decideCase'),
    reviewCase: method('reviewCase'),
    withdrawCase: method('withdrawCase'),
    settleEffect: method('settleEffect'),
    setBlock: method('setBlock'),
    appendAudit: method('appendAudit'),
    caseOf: method('caseOf'),
    caseByKey: method('caseByKey'),
    waitingCases: method('waitingCases'),
    overtakenHolds: method('overtakenHolds'),
    cases: method('cases'),
    casesAbout: method('casesAbout'),
    effectsDue: method('effectsDue'),
    blocksOf: method('blocksOf'),
    isApart: method('isApart'),
    conversation: method('conversation'),
    accountCreatedAt: method('accountCreatedAt'),
    auditEntries: method('auditEntries'),
    stats: () => ask('stats', []),
    close: () => {
      closed ??= (lost ? Promise.resolve() : send<void>('close', []).catch(() => {})).then(() => exited);
      return closed;
    },
  };
};

const opened = (worker: Worker): Promise<Epoch> =>
  new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (message: FromWorker) => {
      worker.off('error', reject);
      if (message.type === 'opened') resolve(message.epoch);
      if (message.type === 'refused') reject(new Error(message.message));
    });
  });

const settle = (waiting: Map<number, Waiting>, reply: Reply): void => {
  const { resolve, reject } = waiting.get(reply.id)!;
  waiting.delete(reply.id);
  if ('value' in reply) resolve(reply.value as never);
  else if ('error' in reply) reject(ProtocolError.fromWire(reply.error));
  else reject(Object.assign(new Error(reply.bug.message), { stack: reply.bug.stack }));
};

const unavailable = (): ProtocolError => new ProtocolError('unavailable', 'The store is not there.');
