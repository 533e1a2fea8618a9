/**
 * The store on PostgreSQL, for several gateways. A write is one round trip or one short transaction that locks its thread; the
 * answers of the pool's connections are put back in the order of their commits (postgres/commit-order.ts).
 *
 * A lost database is not fatal: calls reject with `unavailable` until it is back. A call whose answer was lost with its
 * connection is made again on another: it returns the original. One whose second call would not is refused.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { ConfigError } from '../../config/index.ts';
import { ProtocolError } from '../../protocol/index.ts';
import { createSerialQueues } from '../serial-queues.ts';
import { createCommitOrder } from './postgres/commit-order.ts';
import { clientConfig, type Database, Failure, openConnections, type Settings } from './postgres/database.ts';
import { createHealth } from './postgres/health.ts';
import { type Posted, postMessage, postTogether } from './postgres/messages.ts';
import { OPERATIONS, type OperationName } from './postgres/operations.ts';
import { refusalOf } from './postgres/refusal.ts';
import { type Migrated, migrate } from './postgres/schema.ts';
import { createTogether } from './postgres/together.ts';
import type { Store, StoreReadiness, Written } from './store.ts';

export interface PostgresStoreOptions {
  readonly url: string;
  readonly log?: Log;
  /** Entries a user may be behind and still get them one by one. */
  readonly replayLimit?: number;
  /** Entries an inbox keeps at most; it lets the oldest tenth go at once. */
  readonly inboxKeep?: number;
  /** Types of events that the host platform is told (`OutboxStore`), of those that this store writes. */
  readonly outbox?: readonly string[];
  /** Connections at most. */
  readonly poolSize?: number;
  /** How long a call waits for a connection. */
  readonly connectTimeoutMs?: number;
  /** How long a statement may run; a second later the connection is given up. */
  readonly statementTimeoutMs?: number;
  readonly lockTimeoutMs?: number;
}

/** What of a logger is used here. */
interface Log {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface PostgresStore extends Store, StoreReadiness {
  /** The text of every statement used so far. */
  statements(): string[];
}

type PostedMessage = Parameters<Store['postMessage']>[0];

/** A call is made so many times; the pauses grow and are never quite the same. */
const ATTEMPTS = 3;
const PAUSE_MS = 30;

const clientOf = (url: string): pg.Client => {
  try {
    return new pg.Client(clientConfig(url));
  } catch (error) {
    throw new ConfigError([`store.databaseUrl (DATABASE_URL): ${(error as Error).message}`]);
  }
};

/**
 * Brings a database to this release. Rejects, saying why, when it cannot be reached, is another program's or of a later release: with a
 * ConfigError when it is for the setting to be put right. No password is told.
 */
export const migrateDatabase = async (url: string): Promise<Migrated> => {
  const client = clientOf(url);
  client.on('error', () => {});
  try {
    await client.connect();
    return await migrate(client);
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal !== undefined) throw new ConfigError([refusal]);
    throw new Error(`The database cannot be opened: ${(error as Error).message || String(error)}.`, { cause: error });
  } finally {
    await client.end();
  }
};

export const openPostgresStore = async (options: PostgresStoreOptions): Promise<PostgresStore> => {
  const { url, log } = options;
  const settings: Settings = {
    url,
    replayLimit: options.replayLimit ?? 1_000,
    inboxKeep: options.inboxKeep ?? 10_000,
    poolSize: options.poolSize ?? 16,
    connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
    statementTimeoutMs: options.statementTimeoutMs ?? 5_000,
    lockTimeoutMs: options.lockTimeoutMs ?? 2_000,
    outbox: options.outbox ?? [],
  };
  const { from, to, epoch } = await migrateDatabase(url);
  log?.info({ from, to, epoch }, 'the store is open');

  const connections = openConnections(settings, (error) => health.failed(error));
  const health = createHealth({ db: connections, log });
  /** A busy thread takes one connection of the pool: the others would wait in the database for its lock. */
  const lanes = createSerialQueues();
  const order = createCommitOrder();
  const asked = new Set<Promise<unknown>>();
  let closed: Promise<void> | undefined;

  const { get, all, transaction } = connections;
  const database = (again: boolean): Database => ({ settings, epoch, again, get, all, transaction });

  /**
   * Until it has an outcome, or none can be had. What waited too long for its lane is not begun: behind a call that a hung
   * server holds up, a busy thread's would otherwise be given up one by one.
   */
  const persist = async <Value>(
    name: OperationName,
    askedAt: number,
    operate: (db: Database) => Promise<Value>,
    { lost = false } = {},
  ): Promise<Value> => {
    const isLate = (): boolean => performance.now() > askedAt + settings.statementTimeoutMs;
    let again = lost;
    if (isLate()) throw unavailable();
    for (let attempt = 1; ; attempt += 1) {
      try {
        const value = await operate(database(again));
        health.succeeded();
        return value;
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        if (error.verdict === 'lost') again = true;
        const mayRepeat = error.verdict !== 'lost' || name !== 'removeMember';
        if (attempt >= ATTEMPTS || !mayRepeat || isLate()) {
          if (error.verdict !== 'again') health.failed(error);
          throw unavailable();
        }
        await sleep(PAUSE_MS * attempt * (1 + Math.random()));
      }
    }
  };

  const ask = <Value>(work: () => Promise<Value>): Promise<Value> => {
    if (closed !== undefined) return Promise.reject(unavailable());
    const call = work();
    asked.add(call);
    const forget = (): void => {
      asked.delete(call);
    };
    call.then(forget, forget);
    return call;
  };

  const operate = <Name extends OperationName>(
    name: Name,
    askedAt: number,
    args: Parameters<Store[Name]>,
  ): ReturnType<Store[Name]> => {
    const operation = OPERATIONS[name] as (db: Database, ...args: unknown[]) => ReturnType<Store[Name]>;
    return persist(name, askedAt, (db) => operation(db, ...args) as Promise<unknown>) as ReturnType<Store[Name]>;
  };

  const plain =
    <Name extends OperationName>(name: Name) =>
    (...args: Parameters<Store[Name]>): ReturnType<Store[Name]> =>
      ask(() => operate(name, performance.now(), args) as Promise<unknown>) as ReturnType<Store[Name]>;

  /** `lane` names what the call locks first. */
  const write =
    <Name extends OperationName>(name: Name, lane: (...args: Parameters<Store[Name]>) => string) =>
    (...args: Parameters<Store[Name]>): ReturnType<Store[Name]> => {
      const askedAt = performance.now();
      const run = (): Promise<Written<unknown>> => operate(name, askedAt, args) as Promise<Written<unknown>>;
      return ask(() => lanes.run(lane(...args), () => order.run(run))) as ReturnType<Store[Name]>;
    };

  /** Posts that wait for the database go together. What cannot, or failed with others, goes alone. */
  const posts = createTogether<{ post: PostedMessage; askedAt: number }, Posted>({
    async together(calls) {
      const results = await postTogether(
        connections,
        settings,
        calls.map(({ post }) => post),
      );
      health.succeeded();
      return results;
    },
    alone: ({ post, askedAt }, after) =>
      persist('postMessage', askedAt, (db) => postMessage(db, post), {
        lost: after instanceof Failure && after.verdict === 'lost',
      }),
    mayJoin: ({ post, askedAt }) => post.guarded === undefined && performance.now() <= askedAt + settings.statementTimeoutMs,
  });

  const ofThread = ({ threadId }: { threadId: string }): string => `thread:${threadId}`;

  return {
    epoch,
    ready: health.ready,
    statements: connections.statements,
    putUser: write('putUser', ({ userId }) => `user:${userId}`),
    putJob: plain('putJob'),
    putProposal: write('putProposal', (proposalId) => `proposal:${proposalId}`),
    openProposalThread: write('openProposalThread', ({ proposalId }) => `proposal:${proposalId}`),
    putContract: write('putContract', (contractId, { proposalId }) =>
      proposalId === null ? `contract:${contractId}` : `proposal:${proposalId}`,
    ),
    openContractThread: write('openContractThread', ({ contractId }) => `contract:${contractId}`),
    openThread: write('openThread', ({ threadKey }) => `key:${threadKey}`),
    addMember: write('addMember', ofThread),
    removeMember: write('removeMember', ofThread),
    postMessage(post) {
      const askedAt = performance.now();
      return ask(() => lanes.run(ofThread(post), () => order.run(() => posts.make({ post, askedAt }))));
    },
    editMessage: write('editMessage', ofThread),
    deleteMessage: write('deleteMessage', ofThread),
    moveCursor: write('moveCursor', ofThread),
    markThread: write('markThread', ofThread),
    changeInterview: write('changeInterview', ({ interview }) => ofThread(interview)),
    takeDue: plain('takeDue'),
    settleDelivery: plain('settleDelivery'),
    deliveries: plain('deliveries'),
    speech: plain('speech'),
    ownMessage: plain('ownMessage'),
    sealedIn: plain('sealedIn'),
    releaseMessage: write('releaseMessage', ofThread),
    dueReleases: plain('dueReleases'),
    settleRelease: plain('settleRelease'),
    putExceptions: plain('putExceptions'),
    replayDelivery: plain('replayDelivery'),
    replaySince: plain('replaySince'),
    stopDeliveries: plain('stopDeliveries'),
    resumeDeliveries: plain('resumeDeliveries'),
    setAudience: plain('setAudience'),
    audienceOf: plain('audienceOf'),
    putAnnouncement: plain('putAnnouncement'),
    deleteAnnouncement: plain('deleteAnnouncement'),
    announcement: plain('announcement'),
    announcements: plain('announcements'),
    pendingAnnouncements: plain('pendingAnnouncements'),
    dismissAnnouncement: plain('dismissAnnouncement'),
    voteHelp: plain('voteHelp'),
    helpVotes: plain('helpVotes'),
    helpCounts: plain('helpCounts'),
    setLastSeen: plain('setLastSeen'),
    users: plain('users'),
    proposal: plain('proposal'),
    proposalsOf: plain('proposalsOf'),
    jobsOf: plain('jobsOf'),
    jobOf: plain('jobOf'),
    job: plain('job'),
    listUsers: plain('listUsers'),
    listJobs: plain('listJobs'),
    listProposals: plain('listProposals'),
    listContracts: plain('listContracts'),
    contract: plain('contract'),
    contractState: plain('contractState'),
    thread: plain('thread'),
    threads: plain('threads'),
    history: plain('history'),
    search: plain('search'),
    memberIds: plain('memberIds'),
    threadsAmong: plain('threadsAmong'),
    contactsAmong: plain('contactsAmong'),
    interview: plain('interview'),
    activeInterviews: plain('activeInterviews'),
    heads: plain('heads'),
    since: plain('since'),
    lastSeen: plain('lastSeen'),
    openCase: plain('openCase'),
    claimCase: plain('claimCase'),
    decideCase: plain('decideCase'),
    reviewCase: plain('reviewCase'),
    withdrawCase: plain('withdrawCase'),
    settleEffect: plain('settleEffect'),
    setBlock: plain('setBlock'),
    appendAudit: plain('appendAudit'),
    caseOf: plain('caseOf'),
    caseByKey: plain('caseByKey'),
    waitingCases: plain('waitingCases'),
    overtakenHolds: plain('overtakenHolds'),
    cases: plain('cases'),
    casesAbout: plain('casesAbout'),
    effectsDue: plain('effectsDue'),
    blocksOf: plain('blocksOf'),
    isApart: plain('isApart'),
    conversation: plain('conversation'),
    accountCreatedAt: plain('accountCreatedAt'),
    auditEntries: plain('auditEntries'),
    close: () => {
      closed ??= Promise.allSettled(asked).then(async () => {
        health.close();
        await connections.close();
      });
      return closed;
    },
  };
};

const unavailable = (): ProtocolError => new ProtocolError('unavailable', 'The store cannot be reached.');
