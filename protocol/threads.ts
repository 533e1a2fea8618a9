/** Threads, members, messages and the durable events that happen in a thread. */
import { z } from 'zod';
import { Contract } from './contracts.ts';
import { GuardCategory } from './guard.ts';
import { ClientMessageId, JobId, Offset, OffsetOrZero, ProposalId, ThreadId, Timestamp, text, UserId } from './ids.ts';
import { Interview } from './interviews.ts';
import { MAX_BODY_LENGTH, MAX_CONTRACTS, MAX_STORED_BODY_LENGTH } from './limits.ts';
import { Marks } from './marks.ts';

export const ThreadKind = z.enum(['proposal', 'contract', 'direct', 'group']);
export const MemberRole = z.enum(['owner', 'admin', 'member']);

/** A person as the others see them; comes from the host platform. */
export const User = z.object({
  userId: UserId,
  displayName: text(120).min(1),
  /** What they do, in a few words: "Motion designer". */
  headline: text(160),
  avatarUrl: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .nullable(),
  /** IANA zone, so that the other side sees their local time. */
  timeZone: z.string().max(64).nullable(),
});

export const Member = z.object({
  userId: UserId,
  role: MemberRole,
  /** The last offset this member has read. */
  readOffset: OffsetOrZero,
  joinedAt: Timestamp,
});

/** Who owns a thread when its last owner leaves: the admin who is longest in it, or else the member; nobody new while another owner is there. */
export const heirOf = (members: readonly z.infer<typeof Member>[], leavingId: string): string | undefined => {
  const others = members.filter(({ userId }) => userId !== leavingId);
  const isOwner = members.some(({ userId, role }) => userId === leavingId && role === 'owner');
  if (!isOwner || others.some(({ role }) => role === 'owner')) return undefined;
  return (others.find(({ role }) => role === 'admin') ?? others[0])?.userId;
};

/** A message's text: at least one visible character. */
export const Body = text(MAX_BODY_LENGTH).refine((body) => body.trim() !== '', 'must not be empty');

/** A part of a message that the guard has put a mark over, in UTF-16 units of the body as it is sent out. */
export const MaskedSpan = z.object({ start: z.int().min(0), end: z.int().min(1), category: GuardCategory });

/** A message in its present state. A deleted one stays as a tombstone with an empty body. */
export const Message = z.object({
  threadId: ThreadId,
  /** Offset of the event that posted it; a message is named by thread and offset. */
  offset: Offset,
  senderId: UserId,
  clientMessageId: ClientMessageId,
  body: text(MAX_STORED_BODY_LENGTH),
  postedAt: Timestamp,
  editedAt: Timestamp.nullable(),
  deletedAt: Timestamp.nullable(),
  /** The marks in the body, in order, until the contract starts (`message.released`). Absent when there is none, which is nearly always. */
  masked: z.array(MaskedSpan).min(1).optional(),
});

/**
 * proposed -> messaged ("Send message") -> interviewing (their first interview is live) -> hired (their contract has begun), each set by
 * Parley unless the host platform says otherwise; declined and closed (the job is gone, or the proposal withdrawn) by the host platform alone.
 */
export const ProposalStatus = z.enum(['proposed', 'messaged', 'interviewing', 'hired', 'declined', 'closed']);

/** What a thread shows of its proposal; `proposal.get` has the rest. */
export const ProposalSummary = z.object({
  proposalId: ProposalId,
  jobId: JobId,
  jobTitle: text(200),
  clientId: UserId,
  freelancerId: UserId,
  /** Who speaks for the freelancer's agency, beside them; null for a freelancer alone. */
  managerId: UserId.nullable(),
  status: ProposalStatus,
});

export const Proposal = ProposalSummary.extend({
  jobDescription: text(20_000),
  coverLetter: text(20_000),
  bid: z
    .object({ amount: z.number().nonnegative(), currency: z.string().regex(/^[A-Z]{3}$/), per: z.enum(['hour', 'project']) })
    .nullable(),
  submittedAt: Timestamp,
  /** The thread that "Send message" opened, once it has. */
  threadId: ThreadId.nullable(),
});

const event = <Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) =>
  z.object({
    type: z.literal(type),
    threadId: ThreadId,
    offset: Offset,
    at: Timestamp,
    /** Who did it; null when the host platform or the clock did. */
    actorId: UserId.nullable(),
    ...shape,
  });

/** Everything durable that happens in a thread, by type. */
export const ThreadEvent = z.discriminatedUnion('type', [
  event('thread.opened', {
    kind: ThreadKind,
    title: text(200),
    members: z.array(Member),
    /** Profiles of the members, so that a client that never met them can show the thread. */
    users: z.array(User),
    proposal: ProposalSummary.nullable(),
    contracts: z.array(Contract).max(MAX_CONTRACTS),
  }),
  event('member.joined', { member: Member, user: User }),
  event('member.left', {
    userId: UserId,
    /** Who owns the thread from then on, when its last owner left. */
    ownerId: UserId.optional(),
  }),
  event('message.posted', { message: Message }),
  event('message.edited', { message: Message }),
  event('message.deleted', { message: Message }),
  /** What was masked is shown: the contract has started, or a moderator let it through. */
  event('message.released', { message: Message }),
  event('proposal.changed', { proposal: ProposalSummary }),
  event('contract.changed', { contract: Contract }),
  event('interview.changed', { interview: Interview }),
]);

/** Types that a conversation shows as a line of their own; edits and deletes are folded into their message. */
export const TIMELINE_TYPES = [
  'thread.opened',
  'member.joined',
  'member.left',
  'message.posted',
  'proposal.changed',
  'contract.changed',
  'interview.changed',
] as const satisfies readonly ThreadEvent['type'][];

/** Types that bring a thread to the top of the list. */
export const ACTIVITY_TYPES = [
  'thread.opened',
  'member.joined',
  'message.posted',
  'contract.changed',
  'interview.changed',
] as const satisfies readonly ThreadEvent['type'][];

/** A thread as one member's list shows it. */
export const ThreadSummary = z.object({
  threadId: ThreadId,
  kind: ThreadKind,
  title: text(200),
  members: z.array(Member),
  proposal: ProposalSummary.nullable(),
  /** The contracts of its proposal, or the one it belongs to; see `contractStateOf`. */
  contracts: z.array(Contract).max(MAX_CONTRACTS),
  /** One's own. */
  marks: Marks,
  /** Offset of the last event. */
  head: Offset,
  lastMessage: Message.nullable(),
  /** Messages of others after this member's read offset, deleted ones not counted. */
  unread: z.int().min(0),
  /** The interview that rings or is live, if there is one. */
  interview: Interview.nullable(),
  openedAt: Timestamp,
  /** Time of the last event that ranks the thread in the list. */
  activeAt: Timestamp,
});

/** The thread of a proposal that was declined or closed is read and not written, until the host platform opens it again. */
export const isReadOnly = ({ kind, proposal }: Pick<ThreadSummary, 'kind' | 'proposal'>): boolean =>
  kind === 'proposal' && (proposal?.status === 'declined' || proposal?.status === 'closed');

export type ThreadKind = z.infer<typeof ThreadKind>;
export type MemberRole = z.infer<typeof MemberRole>;
export type User = z.infer<typeof User>;
export type Member = z.infer<typeof Member>;
export type MaskedSpan = z.infer<typeof MaskedSpan>;
export type Message = z.infer<typeof Message>;
export type ProposalStatus = z.infer<typeof ProposalStatus>;
export type ProposalSummary = z.infer<typeof ProposalSummary>;
export type Proposal = z.infer<typeof Proposal>;
export type ThreadEvent = z.infer<typeof ThreadEvent>;
export type ThreadEventOf<Type extends ThreadEvent['type']> = Extract<ThreadEvent, { type: Type }>;
export type ThreadSummary = z.infer<typeof ThreadSummary>;
