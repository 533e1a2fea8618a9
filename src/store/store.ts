/**
 * The store: everything durable, in domain words. Implementations: `sqlite-store.ts`, `postgres-store.ts`. The contract suite in
 * test/contracts/store.ts holds each of them to what is promised here.
 *
 * Promised:
 * - A write resolves after its commit reached the disk; before that, nothing of it can be read. A write that rejects has
 *   changed nothing. Writes resolve in commit order, so whoever publishes in the order of resolution publishes in order: in each
 *   inbox by position, and so in each thread by offset. Of several stores on one database each keeps that order for its own
 *   writes; between them nothing is promised but the positions, by which a client finds what another node has not pushed yet.
 * - Offsets of a thread are 1, 2, 3 … without holes; positions of an inbox too, in commit order. An event and the inbox
 *   entries that deliver it are one transaction, and no reader of any node sees a position before the one below it.
 * - Posting is exactly once by (thread, sender, client message id), without a time window. Once the message is deleted nothing is
 *   kept to compare with, and the key returns the tombstone whatever the body. A replay has no deliveries, unless the first answer
 *   was lost inside the store: then they are told by the second.
 * - State equals the log: old state + missed entries = fresh snapshot. So a thread shows its proposal as its events told it last, and
 *   members are in the order they were named in at the opening, then in that of their joining.
 * - A new message takes the mark `hidden` away from every member, without an entry of its own: the message says it.
 * - Reads that list cost the page, not the history.
 * Owed by the caller: payloads that passed the protocol's schemas. Rules that need the data (membership, authorship,
 * versions) are the store's, inside the transaction; it rejects with a ProtocolError: `not_found`, `not_member`, `forbidden` (also for what somebody blocked sends into a direct or proposal thread),
 * `conflict`, `gone`, and `read_only` for whatever people write into the thread of a proposal that was declined or closed. A store that cannot be reached rejects with `unavailable`, and then the write did not happen or is
 * returned by the same call made again.
 */
import type {
  Audience,
  Contract,
  ContractState,
  Epoch,
  GuardExceptions,
  HelpCount,
  HelpVote,
  InboxEvent,
  InboxRecovery,
  Interview,
  Job,
  JobSummary,
  Mark,
  Marks,
  MaskedSpan,
  Member,
  MemberRole,
  Message,
  Offset,
  Position,
  Proposal,
  ProposalPlace,
  ProposalSide,
  PutAnnouncement,
  PutContract,
  PutProposal,
  SearchPlace,
  SpeakerRole,
  StoredAnnouncement,
  ThreadEvent,
  ThreadId,
  ThreadSummary,
  User,
  UserId,
  WebhookDelivery,
  WebhookStatus,
  WordQuery,
} from '../../protocol/index.ts';
import type { ModerationStore } from './moderation-store.ts';

/** One event and the position it took in each member's inbox. */
export interface Delivery {
  readonly event: InboxEvent;
  readonly positions: readonly (readonly [userId: UserId, position: Position])[];
}

/** The outcome of a write. `deliveries` is empty when the write was a replay or changed nothing. */
export interface Written<Result> {
  readonly result: Result;
  readonly deliveries: readonly Delivery[];
}

/** What the guard did to a text: `body` is then what readers get, and the original is under the seal until it is released. */
export interface Guarded {
  /** Where the marks are, in the body as it is sent out. */
  readonly masked: MaskedSpan[];
  readonly seal: Uint8Array;
  /** SHA-256 of the original: what a replay is known by. */
  readonly originalHash: Uint8Array;
}

export interface NewMessage {
  readonly senderId: UserId;
  readonly clientMessageId: string;
  readonly body: string;
  readonly guarded?: Guarded | undefined;
  /** Unix ms, as every `at`. */
  readonly at: number;
}

export interface ThreadPage {
  readonly threads: ThreadSummary[];
  /** Profiles of everyone who is a member of these threads. */
  readonly users: User[];
  readonly more: boolean;
}

export interface HostListPage {
  /** The identifier that the page before ended with. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface HostList<Item> {
  readonly items: Item[];
  readonly more: boolean;
}

export interface HostStore {
  /** `createdAt`: of the account, where the host platform says it. Creates or replaces a profile; a change of an existing one is a `user.changed` for them and everyone who shares a thread. */
  putUser(user: User, at: number, createdAt?: number): Promise<Written<{ created: boolean }>>;
  /** The profiles that exist, in no particular order. */
  users(userIds: readonly UserId[]): Promise<User[]>;
  /** Rejects with `not_found` when the client is unknown, `conflict` when the job belongs to another client. */
  putJob(job: Job): Promise<{ created: boolean }>;
  /** Rejects with `not_found` when job or freelancer are unknown, `conflict` when the proposal exists for another job or freelancer, or the freelancer is the job's client. A new status of a proposal with a thread is a `proposal.changed`; without one its coming and each new status or manager is a `proposal.listed` for client, freelancer and manager, of which the last stays in an inbox. */
  putProposal(proposalId: string, proposal: PutProposal, at: number): Promise<Written<{ proposal: Proposal; created: boolean }>>;
  proposal(proposalId: string): Promise<Proposal | undefined>;
  /**
   * The last state wins by its version: an older one, or the same again, changes nothing and gives what is stored (`applied: false`). Each
   * change is a `contract.changed` in the thread of its proposal and in its own; when it begins its proposal is `hired`, which is told too.
   * Rejects with `not_found` for unknown people or proposals, `conflict` for other people or another proposal than before.
   */
  putContract(
    contractId: string,
    contract: PutContract,
    at: number,
  ): Promise<Written<{ contract: Contract; created: boolean; applied: boolean }>>;
  contract(contractId: string): Promise<Contract | undefined>;
  /** Sent, managed or received by this user, newest first, ties by proposal id descending; or those for a job of theirs (`not_found` for another's). */
  proposalsOf(
    userId: UserId,
    page: { side?: ProposalSide | undefined; jobId?: string | undefined; before?: ProposalPlace | undefined; limit: number },
  ): Promise<{ proposals: Proposal[]; more: boolean }>;
  job(jobId: string): Promise<Job | undefined>;
  /** All that the host platform put, in the order of identifiers; proposals of one job too (none for one that is not there). */
  listUsers(page: HostListPage): Promise<HostList<User>>;
  listJobs(page: HostListPage): Promise<HostList<Job>>;
  listProposals(page: HostListPage & { jobId?: string | undefined }): Promise<HostList<Proposal>>;
  listContracts(page: HostListPage): Promise<HostList<Contract>>;
  /** Of this client, the last put for the first time first; rejects with `not_found` for a `before` that is not there. */
  jobsOf(clientId: UserId, page: { before?: string | undefined; limit: number }): Promise<{ jobs: JobSummary[]; more: boolean }>;
  /** Rejects with `not_found` for another's, and for one that is not there. */
  jobOf(clientId: UserId, jobId: string): Promise<JobSummary>;
}

export interface ThreadStore {
  /**
   * "Send message". Opens the proposal's thread (client: owner, freelancer: member), moves the proposal to `messaged` if it was `proposed`
   * (the thread's `proposal` already says so) and posts the first message; when the thread is open, posts into it. All in one transaction.
   * `threadId` is used only if the thread is opened. Rejects with `not_found`; `forbidden` when the sender may not open it: only the job's client
   * opens, any member posts.
   */
  openProposalThread(
    open: NewMessage & { proposalId: string; threadId: ThreadId },
  ): Promise<Written<{ threadId: ThreadId; opened: boolean; message: Message; proposal: Proposal }>>;
  /** The same for a thread of a contract's own: client (owner) and freelancer, either of whom may open it. Rejects with `not_found`, `not_member`. */
  openContractThread(
    open: NewMessage & { contractId: string; threadId: ThreadId },
  ): Promise<Written<{ threadId: ThreadId; opened: boolean; message: Message; contract: Contract }>>;
  /**
   * A direct or group thread; the same key again returns the thread as it is. The first owner, or else the first member, acts as opener.
   * `beside` is the thread of a proposal or contract whose contracts a group follows: it has those of now, and each that changes later in the
   * same transaction; or a group, to follow what that follows as long as both whom it is between are members here. Rejects with `not_found` for
   * unknown users and threads, and with `invalid` beside a direct thread, and where one of the two is missing.
   */
  openThread(open: {
    threadKey: string;
    threadId: ThreadId;
    kind: 'direct' | 'group';
    title: string;
    members: readonly { userId: UserId; role: MemberRole }[];
    beside?: ThreadId | undefined;
    at: number;
  }): Promise<Written<{ threadId: ThreadId; opened: boolean; members: Member[] }>>;
  /** Owner and admin add to group threads, and to those of a proposal or contract once a contract has begun (`forbidden` otherwise, `conflict` at 64 members); a person who is a member already stays as they are. The newcomer sees the whole history; their unread starts at 0 and their read offset at the offset of their joining. */
  addMember(add: {
    threadId: ThreadId;
    actorId: UserId;
    userId: UserId;
    role: MemberRole;
    at: number;
  }): Promise<Written<{ member: Member }>>;
  /** Owner and admin remove others, anyone removes themselves who is not alone in it; when the last owner does, the admin who is longest in it becomes the owner, or else the member; an owner is removed by owners only, and those whom a proposal or contract is between by nobody, nor anyone from a direct thread. `member.left` reaches the one who left too, and nothing later does. Removing who is not there changes nothing. */
  removeMember(remove: {
    threadId: ThreadId;
    actorId: UserId;
    userId: UserId;
    at: number;
  }): Promise<Written<Record<string, never>>>;

  /** Rejects with `conflict` when the client message id was used with another body. */
  postMessage(post: NewMessage & { threadId: ThreadId }): Promise<Written<{ message: Message; replayed: boolean }>>;
  /** Sender only; a deleted message rejects with `gone`. The same body changes nothing. */
  editMessage(edit: {
    threadId: ThreadId;
    offset: Offset;
    actorId: UserId;
    body: string;
    guarded?: Guarded | undefined;
    at: number;
  }): Promise<Written<{ message: Message }>>;
  /** Sender only; leaves a tombstone, erases the body. */
  deleteMessage(remove: {
    threadId: ThreadId;
    offset: Offset;
    actorId: UserId;
    at: number;
  }): Promise<Written<{ message: Message }>>;
  /** Forward only and at most to the thread's head; otherwise changes nothing. Compacted: one `cursor.moved` per thread and user stays in each inbox. */
  moveCursor(move: {
    threadId: ThreadId;
    userId: UserId;
    readOffset: number;
    at: number;
  }): Promise<Written<{ readOffset: number; unread: number }>>;

  /** One's own marks, whoever may write there; those that are not named stay. The same again changes nothing. Told to this user alone, and compacted: one `marks.changed` per thread stays in the inbox. */
  markThread(mark: {
    threadId: ThreadId;
    userId: UserId;
    archived?: boolean | undefined;
    favourite?: boolean | undefined;
    hidden?: boolean | undefined;
    at: number;
  }): Promise<Written<{ marks: Marks }>>;

  /** The thread as this member sees it; rejects with `not_member` for outsiders and for threads that do not exist alike. */
  thread(userId: UserId, threadId: ThreadId): Promise<{ thread: ThreadSummary; users: User[] }>;
  /** Most recently active first, ties by thread id descending; only those with a mark, when one is named. */
  threads(
    userId: UserId,
    page: { before?: { activeAt: number; threadId: ThreadId } | undefined; marked?: Mark | undefined; limit: number },
  ): Promise<ThreadPage>;
  /** Timeline events in offset order, messages in their present state; members only. `before` and `after` are exclusive. */
  history(
    userId: UserId,
    page: { threadId: ThreadId; before?: number | undefined; after?: number | undefined; limit: number },
  ): Promise<{ events: ThreadEvent[]; more: boolean }>;
  /**
   * Messages with all words of the query, in the threads of this member or in one of them (`not_member` otherwise): thread by thread, the
   * most recently active first, in each the newest first. Looks into a bounded number of threads; `next` goes on behind them, and is null at the
   * end. A message is found by its present body, and not at all once it is deleted.
   */
  search(
    userId: UserId,
    search: { query: WordQuery; threadId?: ThreadId | undefined; after?: SearchPlace | undefined; limit: number },
  ): Promise<{ messages: Message[]; next: SearchPlace | null }>;
  /** What holds in a thread; `before` when there is no such thread. */
  contractState(threadId: ThreadId): Promise<ContractState>;
  /** Present members, or an empty list when there is no such thread. */
  memberIds(threadId: ThreadId): Promise<UserId[]>;
  /** Which of these threads this user is a member of. */
  threadsAmong(userId: UserId, threadIds: readonly ThreadId[]): Promise<ThreadId[]>;
  /** Which of these other users share a thread with this one, those aside that a block keeps apart. */
  contactsAmong(userId: UserId, userIds: readonly UserId[]): Promise<UserId[]>;
}

export interface InterviewStore {
  /**
   * Stores a transition as an `interview.changed`. Version 1 creates: `conflict` (with `conflictsWith`) when the thread has another active interview;
   * the same interview id by the same starter again returns what is stored. A later version replaces exactly its predecessor, else `conflict`.
   * An interview that is over stays so (`conflict`), and one that was never created is `not_found`. The same transition again changes nothing.
   * When `actorId` is a user it must be a member. When the first is live, a proposal that was only `messaged` is `interviewing`, which is told too.
   */
  changeInterview(change: {
    interview: Interview;
    actorId: UserId | null;
    at: number;
  }): Promise<Written<{ interview: Interview }>>;
  interview(interviewId: string): Promise<Interview | undefined>;
  /** Every interview that rings or is live; read at start. */
  activeInterviews(): Promise<Interview[]>;
}

export interface InboxStore {
  /** Names the life of this store; positions of another epoch mean nothing here. */
  readonly epoch: Epoch;
  /** The last position of each of these users; 0 for a user without entries. */
  heads(userIds: readonly UserId[]): Promise<Map<UserId, Position>>;
  /**
   * All entries after a position, in order; or, when the epoch differs, the position is beyond the head, older than what is kept, or more than
   * `replayLimit` (given at open) behind, a snapshot. Position and content are of one instant. Without `from`: the snapshot.
   * A replayed `message.posted` carries the message in its present state, so a deleted body is never replayed. Of a thread that the user has
   * left there is only their own `member.left`.
   */
  since(userId: UserId, from: { epoch: Epoch; position: Position } | undefined): Promise<InboxRecovery>;
}

/** An event that the host platform is to be told, taken for one attempt. */
export interface DueDelivery {
  readonly deliveryId: number;
  /** 1, 2, 3 … */
  readonly attempt: number;
  /** In its present state, as in a replay: a deleted body is never told. */
  readonly event: ThreadEvent;
}

export interface Settlement {
  readonly deliveryId: number;
  readonly attempt: number;
  readonly outcome:
    | { status: 'delivered' }
    | { status: 'due'; error: string; dueAt: number }
    | { status: 'dead'; error: string }
    /** Given back: due again as if it had not been taken. */
    | { status: 'returned'; at: number };
}

/** Where a replay goes on: behind this event of those that happened at `since`. */
export interface ReplayPlace {
  readonly since: number;
  readonly after: number;
}

/**
 * What the host platform is told by webhooks: each event of the types given at open (`outbox`) takes a place here in the transaction in which it
 * happens; where several stores are open on one database, each decides so for what it writes. Of a thread only the first that is due can be
 * taken, so that they are told in order. What is taken, settled or sent again costs the page, however much waits.
 */
export interface OutboxStore {
  /** Takes what is due; nobody else gets it before `leaseMs` are over. Nothing for an address that was stopped, and then since when. */
  takeDue(take: {
    address: string;
    now: number;
    leaseMs: number;
    limit: number;
  }): Promise<{ deliveries: DueDelivery[]; stoppedAt: number | null }>;
  /** Nothing happens when another attempt has begun meanwhile. */
  settleDelivery(settlement: Settlement): Promise<void>;
  /** By their ids, from after one. */
  deliveries(page: { after: number; status?: WebhookStatus | undefined; limit: number }): Promise<WebhookDelivery[]>;
  /** Sends again one that was delivered or given up (`not_found` when it is not there). */
  replayDelivery(deliveryId: number, now: number): Promise<{ replayed: number }>;
  /** The same for the next `limit` of those that happened from a place on until a time; `next` is null when there are no more. */
  replaySince(
    range: ReplayPlace & { until: number; limit: number },
    now: number,
  ): Promise<{ replayed: number; next: ReplayPlace | null }>;
  /** Nothing is taken for this address until it is resumed; what is due waits. */
  stopDeliveries(address: string, at: number): Promise<void>;
  resumeDeliveries(address: string): Promise<{ resumed: boolean }>;
}

/** Announcements go by the clock of the store, so that they start and end at once for the people of every gateway. */
export interface AnnouncementStore {
  /** By what announcements find a person. Rejects with `not_found`. */
  setAudience(userId: UserId, audience: Audience): Promise<{ changed: boolean }>;
  /** That of a person, and which announcements they have put away; nothing is known of who is not there. */
  audienceOf(userId: UserId): Promise<Audience & { dismissed: string[] }>;
  /**
   * Creates or replaces; the same again changes nothing. What people have put away stays so. Rejects with `invalid` when it would end before it
   * starts, `conflict` when there are too many that have not ended. `at` is the caller's clock, for a store that has none of its own.
   */
  putAnnouncement(
    announcementId: string,
    put: PutAnnouncement,
    at: number,
  ): Promise<{ announcement: StoredAnnouncement; created: boolean; changed: boolean }>;
  /** It is as if it had never been: put again, it is shown again to who had put it away. */
  deleteAnnouncement(announcementId: string): Promise<{ withdrawn: boolean }>;
  announcement(announcementId: string): Promise<StoredAnnouncement | undefined>;
  /** By their ids, from after one; ended ones are kept for three months. */
  announcements(page: { after: string; limit: number }): Promise<StoredAnnouncement[]>;
  /** Those that have not ended, in the order in which they start, and what time it is. */
  pendingAnnouncements(at: number): Promise<{ now: number; announcements: StoredAnnouncement[] }>;
  /** Rejects with `not_found` when it does not concern this person, `forbidden` when it may not be put away. */
  dismissAnnouncement(dismiss: { userId: UserId; announcementId: string; at: number }): Promise<{ changed: boolean }>;
}

export interface HelpStore {
  /** One vote a person and note: the last. */
  voteHelp(vote: HelpVote & { userId: UserId; at: number }): Promise<{ changed: boolean }>;
  helpVotes(userId: UserId): Promise<HelpVote[]>;
  /** Of every note that somebody voted on, in no particular order. */
  helpCounts(): Promise<Omit<HelpCount, 'title'>[]>;
}

/** Where a text is about to be said; a first message opens the thread of its proposal or contract. */
export type Place = { readonly threadId: ThreadId } | { readonly proposalId: string } | { readonly contractId: string };

/** What decides over a text before it is said. */
export interface Speech {
  /** Null while the thread is not open. */
  readonly threadId: ThreadId | null;
  readonly contract: ContractState;
  readonly role: SpeakerRole;
  /** What has been granted to the thread, its proposal and its client, together. */
  readonly exceptions: GuardExceptions;
  /** The speaker's own among the last messages of the thread as they are stored, oldest first. */
  readonly earlier: readonly string[];
  /** The client message id was used: what is said under it was heard, and is not asked about again. */
  readonly isRepeated: boolean;
}

/** A message with something under its seal. */
export interface SealedMessage {
  readonly message: Message;
  readonly seal: Uint8Array;
}

/** What a grant is for: everything that is about that thread, proposal or client. */
export type ExceptionScope = 'thread' | 'proposal' | 'user';

/**
 * What the guard needs kept. The store has no key: it keeps seals, and says when they may be opened. A thread is due for release from
 * the transaction on in which its contract begins (or in which a message is sealed in it later), until `settleRelease`.
 */
export interface GuardStore {
  /** Rejects with `not_member`, `not_found` and `forbidden` as the posting would. */
  speech(ask: { place: Place; userId: UserId; clientMessageId?: string | undefined }): Promise<Speech>;
  /** One message that its sender asks about; `not_member`, `not_found`, `forbidden`. `seal` is null when nothing is masked. */
  ownMessage(ask: { threadId: ThreadId; offset: Offset; userId: UserId }): Promise<{ message: Message; seal: Uint8Array | null }>;
  /** The thread's messages under seal, oldest first, after an offset. */
  sealedIn(threadId: ThreadId, page: { after: number; limit: number }): Promise<SealedMessage[]>;
  /** Puts the original in place of the marks, as a `message.released`. Changes nothing when the seal is no longer that of the message. */
  releaseMessage(release: {
    threadId: ThreadId;
    offset: Offset;
    seal: Uint8Array;
    body: string;
    at: number;
  }): Promise<Written<{ released: boolean }>>;
  dueReleases(limit: number): Promise<ThreadId[]>;
  /** The thread is no longer due, unless something is sealed in it still. */
  settleRelease(threadId: ThreadId): Promise<void>;
  /** Replaces what is granted; null takes it back. An entry of the audit log too. Rejects with `not_found`. */
  putExceptions(scope: ExceptionScope, id: string, exceptions: GuardExceptions | null, at: number): Promise<void>;
}

export interface PresenceStore {
  /** Remembers when a user was last online; keeps the latest. */
  setLastSeen(userId: UserId, at: number): Promise<void>;
  lastSeen(userIds: readonly UserId[]): Promise<Map<UserId, number>>;
}

export interface Store
  extends HostStore,
    ThreadStore,
    InterviewStore,
    InboxStore,
    OutboxStore,
    GuardStore,
    AnnouncementStore,
    HelpStore,
    PresenceStore,
    ModerationStore {
  /** Finishes what was asked, then lets go of files and connections. Safe to call twice; calls after it reject with `unavailable`. */
  close(): Promise<void>;
}

/** A store that can be away for a while: what the gateway's readiness asks. */
export interface StoreReadiness {
  /** Whether the last that was heard of it was an answer. */
  ready(): boolean;
}
