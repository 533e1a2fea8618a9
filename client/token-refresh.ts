/**
 * Exchanges the token of an open session before it expires, on the open socket. When that fails, it is tried once
 * more as the server warns; after that the server closes the socket, and the next connection begins with a new token.
 */
import type { Clock } from './clock.ts';

export interface TokenRefresh {
  /** The session's token ends after this; null for never. */
  expiresIn(ms: number | null): void;
  /** The server says that it ends soon. */
  warn(): void;
  stop(): void;
}

/** Before the server's own warning, 60 s before the end. */
const AHEAD_MS = 90_000;

export const createTokenRefresh = ({
  clock,
  refresh,
}: {
  clock: Clock;
  /** Fetches a token and hands it to the server; answers how long it lasts. */
  refresh: () => Promise<number | null>;
}): TokenRefresh => {
  let cancel = (): void => {};
  let running = false;
  /** Counts sockets, so that what was under way on an old one sets nothing. */
  let life = 0;

  const run = async (): Promise<void> => {
    if (running) return;
    running = true;
    const mine = life;
    try {
      const ms = await refresh();
      if (mine === life) expiresIn(ms);
    } catch {
      // The server's warning or its close frame decides what happens next.
    } finally {
      if (mine === life) running = false;
    }
  };

  const expiresIn = (ms: number | null): void => {
    cancel();
    if (ms !== null) cancel = clock.after(Math.max(ms / 2, ms - AHEAD_MS), run);
  };

  return {
    expiresIn,
    warn: () => void run(),
    stop() {
      life += 1;
      running = false;
      cancel();
    },
  };
};
