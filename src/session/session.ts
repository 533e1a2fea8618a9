/**
 * A session: one device's authenticated presence on the gateway. It outlives its socket for a grace; the next
 * `session.open` with its id and resume token takes it up again.
 */
import type { Role, UserId } from '../../protocol/index.ts';
import { type FrameClass, type Listener, unsentShare } from '../hub.ts';
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
  /** Of the token. */
  roles: readonly Role[];
  readonly resumeToken: string;
  /** A reply or a room event: never dropped; a socket that is over its limit is closed, and resumes. */
  send(frame: string): void;
}

export interface SessionLimits {
  readonly maxBackpressureBytes: number;
  readonly requestsPerSecond: number;
  readonly requestBurst: number;
}

export const createSession = (options: {
  sessionId: string;
  userId: UserId;
  resumeToken: string;
  limits: SessionLimits;
  onSlow: (session: Session) => void;
  onDropped: (kind: FrameClass) => void;
}): Session => {
  const { sessionId, userId, resumeToken, limits } = options;
  const session: Session = {
    sessionId,
    userId,
    rateLimit: createRateLimit({ perSecond: limits.requestsPerSecond, burst: limits.requestBurst }),
    socket: undefined,
    watched: new Set(),
    tokenExpiresAt: null,
    roles: [],
    resumeToken,
    send(frame) {
      if (session.socket !== undefined && !session.socket.send(frame)) options.onSlow(session);
    },
    push(frame: string, kind: FrameClass) {
      if (session.socket === undefined) return;
      if (session.socket.bufferedBytes() > unsentShare(kind) * limits.maxBackpressureBytes) options.onDropped(kind);
      else session.send(frame);
    },
  };
  return session;
};
