/**
 * What a session is resumed with: an HMAC over session and user, so that any gateway with the cluster's secret verifies it without
 * asking anybody. The same for the session's whole life, so that a lost reply to `session.open` costs nothing.
 */
import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import type { UserId } from '../../protocol/index.ts';

export interface ResumeTokens {
  mint(sessionId: string, userId: UserId): string;
  accepts(token: string, sessionId: string, userId: UserId): boolean;
}

/** Without a secret the tokens are worth something in this process alone. */
export const createResumeTokens = (clusterSecret: string | undefined): ResumeTokens => {
  const key = Buffer.from(hkdfSync('sha256', clusterSecret ?? randomBytes(32), '', 'parley session resume', 32));
  // No user id has a line break.
  const sign = (sessionId: string, userId: UserId): Buffer =>
    createHmac('sha256', key).update(`${userId}\n${sessionId}`).digest();
  return {
    mint: (sessionId, userId) => sign(sessionId, userId).toString('base64url'),
    accepts(token, sessionId, userId) {
      const given = Buffer.from(token, 'base64url');
      const expected = sign(sessionId, userId);
      return given.length === expected.length && timingSafeEqual(given, expected);
    },
  };
};
