/**
 * Frames: one JSON object each. A request has an `id`, its reply repeats it, a push has none. Frames may come as text or
 * as binary UTF-8. A durable push puts its position first, so that one encoding serves every member (`encodeInboxPush`).
 */
import { z } from 'zod';
import { Announcement } from './announcements.ts';
import { WireError } from './errors.ts';
import { Epoch, Position } from './ids.ts';
import { InboxEvent } from './inbox.ts';
import { QueueChange } from './moderation.ts';
import { Presence, Typing } from './presence.ts';
import { RoomPush } from './rooms.ts';

/** The outside of every request; the payload is validated by its type's schema. Ids count up on one socket. */
export const RequestFrame = z.object({
  id: z.int().min(1),
  type: z.string().max(64),
  payload: z.unknown(),
});

export const ReplyFrame = z.union([
  z.object({ id: z.int(), result: z.unknown() }),
  /** The id is null when the frame was too broken to have one. */
  z.object({ id: z.int().nullable(), error: WireError }),
]);

/** Pushes, by type. `inbox` is durable and in order; the others are not kept. */
export const Push = z.discriminatedUnion('push', [
  z.object({ position: Position, push: z.literal('inbox'), event: InboxEvent }),
  /** Sent when nothing else was; carries the inbox head as the store has it. */
  z.object({ push: z.literal('heartbeat'), epoch: Epoch, head: Position }),
  z.object({ push: z.literal('presence'), presence: Presence }),
  z.object({ push: z.literal('typing'), typing: Typing }),
  z.object({ push: z.literal('room'), room: RoomPush }),
  /** For moderators. */
  z.object({ push: z.literal('moderation'), change: QueueChange }),
  /** All that the operator tells this person now; to sessions that asked `announcement.list`. */
  z.object({ push: z.literal('announcements'), announcements: z.array(Announcement) }),
  /** The token ends soon: `session.refresh`. */
  z.object({ push: z.literal('token.expiring'), expiresAt: z.int() }),
]);

export type RequestFrame = z.infer<typeof RequestFrame>;
export type ReplyFrame = z.infer<typeof ReplyFrame>;
export type Push = z.infer<typeof Push>;
export type PushOf<Name extends Push['push']> = Extract<Push, { push: Name }>;

/** The part of a durable push that is the same for every member. */
export const encodeInboxEvent = (event: z.infer<typeof InboxEvent>): string =>
  `,"push":"inbox","event":${JSON.stringify(event)}}`;

/** The whole frame for one member: the shared part behind this member's position. */
export const encodeInboxPush = (position: number, encodedEvent: string): string => `{"position":${position}${encodedEvent}`;
