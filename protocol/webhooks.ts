/** What Parley tells the host platform by itself: events of threads, as requests to an address of the host platform's. */
import { z } from 'zod';
import { Offset, ThreadId, Timestamp } from './ids.ts';
import { MAX_PAGE } from './limits.ts';
import { ThreadEvent } from './threads.ts';

/** Types that can be told, by the name they have everywhere else. */
export const WebhookType = z.enum(
  ThreadEvent.options.map((option) => option.shape.type.value) as [ThreadEvent['type'], ...ThreadEvent['type'][]],
);

/** The body of a request. `data` is the event as the members get it; a message's body is empty unless `webhooks.bodies` is set. */
export const Webhook = z.object({
  type: WebhookType,
  /** When it happened, ISO 8601. */
  timestamp: z.iso.datetime(),
  data: ThreadEvent,
});

/** `dead`: given up after the last attempt; `POST …/replay` sends it again. */
export const WebhookStatus = z.enum(['due', 'delivered', 'dead']);

export const WebhookDelivery = z.object({
  deliveryId: z.int().min(1),
  type: WebhookType,
  threadId: ThreadId,
  offset: Offset,
  /** When it happened. */
  at: Timestamp,
  status: WebhookStatus,
  attempts: z.int().min(0),
  /** When it is sent next, or was last. */
  dueAt: Timestamp,
  /** What the last attempt came to, unless it was taken. */
  error: z.string().nullable(),
});

/** In a path. */
export const DeliveryId = z.string().regex(/^[1-9]\d{0,14}$/, 'must be the number of a delivery');

/** A page of the deliveries, behind the path. */
export const ListDeliveries = z.object({
  after: z.coerce.number().int().min(0).default(0),
  status: WebhookStatus.optional(),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50),
});

export const ReplayWebhooks = z.object({
  since: Timestamp,
  /** Of the events that happened at `since`, those up to this id are left out. */
  after: z.int().min(0).default(0),
  /** Now, when not given. */
  until: Timestamp.optional(),
});
export const ReplayedWebhooks = z.object({
  replayed: z.int(),
  /** The body of the request that goes on; null when all was done. */
  next: z.object({ since: Timestamp, after: z.int(), until: Timestamp }).nullable(),
});

export type WebhookType = z.infer<typeof WebhookType>;
export type Webhook = z.infer<typeof Webhook>;
export type WebhookStatus = z.infer<typeof WebhookStatus>;
export type WebhookDelivery = z.infer<typeof WebhookDelivery>;
