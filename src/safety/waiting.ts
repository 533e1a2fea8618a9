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
import type { StoredCase } from '../store/moderation-store.ts';
import type { Place, Store } from '../store/store.ts';
import type { Hold } from './gate.ts';
import type { Sealer } from './sealer.ts';

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
  /** Carries a decision out. */
  granted(decided: StoredCase, text: string | null): Promise<void>;
}

export const sealPlaceOf = (caseId: string): string => `case:${caseId}`;

const keyOf = (kind: 'hold' | 'appeal', place: Place, userId: UserId, clientMessageId: string): string =>
  `${kind}:${Object.values(place)[0]}:${userId}:${clientMessageId}`;

export const createWaiting = (options: {
  store: Store;
  deliver: Deliver;
  sealer: Sealer;
  clock: Clock;
  /** Lets a masked message go as it was written. */
  lift: (threadId: ThreadId, offset: Offset) => Promise<boolean>;
  /** A case was opened: moderators hear of it. */
  onOpened: (opened: StoredCase) => void;
}): Waiting => {
  const { store, deliver, sealer, clock } = options;

  const open = async (opened: {
    kind: 'hold' | 'appeal';
    key: string;
    userId: UserId;
    place: Place;
    offset?: Offset;
    clientMessageId?: string;
    text: string;
    findings: readonly GuardFinding[];
    reason: string;
  }): Promise<StoredCase> => {
    const { kind, key, userId, place, text, findings, reason } = opened;
    const before = await store.caseByKey(key);
    if (before !== undefined) return sameText(before, text);
    const caseId = randomUUID();
    const { case: stored, created } = await store.openCase({
      caseId,
      kind,
      key,
      subjectId: userId,
      openedBy: kind === 'appeal' ? userId : null,
      threadId: 'threadId' in place ? place.threadId : null,
      proposalId: 'proposalId' in place ? place.proposalId : null,
      offset: opened.offset ?? null,
      clientMessageId: opened.clientMessageId ?? null,
      seal: sealer.seal(text, sealPlaceOf(caseId)),
      findings,
      reason,
      at: clock.now(),
    });
    if (created) options.onOpened(stored);
    return created ? stored : sameText(stored, text);
  };

  const textOf = ({ caseId, seal }: StoredCase): string | null => (seal === null ? null : sealer.open(seal, sealPlaceOf(caseId)));

  /** A client message id stands for one text, here as in a thread. */
  const sameText = (stored: StoredCase, text: string): StoredCase => {
    if (stored.offset !== null || textOf(stored) === text) return stored;
    throw new ProtocolError('conflict', 'This client message id was used for another message.', { conflictsWith: stored.caseId });
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

  return {
    async hold({ saying: { userId, clientMessageId, body }, place, findings }) {
      const key = keyOf('hold', place, userId, clientMessageId);
      return standing(await open({ kind: 'hold', key, userId, place, clientMessageId, text: body, findings, reason: '' }));
    },

    async appeal(userId, { threadId, offset, clientMessageId, reason }, { text, findings }) {
      const place = { threadId };
      const about = offset === undefined ? { clientMessageId: clientMessageId! } : { offset };
      const key = keyOf('appeal', place, userId, String(offset ?? clientMessageId));
      const stored = await open({ kind: 'appeal', key, userId, place, ...about, text, findings, reason });
      const { state, reason: decisionReason } = standing(stored);
      return { state, decisionReason };
    },

    async releaseHolds(threadId) {
      for (const { caseId } of await store.waitingCases(threadId, 'hold')) {
        const decision = {
          caseId,
          moderatorId: null,
          outcome: 'granted',
          reason: 'The contract has started.',
          at: clock.now(),
        } as const;
        const { case: decided } = await store.decideCase(decision);
        await granted(decided, textOf(decided));
        await store.settleEffect({ caseId, outcome: 'granted', at: clock.now() });
      }
    },

    granted,
  };
};
