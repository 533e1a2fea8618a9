/**
 * The SDK's public face. Everything that changes is a `Readable`: a current value and a way to hear of the next one, in the
 * shape that React's `useSyncExternalStore` takes. Values are immutable; an unchanged part keeps its identity.
 */
import type {
  Announcement,
  CloseReason,
  GuardVerdict,
  HelpNoteId,
  HelpVote,
  Interview,
  InterviewMedia,
  Mark,
  MediaSource,
  Message,
  Offset,
  PayloadInput,
  Presence,
  Proposal,
  ProposalSummary,
  ProtocolError,
  Quality,
  QueueChange,
  RequestType,
  Result,
  Role,
  RoomPush,
  SearchPlace,
  ThreadEvent,
  ThreadId,
  ThreadSummary,
  User,
  UserId,
  WireError,
} from '../protocol/index.ts';

export interface Readable<Value> {
  get(): Value;
  /** Calls back after each change; returns how to stop. */
  subscribe(listener: () => void): () => void;
}

export interface ClientOptions {
  /** `wss://host/v1/socket`; of several the client begins with any and goes on to the next when one fails. */
  readonly url: string | readonly string[];
  /**
   * Gives a fresh token; asked before each connection and before the present one expires. Reject with a ProtocolError that is not
   * retryable to stay signed out; any other rejection is taken for a lost network, and the token is asked for again.
   */
  readonly token: () => string | Promise<string>;
  /** Where unsent messages survive a reload. Memory by default; `webStorage(localStorage, prefix)` in a browser. */
  readonly storage?: ClientStorage;
  /** For platforms without a global one. */
  readonly WebSocket?: new (
    url: string,
  ) => WebSocket;
  /** Shown in the server's logs. */
  readonly name?: string;
}

/** A small key-value store; may be asynchronous (React Native). Keys are the SDK's own. */
export interface ClientStorage {
  get(key: string): string | null | Promise<string | null>;
  set(key: string, value: string): void | Promise<void>;
  delete(key: string): void | Promise<void>;
}

export type ConnectionState =
  | { readonly status: 'idle' }
  | { readonly status: 'connecting' }
  | { readonly status: 'online' }
  /** Trying again at `retryAt` (Unix ms); `reason` when the server gave one. */
  | { readonly status: 'reconnecting'; readonly retryAt: number; readonly attempt: number; readonly reason?: CloseReason }
  /** Will not try again: signed out, refused, superseded by another tab. */
  | { readonly status: 'closed'; readonly reason?: CloseReason; readonly error?: ProtocolError };

export interface InboxView {
  /** False until the first snapshot. */
  readonly ready: boolean;
  /** Most recently active first; those that are archived or hidden too, by their `marks`. */
  readonly threads: readonly ThreadSummary[];
  /** Of all that are held those with a mark, in the same order: also from beyond where the list is loaded, after `loadMarked`. */
  readonly marked: readonly ThreadSummary[];
  /** There are older threads: `loadMore`. */
  readonly more: boolean;
  readonly users: ReadonlyMap<UserId, User>;
  /** Sum of the threads' unread counts, without those that are archived or hidden. */
  readonly unread: number;
}

export interface PendingMessage {
  readonly clientMessageId: string;
  readonly body: string;
  readonly createdAt: number;
  /**
   * queued: waits for the connection; sending: on its way; failed: refused, see `error`. By the guard, with `error.findings`: unconfirmed: wants a
   * `confirm`; blocked: cannot be sent as it is; held: a moderator sees it first, and it is sent or blocked by itself then.
   */
  readonly state: 'queued' | 'sending' | 'failed' | 'unconfirmed' | 'blocked' | 'held';
  readonly error?: WireError;
  /** The person has seen what the guard doubts, and means it. */
  readonly confirmed?: boolean;
}

/** Which message an appeal is about: the offset of a masked one, or the client message id of a blocked one. */
export type Appealed = Offset | string;

export interface Appeal {
  readonly reason: string;
  readonly state: 'waiting' | 'granted' | 'refused';
  /** The moderator's, once there is a decision. */
  readonly decisionReason: string | null;
}

/** What a conversation shows, in order: what happened, then what is on its way. */
export type TimelineItem =
  | { readonly kind: 'event'; readonly key: string; readonly event: ThreadEvent }
  /** `key` is the same as that of the event it becomes, so that a list keeps its row. */
  | { readonly kind: 'pending'; readonly key: string; readonly message: PendingMessage };

export interface ThreadView {
  readonly status: 'loading' | 'ready' | 'failed';
  readonly error?: ProtocolError;
  readonly summary: ThreadSummary | null;
  readonly items: readonly TimelineItem[];
  readonly hasOlder: boolean;
  readonly loadingOlder: boolean;
  /** Others who type now. */
  readonly typing: readonly UserId[];
  /** One's own, of messages that are still masked or blocked. */
  readonly appeals: ReadonlyMap<Appealed, Appeal>;
}

/** One conversation. */
export interface ThreadClient {
  readonly threadId: ThreadId;
  readonly view: Readable<ThreadView>;
  /** Loads the newest page and hears typing until released; call it while the conversation is on screen. */
  open(): () => void;
  /** Hears typing until released and loads nothing: for a row of a list. */
  listen(): () => void;
  loadOlder(): Promise<void>;
  /** Shows the message at once and sends it, now or when there is a connection; exactly once. Returns its client message id. */
  post(body: string): string;
  /** Sends a failed message again. */
  retry(clientMessageId: string): void;
  /** Sends an unconfirmed message after all, as what it is. */
  confirm(clientMessageId: string): void;
  /** Gives up a message that was not sent. One that a moderator may yet let through cannot be given up. */
  discard(clientMessageId: string): void;
  /** Gives up a message that was not sent, for its text to be written anew; undefined when there is none that can be given up. */
  takeBack(clientMessageId: string): string | undefined;
  /** Asks a moderator to show what is masked in one's own message, or to let a blocked one through. Once for each; asking again tells how it stands. */
  appeal(message: Appealed, reason: string): Promise<Appeal>;
  /** Shown at once, taken back when refused. `unconfirmed` asks for the same with `confirmed`; marks that are left in the text keep what is under them. */
  edit(offset: Offset, body: string, options?: { readonly confirmed?: boolean }): Promise<void>;
  delete(offset: Offset): Promise<void>;
  /** Loads what lies between what is loaded and this offset; false when there is no such event in the conversation. */
  reach(offset: Offset): Promise<boolean>;
  /** Marks all that is loaded as read; repeated calls cost nothing. */
  markRead(): void;
  /** Sets one's own marks, those that are named; one's other devices follow. */
  mark(marks: Partial<Record<Mark, boolean>>): Promise<void>;
  /** Call at each key press and when the composer empties; throttled here. */
  setTyping(typing: boolean): void;
}

export interface SearchOptions {
  readonly threadId?: ThreadId;
  /** 20 unless given, 100 at most. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly after?: SearchPlace;
  /** Gives the search up; it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface SearchPage {
  readonly messages: readonly Message[];
  /** The conversations they are in, and the people in these. */
  readonly threads: ReadonlyMap<ThreadId, ThreadSummary>;
  readonly users: ReadonlyMap<UserId, User>;
  /** Null at the end. */
  readonly next: SearchPlace | null;
}

export type PreviewPlace = { readonly threadId: ThreadId } | { readonly proposalId: string };

export interface Client {
  readonly connection: Readable<ConnectionState>;
  readonly me: Readable<User | null>;
  readonly inbox: Readable<InboxView>;
  /** Presence of whom `watch` names. */
  readonly presence: Readable<ReadonlyMap<UserId, Presence>>;
  /** What the token lets one do besides one's own conversations: `moderator` may ask `moderation.…`. */
  readonly roles: Readable<readonly Role[]>;
  /** Whom one has blocked, as of the last `loadBlocked` or `block`. */
  readonly blocked: Readable<ReadonlySet<UserId>>;
  /** What the operator tells this person now, the oldest first. Empty until somebody subscribes, and then kept up to date. */
  readonly announcements: Readable<readonly Announcement[]>;
  connect(): void;
  /** Signs out: ends the session at once, forgets what is stored. Pending messages are given up. */
  close(): Promise<void>;
  /** Try again now instead of at `retryAt`: the person pressed a button, the network came back. */
  reconnectNow(): void;
  thread(threadId: ThreadId): ThreadClient;
  loadMore(): Promise<void>;
  /** Loads every thread with this mark, however old, and again when the state was replaced. */
  loadMarked(mark: Mark): Promise<void>;
  /** Adds users to those whose presence is heard until released: rows on screen. */
  watch(userIds: readonly UserId[]): () => void;
  /** A page of the jobs one is the client of, newest first, each with its proposals counted by status. */
  jobs(page?: PayloadInput<'job.list'>): Promise<Result<'job.list'>>;
  job(jobId: string): Promise<Result<'job.get'>>;
  /** A page of the proposals one received, sent or manages, newest first; of one side, or for one job. */
  proposals(page?: PayloadInput<'proposal.list'>): Promise<Result<'proposal.list'>>;
  /** Calls back with each proposal that came or changed, with a conversation or without; after a snapshot, ask the lists anew. */
  onProposal(listener: (proposal: ProposalSummary) => void): () => void;
  proposal(proposalId: string): Promise<{ proposal: Proposal; users: User[] }>;
  /** A group thread with people one shares a thread with; `beside` a conversation of a proposal or contract it follows the contracts of that. Safe to retry with the same `threadKey`. */
  openThread(
    thread: { title?: string; userIds: readonly UserId[]; beside?: ThreadId },
    threadKey?: string,
  ): Promise<{ threadId: ThreadId }>;
  /** "Send message" on a proposal; opens the thread. Safe to retry with the same `clientMessageId`. */
  messageProposal(
    proposalId: string,
    body: string,
    clientMessageId?: string,
    confirmed?: boolean,
  ): Promise<{ threadId: ThreadId }>;
  /** Asks a moderator to let a first message go that was blocked, by its client message id and text. Asking again tells how that stands. */
  appealProposalMessage(proposalId: string, blocked: { clientMessageId: string; body: string }, reason: string): Promise<Appeal>;
  /** What would become of a text if it were sent now, in a conversation or as the first message about a proposal. Stores nothing. */
  preview(place: PreviewPlace, body: string): Promise<GuardVerdict>;
  /** Puts an announcement away on all of this person's devices: here at once, there when there is a connection. */
  dismissAnnouncement(announcementId: string): void;
  /** What this person said of help notes (`HELP_NOTES`). */
  helpVotes(): Promise<HelpVote[]>;
  voteHelp(noteId: HelpNoteId, helpful: boolean): Promise<void>;
  /**
   * Messages that have all words of the query, the last of which may be unfinished, in all conversations or in one: conversation by conversation, the
   * most recently active first, in each the newest first. `matchesIn` says where the words stand.
   */
  search(query: string, options?: SearchOptions): Promise<SearchPage>;
  loadBlocked(): Promise<void>;
  /** Blocks a person, or lifts that. */
  block(userId: UserId, blocked: boolean): Promise<void>;
  /** For moderators: what changed in the queue. Not kept: ask again after a lost connection. */
  onQueue(listener: (change: QueueChange) => void): () => void;
  /** Any request of the protocol, typed. Rejects with a ProtocolError; `unavailable` when there is no connection. */
  request<Type extends RequestType>(type: Type, payload: PayloadInput<Type>): Promise<Result<Type>>;
  /** Room pushes, for interviews. */
  onRoom(listener: (push: RoomPush) => void): () => void;
}

/** Where the browser's sound and picture go in and out. */
export interface Interviews {
  /** Interviews that ring for this person, from another one: show a card and play a sound. */
  readonly incoming: Readable<readonly Interview[]>;
  /** The call this client is in, if any. */
  readonly current: Readable<Call | null>;
  call(threadId: ThreadId, media: InterviewMedia): Promise<Interview>;
  answer(interviewId: string): Promise<Interview>;
  decline(interviewId: string): Promise<void>;
  cancel(interviewId: string): Promise<void>;
  end(interviewId: string): Promise<void>;
  /** Fetches what joining needs; call it when the pre-join screen opens. */
  prepare(): Promise<void>;
  /** Joins with the tracks of the pre-join screen; the call owns them from then on and stops them at the end. */
  join(interviewId: string, tracks: { microphone?: MediaStreamTrack; camera?: MediaStreamTrack }): Promise<Call>;
  close(): void;
}

export type CallStatus = 'joining' | 'live' | 'reconnecting' | 'left' | 'ended' | 'failed';

export interface CallParticipant {
  readonly participantId: string;
  readonly userId: UserId;
  readonly isSelf: boolean;
  readonly connected: boolean;
  readonly quality: Quality;
  /** What can be played now, by source; absent when not sent. */
  readonly tracks: Readonly<Partial<Record<MediaSource, MediaStreamTrack>>>;
  /** Sent but muted. A source that is neither in `tracks` nor here is not sent at all. */
  readonly muted: readonly MediaSource[];
}

export interface CallView {
  readonly status: CallStatus;
  readonly error?: ProtocolError;
  readonly media: InterviewMedia;
  /** Oneself first, then in order of joining. */
  readonly participants: readonly CallParticipant[];
  readonly speakerId: string | null;
}

/** A joined room. It comes back by itself after a lost socket, failed ICE or a dead worker, with the same tracks. */
export interface Call {
  readonly interviewId: string;
  readonly threadId: ThreadId;
  readonly view: Readable<CallView>;
  /** Starts sending a source, or exchanges its track (another device) without a new negotiation. */
  setTrack(source: MediaSource, track: MediaStreamTrack): Promise<void>;
  /** Stops sending a source and its track. */
  removeTrack(source: MediaSource): Promise<void>;
  setMuted(source: MediaSource, muted: boolean): Promise<void>;
  /** CSS pixels of a participant's tile, or null when it is not on screen; picks the simulcast layer, debounced. */
  setTileSize(participantId: string, size: { width: number; height: number } | null): void;
  /** Bytes, frames and audio energy by participant and source, from the WebRTC statistics; for tests and quality hints. */
  stats(): Promise<readonly CallTrackStats[]>;
  leave(): Promise<void>;
  endForAll(): Promise<void>;
}

export interface CallTrackStats {
  readonly participantId: string;
  readonly source: MediaSource;
  readonly direction: 'send' | 'receive';
  readonly bytes: number;
  /** Frames sent or decoded; 0 for sound. */
  readonly frames: number;
  /** `totalAudioEnergy` of what was received; 0 for pictures. */
  readonly audioEnergy: number;
}
