/** What becomes of a case, apart from any database: a store reads it, asks here what follows, and writes that with its entry of the log. */
import {
  type CaseKind,
  type CaseList,
  type CaseOutcome,
  type ModerationCase,
  ProtocolError,
  type UserId,
} from '../../protocol/index.ts';
import type { CaseDecision, CaseReview, NewAuditEntry, NewCase, StoredCase } from './moderation-store.ts';

/** A case as both databases keep it. */
export interface CaseRow {
  readonly caseId: string;
  readonly key: string;
  readonly effect: CaseOutcome | null;
  readonly effectAt: number | null;
  readonly seal: Uint8Array | null;
  readonly record: ModerationCase;
}

/** What a change writes. */
export interface CaseChange extends Omit<CaseRow, 'seal'> {
  readonly entry: NewAuditEntry | undefined;
}

export const storedOf = ({ key, effect, seal, record }: CaseRow): StoredCase => ({ ...record, key, seal, effectDue: effect });

/** Where a case stands in the lists: when it was opened, or what happened last. */
export const listedAt = ({ at, decision, secondLook }: ModerationCase): number => secondLook?.at ?? decision?.at ?? at;

export const noSuchCase = (): ProtocolError => new ProtocolError('not_found', 'There is no case of this id.');

const factsOf = ({ kind, subjectId, threadId, proposalId, offset, clientMessageId, category }: ModerationCase) => ({
  kind,
  subjectId,
  threadId,
  proposalId,
  offset,
  clientMessageId,
  category,
});

export const openedCase = (opened: NewCase): CaseChange & { readonly seal: Uint8Array | null } => {
  const { caseId, kind, key, subjectId, openedBy, threadId, proposalId, offset, clientMessageId, category = null } = opened;
  const record: ModerationCase = {
    caseId,
    kind,
    state: 'waiting',
    list: 'waiting',
    subjectId,
    openedBy,
    threadId,
    proposalId,
    offset,
    clientMessageId,
    category,
    // The words that weighed are of the text, which is in the seal alone.
    findings: opened.findings.map(({ words: _, ...finding }) => finding),
    reason: opened.reason,
    at: opened.at,
    decision: null,
    secondLook: null,
    claim: null,
  };
  const details = { ...factsOf(record), categories: [...new Set(opened.findings.map((finding) => finding.category))] };
  const entry: NewAuditEntry = { at: opened.at, actor: openedBy, action: 'case.opened', subject: caseId, details };
  return { caseId, key, effect: null, effectAt: null, seal: opened.seal, record, entry };
};

const requireReason = (reason: string): void => {
  if (reason.trim() === '') throw new ProtocolError('invalid', 'A decision needs a reason.');
};

/** Nobody decides what is about themselves. */
const requireUninvolved = ({ subjectId, openedBy }: ModerationCase, moderatorId: UserId): void => {
  if (moderatorId === subjectId || moderatorId === openedBy) {
    throw new ProtocolError('forbidden', 'This case is about you; another moderator decides it.');
  }
};

export const isClaimedByOther = ({ claim }: ModerationCase, moderatorId: UserId, at: number): boolean =>
  claim !== null && claim.moderatorId !== moderatorId && claim.until > at;

/** The key is free for another case from then on. */
const freedKey = ({ key, caseId }: CaseRow): string => `${key}#${caseId}`;

/** A message is what it is; a person may do something else tomorrow. */
const isOfPerson = ({ kind, offset, clientMessageId }: ModerationCase): boolean =>
  kind === 'report' && offset === null && clientMessageId === null;

/** Undefined when it was decided so already. */
export const decidedCase = (row: CaseRow, decision: CaseDecision): CaseChange | undefined => {
  const { record } = row;
  const { moderatorId, outcome, reason, at, caseId } = decision;
  requireReason(reason);
  if (record.state === 'withdrawn') throw new ProtocolError('gone', 'The report was withdrawn.');
  if (record.decision !== null) {
    const isSame =
      record.decision.moderatorId === moderatorId && record.decision.outcome === outcome && record.decision.reason === reason;
    if (isSame) return undefined;
    throw new ProtocolError('conflict', 'The case has been decided meanwhile.', {
      conflictsWith: record.decision.moderatorId ?? 'parley',
    });
  }
  if (moderatorId !== null) {
    requireUninvolved(record, moderatorId);
    if (isClaimedByOther(record, moderatorId, at)) {
      throw new ProtocolError('conflict', 'Another moderator is looking at this case.', {
        conflictsWith: record.claim!.moderatorId,
        retryAfterMs: record.claim!.until - at,
      });
    }
  }
  return {
    ...row,
    key: isOfPerson(record) ? freedKey(row) : row.key,
    effect: outcome,
    effectAt: at,
    record: {
      ...record,
      state: outcome,
      list: moderatorId === null ? 'closed' : 'decided',
      decision: { outcome, moderatorId, reason, at },
      claim: null,
    },
    entry: {
      at,
      actor: moderatorId,
      action: 'case.decided',
      subject: caseId,
      details: { kind: record.kind, subjectId: record.subjectId, outcome, reason },
    },
  };
};

/** Undefined when this moderator has said so already. */
export const reviewedCase = (row: CaseRow, review: CaseReview): CaseChange | undefined => {
  const { record } = row;
  const { moderatorId, verdict, reason, at, caseId } = review;
  requireReason(reason);
  const { decision, secondLook } = record;
  if (decision === null || decision.moderatorId === null) {
    throw new ProtocolError('conflict', 'No moderator has decided this case; there is nothing to look at again.');
  }
  if (secondLook !== null) {
    if (secondLook.moderatorId === moderatorId && secondLook.verdict === verdict && secondLook.reason === reason)
      return undefined;
    throw new ProtocolError('conflict', 'The second look at this case was taken already.', {
      conflictsWith: secondLook.moderatorId,
    });
  }
  if (decision.moderatorId === moderatorId) {
    throw new ProtocolError('forbidden', 'Who decided a case does not take the second look at it.');
  }
  requireUninvolved(record, moderatorId);
  const outcome: CaseOutcome = (decision.outcome === 'granted') === (verdict === 'confirmed') ? 'granted' : 'refused';
  return {
    ...row,
    ...(verdict === 'reversed' ? { effect: outcome, effectAt: at } : {}),
    record: { ...record, state: outcome, list: 'closed', secondLook: { verdict, moderatorId, reason, at } },
    entry: {
      at,
      actor: moderatorId,
      action: 'case.reviewed',
      subject: caseId,
      details: { kind: record.kind, subjectId: record.subjectId, verdict, outcome, reason },
    },
  };
};

/** Undefined when it was withdrawn already. */
export const withdrawnCase = (row: CaseRow, { userId, at }: { userId: UserId; at: number }): CaseChange | undefined => {
  const { record, caseId } = row;
  if (record.kind !== 'report' || record.openedBy !== userId) throw noSuchCase();
  if (record.state === 'withdrawn') return undefined;
  if (record.state !== 'waiting') throw new ProtocolError('conflict', 'The report has been decided already.');
  return {
    ...row,
    key: freedKey(row),
    record: { ...record, state: 'withdrawn', list: 'closed', claim: null },
    entry: { at, actor: userId, action: 'case.withdrawn', subject: caseId, details: factsOf(record) },
  };
};

/** Unchanged for a case that waits no more, or is another moderator's. */
export const claimedCase = (
  row: CaseRow,
  { moderatorId, until, at }: { moderatorId: UserId; until: number | null; at: number },
): CaseChange | undefined => {
  const { record } = row;
  if (record.state !== 'waiting' || isClaimedByOther(record, moderatorId, at)) return undefined;
  if (until === null && record.claim === null) return undefined;
  return { ...row, record: { ...record, claim: until === null ? null : { moderatorId, until } }, entry: undefined };
};

/** Undefined when another outcome is due, or none. */
export const settledCase = (row: CaseRow, { outcome, at }: { outcome: CaseOutcome; at: number }): CaseChange | undefined => {
  const { record, caseId } = row;
  if (row.effect !== outcome) return undefined;
  const details = { kind: record.kind, subjectId: record.subjectId, outcome };
  return { ...row, effect: null, effectAt: null, entry: { at, actor: null, action: 'case.effect', subject: caseId, details } };
};

/** The parts of a list: ascending for what waits, so that nobody is forgotten. */
export const isAscending = (list: CaseList): boolean => list === 'waiting';

export interface CaseQuery {
  readonly list: CaseList;
  readonly kind?: CaseKind | undefined;
  readonly after?: { at: number; caseId: string } | undefined;
  readonly limit: number;
}

/** Where a list begins. */
export const startOf = ({ list, after }: CaseQuery): { at: number; caseId: string } =>
  after ?? (isAscending(list) ? { at: -1, caseId: '' } : { at: Number.MAX_SAFE_INTEGER, caseId: '' });

/** Of one more row than the page has. */
export const casePage = (records: readonly ModerationCase[], limit: number) => {
  const cases = records.slice(0, limit);
  const last = cases.at(-1);
  return { cases, next: records.length > limit && last !== undefined ? { at: listedAt(last), caseId: last.caseId } : null };
};
