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
import type { Database } from './database.ts';
import { appendEvent } from './events.ts';
import { insertMember, membership, membersOf, subjectOf } from './members.ts';
import { type StoredProposal, storedProposal } from './proposals.ts';
import { userNumbers, users } from './users.ts';
import { postAs } from './write-messages.ts';

type OpenProposalThread = NewMessage & { proposalId: string; threadId: ThreadId };
type OpenedProposalThread = Written<{ threadId: ThreadId; opened: boolean; message: Message; proposal: Proposal }>;

export const openProposalThread = (db: Database, open: OpenProposalThread): OpenedProposalThread => {
  const stored = storedProposal(db, open.proposalId);
  if (stored === undefined) throw noSuchProposal(open.proposalId);
  const { threadId } = stored.proposal;
  return threadId === null ? openAndPost(db, stored, open) : postIntoOpen(db, stored.proposal, threadId, open);
};

const openAndPost = (db: Database, stored: StoredProposal, open: OpenProposalThread): OpenedProposalThread => {
  const { threadId, senderId, at } = open;
  const proposal = openedProposal(stored.proposal, threadId, senderId);
  const { clientId, jobTitle } = proposal;
  const { thread, delivery } = insertThread(db, {
    threadId,
    threadKey: null,
    kind: 'proposal',
    title: jobTitle,
    proposal: summaryOf(proposal),
    contracts: contractsOfProposal(db, stored.row),
    members: membersOfProposal(proposal),
    openerId: clientId,
    at,
  });
  db.run('UPDATE proposals SET thread = ?, status = ? WHERE proposal = ?', thread, proposal.status, stored.row);
  const posted = postAs(db, membership(db, threadId, senderId), open);
  return {
    result: { threadId, opened: true, message: posted.result.message, proposal },
    deliveries: [delivery, ...posted.deliveries],
  };
};

const postIntoOpen = (db: Database, proposal: Proposal, threadId: ThreadId, open: OpenProposalThread): OpenedProposalThread => {
  requireParty(proposal, open.senderId);
  const { result, deliveries } = postAs(db, membership(db, threadId, open.senderId), open);
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
): Written<{ threadId: ThreadId; opened: boolean; members: Member[] }> => {
  const present = db.get<{ thread: number; threadId: ThreadId }>(
    'SELECT thread, thread_id AS threadId FROM threads WHERE thread_key = ?',
    open.threadKey,
  );
  if (present !== undefined) {
    const { thread, threadId } = present;
    return { result: { threadId, opened: false, members: membersOf(db, thread) }, deliveries: [] };
  }
  const followed = open.beside === undefined ? undefined : followedBeside(db, open.beside, open.members);
  const { members, delivery } = insertThread(db, {
    ...open,
    proposal: null,
    contracts: followed?.contracts ?? [],
    openerId: openerOf(open.members),
    beside: followed?.thread ?? null,
  });
  return { result: { threadId: open.threadId, opened: true, members }, deliveries: [delivery] };
};

/** The thread of the proposal or contract itself, where a group that follows it is named. */
const followedBeside = (
  db: Database,
  threadId: ThreadId,
  members: readonly { userId: UserId }[],
): { thread: number; contracts: readonly Contract[] } | undefined => {
  const found = db.get<{ thread: number; kind: ThreadKind }>(
    'SELECT coalesce(beside, thread) AS thread, kind FROM threads WHERE thread_id = ?',
    threadId,
  );
  if (found === undefined) throw noSuchThread();
  const subject = subjectOf(db, found.thread);
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

export const insertThread = (db: Database, opened: NewThread): { thread: number; members: Member[]; delivery: Delivery } => {
  const { threadId, kind, title, proposal, openerId, at } = opened;
  const contracts = [...opened.contracts];
  const userIds = opened.members.map(({ userId }) => userId);
  const numbers = userNumbers(db, userIds);
  db.run(
    'INSERT INTO threads (thread_id, thread_key, kind, title, proposal, contracts, beside, head, opened_at) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)',
    threadId,
    opened.threadKey,
    kind,
    title,
    proposal && JSON.stringify(proposal),
    JSON.stringify(contracts),
    opened.beside ?? null,
    at,
  );
  const { thread } = db.get<{ thread: number }>('SELECT thread FROM threads WHERE thread_id = ?', threadId)!;
  const members = opened.members.map(({ userId, role }): Member => ({ userId, role, readOffset: 0, joinedAt: at }));
  for (const [index, member] of members.entries()) insertMember(db, thread, numbers[index]!, member);
  const delivery = appendEvent(db, thread, numbers[userIds.indexOf(openerId)]!, {
    type: 'thread.opened',
    threadId,
    offset: 1,
    at,
    actorId: openerId,
    kind,
    title,
    members,
    users: users(db, userIds),
    proposal,
    contracts,
  });
  return { thread, members, delivery };
};
