/**
 * The sessions of this gateway: opening, resuming, the grace after a socket went away, heartbeats, token expiry and draining.
 * Tells presence and signaling when a session gains a socket, loses it, or ends.
 */
import type { Logger } from 'pino';
import type { CloseReason, Epoch, Position, UserId } from '../../protocol/index.ts';
import type { Clock } from '../clock.ts';
import { type Hub, topics } from '../hub.ts';
import type { Metrics } from '../metrics.ts';
import type { Socket } from '../socket/socket.ts';
import { encodePush } from './frame.ts';
import { createSession, type Session, type SessionLimits } from './session.ts';

/** Who wants to know about sessions. */
export interface SessionObserver {
  attached(sessionId: string, userId: UserId): void;
  detached(sessionId: string, userId: UserId): void;
  /** `atOnce` when the person signed out instead of vanishing. */
  ended(sessionId: string, userId: UserId, options: { atOnce: boolean }): void;
}

export interface Sessions {
  /** A new session, or the one that `resume` names when it is this user's and lives. Hears its inbox when this resolves. */
  attach(
    userId: UserId,
    socket: Socket,
    resume?: { sessionId: string; resumeToken: string },
  ): Promise<{ session: Session; resumed: boolean }>;
  /** The socket went away; the grace begins. */
  detach(session: Session, socket: Socket): void;
  /** Ends the session without a grace. */
  end(session: Session): void;
  /** Sets when the token ends; warns before and closes the socket then. */
  setTokenExpiry(session: Session, expiresAt: number | null): void;
  send(sessionId: string, frame: string): void;
  /** Sockets with a session. */
  attachedCount(): number;
  /** Closes every socket with its own delay, spread over `spreadMs`. */
  drain(spreadMs: number): void;
  close(): void;
}

interface SessionsOptions {
  readonly graceMs: number;
  readonly heartbeatMs: number;
  readonly limits: SessionLimits;
  readonly hub: Hub;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly observer: SessionObserver;
  /** Inbox heads as the store has them, and the store's epoch. */
  readonly heads: (userIds: readonly UserId[]) => Promise<Map<UserId, Position>>;
  readonly epoch: Epoch;
  readonly random: () => number;
}

/** A session hears this long before its token ends that it does. */
const TOKEN_WARNING_MS = 60_000;

interface Entry {
  readonly session: Session;
  nextHeartbeatAt: number;
  cancelGrace?: () => void;
  cancelExpiry?: () => void;
}

export const createSessions = (options: SessionsOptions): Sessions => {
  const { hub, clock, log, metrics, observer } = options;
  const entries = new Map<string, Entry>();

  const unhear = (session: Session): void => {
    hub.unsubscribe(topics.inbox(session.userId), session);
    for (const topic of session.watched) hub.unsubscribe(topic, session);
    session.watched.clear();
  };

  const forget = (entry: Entry, atOnce: boolean): void => {
    const { session } = entry;
    if (!entries.delete(session.sessionId)) return;
    entry.cancelGrace?.();
    entry.cancelExpiry?.();
    unhear(session);
    metrics.sessions.dec();
    observer.ended(session.sessionId, session.userId, { atOnce });
  };

  const closeSlow = (session: Session): void => {
    metrics.slowConsumers.inc();
    log.warn({ sessionId: session.sessionId }, 'closing a slow consumer');
    session.socket?.close({ name: 'slow_consumer' });
  };

  const create = (userId: UserId): Entry => {
    const session = createSession({
      userId,
      limits: options.limits,
      onSlow: closeSlow,
      onDropped: () => metrics.droppedPushes.inc(),
    });
    const entry: Entry = { session, nextHeartbeatAt: 0 };
    entries.set(session.sessionId, entry);
    metrics.sessions.inc();
    return entry;
  };

  const find = (userId: UserId, resume: { sessionId: string; resumeToken: string } | undefined): Entry | undefined => {
    const entry = resume === undefined ? undefined : entries.get(resume.sessionId);
    if (entry === undefined || resume === undefined || entry.session.userId !== userId) return undefined;
    return entry.session.acceptsResumeToken(resume.resumeToken) ? entry : undefined;
  };

  const beat = async (due: readonly Entry[]): Promise<void> => {
    const heads = await options.heads([...new Set(due.map(({ session }) => session.userId))]);
    for (const { session } of due) {
      session.send(encodePush({ push: 'heartbeat', epoch: options.epoch, head: heads.get(session.userId) ?? 0 }));
    }
  };

  const tickMs = Math.min(1_000, options.heartbeatMs);
  let cancelTick = () => {};
  const tick = (): void => {
    const now = clock.now();
    const due = [...entries.values()].filter((entry) => entry.session.socket !== undefined && entry.nextHeartbeatAt <= now);
    for (const entry of due) entry.nextHeartbeatAt = now + options.heartbeatMs;
    if (due.length > 0) beat(due).catch((error) => log.warn({ err: error }, 'the heartbeat could not read the inbox heads'));
    cancelTick = clock.after(tickMs, tick);
  };
  cancelTick = clock.after(tickMs, tick);

  return {
    async attach(userId, socket, resume) {
      const found = find(userId, resume);
      const entry = found ?? create(userId);
      const { session } = entry;
      entry.cancelGrace?.();
      delete entry.cancelGrace;
      const previous = session.socket;
      session.socket = socket;
      previous?.close({ name: 'superseded' });
      // The first beat comes at a random moment, so that a storm of reconnects does not beat as one.
      entry.nextHeartbeatAt = clock.now() + options.random() * options.heartbeatMs;
      observer.attached(session.sessionId, userId);
      await hub.subscribe(topics.inbox(userId), session);
      return { session, resumed: found !== undefined };
    },
    detach(session, socket) {
      const entry = entries.get(session.sessionId);
      if (entry === undefined || session.socket !== socket) return;
      session.socket = undefined;
      entry.cancelExpiry?.();
      unhear(session);
      observer.detached(session.sessionId, session.userId);
      entry.cancelGrace = clock.after(options.graceMs, () => forget(entry, false));
    },
    end(session) {
      const entry = entries.get(session.sessionId);
      if (entry !== undefined) forget(entry, true);
      session.socket?.close({ name: 'signed_out' });
    },
    setTokenExpiry(session, expiresAt) {
      const entry = entries.get(session.sessionId);
      if (entry === undefined) return;
      entry.cancelExpiry?.();
      session.tokenExpiresAt = expiresAt;
      if (expiresAt === null) return;
      const cancelWarning = clock.after(expiresAt - TOKEN_WARNING_MS - clock.now(), () =>
        session.send(encodePush({ push: 'token.expiring', expiresAt })),
      );
      const cancelEnd = clock.after(expiresAt - clock.now(), () => session.socket?.close({ name: 'token_expired' }));
      entry.cancelExpiry = () => {
        cancelWarning();
        cancelEnd();
      };
    },
    send(sessionId, frame) {
      entries.get(sessionId)?.session.send(frame);
    },
    attachedCount: () => [...entries.values()].filter(({ session }) => session.socket !== undefined).length,
    drain(spreadMs) {
      for (const { session } of entries.values()) {
        const reason: CloseReason = { name: 'draining', delayMs: Math.round(options.random() * spreadMs) };
        session.socket?.close(reason);
      }
    },
    close() {
      cancelTick();
      for (const entry of [...entries.values()]) forget(entry, true);
    },
  };
};
