/** What the host platform is still to be told: written with the event, taken by a gateway for the length of an attempt. */
import type { Message, WebhookDelivery, WebhookStatus } from '../../../protocol/index.ts';
import { type AmendmentType, amendedEvent, composeEvent, type EventRow, postedEvent } from '../events.ts';
import { noSuchDelivery, OUTBOX_KEEP_MS } from '../rules.ts';
import type { DueDelivery, Settlement } from '../store.ts';
import { EVENT_JOINS, EVENT_JSON, MESSAGE_JOINS, MESSAGE_JSON } from './columns.ts';
import type { Database } from './database.ts';
import { profilesFrom, users } from './users.ts';

interface DueRow {
  readonly deliveryId: number;
  readonly attempt: number;
  readonly message: Message | null;
  readonly amendment: { type: AmendmentType; offset: number; at: number; message: Message } | null;
  readonly event: EventRow | null;
}

/** Now, until when it is taken, and how many. Those of other takers are passed over. */
const TAKE = `WITH due AS (
    SELECT o.delivery FROM outbox o
    WHERE o.status = 'due' AND o.due_at <= $1
      AND NOT EXISTS (SELECT 1 FROM outbox b WHERE b.thread = o.thread AND b.status = 'due' AND b.delivery < o.delivery)
    ORDER BY o.due_at, o.delivery LIMIT $3 FOR UPDATE SKIP LOCKED
  ), taken AS (
    UPDATE outbox o SET attempts = o.attempts + 1, due_at = $2 FROM due WHERE o.delivery = due.delivery
    RETURNING o.delivery, o.attempts, o.thread, o.offset
  )
  SELECT taken.delivery AS "deliveryId", taken.attempts AS attempt,
    (SELECT ${MESSAGE_JSON} FROM messages m ${MESSAGE_JOINS} WHERE m.thread = taken.thread AND m.offset = taken.offset) AS message,
    (SELECT json_build_object('type', a.type, 'offset', a.offset, 'at', a.at, 'message', ${MESSAGE_JSON})
     FROM amendments a JOIN messages m ON m.thread = a.thread AND m.offset = a.message ${MESSAGE_JOINS}
     WHERE a.thread = taken.thread AND a.offset = taken.offset) AS amendment,
    (SELECT ${EVENT_JSON} FROM events e ${EVENT_JOINS} WHERE e.thread = taken.thread AND e.offset = taken.offset) AS event
  FROM taken ORDER BY taken.delivery`;

export const takeDue = async (
  db: Database,
  { now, leaseMs, limit }: { now: number; leaseMs: number; limit: number },
): Promise<DueDelivery[]> => {
  await db.all("DELETE FROM outbox WHERE status = 'delivered' AND due_at < $1", now - OUTBOX_KEEP_MS);
  const rows = await db.all<DueRow>(TAKE, now, now + leaseMs, limit);
  return Promise.all(rows.map((row) => composed(db, row)));
};

const composed = async (db: Database, { deliveryId, attempt, message, amendment, event }: DueRow): Promise<DueDelivery> => {
  if (message !== null) return { deliveryId, attempt, event: postedEvent(message) };
  if (amendment !== null) {
    return { deliveryId, attempt, event: amendedEvent(amendment.type, amendment.offset, amendment.at, amendment.message) };
  }
  const shown = event!.payload as { members?: { userId: string }[]; member?: { userId: string } };
  const members = shown.members ?? (shown.member === undefined ? [] : [shown.member]);
  const profiles = await users(
    db,
    members.map(({ userId }) => userId),
  );
  return { deliveryId, attempt, event: composeEvent(event!, profilesFrom(profiles)) };
};

/** An attempt that took so long that another has begun settles nothing. */
export const settleDelivery = async (db: Database, { deliveryId, attempt, outcome }: Settlement): Promise<void> => {
  await db.all(
    `UPDATE outbox SET status = $3, error = $4, due_at = coalesce($5, due_at) WHERE delivery = $1 AND attempts = $2 AND status = 'due'`,
    deliveryId,
    attempt,
    outcome.status,
    'error' in outcome ? outcome.error : null,
    'dueAt' in outcome ? outcome.dueAt : null,
  );
};

export const deliveries = (
  db: Database,
  { after, status, limit }: { after: number; status?: WebhookStatus | undefined; limit: number },
): Promise<WebhookDelivery[]> =>
  db.all<WebhookDelivery>(
    `SELECT o.delivery AS "deliveryId", o.type, t.thread_id AS "threadId", o.offset, o.at, o.status, o.attempts, o.due_at AS "dueAt", o.error
     FROM outbox o JOIN threads t ON t.thread = o.thread
     WHERE o.delivery > $1 AND ($2::text IS NULL OR o.status = $2) ORDER BY o.delivery LIMIT $3`,
    after,
    status ?? null,
    limit,
  );

export const replayDeliveries = async (
  db: Database,
  which: { deliveryId: number } | { since: number },
  now: number,
): Promise<{ replayed: number }> => {
  const [condition, value] = 'deliveryId' in which ? ['o.delivery = $2', which.deliveryId] : ['o.at >= $2', which.since];
  const replayed = await db.all(
    `UPDATE outbox o SET status = 'due', attempts = 0, due_at = $1, error = NULL WHERE o.status <> 'due' AND ${condition} RETURNING 1`,
    now,
    value as number,
  );
  if ('deliveryId' in which && replayed.length === 0) {
    const known = await db.get('SELECT 1 FROM outbox WHERE delivery = $1', which.deliveryId);
    if (known === undefined) throw noSuchDelivery(which.deliveryId);
  }
  return { replayed: replayed.length };
};
