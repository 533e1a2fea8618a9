/** What the host platform was told, sending it again, and going on after it said that it is gone. */
import { z } from 'zod';
import {
  DeliveryId,
  ListDeliveries,
  ReplayedWebhooks,
  ReplayWebhooks,
  Timestamp,
  WebhookDelivery,
} from '../../protocol/index.ts';
import { type HostRoute, hostQuery, hostRoute } from './host-route.ts';

/** Events of a replay that are sent again in one transaction, and transactions of one request. */
const REPLAY_BATCH = 500;
const REPLAY_BATCHES = 20;

export const WEBHOOK_ROUTES: readonly HostRoute[] = [
  hostQuery({
    path: '/v1/webhooks/deliveries',
    doc: 'Events that were told to PARLEY_WEBHOOK_URL or are to be, by their ids; those delivered are kept for three days. `next` goes on where the page ends. `stoppedAt` is when the receiver said that it is gone (410), after which nothing is sent.',
    query: ListDeliveries,
    result: z.object({ deliveries: z.array(WebhookDelivery), next: z.int().nullable(), stoppedAt: Timestamp.nullable() }),
    async handle({ store, webhooks }, { after, status, limit }) {
      const deliveries = await store.deliveries({ after, status, limit });
      const next = deliveries.length < limit ? null : (deliveries.at(-1)?.deliveryId ?? null);
      return { deliveries, next, stoppedAt: webhooks?.stoppedAt() ?? null };
    },
  }),
  hostRoute({
    method: 'post',
    path: '/v1/webhooks/deliveries/:deliveryId/replay',
    doc: 'Sends one event again that was delivered or given up, under the id that it had.',
    param: DeliveryId,
    body: undefined,
    result: z.object({ replayed: z.int() }),
    handle: async ({ store, clock, webhooks }, deliveryId) => {
      const result = await store.replayDelivery(Number(deliveryId), clock.now());
      webhooks?.nudge();
      return { result, created: false };
    },
  }),
  hostRoute({
    method: 'post',
    path: '/v1/webhooks/replay',
    doc: 'Sends every event again that happened since a time and was delivered or given up: for a receiver that lost what it had taken. A request does 10,000 events at most; when there are more, `next` is the body of the request that goes on.',
    body: ReplayWebhooks,
    result: ReplayedWebhooks,
    handle: async ({ store, clock, webhooks }, _, { since, after, until = clock.now() }) => {
      let replayed = 0;
      let place: { since: number; after: number } | null = { since, after };
      for (let batch = 0; batch < REPLAY_BATCHES && place !== null; batch += 1) {
        const done = await store.replaySince({ ...place, until, limit: REPLAY_BATCH }, clock.now());
        replayed += done.replayed;
        place = done.next;
        webhooks?.nudge();
      }
      return { result: { replayed, next: place === null ? null : { ...place, until } }, created: false };
    },
  }),
  hostRoute({
    method: 'post',
    path: '/v1/webhooks/resume',
    doc: 'Sends again to a receiver that said that it is gone (410): all that is due, in its order. `resumed` is false when nothing had been stopped.',
    body: undefined,
    result: z.object({ resumed: z.boolean() }),
    handle: async (context) => ({ result: (await context.webhooks?.resume()) ?? { resumed: false }, created: false }),
  }),
];
