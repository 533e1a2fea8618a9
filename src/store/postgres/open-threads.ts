/** Opening threads: a proposal's by "Send message", direct and group ones by the host platform. */
import type {
  Contract,
  Member,
  MemberRole,
  Message,
  Proposal,
  ProposalSummary,
  ThreadId,
  ThreadKind,
  UserId,
} from '../../../protocol/index.ts';
import {
  mayFollow,
  membersOfProposal,
  noSuchProposal,
  noSuchThread,
  openedProposal,
  openerOf,
  requireParty,
  summaryOf,
} from '../rules.ts';
import type { Delivery, NewMessage, Written } from '../store.ts';
import { contractsOfProposal } from './contracts.ts';
import type { Database, Queryable } from './database.ts';
import { appendEvent } from './events.ts';
import { insertMembers, membersOf, subjectOf } from './members.ts';
import { postWith } from './messages.ts';
import { lockProposal, type StoredProposal, storedProposal } from './proposals.ts';
import { lockUsers, profilesFrom, users } from './users.ts';

type OpenProposalThread = NewMessage & { proposalId: string; threadId: ThreadId };
type OpenedProposalThread = Written<{ threadId: ThreadId; opened: boolean; message: Message; proposal: Proposal }>;

export const openProposalThread = async (db: Database, open: OpenProposalThread): Promise<OpenedProposalThread> => {
  const stored = await storedProposal(db, open.proposalId);
  if (stored === undefined) throw noSuchProposal(open.proposalId);
  if (stored.proposal.threadId !== null) return postIntoOpen(db, db, stored.proposal, open);
  return db.transaction(async (tx) => {
    const locked = (await lockProposal(tx, open.proposalId))!;
    return locked.proposal.threadId === null ? openAndPost(tx, db, locked, open) : postIntoOpen(tx, db, locked.proposal, open);
  });
};

const openAndPost = async (
  tx: Queryable,
  db: Database,
  stored: StoredProposal,
  open: OpenProposalThread,
): Promise<OpenedProposalThread> => {
  const { threadId, senderId, at } = open;
  const proposal = openedProposal(stored.proposal, threadId, senderId);
  const { clientId, jobTitle } = proposal;
  const { thread, delivery } = await insertThread(tx, db, {
    threadId,
    threadKey: null,
    kind: 'proposal',
    title: jobTitle,
    proposal: summaryOf(proposal),
    contracts: await contractsOfProposal(tx, stored.row),
    members: membersOfProposal(proposal),
    openerId: clientId,
    at,
  });
  await tx.all('UPDATE proposals p SET thread = $2, status = $3 WHERE p.proposal = $1', stored.row, thread, proposal.status);
  const posted = await postWith(tx, db, open);
  return {
    result: { threadId, opened: true, message: posted.result.message, proposal },
    deliveries: [delivery, ...posted.deliveries],
  };
};

const postIntoOpen = async (
  on: Queryable,
  db: Database,
  proposal: Proposal,
  open: OpenProposalThread,
): Promise<OpenedProposalThread> => {
  requireParty(proposal, open.senderId);
  const threadId = proposal.threadId!;
  const { result, deliveries } = await postWith(on, db, { ...open, threadId });
  return { result: { threadId, opened: false, message: result.message, proposal }, deliveries };
};

export const openThread = (
  db: Database,
  open: {
    threadKey: string;
    threadId: ThreadId;
    kind: 'direct' | 'group';
    title: string;
    members: readonly { userId: UserId; role: MemberRole }[];
    beside?: ThreadId | undefined;
    at: number;
  },
): Promise<Written<{ threadId: ThreadId; opened: boolean; members: Member[] }>> =>
  db.transaction(async (tx) => {
    // Nobody else opens a thread under this key until the commit.
    await tx.get('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', open.threadKey);
    const present = await tx.get<{ thread: number; threadId: ThreadId }>(
      'SELECT t.thread, t.thread_id AS "threadId" FROM threads t WHERE t.thread_key = $1',
      open.threadKey,
    );
    if (present !== undefined) {
      const { thread, threadId } = present;
      return { result: { threadId, opened: false, members: await membersOf(tx, thread) }, deliveries: [] };
    }
    const followed = open.beside === undefined ? undefined : await followedBeside(tx, open.beside, open.members);
    const { members, delivery } = await insertThread(tx, db, {
      ...open,
      proposal: null,
      contracts: followed?.contracts ?? [],
      openerId: openerOf(open.members),
      beside: followed?.thread ?? null,
    });
    return { result: { threadId: open.threadId, opened: true, members }, deliveries: [delivery] };
  });

/** The thread of the proposal or contract itself, where a group that follows it is named; its contracts do not change until the commit. */
const followedBeside = async (
  tx: Queryable,
  threadId: ThreadId,
  members: readonly { userId: UserId }[],
): Promise<{ thread: number; contracts: readonly Contract[] } | undefined> => {
  const found = await tx.get<{ thread: number; kind: ThreadKind }>(
    'SELECT coalesce(t.beside, t.thread) AS thread, t.kind FROM threads t WHERE t.thread_id = $1',
    threadId,
  );
  if (found === undefined) throw noSuchThread();
  await tx.get('SELECT 1 FROM threads t WHERE t.thread = $1 FOR SHARE', found.thread);
  const subject = await subjectOf(tx, found.thread);
  return mayFollow(found.kind, subject, members) ? { thread: found.thread, contracts: subject.contracts } : undefined;
};

interface NewThread {
  readonly threadId: ThreadId;
  readonly threadKey: string | null;
  readonly kind: ThreadKind;
  readonly title: string;
  readonly proposal: ProposalSummary | null;
  readonly contracts: readonly Contract[];
  readonly members: readonly { userId: UserId; role: MemberRole }[];
  readonly openerId: UserId;
  /** The thread whose contracts it follows. */
  readonly beside?: number | null;
  readonly at: number;
}

export const insertThread = async (
  tx: Queryable,
  { settings }: Database,
  opened: NewThread,
): Promise<{ thread: number; members: Member[]; delivery: Delivery }> => {
  const { threadId, kind, title, proposal, openerId, at } = opened;
  const contracts = [...opened.contracts];
  const userIds = opened.members.map(({ userId }) => userId);
  const numbers = await lockUsers(tx, userIds);
  const { thread } = (await tx.get<{ thread: number }>(
    `INSERT INTO threads AS t (thread_id, thread_key, kind, title, proposal, contracts, beside, head, opened_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8) RETURNING t.thread`,
    threadId,
    opened.threadKey,
    kind,
    title,
    proposal && JSON.stringify(proposal),
    JSON.stringify(contracts),
    opened.beside ?? null,
    at,
  ))!;
  const members = opened.members.map(({ userId, role }): Member => ({ userId, role, readOffset: 0, joinedAt: at }));
  await insertMembers(tx, thread, numbers, members);
  const profiles = profilesFrom(await users(tx, userIds))(userIds);
  const event = {
    type: 'thread.opened',
    threadId,
    offset: 1,
    at,
    actorId: openerId,
    kind,
    title,
    members,
    users: profiles,
    proposal,
    contracts,
  } as const;
  const actor = numbers[userIds.indexOf(openerId)]!;
  const delivery = await appendEvent(tx, { thread, actor, event, inboxKeep: settings.inboxKeep });
  return { thread, members, delivery };
};
