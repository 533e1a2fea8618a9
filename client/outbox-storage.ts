/** Where unsent messages are kept between two lives of the application: one stored list a person. */
import { z } from 'zod';
import { Message, Timestamp, type UserId, WireError } from '../protocol/index.ts';
import { createStoredList, type StoredList } from './stored-list.ts';
import type { ClientStorage } from './types.ts';

const StoredMessage = Message.pick({ threadId: true, clientMessageId: true, body: true }).extend({
  createdAt: Timestamp,
  /** Why it was refused, when it was. */
  error: WireError.optional(),
  confirmed: z.boolean().optional(),
});

export interface StoredMessage {
  readonly threadId: string;
  readonly clientMessageId: string;
  readonly body: string;
  readonly createdAt: number;
  readonly error?: WireError | undefined;
  readonly confirmed?: boolean | undefined;
}

export type OutboxStorage = StoredList<StoredMessage>;

export const createOutboxStorage = (storage: ClientStorage, userId: UserId): OutboxStorage =>
  createStoredList<StoredMessage>({
    storage,
    key: `outbox:${userId}`,
    idOf: ({ clientMessageId }) => clientMessageId,
    parse: (item) => StoredMessage.safeParse(item).data,
  });
