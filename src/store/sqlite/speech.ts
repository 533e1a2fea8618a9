/** What the guard asks before something is said; see GuardStore. */
import {
  contractStateOf,
  type GuardExceptions,
  type Message,
  type Offset,
  type ProtocolError,
  type ThreadId,
  type UserId,
} from '../../../protocol/index.ts';
import {
  clientOf,
  EARLIER_MESSAGES,
  exceptionEntry,
  noSuchContract,
  noSuchMessage,
  noSuchProposal,
  noSuchThread,
  noSuchUser,
  notSender,
  requireParty,
  SPEECH_BACK,
  type Subject,
  speakerRole,
  summaryOf,
  togetherExceptions,
} from '../rules.ts';
import type { ExceptionScope, Place, Speech } from '../store.ts';
import { appendAudit } from './audit.ts';
import { contract, contractsOfProposal, contractThread } from './contracts.ts';
import type { Database } from './database.ts';
import { membership, subjectOf } from './members.ts';
import { MESSAGE_COLUMNS, MESSAGE_JOINS, type MessageRow, toMessage } from './messages.ts';
import { storedProposal } from './proposals.ts';

export const speech = (
  db: Database,
  { place, userId, clientMessageId }: { place: Place; userId: UserId; clientMessageId?: string | undefined },
): Speech => {
  const found = subjectAt(db, place, userId);
  if (found.threadId === null) return { ...common(db, found.subject, null, userId), earlier: [], isRepeated: false };
  const { thread, user, threadId } = membership(db, found.threadId, userId);
  const subject = subjectOf(db, thread);
  const newest = db.all<{ body: string }>(EARLIER, thread, SPEECH_BACK, user, EARLIER_MESSAGES);
  const isRepeated =
    clientMessageId !== undefined &&
    db.get('SELECT 1 FROM messages WHERE thread = ? AND sender = ? AND client_message_id = ?', thread, user, clientMessageId) !==
      undefined;
  return { ...common(db, subject, threadId, userId), earlier: newest.map(({ body }) => body).reverse(), isRepeated };
};

/** A speaker's own among the last messages of the thread, newest first; a deleted one has no body. */
const EARLIER = `SELECT last.body FROM (SELECT sender, body FROM messages WHERE thread = ? ORDER BY offset DESC LIMIT ?) last
  WHERE last.sender = ? AND last.body <> '' LIMIT ?`;

const GRANTED = `SELECT granted FROM exceptions
  WHERE (scope = 'thread' AND id = ?) OR (scope = 'proposal' AND id = ?) OR (scope = 'user' AND id = ?)`;

const common = (db: Database, subject: Subject, threadId: ThreadId | null, userId: UserId) => ({
  threadId,
  contract: contractStateOf(subject.contracts),
  role: speakerRole(subject, userId),
  exceptions: togetherExceptions(
    db
      .all<{ granted: string }>(GRANTED, threadId, subject.proposal?.proposalId ?? null, clientOf(subject) ?? null)
      .map(({ granted }) => JSON.parse(granted) as GuardExceptions),
  ),
});

const subjectAt = (db: Database, place: Place, userId: UserId): { threadId: ThreadId | null; subject: Subject } => {
  if ('threadId' in place) return { threadId: place.threadId, subject: { proposal: null, contracts: [] } };
  if ('proposalId' in place) {
    const stored = storedProposal(db, place.proposalId);
    if (stored === undefined) throw noSuchProposal(place.proposalId);
    const { proposal } = stored;
    requireParty(proposal, userId);
    const subject = { proposal: summaryOf(proposal), contracts: contractsOfProposal(db, stored.row) };
    return { threadId: proposal.threadId, subject };
  }
  const found = contract(db, place.contractId);
  if (found === undefined) throw noSuchContract(place.contractId);
  return { threadId: contractThread(db, place.contractId), subject: { proposal: null, contracts: [found] } };
};

export const ownMessage = (
  db: Database,
  { threadId, offset, userId }: { threadId: ThreadId; offset: Offset; userId: UserId },
): { message: Message; seal: Uint8Array | null } => {
  const { thread } = membership(db, threadId, userId);
  const row = db.get<MessageRow & { seal: Uint8Array | null }>(
    `SELECT ${MESSAGE_COLUMNS}, message.seal FROM messages message ${MESSAGE_JOINS} WHERE message.thread = ? AND message.offset = ?`,
    thread,
    offset,
  );
  if (row === undefined) throw noSuchMessage(offset);
  const { seal, ...message } = row;
  if (message.senderId !== userId) throw notSender();
  return { message: toMessage(message), seal };
};

const EXISTS: Readonly<Record<ExceptionScope, string>> = {
  thread: 'SELECT 1 FROM threads WHERE thread_id = ?',
  proposal: 'SELECT 1 FROM proposals WHERE proposal_id = ?',
  user: 'SELECT 1 FROM users WHERE user_id = ?',
};
const MISSING: Readonly<Record<ExceptionScope, (id: string) => ProtocolError>> = {
  thread: noSuchThread,
  proposal: noSuchProposal,
  user: noSuchUser,
};

export const putExceptions = (
  db: Database,
  scope: ExceptionScope,
  id: string,
  granted: GuardExceptions | null,
  at: number,
): void => {
  if (db.get(EXISTS[scope], id) === undefined) throw MISSING[scope](id);
  if (granted === null) db.run('DELETE FROM exceptions WHERE scope = ? AND id = ?', scope, id);
  else {
    db.run(
      'INSERT INTO exceptions (scope, id, granted) VALUES (?, ?, ?) ON CONFLICT (scope, id) DO UPDATE SET granted = excluded.granted',
      scope,
      id,
      JSON.stringify(granted),
    );
  }
  appendAudit(db, exceptionEntry(scope, id, granted, at));
};
