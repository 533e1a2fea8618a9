/**
 * The sessions of this gateway: opening, resuming here and from another gateway, the grace after a socket went away, heartbeats,
 * token expiry and draining. Tells presence and signaling when a session gains a socket, loses it, moves, or ends.
 */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Epoch, Position, Role, UserId } from '../../protocol/index.ts';
import type { Clock } from '../clock.ts';
import { type Hub, topics } from '../hub.ts';
import type { Metrics } from '../metrics.ts';
import type { Socket } from '../socket/socket.ts';
import { type DrainSettings, drainSockets } from './drain.ts';
import { encodePush } from './frame.ts';
import type { ResumeTokens } from './resume-tokens.ts';
import { createSession, type Session, type SessionLimits } from './session.ts';
import type { Claim, SessionRegistry } from './session-registry.ts';

/** Who wants to know about sessions. */
export interface SessionObserver {
  attached(sessionId: string, userId: UserId): void;
  detached(sessionId: string, userId: UserId): void;
  /** Another gateway has the session: it lives, and whatever follows of it is told there. Comes after `attached` or `detached`. */
  moved(sessionId: string, userId: UserId): void;
  /** `atOnce` when the person signed out instead of vanishing. */
  ended(sessionId: string, userId: UserId, options: { atOnce: boolean }): void;
}

export interface Sessions {
  /**
   * A new session, or the one that `resume` names when it is this user's and lives, on this gateway or another. Hears its inbox
   * when this resolves.
   */
  attach(
    userId: UserId,
    socket: Socket,
    resume?: { sessionId: string; resumeToken: string },
  ): Promise<{ session: Session; resumed: boolean }>;
  /** The socket went away; the grace begins. */
  detach(session: Session, socket: Socket): void;
  /** Ends the session without a grace, everywhere. */
  end(session: Session): void;
  /** Sets when the token ends; warns before and closes the socket then. */
  setTokenExpiry(session: Session, expiresAt: number | null): void;
  /** Says what the token lets it do; resolves when a moderator’s session hears of the queue. */
  setRoles(session: Session, roles: readonly Role[]): Promise<void>;
  send(sessionId: string, frame: string): void;
  /** Pushes to these users may have been lost: their heads come within moments instead of with the next heartbeat. */
  beatSoon(userIds: readonly UserId[]): void;
  /** Sockets with a session. */
  attachedCount(): number;
  /** Closes every socket with a delay of its own; resolves when all are. */
  drain(settings: DrainSettings): Promise<void>;
  /** Lets go of the sessions without ending them: another gateway may take them up while their grace runs. */
  close(): void;
}

interface SessionsOptions {
  readonly graceMs: number;
  readonly heartbeatMs: number;
  readonly limits: SessionLimits;
  readonly registry: SessionRegistry;
  readonly resumeTokens: ResumeTokens;
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

/** Over this the beats of `beatSoon` are spread. */
const BEAT_SOON_MS = 2_000;

/** A session hears this long before its token ends that it does. */
const TOKEN_WARNING_MS = 60_000;

interface Entry {
  readonly session: Session;
  nextHeartbeatAt: number;
  cancelGrace?: () => void;
  cancelExpiry?: () => void;
}

export const createSessions = (options: SessionsOptions): Sessions => {
  const { registry, resumeTokens, hub, clock, log, metrics, observer } = options;
  const entries = new Map<string, Entry>();

  const unhear = (session: Session): void => {
    hub.unsubscribe(topics.inbox(session.userId), session);
    hub.unsubscribe(topics.moderation(), session);
    for (const topic of session.watched) hub.unsubscribe(topic, session);
    session.watched.clear();
  };

  const remove = (entry: Entry): void => {
    entries.delete(entry.session.sessionId);
    entry.cancelGrace?.();
    entry.cancelExpiry?.();
    unhear(entry.session);
    metrics.sessions.dec();
  };
  const forget = (entry: Entry, atOnce: boolean): void => {
    remove(entry);
    observer.ended(entry.session.sessionId, entry.session.userId, { atOnce });
  };
  /** The session lives elsewhere, or was ended there. */
  const letGo = (entry: Entry): void => {
    remove(entry);
    observer.moved(entry.session.sessionId, entry.session.userId);
    entry.session.socket?.close({ name: 'superseded' });
  };
  registry.onMoved((sessionId) => {
    const entry = entries.get(sessionId);
    if (entry !== undefined) letGo(entry);
  });

  const endGrace = async (entry: Entry): Promise<void> => {
    const { session } = entry;
    const isOurs = await registry.end(session.sessionId);
    if (entries.get(session.sessionId) !== entry || session.socket !== undefined) return;
    if (isOurs) forget(entry, false);
    else letGo(entry);
  };

  const closeSlow = (session: Session): void => {
    metrics.slowConsumers.inc();
    log.warn({ sessionId: session.sessionId }, 'closing a slow consumer');
    session.socket?.close({ name: 'slow_consumer' });
  };

  const create = (userId: UserId, sessionId: string): Entry => {
    const session = createSession({
      sessionId,
      userId,
      resumeToken: resumeTokens.mint(sessionId, userId),
      limits: options.limits,
      onSlow: closeSlow,
      onDropped: (kind) => metrics.droppedPushes.inc({ class: kind }),
    });
    const entry: Entry = { session, nextHeartbeatAt: 0 };
    entries.set(sessionId, entry);
    metrics.sessions.inc();
    return entry;
  };
  const open = (userId: UserId): Entry => {
    const entry = create(userId, randomUUID());
    registry.open(entry.session.sessionId, userId);
    return entry;
  };

  const claim = (sessionId: string, userId: UserId): Promise<Claim> =>
    registry.claim(sessionId, userId).catch((error: unknown): Claim => {
      log.debug({ err: error, sessionId }, 'the session registry is away; only sessions of this gateway are resumed');
      return { is: 'unknown' };
    });

  const find = async (userId: UserId, resume: { sessionId: string; resumeToken: string }): Promise<Entry | undefined> => {
    const { sessionId, resumeToken } = resume;
    if (!resumeTokens.accepts(resumeToken, sessionId, userId)) return undefined;
    const claimed = await claim(sessionId, userId);
    const entry = entries.get(sessionId);
    switch (claimed.is) {
      case 'alive':
        return entry ?? create(userId, sessionId);
      case 'ended':
        if (entry !== undefined) letGo(entry);
        return undefined;
      case 'unknown':
        // The registry has lost its memory or cannot be asked: what is known here counts.
        if (entry !== undefined) registry.open(sessionId, userId);
        return entry;
    }
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
      const found = resume === undefined ? undefined : await find(userId, resume);
      const entry = found ?? open(userId);
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
      registry.release(session.sessionId);
      entry.cancelGrace = clock.after(options.graceMs, () => void endGrace(entry));
    },
    end(session) {
      const entry = entries.get(session.sessionId);
      if (entry !== undefined) {
        forget(entry, true);
        void registry.end(session.sessionId);
      }
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
    async setRoles(session, roles) {
      session.roles = roles;
      // Its socket may have gone while the token was verified.
      if (session.socket === undefined) return;
      if (roles.includes('moderator')) await hub.subscribe(topics.moderation(), session);
      else hub.unsubscribe(topics.moderation(), session);
    },
    send(sessionId, frame) {
      entries.get(sessionId)?.session.send(frame);
    },
    beatSoon(userIds) {
      const users = new Set(userIds);
      const now = clock.now();
      for (const entry of entries.values()) {
        if (!users.has(entry.session.userId)) continue;
        entry.nextHeartbeatAt = Math.min(entry.nextHeartbeatAt, now + options.random() * BEAT_SOON_MS);
      }
    },
    attachedCount: () => [...entries.values()].filter(({ session }) => session.socket !== undefined).length,
    async drain(settings) {
      const sockets = (): Socket[] => [...entries.values()].flatMap(({ session }) => session.socket ?? []);
      await drainSockets(sockets(), { settings, clock, random: options.random });
      // Those that opened meanwhile.
      await drainSockets(sockets(), { settings, clock, random: options.random });
    },
    close() {
      cancelTick();
      for (const entry of [...entries.values()]) remove(entry);
    },
  };
};
