/**
 * What waits for a moderator's word: messages that the policy holds, and appeals against what the guard did. Each is a case, opened once
 * for a message, with the text under seal; once it is decided, the text goes where it was meant to go, at least once and so that twice is the same.
 */
import { randomUUID } from 'node:crypto';
import {
  type GuardFinding,
  type Offset,
  type Payload,
  ProtocolError,
  type Result,
  type ThreadId,
  type UserId,
} from '../../protocol/index.ts';
import type { Clock } from '../clock.ts';
import type { Deliver } from '../handlers.ts';
import { type Moderation, placeOf } from '../moderation/moderation.ts';
import type { NewCase, StoredCase } from '../store/moderation-store.ts';
import type { Place, Store } from '../store/store.ts';
import type { Hold } from './gate.ts';
import type { Sealer } from './sealer.ts';
import { whereSaid } from './where-said.ts';

export interface Standing {
  readonly state: 'waiting' | 'granted' | 'refused';
  readonly reason: string | null;
}

/** What the gate knows of a text that is appealed against. */
export interface Appealed {
  readonly text: string;
  readonly findings: GuardFinding[];
}

export interface Waiting {
  hold(hold: Hold): Promise<Standing>;
  appeal(userId: UserId, appeal: Payload<'guard.appeal'>, appealed: Appealed): Promise<Result<'guard.appeal'>>;
  /** The contract of a thread has begun: what is held in it goes. */
  releaseHolds(threadId: ThreadId): Promise<void>;
  /** First messages that are held while the contract of their proposal has begun go as well. */
  releaseFirstMessages(): Promise<void>;
  /** Carries a decision out. */
  granted(decided: StoredCase, text: string | null): Promise<void>;
}

const CASES_AT_ONCE = 20;

const keyOf = (kind: 'hold' | 'appeal', place: Place, userId: UserId, clientMessageId: string): string =>
  `${kind}:${Object.values(place)[0]}:${userId}:${clientMessageId}`;

export const createWaiting = (options: {
  store: Store;
  deliver: Deliver;
  sealer: Sealer;
  clock: Clock;
  moderation: Pick<Moderation, 'openWithText' | 'waitingCases' | 'overtakenHolds' | 'decide'>;
  /** Lets a masked message go as it was written. */
  lift: (threadId: ThreadId, offset: Offset) => Promise<boolean>;
}): Waiting => {
  const { store, deliver, sealer, clock, moderation } = options;

  const textOf = ({ caseId, seal }: StoredCase): string | null => (seal === null ? null : sealer.open(seal, placeOf(caseId)));

  /** A client message id stands for one text, here as in a thread. */
  const sameText = (stored: StoredCase, text: string): StoredCase => {
    if (stored.offset !== null || textOf(stored) === text) return stored;
    throw new ProtocolError('conflict', 'This client message id was used for another message.', {
      conflictsWith: stored.caseId,
    });
  };

  const open = async (
    opened: Pick<NewCase, 'kind' | 'key' | 'subjectId' | 'findings' | 'reason'> & Partial<NewCase>,
    text: string,
  ): Promise<StoredCase> => {
    const whole = { openedBy: null, threadId: null, proposalId: null, offset: null, clientMessageId: null, ...opened };
    const { case: stored, created } = await moderation.openWithText(whole, text);
    return created ? stored : sameText(stored, text);
  };

  const standing = ({ state, decision }: StoredCase): Standing => ({
    state: state === 'granted' || state === 'refused' ? state : 'waiting',
    reason: decision?.reason ?? null,
  });

  const say = async (decided: StoredCase, text: string): Promise<void> => {
    const { threadId, proposalId, subjectId: senderId, clientMessageId } = decided;
    const post = { senderId, clientMessageId: clientMessageId!, body: text, at: clock.now() };
    if (threadId !== null) await deliver(store.postMessage({ ...post, threadId }));
    else if (proposalId !== null) await deliver(store.openProposalThread({ ...post, proposalId, threadId: randomUUID() }));
  };

  const granted = async (decided: StoredCase, text: string | null): Promise<void> => {
    if (decided.kind === 'report') return;
    const { threadId, offset } = decided;
    try {
      if (threadId !== null && offset !== null) await options.lift(threadId, offset);
      else if (text !== null) await say(decided, text);
    } catch (error) {
      // The thread is read-only by now, or the person has left it: there is nowhere to say it, and there will not be.
      if (!(error instanceof ProtocolError) || error.retryable) throw error;
    }
  };

  const letGo = async (held: readonly StoredCase[]): Promise<void> => {
    for (const { caseId } of held)
      await moderation.decide({ caseId, moderatorId: null, outcome: 'granted', reason: 'The contract has started.' });
  };

  return {
    async hold({ saying: { userId, clientMessageId, body }, place, findings }) {
      const key = keyOf('hold', place, userId, clientMessageId);
      const where = { ...('contractId' in place ? {} : place), clientMessageId };
      return standing(await open({ kind: 'hold', key, subjectId: userId, ...where, findings, reason: '' }, body));
    },

    async appeal(userId, { threadId, proposalId, offset, clientMessageId, reason }, { text, findings }) {
      const place = whereSaid({ threadId, proposalId });
      const key = keyOf('appeal', place, userId, String(offset ?? clientMessageId));
      const where = { ...place, offset: offset ?? null, clientMessageId: clientMessageId ?? null };
      const opened = { kind: 'appeal', key, subjectId: userId, openedBy: userId, ...where, findings, reason } as const;
      const { state, reason: decisionReason } = standing(await open(opened, text));
      return { state, decisionReason };
    },

    async releaseHolds(threadId) {
      await letGo(await moderation.waitingCases(threadId, 'hold'));
    },

    async releaseFirstMessages() {
      for (;;) {
        const overtaken = await moderation.overtakenHolds(CASES_AT_ONCE);
        await letGo(overtaken);
        if (overtaken.length < CASES_AT_ONCE) return;
      }
    },

    granted,
  };
};
