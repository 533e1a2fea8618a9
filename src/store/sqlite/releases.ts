/** What is under seal, and when it may be opened; see GuardStore. */
import { type Contract, contractStateOf, type Message, type Offset, type ThreadId } from '../../../protocol/index.ts';
import { amendedEvent } from '../events.ts';
import type { SealedMessage, Written } from '../store.ts';
import type { Database } from './database.ts';
import { appendEvent } from './events.ts';
import { MESSAGE_COLUMNS, MESSAGE_JOINS, type MessageRow, toMessage } from './messages.ts';
import { addWords, removeWords } from './search.ts';

/** To be called when a contract has changed or something was sealed. */
export const makeDueIfBegun = (db: Database, thread: number): void => {
  const { contracts } = db.get<{ contracts: string }>('SELECT contracts FROM threads WHERE thread = ?', thread)!;
  if (contractStateOf(JSON.parse(contracts) as Contract[]) === 'before') return;
  db.run('INSERT INTO releases (thread) VALUES (?) ON CONFLICT DO NOTHING', thread);
};

export const dueReleases = (db: Database, limit: number): ThreadId[] =>
  db
    .all<{ threadId: ThreadId }>(
      'SELECT thread.thread_id AS threadId FROM releases JOIN threads thread USING (thread) ORDER BY releases.thread LIMIT ?',
      limit,
    )
    .map(({ threadId }) => threadId);

const OF_THREAD = '(SELECT thread FROM threads WHERE thread_id = ?)';

export const settleRelease = (db: Database, threadId: ThreadId): void => {
  db.run(
    `DELETE FROM releases WHERE thread = ${OF_THREAD}
     AND NOT EXISTS (SELECT 1 FROM messages WHERE messages.thread = releases.thread AND seal IS NOT NULL)`,
    threadId,
  );
};

export const sealedIn = (db: Database, threadId: ThreadId, { after, limit }: { after: number; limit: number }): SealedMessage[] =>
  db
    .all<MessageRow & { seal: Uint8Array }>(
      `SELECT ${MESSAGE_COLUMNS}, message.seal FROM messages message ${MESSAGE_JOINS}
       WHERE message.thread = ${OF_THREAD} AND message.seal IS NOT NULL AND message.offset > ? ORDER BY message.offset LIMIT ?`,
      threadId,
      after,
      limit,
    )
    .map(({ seal, ...row }) => ({ message: toMessage(row), seal }));

export const releaseMessage = (
  db: Database,
  release: { threadId: ThreadId; offset: Offset; seal: Uint8Array; body: string; at: number },
): Written<{ released: boolean }> => {
  const found = db.get<MessageRow & { thread: number; head: number; sealed: number }>(
    `SELECT ${MESSAGE_COLUMNS}, message.thread, thread.head, message.seal IS ? AS sealed FROM messages message ${MESSAGE_JOINS}
     WHERE message.thread = ${OF_THREAD} AND message.offset = ?`,
    release.seal,
    release.threadId,
    release.offset,
  );
  if (found === undefined || found.sealed === 0) return { result: { released: false }, deliveries: [] };
  const { thread, head, sealed: _, masked: __, ...stored } = found;
  const message: Message = { ...stored, body: release.body };
  db.run(
    'UPDATE messages SET body = ?, masked = NULL, seal = NULL WHERE thread = ? AND offset = ?',
    message.body,
    thread,
    message.offset,
  );
  removeWords(db, thread, message.offset, stored.body);
  addWords(db, thread, message.offset, message.body);
  const event = amendedEvent('message.released', head + 1, release.at, message);
  return { result: { released: true }, deliveries: [appendEvent(db, thread, null, event)] };
};
