/** Prometheus metrics of one gateway, in a registry of its own. */

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { NodeState } from '../signaling/media-fleet.ts';
import type { MediaStats } from '../signaling/media-link.ts';
import { countHelp } from './news/help.ts';
import type { HelpStore } from './store/store.ts';

export const createMetrics = () => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    sockets: new Gauge({ name: 'parley_sockets', help: 'Open WebSockets.', registers }),
    unauthenticated: new Gauge({ name: 'parley_sockets_unauthenticated', help: 'Open WebSockets without a session.', registers }),
    sessions: new Gauge({ name: 'parley_sessions', help: 'Sessions, those in their grace included.', registers }),
    requests: new Histogram({
      name: 'parley_request_duration_seconds',
      help: 'Time from a request to its reply, by type and outcome.',
      labelNames: ['type', 'outcome'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
    refusedFrames: new Counter({
      name: 'parley_refused_frames_total',
      help: 'Frames that were no valid request, by error code.',
      labelNames: ['code'],
      registers,
    }),
    events: new Counter({
      name: 'parley_events_total',
      help: 'Durable events published, by type.',
      labelNames: ['type'],
      registers,
    }),
    deliveries: new Counter({ name: 'parley_deliveries_total', help: 'Inbox entries that durable events took.', registers }),
    droppedPushes: new Counter({
      name: 'parley_dropped_pushes_total',
      help: 'Typing and presence pushes that were not sent because a socket was slow, by class.',
      labelNames: ['class'],
      registers,
    }),
    slowConsumers: new Counter({
      name: 'parley_slow_consumers_total',
      help: 'Sockets closed because they were over their limit.',
      registers,
    }),
    keyFetches: new Counter({
      name: 'parley_key_fetches_total',
      help: 'Times the key server was asked for its keys, by outcome.',
      labelNames: ['outcome'],
      registers,
    }),
    mediaFailovers: new Counter({
      name: 'parley_media_failovers_total',
      help: 'Rooms with people of this gateway that were placed on another media node because theirs was lost.',
      registers,
    }),
    internalErrors: new Counter({ name: 'parley_internal_errors_total', help: 'Errors that are bugs.', registers }),
    http: new Histogram({
      name: 'parley_http_duration_seconds',
      help: 'Time of REST requests, by route and status.',
      labelNames: ['route', 'status'],
      registers,
    }),
    released: new Counter({
      name: 'parley_guard_released_total',
      help: 'Masked messages that were released when their contract began.',
      registers: [registry],
    }),
    webhooks: new Histogram({
      name: 'parley_webhook_duration_seconds',
      help: 'Time of attempts to tell the host platform of an event, by outcome: delivered, failed (tried again), dead (given up) or gone (410: nothing more is sent).',
      labelNames: ['outcome'],
      registers,
    }),
    announcements: new Gauge({
      name: 'parley_announcements',
      help: 'Announcements that are shown now.',
      registers,
    }),
    webhooksStopped: new Gauge({
      name: 'parley_webhooks_stopped',
      help: '1 while nothing is sent to the receiver of webhooks because it answered 410, that it is gone.',
      registers,
    }),
  };
};

/** Gauges of the media node, asked for when the metrics are. */
export const observeMedia = ({ registry }: Metrics, stats: () => Promise<MediaStats>): void => {
  const gauge = (name: string, help: string, value: (worker: MediaStats['workers'][number]) => number): void => {
    new Gauge({
      name,
      help,
      labelNames: ['worker'],
      registers: [registry],
      async collect() {
        const { workers } = await stats();
        this.reset();
        for (const worker of workers) this.set({ worker: String(worker.pid) }, value(worker));
      },
    });
  };
  gauge('parley_media_worker_cpu', 'Share of one core that a media worker uses, 0 to 1.', ({ cpu }) => cpu);
  gauge('parley_media_rooms', 'Rooms on a media worker.', ({ rooms }) => rooms);
  gauge(
    'parley_media_lent_places',
    'Of the rooms on a media worker, those that are a part of a room of another node.',
    ({ lent }) => lent,
  );
  gauge('parley_media_producers', 'Tracks that a media worker receives.', ({ producers }) => producers);
  gauge('parley_media_consumers', 'Tracks that a media worker sends.', ({ consumers }) => consumers);
};

/** The place of a media node among all, asked for when the metrics are. */
export const observeRegistration = (
  { registry }: Metrics,
  registration: { readonly leased: boolean; readonly draining: boolean },
): void => {
  const gauge = (name: string, help: string, value: () => boolean): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(value() ? 1 : 0);
      },
    });
  };
  gauge(
    'parley_media_node_available',
    '1 while the media node may be given rooms: its lease lives and it does not drain.',
    () => registration.leased && !registration.draining,
  );
  gauge('parley_media_node_draining', '1 while the media node takes no new rooms on request.', () => registration.draining);
};

/** The media nodes as this gateway sees them, asked for when the metrics are. */
export const observeFleet = ({ registry }: Metrics, states: () => readonly NodeState[]): void => {
  const registers = [registry];
  new Gauge({
    name: 'parley_media_nodes',
    help: 'Media nodes that this gateway knows, by state: up, draining, or unreachable.',
    labelNames: ['state'],
    registers,
    collect() {
      for (const state of ['up', 'draining', 'unreachable']) this.set({ state }, 0);
      for (const { isUp, draining } of states()) this.inc({ state: isUp ? (draining ? 'draining' : 'up') : 'unreachable' });
    },
  });
  new Gauge({
    name: 'parley_media_link_up',
    help: '1 while the link from this gateway to a media node stands, 0 while it does not.',
    labelNames: ['node'],
    registers,
    collect() {
      this.reset();
      for (const { nodeId, isUp } of states()) this.set({ node: nodeId }, isUp ? 1 : 0);
    },
  });
};

/** What people said of help notes, as the store has it: the same on every gateway. Nothing while the store is away. */
export const observeHelp = ({ registry }: Metrics, store: HelpStore): void => {
  new Gauge({
    name: 'parley_help_votes',
    help: 'People who voted on a help note, by note and whether they found it helpful; of all gateways, so take the largest.',
    labelNames: ['note', 'helpful'],
    registers: [registry],
    async collect() {
      const counts = await countHelp(store).catch(() => []);
      this.reset();
      for (const { noteId, helpful, unhelpful } of counts) {
        this.set({ note: noteId, helpful: 'yes' }, helpful);
        this.set({ note: noteId, helpful: 'no' }, unhelpful);
      }
    },
  });
};

/** How old the keys of the key server are; nothing while there are none. */
export const observeKeyServer = (
  { registry }: Metrics,
  { now, fetchedAt }: { now: () => number; fetchedAt: () => number | undefined },
): void => {
  new Gauge({
    name: 'parley_key_age_seconds',
    help: 'Time since the key server last answered with keys.',
    registers: [registry],
    collect() {
      const at = fetchedAt();
      if (at !== undefined) this.set((now() - at) / 1000);
    },
  });
};

/** What the broker on Redis measures. */
export const createBrokerMetrics = ({ registry }: Pick<Metrics, 'registry'>) => {
  const registers = [registry];
  return {
    probe: new Histogram({
      name: 'parley_broker_probe_seconds',
      help: 'Time until the node hears what it published to itself through Redis.',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    }),
    resubscriptions: new Counter({
      name: 'parley_broker_resubscriptions_total',
      help: 'Times that a subscriber of Redis subscribed to all its topics again.',
      registers,
    }),
    dropped: new Counter({
      name: 'parley_broker_dropped_frames_total',
      help: 'Frames for other nodes that Redis did not take; durable ones are found through the inbox head.',
      registers,
    }),
  };
};

export type BrokerMetrics = ReturnType<typeof createBrokerMetrics>;

/** Whether Redis takes commands, asked for when the metrics are. */
export const observeRedis = ({ registry }: Metrics, isUp: () => boolean): void => {
  new Gauge({
    name: 'parley_redis_up',
    help: '1 while Redis takes commands, 0 while it is away.',
    registers: [registry],
    collect() {
      this.set(isUp() ? 1 : 0);
    },
  });
};

export type Metrics = ReturnType<typeof createMetrics>;
