/**
 * Which gateway has a session, so that another one can take it over. A session is a lease: it lives while its gateway renews it,
 * and for its grace after it was released or its gateway died. All times are the registry's own clock's.
 *
 * Promised: of the nodes that claim a session the last one has it, and the one that had it is told (`onMoved`), at once when the
 * message arrives and with the next renewal when it does not. A session that was ended is never alive again. A registry that
 * forgot everything learns it anew from those who have sessions.
 * Owed by the caller: a node that is told a session moved lets go of it, without ending it.
 * Never throws but where it says so: a registry that is away costs what happens between nodes, and nothing within one.
 */
import type { UserId } from '../../protocol/index.ts';

export type Claim =
  /** It lives, and is this node's from now on; `previousNodeId` had it, this very node included. */
  | { readonly is: 'alive'; readonly previousNodeId: string }
  /** It was ended, or is another user's. */
  | { readonly is: 'ended' }
  /** Nothing is known of it: it never was, its grace is over, or the registry lost its memory. */
  | { readonly is: 'unknown' };

export interface SessionRegistry {
  /** A new session is here. */
  open(sessionId: string, userId: UserId): void;
  /** Takes a session over, from this node or another, and begins its lease anew. Rejects when the registry cannot be asked. */
  claim(sessionId: string, userId: UserId): Promise<Claim>;
  /** The session's socket went away: its grace begins. */
  release(sessionId: string): void;
  /** Ends a session everywhere. False when another node has it by now: then nothing was done. */
  end(sessionId: string): Promise<boolean>;
  /** The one listener of this node: another has the session now. */
  onMoved(listener: (sessionId: string) => void): void;
  /** Leaves this node's sessions to their grace. */
  close(): Promise<void>;
}

/** How long leases last. */
export interface Leases {
  /** How long a session outlives its socket. */
  readonly graceMs: number;
  /** How long a session without a word from its gateway is still held to have a socket; the grace follows. */
  readonly leaseMs: number;
}
