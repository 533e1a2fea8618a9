/**
 * Sends what is due to the host platform. What is to be told is written in the transaction in which it happened (`outbox` of the
 * store), so nothing is told that did not happen, and nothing that did is forgotten. Every gateway takes what is due, each delivery for
 * so long as an attempt may take: one that dies leaves it to the others.
 *
 * Promised: each event at least once, by an id that stays the same; of one thread in order, but for one that was given up.
 */
import type { Logger } from 'pino';
import type { ThreadEvent, Webhook } from '../../protocol/index.ts';
import type { Clock } from '../clock.ts';
import type { DueDelivery, OutboxStore } from '../store/store.ts';
import { askReceiver, nextDelayMs } from './attempt.ts';
import { webhookHeaders } from './sign.ts';

export interface Webhooks {
  /** Something was written that may be due. */
  nudge(): void;
  /** Lets the attempts that are under way end. */
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
/** Beyond the longest attempt. */
const LEASE_MARGIN_MS = 5_000;

export const startWebhooks = (options: {
  store: OutboxStore;
  /** Names the life of the store: ids of another life do not come again. */
  epoch: string;
  settings: WebhookSettings;
  clock: Clock;
  random: () => number;
  log: Logger;
  observe: (outcome: 'delivered' | 'failed' | 'dead', seconds: number) => void;
}): Webhooks => {
  const { store, epoch, settings, clock, random, log, observe } = options;
  const underWay = new Set<Promise<void>>();
  let looking = false;
  let again = false;
  let closed = false;
  let failing = false;
  let cancel = (): void => {};

  const attempt = async ({ deliveryId, attempt, event }: DueDelivery): Promise<void> => {
    const body = JSON.stringify(webhookOf(event, settings.bodies));
    const headers = webhookHeaders({ id: `msg_${epoch}_${deliveryId}`, at: clock.now(), body }, settings.secrets);
    const since = performance.now();
    const answer = await askReceiver(settings.url, { headers, body, timeoutMs: settings.timeoutMs });
    const seconds = (performance.now() - since) / 1_000;
    if (answer.is === 'taken') {
      if (failing) log.info('the receiver of webhooks takes them again');
      failing = false;
      observe('delivered', seconds);
      return store.settleDelivery({ deliveryId, attempt, outcome: { status: 'delivered' } });
    }
    // Not wanted any more: the last word on each event, which an operator who put the address right sends again.
    const error = answer.is === 'gone' ? 'The receiver answered 410: the address is gone.' : answer.error;
    const retryAfterMs = answer.is === 'failed' ? answer.retryAfterMs : undefined;
    const delayMs = answer.is === 'gone' ? undefined : nextDelayMs(attempt, { retryAfterMs, random });
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

  const look = async (): Promise<void> => {
    if (looking || closed) {
      again = true;
      return;
    }
    looking = true;
    cancel();
    try {
      do {
        again = false;
        const limit = MAX_UNDER_WAY - underWay.size;
        const due =
          limit > 0 ? await store.takeDue({ now: clock.now(), leaseMs: settings.timeoutMs + LEASE_MARGIN_MS, limit }) : [];
        for (const delivery of due) {
          const one: Promise<void> = attempt(delivery)
            .catch((error) => log.warn({ err: error }, 'a webhook could not be settled; it is sent again'))
            .finally(() => {
              underWay.delete(one);
              // The next of its thread may be due now.
              void look();
            });
          underWay.add(one);
        }
      } while (again && !closed);
    } catch (error) {
      log.warn({ err: error }, 'the webhooks that are due could not be looked for');
    } finally {
      looking = false;
    }
    if (!closed) cancel = clock.after(LOOK_EVERY_MS, () => void look());
  };
  void look();

  return {
    nudge: () => void look(),
    async close() {
      closed = true;
      cancel();
      await Promise.all(underWay);
    },
  };
};

const webhookOf = (event: ThreadEvent, bodies: boolean): Webhook => ({
  type: event.type,
  timestamp: new Date(event.at).toISOString(),
  data: bodies || !('message' in event) ? event : { ...event, message: { ...event.message, body: '' } },
});
