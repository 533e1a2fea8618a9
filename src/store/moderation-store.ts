/** What a store keeps for moderation: cases, blocks, and the audit log. Part of `Store` (store.ts), which says what every write promises. */
import type {
  AuditAction,
  AuditEntry,
  Blocks,
  CaseKind,
  CaseList,
  CaseOutcome,
  CasePlace,
  ContractState,
  GuardFinding,
  Message,
  ModerationCase,
  Offset,
  ReportCategory,
  ThreadId,
  ThreadKind,
  UserId,
} from '../../protocol/index.ts';

export interface NewCase {
  readonly caseId: string;
  readonly kind: CaseKind;
  /** A case is opened once for each key; that of a report about a person is free again once it was decided, and of any report once it was withdrawn. */
  readonly key: string;
  readonly subjectId: UserId;
  readonly openedBy: UserId | null;
  readonly threadId: ThreadId | null;
  readonly proposalId: string | null;
  readonly offset: Offset | null;
  readonly clientMessageId: string | null;
  readonly category?: ReportCategory | null;
  /** The text as it was written, sealed under the place `case:<caseId>`; null for a case about a person. */
  readonly seal: Uint8Array | null;
  readonly findings: readonly GuardFinding[];
  readonly reason: string;
  readonly at: number;
}

export interface StoredCase extends ModerationCase {
  readonly key: string;
  readonly seal: Uint8Array | null;
  /** What was decided and has not been carried out yet. */
  readonly effectDue: CaseOutcome | null;
}

export interface CaseDecision {
  readonly caseId: string;
  /** Null when Parley decides. */
  readonly moderatorId: UserId | null;
  readonly outcome: CaseOutcome;
  readonly reason: string;
  readonly at: number;
}

export interface CaseReview {
  readonly caseId: string;
  readonly moderatorId: UserId;
  readonly verdict: 'confirmed' | 'reversed';
  readonly reason: string;
  readonly at: number;
}

export interface NewAuditEntry {
  readonly at: number;
  readonly actor: string | null;
  readonly action: AuditAction;
  readonly subject: string;
  /** Identifiers, numbers and a moderator's reasons; never what somebody wrote in a thread. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** A conversation as a moderator sees it, whoever its members are. */
export interface Conversation {
  readonly thread: { threadId: ThreadId; kind: ThreadKind; title: string; contract: ContractState };
  readonly messages: Message[];
}

/**
 * Every opening, withdrawal, decision, second look, effect, block and its lifting is an entry of the audit log in the same transaction.
 * Cases that are not there reject with `not_found`.
 */
export interface ModerationStore {
  /** Opening under a key that was used returns what is stored. */
  openCase(opened: NewCase): Promise<{ case: StoredCase; created: boolean }>;
  caseOf(caseId: string): Promise<StoredCase | undefined>;
  caseByKey(key: string): Promise<StoredCase | undefined>;
  /** Oldest first. */
  waitingCases(threadId: ThreadId, kind: CaseKind): Promise<StoredCase[]>;
  /** Of first messages that are held, those to proposals whose contract has begun meanwhile. Oldest first. */
  overtakenHolds(limit: number): Promise<StoredCase[]>;
  /** Those that wait oldest first; the others by what happened last, the newest first. */
  cases(page: {
    list: CaseList;
    kind?: CaseKind | undefined;
    after?: CasePlace | undefined;
    limit: number;
  }): Promise<{ cases: ModerationCase[]; next: CasePlace | null }>;
  /** The latest cases about a person. */
  casesAbout(subjectId: UserId, limit: number): Promise<ModerationCase[]>;
  /** Says who looks at a waiting case, until when; null lets go. One that another has claimed stays theirs until then. */
  claimCase(claim: { caseId: string; moderatorId: UserId; until: number | null; at: number }): Promise<StoredCase>;
  /**
   * Rejects with `conflict` when it was decided otherwise or another moderator has claimed it, `gone` when it was withdrawn, `forbidden` for
   * those whom it is about, `invalid` without a reason. The same again changes nothing.
   */
  decideCase(decision: CaseDecision): Promise<{ case: StoredCase; changed: boolean }>;
  /** Of another moderator than the one who decided: `forbidden`; `conflict` when there is nothing to look at or somebody has looked. */
  reviewCase(review: CaseReview): Promise<{ case: StoredCase; changed: boolean }>;
  /** Of a report that waits, by who opened it. The key is free again. */
  withdrawCase(withdrawal: { caseId: string; userId: UserId; at: number }): Promise<{ case: StoredCase; changed: boolean }>;
  /** Decided before a time, and not carried out; the longest due first. */
  effectsDue(due: { before: number; limit: number }): Promise<StoredCase[]>;
  /** Carried out; nothing happens when another outcome is due meanwhile, or none. */
  settleEffect(effect: { caseId: string; outcome: CaseOutcome; at: number }): Promise<void>;

  /** The messages around one, or the last ones; undefined when there is no such thread. */
  conversation(around: { threadId: ThreadId; offset: Offset | null; limit: number }): Promise<Conversation | undefined>;

  /** `not_found` for unknown people, `invalid` for oneself. */
  setBlock(block: { userId: UserId; otherId: UserId; blocked: boolean; at: number }): Promise<{ changed: boolean }>;
  blocksOf(userId: UserId): Promise<Blocks>;
  /** Whether a block, either way, keeps this member from being seen in a direct or proposal thread. */
  isApart(userId: UserId, threadId: ThreadId): Promise<boolean>;

  appendAudit(entry: NewAuditEntry): Promise<AuditEntry>;
  /** By their numbers, from after one. */
  auditEntries(page: { after: number; limit: number }): Promise<AuditEntry[]>;

  /** When the host platform says that the account was made; null when it never said. */
  accountCreatedAt(userId: UserId): Promise<number | null>;
}
