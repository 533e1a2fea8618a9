/**
 * A session: one device's authenticated presence on the gateway. It outlives its socket for a grace; the next
 * `session.open` with its id and resume token takes it up again.
 */
import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type { UserId } from '../../protocol/index.ts';
import type { FrameClass, Listener } from '../hub.ts';
import type { Socket } from '../socket/socket.ts';
import { createRateLimit, type RateLimit } from './rate-limit.ts';

export interface Session extends Listener {
  readonly sessionId: string;
  readonly userId: UserId;
  readonly rateLimit: RateLimit;
  /** Undefined while the grace runs. */
  socket: Socket | undefined;
  /** Topics heard besides the inbox. */
  watched: Set<string>;
  tokenExpiresAt: number | null;
  /** The same for the session's whole life, so that a lost reply to `session.open` costs nothing. */
  readonly resumeToken: string;
  acceptsResumeToken(token: string): boolean;
  /** A reply or a room event: never dropped; a socket that is over its limit is closed, and resumes. */
  send(frame: string): void;
}

export interface SessionLimits {
  readonly maxBackpressureBytes: number;
  readonly requestsPerSecond: number;
  readonly requestBurst: number;
}

const digest = (token: string): Buffer => createHash('sha256').update(token).digest();

export const createSession = (options: {
  userId: UserId;
  limits: SessionLimits;
  onSlow: (session: Session) => void;
  onDropped: () => void;
}): Session => {
  const { limits } = options;
  const resumeToken = randomBytes(24).toString('base64url');
  const session: Session = {
    sessionId: randomUUID(),
    userId: options.userId,
    rateLimit: createRateLimit({ perSecond: limits.requestsPerSecond, burst: limits.requestBurst }),
    socket: undefined,
    watched: new Set(),
    tokenExpiresAt: null,
    resumeToken,
    acceptsResumeToken: (token) => timingSafeEqual(digest(token), digest(resumeToken)),
    send(frame) {
      if (session.socket !== undefined && !session.socket.send(frame)) options.onSlow(session);
    },
    push(frame: string, kind: FrameClass) {
      if (session.socket === undefined) return;
      if (kind === 'passing' && session.socket.bufferedBytes() > limits.maxBackpressureBytes / 4) options.onDropped();
      else session.send(frame);
    },
  };
  return session;
};
