/** What a session may do besides its own conversations, and whom its person has blocked. */
import type { PayloadInput, QueueChange, RequestType, Result, Role, UserId } from '../protocol/index.ts';
import { createCell } from './readable.ts';
import type { Readable } from './types.ts';

export interface ModerationPart {
  readonly roles: Readable<readonly Role[]>;
  readonly blocked: Readable<ReadonlySet<UserId>>;
  loadBlocked(): Promise<void>;
  block(userId: UserId, blocked: boolean): Promise<void>;
  onQueue(listener: (change: QueueChange) => void): () => void;
  opened(roles: readonly Role[]): void;
  push(change: QueueChange): void;
  /** Somebody else may be signed in next. */
  reset(): void;
}

type Ask = <Type extends RequestType>(type: Type, payload: PayloadInput<Type>) => Promise<Result<Type>>;

/** `onUnblocked`: the person may be seen again. */
export const createModerationPart = (request: Ask, onUnblocked: () => void): ModerationPart => {
  const roles = createCell<readonly Role[]>([]);
  const blocked = createCell<ReadonlySet<UserId>>(new Set());
  const listeners = new Set<(change: QueueChange) => void>();
  return {
    roles,
    blocked,
    async loadBlocked() {
      const { userIds } = await request('block.list', {});
      blocked.set(new Set(userIds));
    },
    async block(userId, isBlocked) {
      await request('block.set', { userId, blocked: isBlocked });
      const others = [...blocked.get()].filter((other) => other !== userId);
      blocked.set(new Set(isBlocked ? [...others, userId] : others));
      if (!isBlocked) onUnblocked();
    },
    onQueue(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    opened(next) {
      if (next.join() !== roles.get().join()) roles.set(next);
    },
    push(change) {
      for (const listener of [...listeners]) listener(change);
    },
    reset() {
      roles.set([]);
      blocked.set(new Set());
    },
  };
};
