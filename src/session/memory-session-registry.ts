/** The sessions of one process: for a single gateway, and for several gateways in one test. */
import type { UserId } from '../../protocol/index.ts';
import type { Clock } from '../clock.ts';
import type { Leases, SessionRegistry } from './session-registry.ts';

interface Entry {
  readonly userId: UserId;
  /** Undefined once it was ended. */
  nodeId: string | undefined;
  cancelGrace: (() => void) | undefined;
}

/** What the registries of one process share. A node in the same process does not die alone, so leases are not timed; graces are. */
export const createMemorySessionBus = (options: { clock: Clock; leases: Leases }): { join(nodeId: string): SessionRegistry } => {
  const sessions = new Map<string, Entry>();
  const listeners = new Map<string, (sessionId: string) => void>();

  const forgetAfter = (sessionId: string, entry: Entry, delayMs: number): void => {
    entry.cancelGrace?.();
    entry.cancelGrace = options.clock.after(delayMs, () => {
      if (sessions.get(sessionId) === entry) sessions.delete(sessionId);
    });
  };

  return {
    join: (nodeId) => ({
      open(sessionId, userId) {
        sessions.set(sessionId, { userId, nodeId, cancelGrace: undefined });
      },
      async claim(sessionId, userId) {
        const entry = sessions.get(sessionId);
        if (entry === undefined) return { is: 'unknown' };
        const previousNodeId = entry.nodeId;
        if (previousNodeId === undefined || entry.userId !== userId) return { is: 'ended' };
        entry.cancelGrace?.();
        entry.nodeId = nodeId;
        const tell = listeners.get(previousNodeId);
        if (previousNodeId !== nodeId) queueMicrotask(() => tell?.(sessionId));
        return { is: 'alive', previousNodeId };
      },
      release(sessionId) {
        const entry = sessions.get(sessionId);
        if (entry?.nodeId === nodeId) forgetAfter(sessionId, entry, options.leases.graceMs);
      },
      async end(sessionId) {
        const entry = sessions.get(sessionId);
        if (entry === undefined) return true;
        if (entry.nodeId !== nodeId) return false;
        entry.nodeId = undefined;
        forgetAfter(sessionId, entry, options.leases.graceMs);
        return true;
      },
      onMoved(listener) {
        listeners.set(nodeId, listener);
      },
      async close() {
        listeners.delete(nodeId);
        for (const [sessionId, entry] of sessions)
          if (entry.nodeId === nodeId) forgetAfter(sessionId, entry, options.leases.graceMs);
      },
    }),
  };
};
