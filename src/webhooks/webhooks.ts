/**
 * Sends what is due to the host platform. What is to be told is written in the transaction in which it happened (`outbox` of the
 * store), so nothing is told that did not happen, and nothing that did is forgotten. Every gateway takes what is due, each delivery for
 * so long as an attempt may take: one that dies leaves it to the others.
 *
 * Promised: each event at least once, by an id that stays the same; of one thread in order, but for one that was given up.
 */
import { hash } from 'node:crypto';
import type { Logger } from 'pino';
import type { ThreadEvent, Webhook } from '../../protocol/index.ts';
import type { Clock } from '../clock.ts';
import type { DueDelivery, OutboxStore } from '../store/store.ts';
import { type Answer, askReceiver, nextDelayMs } from './attempt.ts';
import { webhookHeaders } from './sign.ts';

export interface Webhooks {
  /** Something was written that may be due. */
  nudge(): void;
  /** Since when nothing is sent, because the receiver said that it is gone; null while it is not. */
  stoppedAt(): number | null;
  /** Sends to a receiver that said that it is gone, for all gateways that have this address. */
  resume(): Promise<{ resumed: boolean }>;
  /** Waits a moment for the attempts that are under way, and gives back those that it left. */
  close(): Promise<void>;
}

export interface WebhookSettings {
  readonly url: string;
  readonly secrets: readonly string[];
  readonly bodies: boolean;
  readonly timeoutMs: number;
}

/** What another gateway wrote, and what is due again, is looked for this often. */
const LOOK_EVERY_MS = 1_000;
const MAX_UNDER_WAY = 16;
/** Beyond the longest attempt, and the answer to it written down. */
const LEASE_MARGIN_MS = 5_000;

export const startWebhooks = (options: {
  store: OutboxStore;
  /** Names the life of the store: ids of another life do not come again. */
  epoch: string;
  settings: WebhookSettings;
  clock: Clock;
  random: () => number;
  log: Logger;
  /** How long a close waits for attempts that are under way. */
  closeWithinMs: number;
  observe: (outcome: 'delivered' | 'failed' | 'dead' | 'gone', seconds: number) => void;
  onStopped: (stopped: boolean) => void;
}): Webhooks => {
  const { store, epoch, settings, clock, random, log, observe } = options;
  /** Names the address in the store, which its secret parts do not enter. */
  const address = hash('sha256', settings.url);
  const underWay = new Set<Promise<void>>();
  const leaving = new AbortController();
  let looking: Promise<void> | undefined;
  let again = false;
  let closed: Promise<void> | undefined;
  let failing = false;
  let stoppedAt: number | null = null;
  /** How often the receiver said so, so that a look that began before knows that it is late. */
  let stops = 0;
  let cancel = (): void => {};

  const setStopped = (at: number | null): void => {
    if ((at === null) !== (stoppedAt === null)) {
      options.onStopped(at !== null);
      if (at === null) log.info('the receiver of webhooks is told again');
      else
        log.error(
          { stoppedAt: at },
          'the receiver of webhooks answered 410, that it is gone: nothing is sent until it is resumed',
        );
    }
    stoppedAt = at;
  };

  const giveBack = ({ deliveryId, attempt }: DueDelivery): Promise<void> =>
    store.settleDelivery({ deliveryId, attempt, outcome: { status: 'returned', at: clock.now() } });

  const attempt = async (due: DueDelivery): Promise<void> => {
    const { deliveryId, attempt, event } = due;
    const body = JSON.stringify(webhookOf(event, settings.bodies));
    const headers = webhookHeaders({ id: `msg_${epoch}_${deliveryId}`, at: clock.now(), body }, settings.secrets);
    const since = performance.now();
    const { timeoutMs } = settings;
    const answer = await askReceiver(settings.url, { headers, body, timeoutMs, leaving: leaving.signal });
    const seconds = (performance.now() - since) / 1_000;
    switch (answer.is) {
      case 'taken':
        if (failing) log.info('the receiver of webhooks takes them again');
        failing = false;
        observe('delivered', seconds);
        return store.settleDelivery({ deliveryId, attempt, outcome: { status: 'delivered' } });
      case 'left':
        return giveBack(due);
      case 'gone':
        observe('gone', seconds);
        await store.stopDeliveries(address, clock.now());
        stops += 1;
        setStopped(clock.now());
        return giveBack(due);
      case 'failed':
        return failed(due, answer, seconds);
    }
  };

  const failed = ({ deliveryId, attempt, event }: DueDelivery, answer: Failed, seconds: number): Promise<void> => {
    const { error, retryAfterMs } = answer;
    const delayMs = nextDelayMs(attempt, { retryAfterMs, random });
    if (!failing)
      log.warn({ deliveryId, type: event.type, error }, 'the receiver of webhooks does not take them; they are tried again');
    failing = true;
    if (delayMs === undefined)
      log.error({ deliveryId, type: event.type, error }, 'a webhook was given up; replay it once the receiver is well');
    observe(delayMs === undefined ? 'dead' : 'failed', seconds);
    const outcome =
      delayMs === undefined
        ? { status: 'dead' as const, error }
        : { status: 'due' as const, error, dueAt: clock.now() + delayMs };
    return store.settleDelivery({ deliveryId, attempt, outcome });
  };

  const start = (due: DueDelivery): void => {
    // What was taken while this closed is given back at once.
    const one: Promise<void> = (closed === undefined ? attempt(due) : giveBack(due))
      .catch((error) => log.warn({ err: error }, 'a webhook could not be settled; it is sent again'))
      .finally(() => {
        underWay.delete(one);
        // The next of its thread may be due now.
        look();
      });
    underWay.add(one);
  };

  const lookOnce = async (): Promise<void> => {
    try {
      do {
        again = false;
        const limit = MAX_UNDER_WAY - underWay.size;
        if (limit === 0) break;
        const stopsBefore = stops;
        const leaseMs = settings.timeoutMs + LEASE_MARGIN_MS;
        const taken = await store.takeDue({ address, now: clock.now(), leaseMs, limit });
        if (taken.stoppedAt !== null || stops === stopsBefore) setStopped(taken.stoppedAt);
        for (const due of taken.deliveries) start(due);
      } while (again && closed === undefined);
    } catch (error) {
      again = false;
      log.warn({ err: error }, 'the webhooks that are due could not be looked for');
    }
  };

  const look = (): void => {
    again = true;
    if (looking !== undefined || closed !== undefined) return;
    cancel();
    looking = lookOnce().then(() => {
      looking = undefined;
      if (closed !== undefined) return;
      if (again) look();
      else cancel = clock.after(LOOK_EVERY_MS, look);
    });
  };
  look();

  const close = async (): Promise<void> => {
    cancel();
    await looking;
    const cancelLeaving = clock.after(options.closeWithinMs, () => leaving.abort());
    await Promise.all(underWay);
    cancelLeaving();
  };

  return {
    nudge: look,
    stoppedAt: () => stoppedAt,
    async resume() {
      const resumed = await store.resumeDeliveries(address);
      look();
      return resumed;
    },
    close() {
      closed ??= close();
      return closed;
    },
  };
};

type Failed = Extract<Answer, { is: 'failed' }>;

const webhookOf = (event: ThreadEvent, bodies: boolean): Webhook => ({
  type: event.type,
  timestamp: new Date(event.at).toISOString(),
  data: bodies || !('message' in event) ? event : { ...event, message: { ...event.message, body: '' } },
});
