/**
 * Moderation: cases that people decide. Opens them for whoever has something to be decided, lists and shows them to moderators, keeps what
 * they decide, and carries it out: what was decided is committed first, and its effect happens at least once, by this gateway or another.
 */

import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import {
  type CaseDetails,
  type CaseKind,
  type CaseList,
  type CasePage,
  type CasePlace,
  type ModerationCase,
  ProtocolError,
  type QueueChange,
  type ThreadId,
  type UserId,
} from '../../protocol/index.ts';
import type { Clock } from '../clock.ts';
import { SealError, type Sealer } from '../safety/sealer.ts';
import { noSuchCase } from '../store/cases.ts';
import type { CaseDecision, CaseReview, NewCase, StoredCase } from '../store/moderation-store.ts';
import type { Store } from '../store/store.ts';

/** What a decision does. Each may be called again for the same case, and does the same then. */
export interface Effects {
  /** With the text as it was written, where the case has one and its seal can be opened. */
  granted(decided: StoredCase, text: string | null): Promise<void>;
  refused(decided: StoredCase): Promise<void>;
}

/** Who acts, and how they came: by their own session, or as the host platform says. */
export interface Moderator {
  readonly moderatorId: UserId;
  readonly via: 'socket' | 'host';
}

export interface Moderation {
  openCase(opened: NewCase): Promise<{ case: StoredCase; created: boolean }>;
  /** The same with the text to be sealed, under an id of its own. */
  openWithText(
    opened: Omit<NewCase, 'caseId' | 'seal' | 'at'>,
    text: string | null,
  ): Promise<{ case: StoredCase; created: boolean }>;
  caseByKey(key: string): Promise<StoredCase | undefined>;
  waitingCases(threadId: ThreadId, kind: CaseKind): Promise<StoredCase[]>;
  overtakenHolds(limit: number): Promise<StoredCase[]>;
  list(page: { list: CaseList; kind?: CaseKind | undefined; after?: CasePlace | undefined; limit: number }): Promise<CasePage>;
  /** A case with its text; the log has who looked, and who was refused. */
  read(caseId: string, moderator: Moderator): Promise<CaseDetails>;
  claim(caseId: string, moderatorId: UserId, claimed: boolean): Promise<ModerationCase>;
  /** Resolves when it is kept and its effect was tried once. */
  decide(decision: Omit<CaseDecision, 'at'>): Promise<ModerationCase>;
  review(review: Omit<CaseReview, 'at'>): Promise<ModerationCase>;
  withdraw(caseId: string, userId: UserId): Promise<void>;
  /** Carries out what was decided and not carried out, now and every half a minute. */
  start(): Promise<void>;
  close(): void;
}

/** Messages around the one a case is about. */
const CONTEXT = 20;
/** How long a case is kept for the moderator who looks at it. */
export const CLAIM_MS = 10 * 60_000;
const OTHERS = 100;
const SWEEP_MS = 30_000;
/** What was decided so recently is being carried out by whoever decided it. */
const GRACE_MS = 10_000;
const SWEEP_LIMIT = 100;

export const placeOf = (caseId: string): string => `case:${caseId}`;

export const createModeration = (options: {
  store: Store;
  sealer: Sealer;
  effects: Effects;
  /** Tells the sessions of moderators. */
  tell: (change: QueueChange) => void;
  clock: Clock;
  log: Logger;
}): Moderation => {
  const { store, sealer, effects, tell, clock, log } = options;
  const underWay = new Set<string>();
  let cancelSweep = (): void => {};
  let closed = false;

  const changed = ({ caseId, kind, list }: ModerationCase): void => tell({ caseId, kind, list });

  const openedText = ({ caseId, seal }: StoredCase): { text: string | null; problem: string | null } => {
    if (seal === null) return { text: null, problem: null };
    try {
      return { text: sealer.open(seal, placeOf(caseId)), problem: null };
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      return { text: null, problem: error.message };
    }
  };

  const carryOut = async (decided: StoredCase): Promise<void> => {
    const { caseId, effectDue: outcome } = decided;
    if (outcome === null || underWay.has(caseId)) return;
    underWay.add(caseId);
    try {
      if (outcome === 'granted') await effects.granted(decided, openedText(decided).text);
      else await effects.refused(decided);
      await store.settleEffect({ caseId, outcome, at: clock.now() });
    } catch (error) {
      log.error({ err: error, caseId, outcome }, 'what a moderator decided could not be carried out; it is tried again');
    } finally {
      underWay.delete(caseId);
    }
  };

  const sweep = async (before: number): Promise<void> => {
    for (const due of await store.effectsDue({ before, limit: SWEEP_LIMIT })) if (!closed) await carryOut(due);
  };

  const armSweep = (): void => {
    cancelSweep = clock.after(SWEEP_MS, () => {
      sweep(clock.now() - GRACE_MS)
        .catch((error: unknown) => log.error({ err: error }, 'what is still to be carried out could not be read'))
        .finally(() => {
          if (!closed) armSweep();
        });
    });
  };

  const usersOf = (cases: readonly ModerationCase[], more: readonly UserId[] = []) => {
    const named = cases.flatMap(({ subjectId, openedBy, decision, secondLook, claim }) => [
      subjectId,
      openedBy,
      decision?.moderatorId,
      secondLook?.moderatorId,
      claim?.moderatorId,
    ]);
    return store.users([...new Set([...named, ...more].filter((userId) => userId !== undefined && userId !== null))]);
  };

  const plain = ({ key: _, seal: __, effectDue: ___, ...shown }: StoredCase): ModerationCase => shown;

  const settle = async (made: Promise<{ case: StoredCase; changed: boolean }>): Promise<ModerationCase> => {
    const { case: decided, changed: isNew } = await made;
    if (isNew) changed(decided);
    await carryOut(decided);
    return plain(decided);
  };

  const openCase = async (opened: NewCase): Promise<{ case: StoredCase; created: boolean }> => {
    const result = await store.openCase(opened);
    if (result.created) changed(result.case);
    return result;
  };

  return {
    openCase,
    openWithText(opened, text) {
      const caseId = randomUUID();
      const seal = text === null ? null : sealer.seal(text, placeOf(caseId));
      return openCase({ ...opened, caseId, seal, at: clock.now() });
    },
    caseByKey: (key) => store.caseByKey(key),
    waitingCases: (threadId, kind) => store.waitingCases(threadId, kind),
    overtakenHolds: (limit) => store.overtakenHolds(limit),

    async list(page) {
      const { cases, next } = await store.cases(page);
      return { cases, next, users: await usersOf(cases) };
    },

    async read(caseId, { moderatorId, via }) {
      const found = await store.caseOf(caseId);
      if (found === undefined) throw noSuchCase();
      const { subjectId, openedBy, threadId, offset } = found;
      const note = (action: 'original.opened' | 'original.refused', details: Record<string, unknown>) =>
        store.appendAudit({ at: clock.now(), actor: moderatorId, action, subject: caseId, details: { via, ...details } });
      if (moderatorId === subjectId || moderatorId === openedBy) {
        await note('original.refused', { why: 'involved' });
        throw new ProtocolError('forbidden', 'This case is about you; another moderator looks at it.');
      }
      const { text, problem } = openedText(found);
      // Before anything is shown.
      await note('original.opened', { kind: found.kind, subjectId, threadId, sealed: found.seal !== null });
      const [around, others] = await Promise.all([
        threadId === null ? undefined : store.conversation({ threadId, offset, limit: CONTEXT }),
        store.casesAbout(subjectId, OTHERS),
      ]);
      const messages = around?.messages ?? [];
      const members = threadId === null ? [] : await store.memberIds(threadId);
      const count = (state: ModerationCase['state']): number =>
        others.filter((other) => other.caseId !== caseId && other.state === state).length;
      const users = await usersOf([found], [...members, ...messages.map(({ senderId }) => senderId)]);
      return {
        case: plain(found),
        text,
        sealProblem: problem,
        thread: around?.thread ?? null,
        messages,
        users,
        others: { waiting: count('waiting'), granted: count('granted'), refused: count('refused') },
      };
    },

    async claim(caseId, moderatorId, claimed) {
      const at = clock.now();
      const claimedCase = await store.claimCase({ caseId, moderatorId, until: claimed ? at + CLAIM_MS : null, at });
      // One that stays another's has not changed.
      if ((claimedCase.claim?.moderatorId ?? moderatorId) === moderatorId) changed(claimedCase);
      return plain(claimedCase);
    },
    decide: (decision) => settle(store.decideCase({ ...decision, at: clock.now() })),
    review: (review) => settle(store.reviewCase({ ...review, at: clock.now() })),
    async withdraw(caseId, userId) {
      const { case: withdrawn, changed: isNew } = await store.withdrawCase({ caseId, userId, at: clock.now() });
      if (isNew) changed(withdrawn);
    },

    async start() {
      await sweep(clock.now() + 1);
      armSweep();
    },
    close() {
      closed = true;
      cancelSweep();
    },
  };
};
