/**
 * The history of a run: everything that clients asked and were answered, everything that witnesses were told, and how it all
 * stood in the end. Facts are numbered in the order they became known, all in one process, so "before" needs no clock.
 */
import type {
  ErrorCode,
  InboxEvent,
  Message,
  PayloadInput,
  RequestType,
  Result,
  ThreadEvent,
  ThreadId,
  ThreadSummary,
  UserId,
} from '../../protocol/index.ts';

/** `unknown`: the line broke, or the client went away, before an answer came. */
export type Outcome = 'acknowledged' | 'failed' | 'unknown';

export interface Call<Type extends RequestType = RequestType> {
  readonly seq: number;
  readonly at: number;
  readonly device: string;
  readonly userId: UserId;
  readonly type: Type;
  readonly payload: PayloadInput<Type>;
  /** Undefined while it is under way; what is under way in the end counts as unknown. */
  outcome?: Outcome;
  /** When the outcome became known. */
  endedSeq?: number;
  result?: Result<Type>;
  code?: ErrorCode;
}

/** What a witness holds: one inbox, followed over a socket of its own with a cursor of its own. */
export type Testimony =
  /** An entry was applied. `askedSeq` is when the replay that brought it was asked for. */
  | {
      readonly is: 'entry';
      readonly position: number;
      readonly event: InboxEvent;
      readonly how: 'push' | 'replay';
      readonly askedSeq: number;
    }
  /** Where the witness stands was replaced: what happened before is known by its result only. */
  | { readonly is: 'snapshot'; readonly position: number; readonly threads: readonly ThreadSummary[]; readonly askedSeq: number }
  /** A thread's whole history, after a snapshot or after joining. */
  | { readonly is: 'fetched'; readonly thread: ThreadSummary; readonly events: readonly ThreadEvent[]; readonly askedSeq: number }
  /** A replay reached this position. */
  | { readonly is: 'stands'; readonly position: number };

export type Told = Testimony & { readonly seq: number; readonly at: number; readonly userId: UserId; readonly epoch: string };

/** What a device showed of a thread: its head, and the messages that were new on the screen as sent. */
export interface Shown {
  readonly seq: number;
  readonly at: number;
  readonly device: string;
  readonly userId: UserId;
  readonly threadId: ThreadId;
  readonly head: number;
  readonly messages: readonly Pick<Message, 'offset' | 'senderId' | 'clientMessageId'>[];
  /** Offsets or keys of what was on the screen that stood in the wrong order or twice. */
  readonly disorder: readonly string[];
}

/** What a fresh session of a user is given. */
export interface Truth {
  readonly userId: UserId;
  readonly epoch: string;
  readonly position: number;
  readonly threads: readonly ThreadSummary[];
  readonly histories: ReadonlyMap<ThreadId, readonly ThreadEvent[]>;
}

/** How a device stood in the end. */
export interface DeviceEnd {
  readonly device: string;
  readonly userId: UserId;
  readonly status: string;
  readonly threads: readonly ThreadSummary[];
  /** Of the conversations that were open, loaded to their beginning. */
  readonly timelines: ReadonlyMap<ThreadId, readonly ThreadEvent[]>;
  readonly pending: readonly { readonly threadId: ThreadId; readonly clientMessageId: string; readonly state: string }[];
}

/** Who was online for whom, a bound after the last of them came or went. */
export interface PresenceEnd {
  readonly watcher: string;
  readonly userId: UserId;
  readonly online: boolean;
  readonly expected: boolean;
}

export interface End {
  readonly truths: readonly Truth[];
  readonly devices: readonly DeviceEnd[];
  readonly witnesses: readonly { readonly userId: UserId; readonly position: number }[];
  readonly presence: readonly PresenceEnd[];
}

export interface History {
  readonly calls: readonly Call[];
  readonly told: readonly Told[];
  readonly shown: readonly Shown[];
  readonly end: End;
}

export interface Asked<Type extends RequestType = RequestType> {
  acknowledged(result?: Result<Type>): void;
  failed(code: ErrorCode): void;
  unknown(): void;
}

export interface Recorder {
  readonly calls: Call[];
  readonly told: Told[];
  readonly shown: Shown[];
  /** The number of the last fact. */
  now(): number;
  ask<Type extends RequestType>(device: string, userId: UserId, type: Type, payload: PayloadInput<Type>): Asked<Type>;
  tell(userId: UserId, epoch: string, testimony: Testimony): void;
  show(shown: Omit<Shown, 'seq' | 'at'>): void;
}

export const createRecorder = (clock: () => number = Date.now): Recorder => {
  const calls: Call[] = [];
  const told: Told[] = [];
  const shown: Shown[] = [];
  let seq = 0;
  return {
    calls,
    told,
    shown,
    now: () => seq,
    ask(device, userId, type, payload) {
      seq += 1;
      const call = { seq, at: clock(), device, userId, type, payload } as Call;
      calls.push(call);
      const end = (outcome: Outcome, more: Partial<Call>): void => {
        if (call.outcome !== undefined) return;
        seq += 1;
        Object.assign(call, { outcome, endedSeq: seq }, more);
      };
      return {
        acknowledged: (result) => end('acknowledged', result === undefined ? {} : ({ result } as Partial<Call>)),
        failed: (code) => end('failed', { code }),
        unknown: () => end('unknown', {}),
      };
    },
    tell(userId, epoch, testimony) {
      seq += 1;
      told.push({ ...testimony, seq, at: clock(), userId, epoch });
    },
    show(what) {
      seq += 1;
      shown.push({ ...what, seq, at: clock() });
    },
  };
};

export const isCall = <Type extends RequestType>(call: Call, type: Type): call is Call<Type> => call.type === type;
