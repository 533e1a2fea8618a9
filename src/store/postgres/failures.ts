/** What PostgreSQL's errors mean for the store. */
import pg from 'pg';

/**
 * - `again`: it did not happen, and the same call may succeed at once: a deadlock, a serialization failure, a lock that took too long.
 * - `refused`: it did not happen, and cannot now: no connection, no room, the server is starting or is a standby.
 * - `lost`: the connection went away with the answer; it happened or it did not.
 * - `bug`: anything else is ours.
 */
export type Verdict = 'again' | 'refused' | 'lost' | 'bug';

const AGAIN = new Set(['40001', '40P01', '55P03']);

/** Statement canceled, standby, too many connections, starting up or shutting down before a statement, lack of resources. */
const REFUSED = /^(57014|25006|53...|57P03|25P03)$/;

/** The connection was ended by an administrator, a crash or its own time-out; connection exceptions. */
const LOST = /^(57P0[1245]|08...)$/;

/** `sent` says whether a statement that commits was on its way. */
export const verdictOf = (error: unknown, sent: boolean): Verdict => {
  if (!(error instanceof pg.DatabaseError)) return isOfConnection(error) ? outcome(sent) : 'bug';
  const code = error.code ?? '';
  if (AGAIN.has(code)) return 'again';
  if (REFUSED.test(code)) return 'refused';
  return LOST.test(code) ? outcome(sent) : 'bug';
};

const outcome = (sent: boolean): Verdict => (sent ? 'lost' : 'refused');

/** The driver's own errors have no code. */
const DRIVER =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|Query read timeout|timeout )/i;

/** Node's and the driver's words for a connection that is not there. */
const isOfConnection = (error: unknown): boolean =>
  error instanceof Error && ('code' in error ? /^E[A-Z]+$/.test(String(error.code)) : DRIVER.test(error.message));
