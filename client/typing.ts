/** Who types in one thread, both ways: marks of others expire by themselves, one's own go out at most every few seconds. */
import { type ThreadId, TYPING_EXPIRES_MS, type UserId } from '../protocol/index.ts';
import type { Clock } from './clock.ts';
import type { Connection } from './connection.ts';

export interface Typing {
  /** Others who type now; the same array until it changes. */
  userIds(): readonly UserId[];
  heard(userId: UserId, typing: boolean): void;
  /** One's own; call it at each key press. */
  set(typing: boolean): void;
  /** A message was posted, which ends the mark for everyone. */
  posted(): void;
  /** The connection is gone: nobody is known to type. */
  clear(): void;
}

const REPEAT_MS = 3_000;

export const createTyping = (options: {
  threadId: ThreadId;
  clock: Clock;
  request: Connection['request'];
  onChange: () => void;
}): Typing => {
  const { threadId, clock, request } = options;
  const expiries = new Map<UserId, () => void>();
  let userIds: readonly UserId[] = [];
  let said: { readonly at: number } | undefined;

  const changed = (): void => {
    userIds = [...expiries.keys()];
    options.onChange();
  };

  const stop = (userId: UserId): void => {
    const cancel = expiries.get(userId);
    if (cancel === undefined) return;
    cancel();
    expiries.delete(userId);
    changed();
  };

  // Typing is never worth a retry: the next key press says it again.
  const say = (typing: boolean): void => void request('typing.set', { threadId, typing }).catch(() => {});

  return {
    userIds: () => userIds,
    heard(userId, typing) {
      if (!typing) return stop(userId);
      const known = expiries.get(userId);
      known?.();
      expiries.set(
        userId,
        clock.after(TYPING_EXPIRES_MS, () => stop(userId)),
      );
      if (known === undefined) changed();
    },
    set(typing) {
      if (!typing) {
        if (said !== undefined) say(false);
        said = undefined;
      } else if (said === undefined || clock.now() - said.at >= REPEAT_MS) {
        said = { at: clock.now() };
        say(true);
      }
    },
    posted() {
      said = undefined;
    },
    clear() {
      said = undefined;
      if (expiries.size === 0) return;
      for (const cancel of expiries.values()) cancel();
      expiries.clear();
      changed();
    },
  };
};
