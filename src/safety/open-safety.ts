/** What stands between what people write and the thread, wired together: the gate asks for cases, and their decisions go back through it. */
import type { Logger } from 'pino';
import type { Policy } from '../../config/policy.ts';
import type { QueueChange } from '../../protocol/index.ts';
import type { Clock } from '../clock.ts';
import type { Deliver } from '../handlers.ts';
import { createModeration, type Moderation } from '../moderation/moderation.ts';
import type { Store } from '../store/store.ts';
import { createGate, type Gate } from './gate.ts';
import { createSealer } from './sealer.ts';
import { createWaiting, type Waiting } from './waiting.ts';

export interface Safety {
  readonly moderation: Moderation;
  readonly waiting: Waiting;
  readonly gate: Gate;
}

export const openSafety = (options: {
  store: Store;
  deliver: Deliver;
  policy: Policy;
  /** In base64: the first seals, all of them open. */
  sealKeys: readonly [string, ...string[]];
  /** Tells the sessions of moderators. */
  tell: (change: QueueChange) => void;
  clock: Clock;
  log: Logger;
  /** How many masked messages a contract's beginning has released. */
  observe: (released: number) => void;
}): Safety => {
  const { store, deliver, policy, sealKeys, tell, clock, log, observe } = options;
  const sealer = createSealer(sealKeys);
  const moderation = createModeration({
    store,
    sealer,
    effects: {
      granted: (decided, text) => waiting.granted(decided, text),
      // Who waits asks again, and learns it then.
      refused: async () => {},
    },
    tell,
    clock,
    log,
  });
  const waiting = createWaiting({
    store,
    deliver,
    sealer,
    clock,
    moderation,
    lift: (threadId, offset) => gate.lift(threadId, offset),
  });
  const gate = createGate({
    store,
    deliver,
    policy,
    sealer,
    clock,
    log,
    onHold: waiting.hold,
    releaseHolds: waiting.releaseHolds,
    releaseFirstMessages: waiting.releaseFirstMessages,
    observe,
  });
  return { moderation, waiting, gate };
};
