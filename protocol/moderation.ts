/** Moderation: cases that people decide, what is decided, who is blocked, and the log of all that. */
import { z } from 'zod';
import { ContractState } from './contracts.ts';
import { GuardFinding } from './guard.ts';
import { ClientMessageId, Offset, ProposalId, ThreadId, Timestamp, text, UserId } from './ids.ts';
import { MAX_PAGE } from './limits.ts';
import { Message, ThreadKind, User } from './threads.ts';

/** What a token's claim `roles` may have in it that means something here. */
export const Role = z.enum(['moderator']);

/** `hold`: a message that waits. `appeal`: somebody wants a text let through. `report`: somebody, or Parley itself, points at a text or a person. */
export const CaseKind = z.enum(['hold', 'appeal', 'report']);
/** `granted`: the text is let through; of a report: it is upheld. */
export const CaseOutcome = z.enum(['granted', 'refused']);
export const CaseState = z.enum(['waiting', 'granted', 'refused', 'withdrawn']);
/** `decided`: another moderator may still look at it. `closed`: nobody need. */
export const CaseList = z.enum(['waiting', 'decided', 'closed']);
export const ReportCategory = z.enum(['scam', 'spam', 'harassment', 'off_platform', 'other']);
export const CaseId = z.uuid();

/** For whoever reads the case later: at least one visible character. */
export const ModerationReason = text(1_000).refine((reason) => reason.trim() !== '', 'must not be empty');

export const ModerationCase = z.object({
  caseId: CaseId,
  kind: CaseKind,
  state: CaseState,
  list: CaseList,
  /** Whose words or conduct it is about. */
  subjectId: UserId,
  /** Who appeals or reports; null for a hold, and for what Parley saw by itself. */
  openedBy: UserId.nullable(),
  threadId: ThreadId.nullable(),
  /** Of a first message whose thread is not open yet. */
  proposalId: ProposalId.nullable(),
  /** Of a message that is in the thread. */
  offset: Offset.nullable(),
  clientMessageId: ClientMessageId.nullable(),
  category: ReportCategory.nullable(),
  findings: z.array(GuardFinding),
  /** The appellant's or reporter's; empty for a hold. */
  reason: z.string(),
  at: Timestamp,
  decision: z
    .object({
      outcome: CaseOutcome,
      /** Null when Parley decided: the contract has started. */
      moderatorId: UserId.nullable(),
      reason: z.string(),
      at: Timestamp,
    })
    .nullable(),
  secondLook: z
    .object({ verdict: z.enum(['confirmed', 'reversed']), moderatorId: UserId, reason: z.string(), at: Timestamp })
    .nullable(),
  /** Who is looking at it, and until when nobody else decides it. */
  claim: z.object({ moderatorId: UserId, until: Timestamp }).nullable(),
});

/** How far a list of cases has come. */
export const CasePlace = z.object({ at: Timestamp, caseId: CaseId });

export const CasePage = z.object({
  cases: z.array(ModerationCase),
  /** Of everybody that the cases name. */
  users: z.array(User),
  next: CasePlace.nullable(),
});

/** A case with all that is needed to decide it. */
export const CaseDetails = z.object({
  case: ModerationCase,
  /** As it was written; null when the case is about a person, and when the seal cannot be opened (`sealProblem`). */
  text: z.string().nullable(),
  sealProblem: z.string().nullable(),
  thread: z.object({ threadId: ThreadId, kind: ThreadKind, title: z.string(), contract: ContractState }).nullable(),
  /** What was said around it, in its present state. */
  messages: z.array(Message),
  users: z.array(User),
  /** Other cases about the same person, of the last hundred. */
  others: z.object({ waiting: z.int(), granted: z.int(), refused: z.int() }),
});

/** What is told of, and what each entry of the log is about (`subject`): a case, a person, a thread. */
export const AuditAction = z.enum([
  'case.opened',
  'case.withdrawn',
  'case.decided',
  'case.reviewed',
  'case.effect',
  'original.opened',
  'original.refused',
  'moderation.refused',
  'person.blocked',
  'person.unblocked',
  'exception.granted',
  'exception.ended',
]);

/**
 * An entry of the audit log. `hash` is the SHA-256, in hexadecimal, of the JSON array
 * `[seq, at, actor, action, subject, details, previousHash]`, in which the keys of `details` are sorted at every level and nothing is spaced.
 */
export const AuditEntry = z.object({
  /** 1, 2, 3 … without holes. */
  seq: z.int().min(1),
  at: Timestamp,
  /** A user or moderator; null for Parley itself. */
  actor: z.string().nullable(),
  action: AuditAction,
  subject: z.string(),
  details: z.record(z.string(), z.unknown()),
  /** Of the entry before; 64 zeros for the first. */
  previousHash: z.string(),
  hash: z.string(),
});

/** The queue has changed: a case was opened, claimed, decided, looked at or withdrawn. Not kept; ask again after a lost connection. */
export const QueueChange = z.object({ caseId: CaseId, kind: CaseKind, list: CaseList });

const page = z.coerce.number().int().min(1).max(MAX_PAGE).default(50);

// What the host platform asks and says.

export const ListCases = z
  .object({
    list: CaseList.default('waiting'),
    kind: CaseKind.optional(),
    afterAt: z.coerce.number().int().min(0).optional(),
    afterCaseId: CaseId.optional(),
    limit: page,
  })
  .refine(({ afterAt, afterCaseId }) => (afterAt === undefined) === (afterCaseId === undefined), {
    path: ['afterCaseId'],
    message: 'goes with afterAt',
  });
export const ReadCase = z.object({
  /** Who looks, for the audit log. */
  moderatorId: UserId,
});
export const DecideCase = z.object({ moderatorId: UserId, outcome: CaseOutcome, reason: ModerationReason });
export const ReviewCase = z.object({ moderatorId: UserId, verdict: z.enum(['confirmed', 'reversed']), reason: ModerationReason });
export const ListAudit = z.object({ after: z.coerce.number().int().min(0).default(0), limit: page });
export const Blocks = z.object({
  /** Whom this person has blocked. */
  blocked: z.array(UserId),
  /** Who has blocked this person. */
  blockedBy: z.array(UserId),
});

export type Role = z.infer<typeof Role>;
export type QueueChange = z.infer<typeof QueueChange>;
export type CaseKind = z.infer<typeof CaseKind>;
export type CaseOutcome = z.infer<typeof CaseOutcome>;
export type CaseList = z.infer<typeof CaseList>;
export type CasePlace = z.infer<typeof CasePlace>;
export type CasePage = z.infer<typeof CasePage>;
export type CaseDetails = z.infer<typeof CaseDetails>;
export type ReportCategory = z.infer<typeof ReportCategory>;
export type ModerationCase = z.infer<typeof ModerationCase>;
export type AuditAction = z.infer<typeof AuditAction>;
export type AuditEntry = z.infer<typeof AuditEntry>;
export type Blocks = z.infer<typeof Blocks>;
