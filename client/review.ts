/** Asks the server again about what waits for a moderator: with each connection, and then once a minute as long as something waits. */
import type { Clock } from './clock.ts';

export interface Review {
  online(): void;
  offline(): void;
  /** Something waits, or may wait, from now on. */
  begin(): void;
}

export const REVIEW_MS = 60_000;

/** `ask` asks about all that waits, and says whether there was any. */
export const createReview = ({ clock, ask }: { clock: Clock; ask: () => boolean }): Review => {
  let isOnline = false;
  let cancel: (() => void) | undefined;

  const begin = (): void => {
    if (!isOnline) return;
    cancel ??= clock.after(REVIEW_MS, () => {
      cancel = undefined;
      if (ask()) begin();
    });
  };

  return {
    begin,
    online() {
      isOnline = true;
      if (ask()) begin();
    },
    offline() {
      isOnline = false;
      cancel?.();
      cancel = undefined;
    },
  };
};
