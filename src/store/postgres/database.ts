/**
 * The connections to a store's database: pooled, bounded in time, each statement prepared once a connection. What fails says
 * whether it may have happened.
 */
import pg from 'pg';
import type { Epoch } from '../../../protocol/index.ts';
import { type Verdict, verdictOf } from './failures.ts';

export interface Settings {
  readonly url: string;
  readonly replayLimit: number;
  readonly inboxKeep: number;
  readonly poolSize: number;
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  /** Types of events that the host platform is told, of those that are written over these connections. */
  readonly outbox: readonly string[];
}

export type Value = string | number | boolean | null | Buffer | readonly (string | number)[];

/** `Row` is what the caller knows about its own SQL. */
export interface Queryable {
  get<Row>(sql: string, ...values: readonly Value[]): Promise<Row | undefined>;
  all<Row>(sql: string, ...values: readonly Value[]): Promise<Row[]>;
}

/** What the operations get: a statement is a transaction of its own, or they ask for one of several. */
export interface Database extends Queryable {
  readonly settings: Settings;
  readonly epoch: Epoch;
  /** True for a call that is made again after its answer was lost. */
  readonly again: boolean;
  transaction<Result>(work: (db: Queryable) => Promise<Result>): Promise<Result>;
}

/** A call that failed by no fault of ours or its own. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly verdict: Exclude<Verdict, 'bug'>;

  constructor(verdict: Exclude<Verdict, 'bug'>, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.verdict = verdict;
  }
}

export interface Connections extends Queryable {
  transaction: Database['transaction'];
  /** The text of every statement used so far. */
  statements(): string[];
  close(): Promise<void>;
}

/** The driver gives 64-bit numbers as text; ours are all within what a number holds. */
export const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

/** For a connection of an operator's command, without the time-outs of a server. */
export const clientConfig = (url: string): pg.ClientConfig => ({
  connectionString: url,
  types,
  application_name: 'parley',
  keepAlive: true,
  connectionTimeoutMillis: 10_000,
});

/**
 * What every connection is set to. A database or role that was told to acknowledge before the disk would break our promise. And
 * every statement here goes by an index, so that the planner is not left to guess otherwise from the statistics of the day:
 * docs/decisions/0020-plans-by-index.md.
 */
export const SESSION = `
  SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
  SET plan_cache_mode = force_generic_plan;
  SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off`;

/** How much longer we wait for an answer than the server may take: it is hung, or the network is cut. */
const SILENCE_MS = 1_000;

export const openConnections = (settings: Settings, onIdleError: (error: Error) => void): Connections => {
  const pool = new pg.Pool({
    ...clientConfig(settings.url),
    max: settings.poolSize,
    connectionTimeoutMillis: settings.connectTimeoutMs,
    statement_timeout: settings.statementTimeoutMs,
    lock_timeout: settings.lockTimeoutMs,
    idle_in_transaction_session_timeout: settings.statementTimeoutMs,
    query_timeout: settings.statementTimeoutMs + SILENCE_MS,
    onConnect: async (client) => {
      await client.query(SESSION);
      // The functions ask for it: what is told is the decision of whoever writes.
      await client.query("SELECT set_config('parley.outbox', $1, false)", [settings.outbox.join(' ')]);
    },
  });
  pool.on('error', onIdleError);
  const names = new Map<string, string>();

  const nameOf = (sql: string): string => {
    let name = names.get(sql);
    if (name === undefined) {
      name = `parley_${names.size + 1}`;
      names.set(sql, name);
    }
    return name;
  };

  const query = async <Row>(client: pg.ClientBase, sql: string, values: readonly Value[]): Promise<Row[]> => {
    const { rows } = await client.query<pg.QueryResultRow>({ name: nameOf(sql), text: sql, values: [...values] });
    return rows as Row[];
  };

  const connect = async (): Promise<pg.PoolClient> => {
    try {
      return await pool.connect();
    } catch (error) {
      throw new Failure('refused', error);
    }
  };

  /** `isSent` tells whether a commit was on its way when an error came. */
  const using = async <Result>(work: (client: pg.PoolClient) => Promise<Result>, isSent: () => boolean): Promise<Result> => {
    const client = await connect();
    // What ends a connection in use rejects its query; nothing else needs to hear of it.
    const ignore = (): void => {};
    client.on('error', ignore);
    let failure: Error | undefined;
    try {
      return await work(client);
    } catch (error) {
      const verdict = verdictOf(error, isSent());
      if (verdict === 'bug') throw withoutValues(error);
      // A standby or a broken connection is not used again; the next one may reach the server that took over.
      if (verdict !== 'again') failure = error as Error;
      throw new Failure(verdict, error);
    } finally {
      client.off('error', ignore);
      client.release(failure);
    }
  };

  const single = <Row>(sql: string, values: readonly Value[]): Promise<Row[]> =>
    using(
      (client) => query<Row>(client, sql, values),
      () => true,
    );

  return {
    all: (sql, ...values) => single(sql, values),
    get: async (sql, ...values) => (await single(sql, values))[0] as never,
    transaction: (work) => {
      let committing = false;
      return using(
        async (client) => {
          await client.query('BEGIN');
          try {
            const result = await work({
              all: (sql, ...values) => query(client, sql, values),
              get: async (sql, ...values) => (await query(client, sql, values))[0] as never,
            });
            committing = true;
            await client.query('COMMIT');
            return result;
          } catch (error) {
            // A connection that cannot roll back is given up, and the server rolls back.
            if (!committing) await client.query('ROLLBACK').catch(() => {});
            throw error;
          }
        },
        () => committing,
      );
    },
    statements: () => [...names.keys()],
    close: () => pool.end(),
  };
};

/** PostgreSQL tells the row that broke a rule; the log must not. */
const withoutValues = (error: unknown): unknown =>
  error instanceof pg.DatabaseError ? Object.assign(error, { detail: undefined, where: undefined }) : error;
