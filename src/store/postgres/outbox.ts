/** What the host platform is still to be told: written with the event, taken by a gateway for the length of an attempt. */
import type { Message, WebhookDelivery, WebhookStatus } from '../../../protocol/index.ts';
import { type AmendmentType, amendedEvent, composeEvent, type EventRow, postedEvent } from '../events.ts';
import { noSuchDelivery, OUTBOX_FORGETS, OUTBOX_KEEP_MS } from '../rules.ts';
import type { DueDelivery, OutboxStore, ReplayPlace, Settlement } from '../store.ts';
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
    WHERE o.status = 'due' AND o.leads AND o.due_at <= $1
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
  { address, now, leaseMs, limit }: Parameters<OutboxStore['takeDue']>[0],
): Promise<{ deliveries: DueDelivery[]; stoppedAt: number | null }> => {
  await db.all(
    `DELETE FROM outbox WHERE delivery IN (
       SELECT o.delivery FROM outbox o WHERE o.status = 'delivered' AND o.due_at < $1 ORDER BY o.due_at LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    now - OUTBOX_KEEP_MS,
    OUTBOX_FORGETS,
  );
  const stop = await db.get<{ at: number }>('SELECT at FROM outbox_stops WHERE address = $1', address);
  if (stop !== undefined) return { deliveries: [], stoppedAt: stop.at };
  const rows = await db.all<DueRow>(TAKE, now, now + leaseMs, limit);
  return { deliveries: await Promise.all(rows.map((row) => composed(db, row))), stoppedAt: null };
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

export const settleDelivery = async (db: Database, { deliveryId, attempt, outcome }: Settlement): Promise<void> => {
  await db.all(
    'SELECT settle_delivery($1, $2, $3, $4, $5)',
    deliveryId,
    attempt,
    outcome.status,
    'error' in outcome ? outcome.error : null,
    'dueAt' in outcome ? outcome.dueAt : 'at' in outcome ? outcome.at : null,
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

export const replayDelivery = async (db: Database, deliveryId: number, now: number): Promise<{ replayed: number }> => {
  const row = await db.get<{ replayed: number | null }>('SELECT replay_delivery($1, $2) AS replayed', deliveryId, now);
  if (row?.replayed == null) throw noSuchDelivery(deliveryId);
  return { replayed: row.replayed };
};

export const replaySince = async (
  db: Database,
  { since, after, until, limit }: ReplayPlace & { until: number; limit: number },
  now: number,
): Promise<{ replayed: number; next: ReplayPlace | null }> => {
  const row = await db.get<{ replayed: number; since: number | null; after: number }>(
    'SELECT * FROM replay_since($1, $2, $3, $4, $5)',
    since,
    after,
    until,
    limit,
    now,
  );
  const { replayed, since: at, after: deliveryId } = row!;
  return { replayed, next: at === null ? null : { since: at, after: deliveryId } };
};

export const stopDeliveries = async (db: Database, address: string, at: number): Promise<void> => {
  await db.all('INSERT INTO outbox_stops (address, at) VALUES ($1, $2) ON CONFLICT (address) DO NOTHING', address, at);
};

export const resumeDeliveries = async (db: Database, address: string): Promise<{ resumed: boolean }> => {
  const gone = await db.all('DELETE FROM outbox_stops WHERE address = $1 RETURNING 1', address);
  return { resumed: gone.length > 0 };
};
