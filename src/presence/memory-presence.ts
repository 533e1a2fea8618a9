/** Presence of one process; the store remembers who was last seen when. */
import type { Presence, UserId } from '../../protocol/index.ts';
import type { Clock } from '../clock.ts';
import type { PresenceStore } from '../store/store.ts';
import type { PresenceTracker } from './presence.ts';

interface Online {
  readonly sessions: Set<string>;
  /** Set while the grace runs. */
  leaving?: { readonly lastSeenAt: number; readonly cancel: () => void };
}

export const createMemoryPresence = (options: {
  graceMs: number;
  clock: Clock;
  store: PresenceStore;
  /** Tells everybody who listens of a change. */
  tell: (presence: Presence) => void;
  onError: (error: Error) => void;
}): PresenceTracker => {
  const { graceMs, clock, store, tell, onError } = options;
  const online = new Map<UserId, Online>();

  const remember = (userId: UserId, at: number): Promise<void> => store.setLastSeen(userId, at).catch(onError);

  const goOffline = (userId: UserId, lastSeenAt: number): void => {
    online.delete(userId);
    void remember(userId, lastSeenAt);
    tell({ userId, online: false, lastSeenAt });
  };

  return {
    hold(userId, sessionId) {
      const present = online.get(userId);
      if (present !== undefined) {
        present.leaving?.cancel();
        delete present.leaving;
        present.sessions.add(sessionId);
        return;
      }
      online.set(userId, { sessions: new Set([sessionId]) });
      tell({ userId, online: true, lastSeenAt: null });
    },
    release(userId, sessionId, { atOnce }) {
      const present = online.get(userId);
      if (present === undefined) return;
      present.sessions.delete(sessionId);
      if (present.sessions.size > 0) return;
      const lastSeenAt = present.leaving?.lastSeenAt ?? clock.now();
      present.leaving?.cancel();
      if (atOnce || graceMs === 0) goOffline(userId, lastSeenAt);
      else present.leaving = { lastSeenAt, cancel: clock.after(graceMs, () => goOffline(userId, lastSeenAt)) };
    },
    async get(userIds) {
      const away = userIds.filter((userId) => !online.has(userId));
      const lastSeen = away.length === 0 ? new Map<UserId, number>() : await store.lastSeen(away);
      return userIds.map((userId) =>
        online.has(userId)
          ? { userId, online: true, lastSeenAt: null }
          : { userId, online: false, lastSeenAt: lastSeen.get(userId) ?? null },
      );
    },
    doubt() {
      // Nothing is ever missed within one process.
    },
    async close() {
      const at = clock.now();
      const leaving = [...online].map(([userId, { leaving }]) => {
        leaving?.cancel();
        return remember(userId, leaving?.lastSeenAt ?? at);
      });
      online.clear();
      await Promise.all(leaving);
    },
  };
};
