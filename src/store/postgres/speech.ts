/** What the guard asks before something is said; see GuardStore. */
import {
  type Contract,
  contractStateOf,
  type GuardExceptions,
  type Message,
  type Offset,
  type ProposalSummary,
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
  notMember,
  notSender,
  requireParty,
  SPEECH_BACK,
  type Subject,
  speakerRole,
  summaryOf,
  togetherExceptions,
} from '../rules.ts';
import type { ExceptionScope, Place, Speech } from '../store.ts';
import { appendTo } from './audit.ts';
import { MESSAGE_JOINS, MESSAGE_JSON } from './columns.ts';
import { contract, contractsOfProposal, contractThread } from './contracts.ts';
import type { Database, Queryable } from './database.ts';
import { storedProposal } from './proposals.ts';

interface SpeechRow {
  readonly proposal: ProposalSummary | null;
  readonly contracts: Contract[];
  /** The speaker's own, newest first. */
  readonly newest: string[];
  readonly repeated: boolean;
  readonly granted: GuardExceptions[];
}

/** Thread, speaker, client message id, how far back, how many. One statement, since it stands before every message. */
const IN_THREAD = `WITH mine AS MATERIALIZED (
    SELECT t.thread, t.thread_id, coalesce(t.proposal, followed.proposal) AS proposal, t.contracts, me.user
    FROM threads t JOIN members me ON me.thread = t.thread LEFT JOIN threads followed ON followed.thread = t.beside
    WHERE t.thread_id = $1 AND me.user = (SELECT u.user FROM users u WHERE u.user_id = $2)
  )
  SELECT mine.proposal, mine.contracts,
    ARRAY(SELECT l.body FROM (SELECT m.sender, m.body, m.offset FROM messages m WHERE m.thread = mine.thread
      ORDER BY m.offset DESC LIMIT $4) l WHERE l.sender = mine.user AND l.body <> '' ORDER BY l.offset DESC LIMIT $5) AS newest,
    EXISTS (SELECT 1 FROM messages m WHERE m.thread = mine.thread AND m.sender = mine.user AND m.client_message_id = $3) AS repeated,
    (SELECT coalesce(json_agg(x.granted), '[]') FROM exceptions x
     WHERE (x.scope, x.id) IN (('thread', mine.thread_id), ('proposal', mine.proposal ->> 'proposalId'),
       ('user', mine.proposal ->> 'clientId'), ('user', mine.contracts -> 0 ->> 'clientId'))) AS granted
  FROM mine`;

export const speech = async (
  db: Database,
  { place, userId, clientMessageId }: { place: Place; userId: UserId; clientMessageId?: string | undefined },
): Promise<Speech> => {
  const { threadId, subject } = await subjectAt(db, place, userId);
  if (threadId === null) {
    const granted = await grantedTo(db, subject);
    return { ...common(subject, null, userId, granted), earlier: [], isRepeated: false };
  }
  const row = await db.get<SpeechRow>(IN_THREAD, threadId, userId, clientMessageId ?? null, SPEECH_BACK, EARLIER_MESSAGES);
  if (row === undefined) throw notMember();
  const { proposal, contracts, newest, repeated, granted } = row;
  return {
    ...common({ proposal, contracts }, threadId, userId, granted),
    earlier: newest.toReversed(),
    isRepeated: repeated,
  };
};

const common = (subject: Subject, threadId: ThreadId | null, userId: UserId, granted: readonly GuardExceptions[]) => ({
  threadId,
  contract: contractStateOf(subject.contracts),
  role: speakerRole(subject, userId),
  exceptions: togetherExceptions(granted),
});

/** To a proposal whose thread is not open, and to the client. */
const grantedTo = async (db: Queryable, subject: Subject): Promise<GuardExceptions[]> => {
  const rows = await db.all<{ granted: GuardExceptions }>(
    `SELECT x.granted FROM exceptions x WHERE (x.scope, x.id) IN (('proposal', $1), ('user', $2))`,
    subject.proposal?.proposalId ?? null,
    clientOf(subject) ?? null,
  );
  return rows.map(({ granted }) => granted);
};

const subjectAt = async (
  db: Database,
  place: Place,
  userId: UserId,
): Promise<{ threadId: ThreadId | null; subject: Subject }> => {
  if ('threadId' in place) return { threadId: place.threadId, subject: { proposal: null, contracts: [] } };
  if ('proposalId' in place) {
    const stored = await storedProposal(db, place.proposalId);
    if (stored === undefined) throw noSuchProposal(place.proposalId);
    const { proposal } = stored;
    requireParty(proposal, userId);
    const subject = { proposal: summaryOf(proposal), contracts: await contractsOfProposal(db, stored.row) };
    return { threadId: proposal.threadId, subject };
  }
  const found = await contract(db, place.contractId);
  if (found === undefined) throw noSuchContract(place.contractId);
  return { threadId: await contractThread(db, place.contractId), subject: { proposal: null, contracts: [found] } };
};

export const ownMessage = async (
  db: Database,
  { threadId, offset, userId }: { threadId: ThreadId; offset: Offset; userId: UserId },
): Promise<{ message: Message; seal: Uint8Array | null }> => {
  const row = await db.get<{ message: Message | null; seal: Uint8Array | null }>(
    `SELECT own.message, own.seal FROM threads t JOIN members me ON me.thread = t.thread
     LEFT JOIN LATERAL (SELECT ${MESSAGE_JSON} AS message, m.seal FROM messages m ${MESSAGE_JOINS}
       WHERE m.thread = t.thread AND m.offset = $3) own ON true
     WHERE t.thread_id = $1 AND me.user = (SELECT u.user FROM users u WHERE u.user_id = $2)`,
    threadId,
    userId,
    offset,
  );
  if (row === undefined) throw notMember();
  if (row.message === null) throw noSuchMessage(offset);
  if (row.message.senderId !== userId) throw notSender();
  return { message: row.message, seal: row.seal };
};

const EXISTS: Readonly<Record<ExceptionScope, string>> = {
  thread: 'SELECT 1 FROM threads t WHERE t.thread_id = $1',
  proposal: 'SELECT 1 FROM proposals p WHERE p.proposal_id = $1',
  user: 'SELECT 1 FROM users u WHERE u.user_id = $1',
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
): Promise<void> =>
  db.transaction(async (tx) => {
    if ((await tx.get(EXISTS[scope], id)) === undefined) throw MISSING[scope](id);
    if (granted === null) await tx.all('DELETE FROM exceptions x WHERE x.scope = $1 AND x.id = $2', scope, id);
    else {
      await tx.all(
        `INSERT INTO exceptions AS x (scope, id, granted) VALUES ($1, $2, $3)
         ON CONFLICT (scope, id) DO UPDATE SET granted = excluded.granted`,
        scope,
        id,
        JSON.stringify(granted),
      );
    }
    await appendTo(tx, exceptionEntry(scope, id, granted, at));
  });
