/** What the contract's tests share: a store for each group of them, people, threads, and a clock that always moves. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Interview, Job, MemberRole, Message, PutContract, PutProposal, User } from '../../../protocol/index.ts';
import { ProtocolError } from '../../../protocol/index.ts';
import type { NewCase } from '../../../src/store/moderation-store.ts';
import { sha256 } from '../../../src/store/rules.ts';
import type { Guarded, Store } from '../../../src/store/store.ts';

export interface StoreOptions {
  readonly replayLimit?: number;
  readonly inboxKeep?: number;
  readonly outbox?: readonly string[];
}

export interface OpenedStore {
  readonly store: Store;
  /** Closes the store and opens it again on the same data. */
  reopen(): Promise<Store>;
  dispose(): Promise<void>;
}

export type OpenStore = (options?: StoreOptions) => Promise<OpenedStore>;

/** One store for the tests of a `describe`; people and threads have unique names, so that they do not meet. */
export const useStore = (open: OpenStore, options?: StoreOptions): { readonly store: Store } => {
  let opened: OpenedStore | undefined;
  beforeAll(async () => {
    opened = await open(options);
  });
  afterAll(() => opened?.dispose());
  return {
    get store() {
      return opened!.store;
    },
  };
};

/** A store for one test alone. */
export const withStore = async (
  open: OpenStore,
  test: (opened: OpenedStore) => Promise<void>,
  options?: StoreOptions,
): Promise<void> => {
  const opened = await open(options);
  try {
    await test(opened);
  } finally {
    await opened.dispose();
  }
};

let serial = 0;
export const unique = (prefix: string): string => `${prefix}-${++serial}`;

let clock = 1_700_000_000_000;
/** A later time at each call. */
export const tick = (): number => ++clock;

export const profile = (userId: string, change: Partial<User> = {}): User => ({
  userId,
  displayName: `Name of ${userId}`,
  headline: '',
  avatarUrl: null,
  timeZone: null,
  ...change,
});

/** So many new users. */
export const people = async (store: Store, count: number): Promise<string[]> => {
  const userIds = Array.from({ length: count }, () => unique('user'));
  await Promise.all(userIds.map((userId) => store.putUser(profile(userId), tick())));
  return userIds;
};

/** A thread with these members: the first is its owner, the others are plain members unless a role is given. */
export const openGroup = async (
  store: Store,
  members: readonly (string | { userId: string; role: MemberRole })[],
  kind: 'group' | 'direct' = 'group',
  beside?: string,
): Promise<string> => {
  const { result } = await store.openThread({
    threadKey: unique('key'),
    threadId: randomUUID(),
    kind,
    title: 'Planning',
    members: members.map((member, index) =>
      typeof member === 'string' ? { userId: member, role: index === 0 ? 'owner' : 'member' } : member,
    ),
    beside,
    at: tick(),
  });
  return result.threadId;
};

export const post = async (
  store: Store,
  threadId: string,
  senderId: string,
  body = unique('body'),
  clientMessageId: string = randomUUID(),
): Promise<Message> => {
  const { result } = await store.postMessage({ threadId, senderId, clientMessageId, body, at: tick() });
  return result.message;
};

/** What the gate would give to the store; the seal is of no cipher here, since a store does not open it. */
export const sealed = (original: string, body: string): { body: string; guarded: Guarded } => ({
  body,
  guarded: {
    masked: [{ start: body.indexOf('•'), end: body.lastIndexOf('•') + 1, category: 'email' }],
    seal: Buffer.from(unique(`seal of ${original.length}`)),
    originalHash: sha256(original),
  },
});

export const job = (clientId: string): Job => ({
  jobId: unique('job'),
  clientId,
  title: 'Redraw the map',
  description: 'In two colours.',
});

export const proposalFor = (jobId: string, freelancerId: string, change: Partial<PutProposal> = {}): PutProposal => ({
  jobId,
  freelancerId,
  managerId: null,
  coverLetter: 'I have drawn such maps.',
  bid: { amount: 40, currency: 'EUR', per: 'hour' },
  ...change,
});

export const contractFor = (clientId: string, freelancerId: string, change: Partial<PutContract> = {}): PutContract => ({
  clientId,
  freelancerId,
  proposalId: null,
  title: 'Redraw the map',
  status: 'offered',
  version: 1,
  ...change,
});

/** A client, a freelancer and a proposal between them. */
export const proposed = async (
  store: Store,
  change: Partial<PutProposal> = {},
): Promise<{ clientId: string; freelancerId: string; proposalId: string; jobId: string }> => {
  const [clientId, freelancerId] = (await people(store, 2)) as [string, string];
  const { jobId, ...rest } = job(clientId);
  await store.putJob({ jobId, ...rest });
  const proposalId = unique('proposal');
  await store.putProposal(proposalId, proposalFor(jobId, freelancerId, change), tick());
  return { clientId, freelancerId, proposalId, jobId };
};

/** "Send message" on a proposal. */
export const sendMessage = (store: Store, proposalId: string, senderId: string, body = unique('body')) =>
  store.openProposalThread({
    proposalId,
    threadId: randomUUID(),
    senderId,
    clientMessageId: randomUUID(),
    body,
    at: tick(),
  });

/** The first version of a ringing interview. */
export const ringing = (threadId: string, startedBy: string, invitedIds: readonly string[]): Interview => {
  const startedAt = tick();
  return {
    interviewId: randomUUID(),
    threadId,
    media: 'video',
    state: 'ringing',
    version: 1,
    startedBy,
    startedAt,
    invitedIds: [...invitedIds],
    declinedIds: [],
    ringsUntil: startedAt + 45_000,
    answeredBy: null,
    answeredAt: null,
    endedBy: null,
    endedAt: null,
  };
};

/** A new case about a person, under a key of its own. */
export const caseFor = (subjectId: string, change: Partial<NewCase> = {}): NewCase => ({
  caseId: randomUUID(),
  kind: 'hold',
  key: unique('case'),
  subjectId,
  openedBy: null,
  threadId: null,
  proposalId: null,
  offset: null,
  clientMessageId: null,
  seal: Buffer.from('sealed'),
  findings: [],
  reason: '',
  at: tick(),
  ...change,
});

/** Expects a rejection with this code and returns the error. */
export const rejected = async (call: Promise<unknown>, code: string): Promise<ProtocolError> => {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error, `must reject with ${code}`).toBeInstanceOf(ProtocolError);
  expect((error as ProtocolError).code).toBe(code);
  return error as ProtocolError;
};

/** All that these people can see, and their heads. */
export const dump = async (store: Store, userIds: readonly string[]): Promise<unknown> => ({
  users: sorted(await store.users(userIds), ({ userId }) => userId),
  heads: await store.heads(userIds),
  lastSeen: await store.lastSeen(userIds),
  activeInterviews: sorted(await store.activeInterviews(), ({ interviewId }) => interviewId),
  seen: await Promise.all(userIds.map((userId) => seenBy(store, userId))),
});

const MARKS = ['archived', 'favourite', 'hidden'] as const;

const seenBy = async (store: Store, userId: string): Promise<unknown> => {
  const { epoch } = store;
  const { threads } = await store.threads(userId, { limit: 100 });
  return {
    threads,
    marked: await Promise.all(MARKS.map((marked) => store.threads(userId, { marked, limit: 100 }))),
    proposals: await store.proposalsOf(userId, { limit: 100 }),
    jobs: await store.jobsOf(userId, { limit: 100 }),
    histories: await Promise.all(threads.map(({ threadId }) => store.history(userId, { threadId, limit: 100 }))),
    inbox: await store.since(userId, { epoch, position: 0 }),
    snapshot: await store.since(userId, undefined),
    found: await store.search(userId, { query: { words: [], prefix: 'bod' }, limit: 100 }),
  };
};

const sorted = <Value>(values: readonly Value[], key: (value: Value) => string): Value[] =>
  [...values].sort((one, other) => (key(one) < key(other) ? -1 : 1));
