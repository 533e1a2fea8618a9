/**
 * Why the server closed a socket. The range carries the verdict: 4000 to 4499, come back; 4500 to 4999, do not.
 * A delay, when the server paces its clients, rides in the close reason. Any other code (1000 to 1015) means reconnect.
 */
export const CLOSE_CODES = {
  draining: 4000,
  slow_consumer: 4001,
  silent: 4002,
  internal: 4003,
  authentication_timeout: 4004,
  flooding: 4005,
  /** Something that the server needs is away. */
  unavailable: 4006,
  /** Come back with a new token. */
  token_expired: 4100,
  token_invalid: 4500,
  unsupported_protocol: 4501,
  /** The session was resumed on another socket. */
  superseded: 4502,
  signed_out: 4503,
  unauthenticated: 4504,
  /** The page that opened the socket is of an origin that `embed.origins` does not name. */
  origin_refused: 4505,
} as const;

export type CloseName = keyof typeof CLOSE_CODES;

export interface CloseReason {
  readonly name: CloseName;
  /** Wait this long before reconnecting; the server spreads a storm with it. */
  readonly delayMs?: number;
}

/** Whether a client that was closed with this code may reconnect. */
export const mayReconnect = (code: number): boolean => code < 4500 || code > 4999;

/** The close reason as it goes on the wire; within the 123 bytes a close frame holds. */
export const encodeCloseReason = (reason: CloseReason): string => JSON.stringify(reason);

/** The reason of a close frame, or undefined when a proxy or the network closed the socket. */
export const decodeCloseReason = (code: number, reason: string): CloseReason | undefined => {
  const name = (Object.keys(CLOSE_CODES) as CloseName[]).find((key) => CLOSE_CODES[key] === code);
  if (name === undefined) return undefined;
  try {
    const { delayMs } = JSON.parse(reason) as { delayMs?: unknown };
    return typeof delayMs === 'number' ? { name, delayMs } : { name };
  } catch {
    return { name };
  }
};
