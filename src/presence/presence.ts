/**
 * Presence: a lease a session. A user is online while one of their sessions holds one, and goes offline a grace after
 * the last was let go, so that a tunnel does not flap.
 *
 * Promised: `onChange` hears each change of a user once, in order; `get` agrees with the last change heard. `lastSeenAt` is the
 * moment the last socket went away, not the end of the grace.
 */
import type { Presence as PresenceValue, UserId } from '../../protocol/index.ts';

export interface PresenceTracker {
  /** The session has a socket. */
  hold(userId: UserId, sessionId: string): void;
  /** The session's socket went away; `atOnce` when the person signed out. */
  release(userId: UserId, sessionId: string, options: { atOnce: boolean }): void;
  get(userIds: readonly UserId[]): Promise<PresenceValue[]>;
  onChange(listener: (presence: PresenceValue) => void): void;
  close(): Promise<void>;
}
