/** The rules that need the data, apart from any database: a store reads what they ask for inside its transaction. */
import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  type Contract,
  contractStateOf,
  type GuardExceptions,
  type Interview,
  isActive,
  MAX_CONTRACTS,
  MAX_MEMBERS,
  type Marks,
  type Member,
  type MemberRole,
  type Message,
  type Offset,
  type Proposal,
  type ProposalPlace,
  type ProposalSide,
  type ProposalStatus,
  type ProposalSummary,
  ProtocolError,
  type PutContract,
  type PutProposal,
  type SpeakerRole,
  type ThreadKind,
  type User,
  type UserId,
  withContract,
} from '../../protocol/index.ts';
import type { NewAuditEntry } from './moderation-store.ts';

/** Threads in a snapshot; the client asks for the others as it scrolls. */
export const SNAPSHOT_THREADS = 50;

/** What one page of a search looks at, at most, so that it costs the page and not all that a person ever read. */
export const SEARCH_BOUNDS = {
  threads: 500,
  /** Messages of a thread that have the leading word and are held against the others. */
  candidates: 1_000,
  /** Different words of a thread that begin with the prefix; what begins more is found by the first of them. */
  beginnings: 100,
} as const;

/** Ends the words that begin with a prefix; no letter or digit sorts after it. */
export const endOfPrefix = (prefix: string): string => `${prefix}\u{10ffff}`;

/** The word that leads to the candidates, which is the longest (the longer the rarer), and those that they are held against. */
export const leadOf = (words: readonly string[]): { lead: string | undefined; others: string[] } => {
  const [lead, ...others] = [...words].sort((a, b) => b.length - a.length);
  return { lead, others };
};

/** Sorts after every thread of a list. */
export const TOP = { activeAt: Number.MAX_SAFE_INTEGER, threadId: '' };

/** For outsiders and for threads that do not exist alike, so that nobody can probe for threads. */
export const notMember = (): ProtocolError => new ProtocolError('not_member', 'You are not a member of this thread.');

export const noSuchUser = (userId: UserId): ProtocolError => new ProtocolError('not_found', `There is no user ${userId}.`);

export const isSameProfile = (one: User, other: User): boolean =>
  one.displayName === other.displayName &&
  one.headline === other.headline &&
  one.avatarUrl === other.avatarUrl &&
  one.timeZone === other.timeZone;

export const readOnly = (): ProtocolError =>
  new ProtocolError('read_only', 'The proposal was declined or closed: its conversation can be read, and not written.');

/** See `isReadOnly`. */
export const requireWritable = ({
  kind,
  proposalStatus: status,
}: {
  kind: ThreadKind;
  proposalStatus: ProposalStatus | null;
}): void => {
  if (kind === 'proposal' && (status === 'declined' || status === 'closed')) throw readOnly();
};

// Members.

/** How a person who changes the members stands to the thread. */
export interface Actor {
  readonly kind: ThreadKind;
  readonly userId: UserId;
  readonly role: MemberRole;
}

/** What the thread is about. */
export interface Subject {
  readonly proposal: ProposalSummary | null;
  readonly contracts: readonly Contract[];
}

export const requireMayAdd = (actor: Actor, { contracts }: Subject): void => {
  if (actor.kind === 'direct')
    throw new ProtocolError('forbidden', 'Two people are in a direct thread; open a group thread instead.');
  if (actor.kind !== 'group' && contractStateOf(contracts) === 'before') {
    throw new ProtocolError('forbidden', 'Nobody is added here before a contract has begun; open a group thread instead.');
  }
  if (actor.role === 'member') throw new ProtocolError('forbidden', 'Only an owner or admin can add members.');
};

export const requireRoom = (members: readonly Member[]): void => {
  if (members.length >= MAX_MEMBERS) throw new ProtocolError('conflict', `A thread has at most ${MAX_MEMBERS} members.`);
};

/** Removing who is not there is allowed to those who may remove others, so that the same call can be made again. */
export const requireMayRemove = (
  actor: Actor,
  leaving: Member | undefined,
  members: readonly Member[],
  subject: Subject,
): void => {
  if (actor.kind === 'direct') throw new ProtocolError('forbidden', 'Two people are in a direct thread; archive it instead.');
  if (leaving !== undefined && isParty(actor, subject, leaving.userId)) {
    throw new ProtocolError(
      'forbidden',
      'Those whom the proposal or contract is between stay in its thread; archive it instead.',
    );
  }
  if (leaving?.userId === actor.userId) {
    if (members.length > 1) return;
    throw new ProtocolError('forbidden', 'Nobody else is in it; archive it instead.');
  }
  if (actor.role === 'member') throw new ProtocolError('forbidden', 'Only an owner or admin can remove others.');
  if (leaving?.role === 'owner' && actor.role !== 'owner') {
    throw new ProtocolError('forbidden', 'Only an owner can remove an owner.');
  }
};

/** Client, freelancer and the agency's manager, in the thread of their own; a group that follows its contracts is like any other. */
const isParty = ({ kind }: Actor, { proposal, contracts }: Subject, userId: UserId): boolean =>
  kind !== 'group' &&
  ([proposal?.clientId, proposal?.freelancerId, proposal?.managerId].includes(userId) ||
    contracts.some(({ clientId, freelancerId }) => clientId === userId || freelancerId === userId));

/** Whether a group of these members follows the contracts of a thread that is about this, beside which it is opened, or beside a group that does. */
export const mayFollow = (
  beside: ThreadKind,
  { proposal, contracts }: Subject,
  members: readonly { userId: UserId }[],
): boolean => {
  const between = proposal ?? contracts[0];
  const missing =
    between && [between.clientId, between.freelancerId].find((party) => !members.some((each) => each.userId === party));
  // Of a group not everybody knows what it follows.
  if (beside === 'group') return between !== undefined && missing === undefined;
  if (between === undefined)
    throw new ProtocolError('invalid', 'Only beside the conversation of a proposal or contract are there contracts to follow.');
  if (missing !== undefined)
    throw new ProtocolError('invalid', `${missing} must be in the group: it follows the contracts of both of them.`);
  return true;
};

/** On whose behalf a thread is opened: the first owner, or else the first member. */
export const openerOf = (members: readonly { userId: UserId; role: MemberRole }[]): UserId =>
  (members.find(({ role }) => role === 'owner') ?? members[0]!).userId;

// Marks.

/** The very same when nothing changes. */
export const nextMarks = (
  before: Marks,
  change: { archived?: boolean | undefined; favourite?: boolean | undefined; hidden?: boolean | undefined },
): Marks => {
  const { archived = before.archived, favourite = before.favourite, hidden = before.hidden } = change;
  const isSame = archived === before.archived && favourite === before.favourite && hidden === before.hidden;
  return isSame ? before : { archived, favourite, hidden, version: before.version + 1 };
};

// Messages.

/** A message with the hash of the body as it was posted, if an edit has replaced it. */
export type StoredMessage = Message & { readonly originalHash: Uint8Array | null };

export const sha256 = (body: string): Buffer => hash('sha256', body, 'buffer');

/** What is posted, or was: a masked body is known by the hash of its original. */
type Said = { readonly body: string; readonly guarded?: { readonly originalHash: Uint8Array } | undefined };

/** The message that was posted under a client message id, to who posts under it again. */
export const replayOf = ({ originalHash, ...message }: StoredMessage, said: Said): Message => {
  if (isOriginal(message, originalHash, said)) return message;
  throw new ProtocolError('conflict', 'This client message id was used for another message.', {
    conflictsWith: String(message.offset),
  });
};

/** Whether a message was posted with this body. Of a deleted one nothing is left to tell, so any body passes. */
const isOriginal = (message: Message, originalHash: Uint8Array | null, { body, guarded }: Said): boolean => {
  if (message.deletedAt !== null) return true;
  if (originalHash === null && guarded === undefined) return message.body === body;
  return Buffer.from(originalHash ?? sha256(message.body)).equals(guarded?.originalHash ?? sha256(body));
};

export const noSuchMessage = (offset: Offset): ProtocolError =>
  new ProtocolError('not_found', `There is no message at offset ${offset}.`);
export const notSender = (): ProtocolError => new ProtocolError('forbidden', 'Only its sender can change a message.');
export const messageGone = (): ProtocolError => new ProtocolError('gone', 'This message was deleted.');

// The guard.

/** How far back a speaker's own messages are looked for. */
export const SPEECH_BACK = 50;
export const EARLIER_MESSAGES = 10;

/** Who speaks. Where it is not known who hires whom, everybody is held to what freelancers are. */
export const speakerRole = ({ proposal, contracts }: Subject, userId: UserId): SpeakerRole => {
  if (proposal?.clientId === userId || contracts.some(({ clientId }) => clientId === userId)) return 'client';
  return proposal?.managerId === userId ? 'agency' : 'freelancer';
};

/** Who hires, if that is known. */
export const clientOf = ({ proposal, contracts }: Subject): UserId | undefined => proposal?.clientId ?? contracts[0]?.clientId;

/** What the audit log says of a grant. */
export const exceptionEntry = (scope: string, id: string, granted: GuardExceptions | null, at: number): NewAuditEntry => ({
  at,
  actor: null,
  action: granted === null ? 'exception.ended' : 'exception.granted',
  subject: id,
  details: { scope, granted },
});

export const togetherExceptions = (granted: readonly GuardExceptions[]): GuardExceptions => ({
  enterprise: granted.some(({ enterprise }) => enterprise),
  legalDocuments: granted.some(({ legalDocuments }) => legalDocuments),
  systemAccess: granted.some(({ systemAccess }) => systemAccess),
  allowedHosts: [...new Set(granted.flatMap(({ allowedHosts }) => allowedHosts))],
});

// The outbox.

/** How long what was delivered can be looked up and sent again. */
export const OUTBOX_KEEP_MS = 3 * 86_400_000;
/** Of what was delivered so many are forgotten at a time. */
export const OUTBOX_FORGETS = 500;

export const noSuchDelivery = (deliveryId: number): ProtocolError =>
  new ProtocolError('not_found', `There is no webhook ${deliveryId}; what was delivered is kept for three days.`);

// Proposals.

export const summaryOf = (proposal: Proposal): ProposalSummary => ({
  proposalId: proposal.proposalId,
  jobId: proposal.jobId,
  jobTitle: proposal.jobTitle,
  clientId: proposal.clientId,
  freelancerId: proposal.freelancerId,
  managerId: proposal.managerId,
  status: proposal.status,
});

export const noSuchJob = (jobId: string): ProtocolError => new ProtocolError('not_found', `There is no job ${jobId}.`);
export const noSuchProposal = (proposalId: string): ProtocolError =>
  new ProtocolError('not_found', `There is no proposal ${proposalId}.`);

export const jobOfAnother = (): ProtocolError => new ProtocolError('conflict', 'The job belongs to another client.');

export const requireSameProposal = (before: Proposal | undefined, put: PutProposal): void => {
  if (before === undefined) return;
  if (before.jobId !== put.jobId || before.freelancerId !== put.freelancerId) {
    throw new ProtocolError('conflict', 'The proposal is for another job or by another freelancer.');
  }
  if (before.threadId !== null && before.managerId !== put.managerId) {
    throw new ProtocolError('conflict', 'The thread is open: the manager of its proposal stays who they are.');
  }
};

export const requireOtherParties = (clientId: UserId | number, ...others: readonly (UserId | number | null)[]): void => {
  const present = others.filter((other) => other !== null);
  if (present.includes(clientId)) throw new ProtocolError('conflict', 'The freelancer or manager is the client of the job.');
  if (new Set(present).size < present.length) throw new ProtocolError('conflict', 'The freelancer is their own manager.');
};

/** The proposal once its client has opened its thread. */
export const openedProposal = (proposal: Proposal, threadId: string, senderId: UserId): Proposal => {
  if (senderId !== proposal.clientId) {
    throw new ProtocolError('forbidden', "Only the job's client opens the thread of a proposal.");
  }
  return { ...proposal, threadId, status: proposal.status === 'proposed' ? 'messaged' : proposal.status };
};

export const requireParty = (proposal: Proposal, senderId: UserId): void => {
  if (![proposal.clientId, proposal.freelancerId, proposal.managerId].includes(senderId)) {
    throw new ProtocolError('forbidden', 'Only its members post into the thread of a proposal.');
  }
};

/** Client, freelancer and, of an agency, its manager, with their roles. */
export const membersOfProposal = ({
  clientId,
  freelancerId,
  managerId,
}: ProposalSummary): { userId: UserId; role: MemberRole }[] => [
  { userId: clientId, role: 'owner' },
  { userId: freelancerId, role: 'member' },
  ...(managerId === null ? [] : [{ userId: managerId, role: 'admin' as const }]),
];

/** What Parley moves on by itself when the first interview is live; the host platform's own word is not overruled. */
export const isBeforeInterview = ({ status }: Pick<ProposalSummary, 'status'>): boolean =>
  status === 'proposed' || status === 'messaged';

// Contracts.

export const noSuchContract = (contractId: string): ProtocolError =>
  new ProtocolError('not_found', `There is no contract ${contractId}.`);

/** A contract after the host platform has told of it; undefined when that is older than what is stored, or the same again. */
export const nextContract = (
  before: Contract | undefined,
  contractId: string,
  { startedAt, endedAt, ...put }: PutContract,
  at: number,
): Contract | undefined => {
  if (before !== undefined && put.version <= before.version) return undefined;
  const has = (field: 'clientId' | 'freelancerId' | 'proposalId'): boolean =>
    before === undefined || before[field] === put[field];
  if (!has('clientId') || !has('freelancerId') || !has('proposalId')) {
    throw new ProtocolError('conflict', 'The contract is between other people, or of another proposal.');
  }
  const hasBegun = put.status === 'active' || put.status === 'paused' || put.status === 'ended';
  return {
    contractId,
    ...put,
    startedAt: startedAt ?? before?.startedAt ?? (hasBegun ? at : null),
    endedAt: put.status === 'ended' ? (endedAt ?? before?.endedAt ?? at) : (endedAt ?? null),
  };
};

/** The proposal of a contract is between the same two. */
export const requireSameParties = (proposal: ProposalSummary, put: PutContract): void => {
  if (proposal.clientId !== put.clientId || proposal.freelancerId !== put.freelancerId) {
    throw new ProtocolError('conflict', 'The proposal is between other people than the contract.');
  }
};

export const requireContractRoom = (contracts: readonly Contract[], changed: Contract): void => {
  if (withContract(contracts, changed).length > MAX_CONTRACTS) {
    throw new ProtocolError('conflict', `A proposal has ${MAX_CONTRACTS} contracts at most.`);
  }
};

/** A page of what was asked for with one more. */
export const pageFrom = <Item>(items: readonly Item[], limit: number): { items: Item[]; more: boolean } => ({
  items: items.slice(0, limit),
  more: items.length > limit,
});

/** A page of several lists, each newest first and with one more. */
export const newestProposals = (found: readonly Proposal[], limit: number): { proposals: Proposal[]; more: boolean } => {
  const { items, more } = pageFrom(
    found.toSorted((one, other) => other.submittedAt - one.submittedAt || (one.proposalId < other.proposalId ? 1 : -1)),
    limit,
  );
  return { proposals: items, more };
};

/** Sorts before every proposal of a list. */
export const NEWEST_PLACE: ProposalPlace = { submittedAt: Number.MAX_SAFE_INTEGER, proposalId: '' };

/** As which party a user has proposals of these sides. */
export const partiesOf = (side: ProposalSide | undefined): readonly ('client' | 'freelancer' | 'manager')[] => {
  if (side === undefined) return ['client', 'freelancer', 'manager'];
  return side === 'received' ? ['client'] : ['freelancer', 'manager'];
};

/** Every status, so that one without proposals is there too. */
export const NO_PROPOSALS: Readonly<Record<ProposalStatus, number>> = {
  proposed: 0,
  messaged: 0,
  interviewing: 0,
  hired: 0,
  declined: 0,
  closed: 0,
};

/** Whether lists of proposals are to be told. */
export const isListNews = (before: Proposal | undefined, after: Proposal): boolean =>
  before === undefined || before.status !== after.status || before.managerId !== after.managerId;

// Interviews.

/**
 * Whether this is the same call made again: creating it, whatever has become of it since, or its last transition. Otherwise
 * it must follow on what is stored, and no other interview may be active in the thread.
 */
export const isRepeatedInterview = (next: Interview, stored: Interview | undefined, active: Interview | undefined): boolean => {
  if (stored !== undefined && isRepetition(stored, next)) return true;
  requireSuccession(stored, next);
  if (active !== undefined && active.interviewId !== next.interviewId) {
    throw new ProtocolError('conflict', 'Another interview is going on in this thread.', {
      conflictsWith: active.interviewId,
    });
  }
  return false;
};

const isRepetition = (stored: Interview, next: Interview): boolean =>
  next.version === 1 ? stored.startedBy === next.startedBy && stored.threadId === next.threadId : isDeepStrictEqual(stored, next);

const requireSuccession = (stored: Interview | undefined, next: Interview): void => {
  if (stored === undefined) {
    if (next.version === 1) return;
    throw new ProtocolError('not_found', 'There is no such interview.');
  }
  if (stored.threadId !== next.threadId || stored.version !== next.version - 1) {
    throw new ProtocolError('conflict', 'The interview has changed meanwhile.');
  }
  if (!isActive(stored)) throw new ProtocolError('conflict', 'The interview is over.');
};

export const noSuchThread = (): ProtocolError => new ProtocolError('not_found', 'There is no such thread.');
