/** What the host platform is still to be told: written with the event, taken by a gateway for the length of an attempt. */
import type { ThreadEvent, WebhookDelivery, WebhookStatus } from '../../../protocol/index.ts';
import { type AmendmentType, amendedEvent, postedEvent } from '../events.ts';
import { noSuchDelivery, OUTBOX_KEEP_MS } from '../rules.ts';
import type { DueDelivery, Settlement } from '../store.ts';
import type { Database } from './database.ts';
import { compose, EVENT_COLUMNS, EVENT_JOINS, type StoredEvent } from './events.ts';
import { messageAt } from './messages.ts';

interface DueRow {
  readonly deliveryId: number;
  readonly thread: number;
  readonly offset: number;
  readonly attempt: number;
}

export const takeDue = (
  db: Database,
  { now, leaseMs, limit }: { now: number; leaseMs: number; limit: number },
): DueDelivery[] => {
  db.run("DELETE FROM outbox WHERE status = 'delivered' AND due_at < ?", now - OUTBOX_KEEP_MS);
  const rows = db.all<DueRow>(
    `SELECT delivery AS deliveryId, thread, offset, attempts + 1 AS attempt FROM outbox
     WHERE status = 'due' AND due_at <= ?
       AND NOT EXISTS (SELECT 1 FROM outbox before WHERE before.thread = outbox.thread AND before.status = 'due' AND before.delivery < outbox.delivery)
     ORDER BY due_at, delivery LIMIT ?`,
    now,
    limit,
  );
  for (const { deliveryId } of rows) {
    db.run('UPDATE outbox SET attempts = attempts + 1, due_at = ? WHERE delivery = ?', now + leaseMs, deliveryId);
  }
  return rows.map(({ deliveryId, attempt, thread, offset }) => ({ deliveryId, attempt, event: eventAt(db, thread, offset) }));
};

const eventAt = (db: Database, thread: number, offset: number): ThreadEvent => {
  const message = messageAt(db, thread, offset);
  if (message !== undefined) return postedEvent(message);
  const amendment = db.get<{ type: AmendmentType; at: number; message: number }>(
    'SELECT type, at, message FROM amendments WHERE thread = ? AND offset = ?',
    thread,
    offset,
  );
  if (amendment !== undefined) {
    return amendedEvent(amendment.type, offset, amendment.at, messageAt(db, thread, amendment.message)!);
  }
  const select = `SELECT ${EVENT_COLUMNS} FROM events event ${EVENT_JOINS} WHERE event.thread = ? AND event.offset = ?`;
  return compose(db, db.get<StoredEvent>(select, thread, offset)!);
};

/** An attempt that took so long that another has begun settles nothing. */
export const settleDelivery = (db: Database, { deliveryId, attempt, outcome }: Settlement): void => {
  db.run(
    `UPDATE outbox SET status = ?, error = ?, due_at = coalesce(?, due_at) WHERE delivery = ? AND attempts = ? AND status = 'due'`,
    outcome.status,
    'error' in outcome ? outcome.error : null,
    'dueAt' in outcome ? outcome.dueAt : null,
    deliveryId,
    attempt,
  );
};

export const deliveries = (
  db: Database,
  { after, status, limit }: { after: number; status?: WebhookStatus | undefined; limit: number },
): WebhookDelivery[] =>
  db.all<WebhookDelivery>(
    `SELECT delivery AS deliveryId, outbox.type, thread_id AS threadId, outbox.offset, outbox.at, status, attempts, due_at AS dueAt, error
     FROM outbox JOIN threads USING (thread) WHERE delivery > ? AND (?2 IS NULL OR status = ?2) ORDER BY delivery LIMIT ?`,
    after,
    status ?? null,
    limit,
  );

export const replayDeliveries = (
  db: Database,
  which: { deliveryId: number } | { since: number },
  now: number,
): { replayed: number } => {
  const [condition, value] = 'deliveryId' in which ? ['delivery = ?', which.deliveryId] : ['at >= ?', which.since];
  const replayed = db.run(
    `UPDATE outbox SET status = 'due', attempts = 0, due_at = ?, error = NULL WHERE status <> 'due' AND ${condition}`,
    now,
    value as number,
  );
  if ('deliveryId' in which && replayed === 0) {
    const known = db.get('SELECT 1 FROM outbox WHERE delivery = ?', which.deliveryId);
    if (known === undefined) throw noSuchDelivery(which.deliveryId);
  }
  return { replayed };
};
