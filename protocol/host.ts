/** What the host platform says over REST, by the same schemas as the socket; the OpenAPI document is made from these. */
import { z } from 'zod';
import { Audience } from './announcements.ts';
import { Contract } from './contracts.ts';
import { WireError } from './errors.ts';
import { ClientMessageId, ContractId, JobId, ProposalId, ThreadId, Timestamp, text, UserId } from './ids.ts';
import { MAX_BULK, MAX_MEMBERS, MAX_NEWEST, MAX_PAGE } from './limits.ts';
import { Body, Member, MemberRole, Message, Proposal, ProposalStatus, User } from './threads.ts';

export const PutUser = z.object({
  displayName: User.shape.displayName,
  headline: User.shape.headline.default(''),
  avatarUrl: User.shape.avatarUrl.default(null),
  timeZone: z
    .string()
    .max(64)
    .refine((zone) => Intl.supportedValuesOf('timeZone').includes(zone) || zone === 'UTC', 'must be an IANA time zone')
    .nullable()
    .default(null),
  /** When the account was made; new ones have tighter limits. Kept when it is not given again. */
  createdAt: Timestamp.optional(),
  /** For announcements that are for some countries or kinds of people; seen by nobody. */
  country: Audience.shape.country.default(null),
  kind: Audience.shape.kind.default(null),
});
/** A user with what only the host platform and Parley know. */
export const HostUser = User.extend(Audience.shape);

export const Job = z.object({
  jobId: JobId,
  clientId: UserId,
  title: text(200).min(1),
  description: text(20_000),
});
/** A job as its client's list shows it. */
export const JobSummary = Job.extend({
  /** How many proposals there are for it, by status. */
  counts: z.record(ProposalStatus, z.int().min(0)),
  /** Who sent the newest of them. */
  newest: z.array(UserId).max(MAX_NEWEST),
});
export const PutJob = Job.omit({ jobId: true }).extend({ description: text(20_000).default('') });

export const PutProposal = z.object({
  jobId: JobId,
  freelancerId: UserId,
  /** Of the freelancer's agency: a member of the thread too, who may add others. Set once the thread is open it stays. */
  managerId: UserId.nullable().default(null),
  coverLetter: text(20_000).default(''),
  bid: Proposal.shape.bid.default(null),
  /** Without it, a new proposal is `proposed` and an old one keeps its status. */
  status: ProposalStatus.optional(),
  submittedAt: Timestamp.optional(),
});

/** "Send message": the first message is the client's, or `senderId`'s when that is a member. */
export const OpenProposalThread = z.object({
  senderId: UserId.optional(),
  /** Made by the host platform, so that its retry opens nothing twice. */
  clientMessageId: ClientMessageId,
  body: Body,
});
export const OpenedProposalThread = z.object({
  threadId: ThreadId,
  /** False when the thread was there already. */
  opened: z.boolean(),
  message: Message,
  proposal: Proposal,
});

/** The last state wins by `version`; an older one, or the same again, changes nothing. */
export const PutContract = Contract.pick({ clientId: true, freelancerId: true, title: true, status: true, version: true }).extend(
  {
    proposalId: ProposalId.nullable().default(null),
    /** When not given: when Parley first hears that it has begun, or is over. */
    startedAt: Timestamp.optional(),
    endedAt: Timestamp.optional(),
  },
);
/** What is stored, which is not what was put when that was older. */
export const StoredContract = z.object({ contract: Contract, applied: z.boolean() });

/** A thread of a contract's own, with a first message. */
export const OpenContractThread = OpenProposalThread;
export const OpenedContractThread = OpenedProposalThread.omit({ proposal: true }).extend({ contract: Contract });

/** A direct or group thread that the host platform starts. */
export const OpenThread = z
  .object({
    /** Made by the host platform; the same id again returns the thread. */
    threadKey: z.string().regex(/^[\w.:@-]{1,128}$/),
    kind: z.enum(['direct', 'group']),
    title: text(200).default(''),
    members: z
      .array(z.object({ userId: UserId, role: MemberRole.default('member') }))
      .min(2)
      .max(MAX_MEMBERS)
      .refine((members) => new Set(members.map((member) => member.userId)).size === members.length, 'must not repeat a user'),
    /** The thread of a proposal or contract whose contracts a group follows: both of whom it is between must be members. Beside a group, it follows what that does. */
    beside: ThreadId.optional(),
  })
  .refine((thread) => thread.beside === undefined || thread.kind === 'group', { path: ['beside'], message: 'is for a group' })
  .refine((thread) => thread.kind !== 'direct' || thread.members.length === 2, {
    path: ['members'],
    message: 'must be two in a direct thread',
  });
export const OpenedThread = z.object({ threadId: ThreadId, opened: z.boolean(), members: z.array(Member) });

/** A page in the order of identifiers, which never changes: what is there throughout is listed once, whatever comes meanwhile. */
export const HostPage = z.object({
  /** The `next` of the page before. */
  cursor: z.string().max(256).optional(),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50),
});
export const hostPageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item),
    /** Opaque; null at the end. */
    next: z.string().nullable(),
  });

/** Items of a bulk request are put one by one, as by their own route. */
export const BulkUser = PutUser.extend({ userId: UserId });
export const BulkJob = PutJob.extend({ jobId: JobId });
export const BulkProposal = PutProposal.extend({ proposalId: ProposalId });
export const BulkContract = PutContract.extend({ contractId: ContractId });
export const bulkOf = <Item extends z.ZodType>(item: Item) => z.array(item).min(1).max(MAX_BULK);

/** What became of each item, in their order: the status and answer, or error, that its own route would have given. */
export const bulkResultOf = <Result extends z.ZodType>(result: Result) =>
  z.object({
    results: z.array(z.union([z.object({ status: z.int(), result }), z.object({ status: z.int(), error: WireError })])),
  });

export type PutUser = z.output<typeof PutUser>;
export type Job = z.infer<typeof Job>;
export type JobSummary = z.infer<typeof JobSummary>;
export type PutJob = z.output<typeof PutJob>;
export type PutProposal = z.output<typeof PutProposal>;
export type OpenProposalThread = z.output<typeof OpenProposalThread>;
export type OpenedProposalThread = z.infer<typeof OpenedProposalThread>;
export type StoredContract = z.infer<typeof StoredContract>;
export type PutContract = z.output<typeof PutContract>;
export type OpenThread = z.output<typeof OpenThread>;
export type OpenedThread = z.infer<typeof OpenedThread>;
