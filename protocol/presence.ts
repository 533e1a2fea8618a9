/** Presence and typing: never stored in a thread, never blocking a message, dropped first when a socket is slow. */
import { z } from 'zod';
import { ThreadId, Timestamp, UserId } from './ids.ts';

export const Presence = z.object({
  userId: UserId,
  online: z.boolean(),
  /** When they were last online; null if never, or while they are. */
  lastSeenAt: Timestamp.nullable(),
});

export const Typing = z.object({ threadId: ThreadId, userId: UserId, typing: z.boolean() });

export type Presence = z.infer<typeof Presence>;
export type Typing = z.infer<typeof Typing>;
