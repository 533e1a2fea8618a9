/** What the host platform is still to be told: written with the event, taken by a gateway for the length of an attempt. */
import type { ThreadEvent, WebhookDelivery, WebhookStatus } from '../../../protocol/index.ts';
import { type AmendmentType, amendedEvent, postedEvent } from '../events.ts';
import { noSuchDelivery, OUTBOX_FORGETS, OUTBOX_KEEP_MS } from '../rules.ts';
import type { DueDelivery, OutboxStore, ReplayPlace, Settlement } from '../store.ts';
import type { Database } from './database.ts';
import { firstDue } from './due.ts';
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
  { address, now, leaseMs, limit }: Parameters<OutboxStore['takeDue']>[0],
): { deliveries: DueDelivery[]; stoppedAt: number | null } => {
  db.run(
    `DELETE FROM outbox WHERE delivery IN (
       SELECT delivery FROM outbox WHERE status = 'delivered' AND due_at < ? ORDER BY due_at LIMIT ?)`,
    now - OUTBOX_KEEP_MS,
    OUTBOX_FORGETS,
  );
  const stop = db.get<{ at: number }>('SELECT at FROM outbox_stops WHERE address = ?', address);
  if (stop !== undefined) return { deliveries: [], stoppedAt: stop.at };
  const rows = db.all<DueRow>(
    `SELECT delivery AS deliveryId, thread, offset, attempts + 1 AS attempt FROM outbox
     WHERE status = 'due' AND leads = 1 AND due_at <= ? ORDER BY due_at, delivery LIMIT ?`,
    now,
    limit,
  );
  for (const { deliveryId } of rows) {
    db.run('UPDATE outbox SET attempts = attempts + 1, due_at = ? WHERE delivery = ?', now + leaseMs, deliveryId);
  }
  const deliveries = rows.map(({ deliveryId, attempt, thread, offset }) => ({
    deliveryId,
    attempt,
    event: eventAt(db, thread, offset),
  }));
  return { deliveries, stoppedAt: null };
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

/** An attempt that took so long that another has begun settles nothing. Given back, an attempt does not count. */
export const settleDelivery = (db: Database, { deliveryId, attempt, outcome }: Settlement): void => {
  const set = (change: string, ...values: (string | number)[]): number =>
    db.run(`UPDATE outbox SET ${change} WHERE delivery = ? AND attempts = ? AND status = 'due'`, ...values, deliveryId, attempt);
  switch (outcome.status) {
    case 'due':
      set('error = ?, due_at = ?', outcome.error, outcome.dueAt);
      return;
    case 'returned':
      set('attempts = attempts - 1, due_at = ?', outcome.at);
      return;
    case 'delivered':
      if (set("status = 'delivered', error = NULL, leads = 0") > 0) leadOn(db, deliveryId);
      return;
    case 'dead':
      if (set("status = 'dead', error = ?, leads = 0", outcome.error) > 0) leadOn(db, deliveryId);
  }
};

/** The next that is due of the thread of one that no longer is. */
const leadOn = (db: Database, deliveryId: number): void => {
  const { thread } = db.get<{ thread: number }>('SELECT thread FROM outbox WHERE delivery = ?', deliveryId)!;
  const next = firstDue(db, thread);
  if (next !== undefined) db.run('UPDATE outbox SET leads = 1 WHERE delivery = ?', next);
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

export const replayDelivery = (db: Database, deliveryId: number, now: number): { replayed: number } => {
  const row = db.get<ReplayRow>('SELECT delivery, thread, at, status FROM outbox WHERE delivery = ?', deliveryId);
  if (row === undefined) throw noSuchDelivery(deliveryId);
  return { replayed: replay(db, [row], now) };
};

export const replaySince = (
  db: Database,
  { since, after, until, limit }: ReplayPlace & { until: number; limit: number },
  now: number,
): { replayed: number; next: ReplayPlace | null } => {
  const rows = db.all<ReplayRow>(
    'SELECT delivery, thread, at, status FROM outbox WHERE (at, delivery) > (?, ?) AND at <= ? ORDER BY at, delivery LIMIT ?',
    since,
    after,
    until,
    limit,
  );
  const last = rows.length < limit ? undefined : rows.at(-1);
  return {
    replayed: replay(db, rows, now),
    next: last === undefined ? null : { since: last.at, after: last.delivery },
  };
};

interface ReplayRow {
  readonly delivery: number;
  readonly thread: number;
  readonly at: number;
  readonly status: WebhookStatus;
}

const replay = (db: Database, rows: readonly ReplayRow[], now: number): number => {
  const again = rows.filter(({ status }) => status !== 'due');
  for (const { delivery, thread } of again) {
    const leader = firstDue(db, thread);
    const leads = leader === undefined || leader > delivery;
    if (leads && leader !== undefined) db.run('UPDATE outbox SET leads = 0 WHERE delivery = ?', leader);
    db.run(
      "UPDATE outbox SET status = 'due', attempts = 0, due_at = ?, error = NULL, leads = ? WHERE delivery = ?",
      now,
      leads ? 1 : 0,
      delivery,
    );
  }
  return again.length;
};

export const stopDeliveries = (db: Database, address: string, at: number): void => {
  db.run('INSERT INTO outbox_stops (address, at) VALUES (?, ?) ON CONFLICT (address) DO NOTHING', address, at);
};

export const resumeDeliveries = (db: Database, address: string): { resumed: boolean } => ({
  resumed: db.run('DELETE FROM outbox_stops WHERE address = ?', address) > 0,
});
