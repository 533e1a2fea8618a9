/**
 * Presence: a lease a session. A user is online while one of their sessions holds one, and goes offline a grace after
 * the last was let go, so that a tunnel does not flap.
 *
 * Promised: each change of a user is told once to all who listen, in order, by the way that was given when the tracker was made;
 * `get` agrees with the last change told. `lastSeenAt` is the moment the last socket went away, not the end of the grace.
 * Not promised: that it is told while what carries it is away. It heals when that is back.
 */
import type { Presence as PresenceValue, UserId } from '../../protocol/index.ts';

export interface PresenceTracker {
  /** The session has a socket. */
  hold(userId: UserId, sessionId: string): void;
  /** The session's socket went away; `atOnce` when the person signed out. */
  release(userId: UserId, sessionId: string, options: { atOnce: boolean }): void;
  get(userIds: readonly UserId[]): Promise<PresenceValue[]>;
  /** Changes of these users may have been missed by those who listen here: they are told again, here, how it stands. */
  doubt(userIds: readonly UserId[]): void;
  close(): Promise<void>;
}
