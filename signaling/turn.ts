/**
 * Short-lived TURN credentials (the REST scheme of draft-uberti-behave-turn-rest, coturn's `use-auth-secret`): the user name says until
 * when they are good and whose they are, the password is its HMAC-SHA1 under a secret shared with the TURN server.
 */
import { createHmac } from 'node:crypto';
import type { IceServer, UserId } from '../protocol/index.ts';

export interface TurnSettings {
  /** `turn:` and `turns:` addresses; none without a TURN server. */
  readonly urls: readonly string[];
  /** coturn's `static-auth-secret`. */
  readonly secret?: string | undefined;
  readonly ttlSeconds: number;
}

/** The servers for one user from now on; undefined without a TURN server. */
export const turnServerFor = (turn: TurnSettings, userId: UserId, now: number): IceServer | undefined => {
  if (turn.urls.length === 0 || turn.secret === undefined) return undefined;
  const username = `${Math.floor(now / 1_000) + turn.ttlSeconds}:${userId}`;
  const credential = createHmac('sha1', turn.secret).update(username).digest('base64');
  return { urls: [...turn.urls], username, credential };
};
