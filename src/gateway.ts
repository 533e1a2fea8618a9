/**
 * The gateway: wires the stops together and owns what it opens. `createGateway({ config, log })` just runs, on SQLite and memory;
 * what stands behind an interface is chosen in `openBackends` and nowhere else.
 */
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../config/index.ts';
import { createMediaNode } from '../media/media-node.ts';
import type { MediaNode } from '../signaling/media-node.ts';
import { createSignaling } from '../signaling/signaling.ts';
import type { Broker } from './broker/broker.ts';
import { createMemoryBus } from './broker/memory-broker.ts';
import { type Clock, systemClock } from './clock.ts';
import { createDeliver, createPublish } from './delivery.ts';
import { authConfig } from './demo/secrets.ts';
import { seedDemo } from './demo/seed.ts';
import { mountDemo } from './http/demo-routes.ts';
import { mountHostApi } from './http/host-api.ts';
import type { RouteOptions } from './http/http.ts';
import { mountOperations } from './http/operations.ts';
import { mountWebApp } from './http/web-app.ts';
import { createHub, topics } from './hub.ts';
import { sharedSecret } from './identity/keys.ts';
import { createTokenVerifier, mintToken } from './identity/tokens.ts';
import { createMetrics, observeMedia } from './metrics.ts';
import { createMemoryPresence } from './presence/memory-presence.ts';
import type { PresenceTracker } from './presence/presence.ts';
import { createAdmission } from './session/admission.ts';
import { createConnection } from './session/connection.ts';
import { encodePush } from './session/frame.ts';
import { createSessions } from './session/sessions.ts';
import { createWatch } from './session/watch.ts';
import { createApp, listen, type Port } from './socket/app.ts';
import { mountSockets } from './socket/uws-socket.ts';
import { openSqliteStore } from './store/sqlite-store.ts';
import type { Store } from './store/store.ts';
import { createThreadHandlers } from './threads/threads.ts';

export interface Gateway {
  /** Takes traffic; resolves with the port, which the system chose when the setting is 0. Rejects when it is taken. */
  listen(): Promise<{ port: number }>;
  /** Drains and lets go of everything. Safe to call twice. */
  close(): Promise<void>;
}

interface Backends {
  readonly store: Store;
  readonly broker: Broker;
  readonly presence: PresenceTracker;
  readonly mediaNode: MediaNode;
}

const openBackends = async ({ config, log, onFatal }: GatewayOptions, clock: Clock): Promise<Backends> => {
  const store = await openSqliteStore({
    path: join(config.store.dataDir, 'parley.sqlite'),
    replayLimit: config.store.replayLimit,
    inboxKeep: config.store.inboxKeep,
    log,
    onFatal,
  });
  const onError = (error: Error): void => log.error({ err: error }, 'presence could not remember who was last seen');
  const presence = createMemoryPresence({ graceMs: config.presence.graceMs, clock, store, onError });
  // Media must outlive a lost socket for as long as its participant does.
  const iceConsentTimeoutMs = config.interview.graceMs + 15_000;
  const mediaNode = await createMediaNode({ settings: { ...config.media, iceConsentTimeoutMs }, log });
  return { store, broker: createMemoryBus().join(), presence, mediaNode };
};

/** Sockets that a drain closes come back within this. */
const DRAIN_SPREAD_MS = 2_000;

export interface GatewayOptions {
  readonly config: Config;
  readonly log: Logger;
  /** Something without which the process is of no use is lost for good; what was acknowledged is safe. End it, and start again. */
  readonly onFatal: (error: Error) => void;
  readonly clock?: Clock;
  readonly random?: () => number;
}

export const createGateway = async (options: GatewayOptions): Promise<Gateway> => {
  const { config, log } = options;
  const clock = options.clock ?? systemClock;
  const random = options.random ?? Math.random;
  const auth = authConfig(config);
  const metrics = createMetrics();
  const { store, broker, presence, mediaNode } = await openBackends(options, clock);
  observeMedia(metrics, () => mediaNode.request('stats', {}));
  broker.onError((error) => log.warn({ err: error }, 'the broker failed; what was missed is found by the next heartbeat'));

  const hub = createHub({ broker });
  const deliver = createDeliver(
    createPublish({
      hub,
      onPublished: ({ event, positions }) => {
        metrics.events.inc({ type: event.type });
        metrics.deliveries.inc(positions.length);
        if (event.type === 'member.left') signaling.memberLeft(event.threadId, event.userId);
      },
    }),
  );
  presence.onChange((value) => hub.publish(topics.presence(value.userId), encodePush({ push: 'presence', presence: value })));

  const signaling = createSignaling({
    store,
    deliver,
    mediaNode,
    sendRoom: (sessionId, room) => sessions.send(sessionId, encodePush({ push: 'room', room })),
    clock,
    log,
    settings: config.interview,
    iceServers: config.media.iceServers,
  });
  const sessions = createSessions({
    graceMs: config.session.graceMs,
    heartbeatMs: config.session.heartbeatMs,
    limits: { ...config.session, maxBackpressureBytes: config.socket.maxBackpressureBytes },
    hub,
    clock,
    log,
    metrics,
    random,
    heads: (userIds) => store.heads(userIds),
    epoch: store.epoch,
    observer: {
      attached(sessionId, userId) {
        presence.hold(userId, sessionId);
        signaling.sessionAttached(sessionId, userId);
      },
      detached(sessionId, userId) {
        presence.release(userId, sessionId, { atOnce: false });
        signaling.sessionDetached(sessionId);
      },
      ended(sessionId, userId, { atOnce }) {
        presence.release(userId, sessionId, { atOnce });
        signaling.sessionEnded(sessionId);
      },
    },
  });
  const handlers = {
    ...createThreadHandlers({
      store,
      deliver,
      clock,
      publishTyping: (typing) => hub.publish(topics.typing(typing.threadId), encodePush({ push: 'typing', typing })),
    }),
    ...signaling.handlers,
  };
  const admission = createAdmission({
    max: config.socket.maxUnauthenticated,
    onCount: (waiting) => metrics.unauthenticated.set(waiting),
  });
  const connections = {
    admission,
    authTimeoutMs: config.auth.timeoutMs,
    heartbeatMs: config.session.heartbeatMs,
    sessionGraceMs: config.session.graceMs,
    sessions,
    watch: createWatch({ hub, presence, store }),
    tokens: createTokenVerifier({
      keys: sharedSecret(auth.jwtSecret),
      issuer: auth.issuer,
      audience: auth.audience,
      now: clock.now,
    }),
    store,
    handlers,
    clock,
    log,
    metrics,
  };

  const app = createApp();
  const routes: RouteOptions = {
    observe: (route, status, seconds) => metrics.http.observe({ route, status: String(status) }, seconds),
    onInternal: (error, route) => {
      metrics.internalErrors.inc();
      log.error({ err: error, route }, 'a route failed');
    },
  };
  let listening: Port | undefined;
  let closing: Promise<void> | undefined;
  mountSockets(app, {
    path: '/v1/socket',
    maxPayloadBytes: config.socket.maxPayloadBytes,
    maxBackpressureBytes: config.socket.maxBackpressureBytes,
    mayOpen: () => closing === undefined && admission.mayEnter(),
    open: (socket, { bearer }) => createConnection(connections, socket, bearer),
  });
  mountOperations(app, {
    metrics,
    readiness: () => [...(closing === undefined ? [] : ['draining']), ...(mediaNode.ready() ? [] : ['media node'])],
    routes,
  });
  mountHostApi(app, { apiKey: auth.hostApiKey, store, deliver, clock, routes });
  if (config.demo) {
    await seedDemo({ store, deliver, clock });
    const mint = (userId: string) =>
      mintToken(auth.jwtSecret, userId, { ttlSeconds: 3_600, issuer: auth.issuer, audience: auth.audience });
    mountDemo(app, { mint, routes });
  }
  if (config.http.webRoot !== '') mountWebApp(app, config.http.webRoot, routes);
  await signaling.start();

  const shutDown = async (): Promise<void> => {
    listening?.stop();
    sessions.drain(DRAIN_SPREAD_MS);
    sessions.close();
    app.close();
    await signaling.close();
    await mediaNode.close();
    await presence.close();
    await broker.close();
    await store.close();
  };

  return {
    async listen() {
      listening = await listen(app, config.http.host, config.http.port);
      return { port: listening.port };
    },
    close() {
      closing ??= shutDown();
      return closing;
    },
  };
};
