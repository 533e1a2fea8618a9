/** Messages in their present state. */
import type { MaskedSpan, Message, Offset } from '../../../protocol/index.ts';
import type { Database } from './database.ts';

/** A Message, column by column, from `messages message` and MESSAGE_JOINS. */
export const MESSAGE_COLUMNS = `thread.thread_id AS threadId, message.offset, sender.user_id AS senderId,
  message.client_message_id AS clientMessageId, message.body, message.posted_at AS postedAt,
  message.edited_at AS editedAt, message.deleted_at AS deletedAt, message.masked`;
export const MESSAGE_JOINS = `
  JOIN threads thread ON thread.thread = message.thread
  JOIN users sender ON sender.user = message.sender`;

export const SELECT_MESSAGE = `SELECT ${MESSAGE_COLUMNS} FROM messages message ${MESSAGE_JOINS}`;

/** A row of MESSAGE_COLUMNS. */
export type MessageRow = Omit<Message, 'masked'> & { readonly masked: string | null };

export const toMessage = <Row extends MessageRow>({ masked, ...message }: Row): Omit<Row, 'masked'> & Pick<Message, 'masked'> =>
  masked === null ? message : { ...message, masked: JSON.parse(masked) as MaskedSpan[] };

export const messageAt = (db: Database, thread: number, offset: Offset): Message | undefined => {
  const row = db.get<MessageRow>(`${SELECT_MESSAGE} WHERE message.thread = ? AND message.offset = ?`, thread, offset);
  return row && toMessage(row);
};
