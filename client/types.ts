/**
 * The SDK's public face. Everything that changes is a `Readable`: a current value and a way to hear of the next one, in the
 * shape that React's `useSyncExternalStore` takes. Values are immutable; an unchanged part keeps its identity.
 */
import type {
  Announcement,
  CloseReason,
  HelpNoteId,
  HelpVote,
  Interview,
  InterviewMedia,
  MediaSource,
  Message,
  Offset,
  PayloadInput,
  Presence,
  Proposal,
  ProtocolError,
  Quality,
  RequestType,
  Result,
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
  /** Most recently active first. */
  readonly threads: readonly ThreadSummary[];
  /** There are older threads: `loadMore`. */
  readonly more: boolean;
  readonly users: ReadonlyMap<UserId, User>;
  /** Sum of the threads' unread counts. */
  readonly unread: number;
}

export interface PendingMessage {
  readonly clientMessageId: string;
  readonly body: string;
  readonly createdAt: number;
  /** queued: waits for the connection; sending: on its way; failed: refused, see `error`. */
  readonly state: 'queued' | 'sending' | 'failed';
  readonly error?: WireError;
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
  /** Gives up a message that was not sent. */
  discard(clientMessageId: string): void;
  /** Shown at once, taken back when refused. */
  edit(offset: Offset, body: string): Promise<void>;
  delete(offset: Offset): Promise<void>;
  /** Loads what lies between what is loaded and this offset; false when there is no such event in the conversation. */
  reach(offset: Offset): Promise<boolean>;
  /** Marks all that is loaded as read; repeated calls cost nothing. */
  markRead(): void;
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

export interface Client {
  readonly connection: Readable<ConnectionState>;
  readonly me: Readable<User | null>;
  readonly inbox: Readable<InboxView>;
  /** Presence of whom `watch` names. */
  readonly presence: Readable<ReadonlyMap<UserId, Presence>>;
  /** What the operator tells this person now, the oldest first. Empty until somebody subscribes, and then kept up to date. */
  readonly announcements: Readable<readonly Announcement[]>;
  connect(): void;
  /** Signs out: ends the session at once, forgets what is stored. Pending messages are given up. */
  close(): Promise<void>;
  /** Try again now instead of at `retryAt`: the person pressed a button, the network came back. */
  reconnectNow(): void;
  thread(threadId: ThreadId): ThreadClient;
  loadMore(): Promise<void>;
  /** Adds users to those whose presence is heard until released: rows on screen. */
  watch(userIds: readonly UserId[]): () => void;
  proposals(): Promise<{ proposals: Proposal[]; users: User[] }>;
  proposal(proposalId: string): Promise<{ proposal: Proposal; users: User[] }>;
  /** "Send message" on a proposal; opens the thread. Safe to retry with the same `clientMessageId`. */
  messageProposal(proposalId: string, body: string, clientMessageId?: string): Promise<{ threadId: ThreadId }>;
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
