/** What is under seal, and when it may be opened; see GuardStore. */
import type { Message, Offset, ThreadId } from '../../../protocol/index.ts';
import { amendedEvent } from '../events.ts';
import type { SealedMessage, Written } from '../store.ts';
import { MESSAGE_JOINS, MESSAGE_JSON } from './columns.ts';
import type { Database } from './database.ts';
import type { Positions } from './events.ts';
import { wordList } from './search.ts';

export const dueReleases = async (db: Database, limit: number): Promise<ThreadId[]> => {
  const rows = await db.all<{ threadId: ThreadId }>(
    'SELECT t.thread_id AS "threadId" FROM releases r JOIN threads t ON t.thread = r.thread ORDER BY r.thread LIMIT $1',
    limit,
  );
  return rows.map(({ threadId }) => threadId);
};

/** The thread is locked, so that nothing is sealed in it meanwhile. */
export const settleRelease = (db: Database, threadId: ThreadId): Promise<void> =>
  db.transaction(async (tx) => {
    const row = await tx.get<{ thread: number }>(
      'SELECT t.thread FROM threads t WHERE t.thread_id = $1 FOR NO KEY UPDATE',
      threadId,
    );
    if (row === undefined) return;
    await tx.all(
      `DELETE FROM releases r WHERE r.thread = $1
       AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.thread = $1 AND m.seal IS NOT NULL)`,
      row.thread,
    );
  });

export const sealedIn = (
  db: Database,
  threadId: ThreadId,
  { after, limit }: { after: number; limit: number },
): Promise<SealedMessage[]> =>
  db.all<SealedMessage>(
    `SELECT ${MESSAGE_JSON} AS message, m.seal FROM messages m ${MESSAGE_JOINS}
     WHERE m.thread = (SELECT t.thread FROM threads t WHERE t.thread_id = $1) AND m.seal IS NOT NULL AND m.offset > $2
     ORDER BY m.offset LIMIT $3`,
    threadId,
    after,
    limit,
  );

interface ReleasedRow {
  readonly at_offset: Offset;
  readonly positions: Positions;
  readonly sender_id: string;
  readonly client_message_id: string;
  readonly posted_at: number;
  readonly edited_at: number | null;
}

export const releaseMessage = async (
  db: Database,
  { threadId, offset, seal, body, at }: { threadId: ThreadId; offset: Offset; seal: Uint8Array; body: string; at: number },
): Promise<Written<{ released: boolean }>> => {
  const row = await db.get<ReleasedRow>(
    'SELECT * FROM release_message($1, $2, $3, $4, $5, $6, $7)',
    threadId,
    offset,
    Buffer.from(seal),
    body,
    wordList(body),
    at,
    db.settings.inboxKeep,
  );
  if (row === undefined) return { result: { released: false }, deliveries: [] };
  const message: Message = {
    threadId,
    offset,
    senderId: row.sender_id,
    clientMessageId: row.client_message_id,
    body,
    postedAt: row.posted_at,
    editedAt: row.edited_at,
    deletedAt: null,
  };
  const event = amendedEvent('message.released', row.at_offset, at, message);
  return { result: { released: true }, deliveries: [{ event, positions: row.positions }] };
};
