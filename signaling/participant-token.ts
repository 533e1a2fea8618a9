/**
 * What proves a participant from another session, on any gateway: a signature over room, participant, user and the time of joining,
 * with a key that all gateways share. Nothing is stored.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { UserId } from '../protocol/index.ts';

export interface ParticipantIdentity {
  readonly interviewId: string;
  readonly participantId: string;
  readonly userId: UserId;
}

export interface ParticipantTokens {
  mint(who: ParticipantIdentity, joinedAt: number): string;
  /** When they joined, if the token is theirs. */
  verify(who: ParticipantIdentity, token: string): number | undefined;
}

const TOKEN = /^([0-9a-z]{1,11})\.([\w-]{43})$/;

export const createParticipantTokens = (secret: string): ParticipantTokens => {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'parley participant token', 32));
  const sign = ({ interviewId, participantId, userId }: ParticipantIdentity, joinedAt: string): string =>
    createHmac('sha256', key)
      .update(JSON.stringify([interviewId, participantId, userId, joinedAt]))
      .digest('base64url');
  return {
    mint(who, joinedAt) {
      const at = joinedAt.toString(36);
      return `${at}.${sign(who, at)}`;
    },
    verify(who, token) {
      const [, at = '', signature = ''] = TOKEN.exec(token) ?? [];
      if (at === '' || !timingSafeEqual(Buffer.from(signature), Buffer.from(sign(who, at)))) return undefined;
      return Number.parseInt(at, 36);
    },
  };
};
