/**
 * The gateway: wires the stops together and owns what it opens. `createGateway({ config, log })` just runs, on SQLite and memory;
 * what stands behind an interface is chosen in backends.ts and nowhere else.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Config } from '../config/index.ts';
import type { MediaNode } from '../signaling/media-node.ts';
import { createParticipantTokens } from '../signaling/participant-token.ts';
import { createSignaling } from '../signaling/signaling.ts';
import { type Backends, openBackends, type PresenceAudience, presenceFrame } from './backends.ts';
import { type Clock, systemClock } from './clock.ts';
import { createDeliver, createPublish } from './delivery.ts';
import type { DemoPerson } from './demo/people.ts';
import { authConfig, demoAuthConfig, sealKeys } from './demo/secrets.ts';
import { seedDemo } from './demo/seed.ts';
import { mountDemo } from './http/demo-routes.ts';
import { mountHostApi } from './http/host-api.ts';
import type { RouteOptions } from './http/http.ts';
import { mountNoOperations, mountOperations } from './http/operations.ts';
import { mountWebApp } from './http/web-app.ts';
import { createHub, inboxOf, presenceOf, topics } from './hub.ts';
import { createKeyServer } from './identity/key-server.ts';
import { secretAndKeyServer, sharedSecret } from './identity/keys.ts';
import { createTokenVerifier, mintToken } from './identity/tokens.ts';
import { createMetrics, observeFleet, observeHelp, observeKeyServer, observeMedia, observeRegistration } from './metrics.ts';
import { createModerationHandlers } from './moderation/handlers.ts';
import { createParting } from './moderation/parting.ts';
import { createPeopleHandlers } from './moderation/people.ts';
import { createAnnouncements, NEWS_TOPIC } from './news/announcements.ts';
import { createHelpHandlers } from './news/help.ts';
import { mayRelease } from './safety/gate.ts';
import { limited } from './safety/limited.ts';
import { createLimits } from './safety/limits.ts';
import { openSafety } from './safety/open-safety.ts';
import { createAdmission } from './session/admission.ts';
import { createConnection } from './session/connection.ts';
import { encodePush } from './session/frame.ts';
import { createResumeTokens } from './session/resume-tokens.ts';
import { createSessions } from './session/sessions.ts';
import { createWatch } from './session/watch.ts';
import { createApp, listen, type Port } from './socket/app.ts';
import { createOriginCheck } from './socket/origins.ts';
import { mountSockets } from './socket/uws-socket.ts';
import { isReady } from './store/open-store.ts';
import { createThreadHandlers } from './threads/threads.ts';
import { startWebhooks } from './webhooks/webhooks.ts';

export interface Gateway {
  /** The media node in this process, for who operates it; undefined for a gateway alone. */
  readonly mediaNode: MediaNode | undefined;
  /** Takes traffic; resolves with the port, which the system chose when the setting is 0. Rejects when it is taken. */
  listen(): Promise<{ port: number }>;
  /** Drains and lets go of everything. Safe to call twice. */
  close(): Promise<void>;
}

/** Of a session's grace, what a drain may use up; the rest is for the way back. */
const DRAIN_SHARE_OF_GRACE = 1 / 2;
/** Of the time that a drain may take, what closing the sockets may use up. */
const CLOSING_SHARE_OF_DRAIN = 1 / 2;
/** What a drain gives to webhooks that are on their way. */
const WEBHOOKS_CLOSE_MS = 2_000;
const WEBHOOKS_SHARE_OF_DRAIN = 1 / 4;

export interface GatewayOptions {
  readonly config: Config;
  readonly log: Logger;
  /** Something without which the process is of no use is lost for good; what was acknowledged is safe. End it, and start again. */
  readonly onFatal: (error: Error) => void;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Instead of what the configuration chooses: tests join several gateways of one process. The gateway closes them. */
  readonly backends?: Partial<Backends>;
  /** Several processes listen on the port; who starts them has seen that nobody else does. */
  readonly sharesPort?: boolean;
}

export const createGateway = async (options: GatewayOptions): Promise<Gateway> => {
  const { config, log, onFatal, backends: given = {} } = options;
  const clock = options.clock ?? systemClock;
  const random = options.random ?? Math.random;
  const auth = authConfig(config);
  const metrics = createMetrics();
  const nodeId = randomUUID();
  const audience: PresenceAudience = {
    tell: (presence) => hub.publish(topics.presence(presence.userId), presenceFrame(presence)),
    tellHere: (presence) => hub.publishHere(topics.presence(presence.userId), presenceFrame(presence)),
  };
  const backends = await openBackends({ config, given, nodeId, audience, clock, log, metrics, onFatal });
  const { store, broker, presence, registry, media, counters, redis } = backends;
  observeMedia(metrics, media.stats);
  if (media.registration !== undefined) observeRegistration(metrics, media.registration);
  observeFleet(metrics, media.fleet.states);
  broker.onError((error) => log.warn({ err: error }, 'the broker failed; what was missed is found by the next heartbeat'));

  const hub = createHub({ broker });
  const part = createParting(hub);
  const deliver = createDeliver(
    createPublish({
      hub,
      onPublished: ({ event, positions }) => {
        metrics.events.inc({ type: event.type });
        metrics.deliveries.inc(positions.length);
        webhooks?.nudge();
        if (mayRelease(event)) gate.nudge();
        if (event.type === 'member.left') signaling.memberLeft(event.threadId, event.userId);
      },
    }),
  );
  broker.onGap((missed) => {
    presence.doubt(missed.map(presenceOf).filter((userId) => userId !== undefined));
    sessions.beatSoon(missed.map(inboxOf).filter((userId) => userId !== undefined));
    if (missed.includes(NEWS_TOPIC)) announcements.doubt();
  });

  const { moderation, waiting, gate } = openSafety({
    store,
    deliver,
    policy: config.safety.policy,
    sealKeys: sealKeys(config),
    tell: (change) => hub.publish(topics.moderation(), encodePush({ push: 'moderation', change })),
    clock,
    log,
    observe: (released) => metrics.released.inc(released),
  });

  const { url: webhookUrl, ...webhookSettings } = config.webhooks;
  const webhooks =
    webhookUrl === undefined
      ? undefined
      : startWebhooks({
          store,
          epoch: store.epoch,
          settings: { url: webhookUrl, ...webhookSettings },
          clock,
          random,
          log,
          closeWithinMs: Math.min(WEBHOOKS_CLOSE_MS, config.cluster.drainMs * WEBHOOKS_SHARE_OF_DRAIN),
          observe: (outcome, seconds) => metrics.webhooks.observe({ outcome }, seconds),
          onStopped: (stopped) => metrics.webhooksStopped.set(stopped ? 1 : 0),
        });

  const announcements = createAnnouncements({
    store,
    hub,
    clock,
    log,
    send: (sessionId, frame) => sessions.send(sessionId, frame),
    onCount: (current) => metrics.announcements.set(current),
  });
  observeHelp(metrics, store);

  const signaling = createSignaling({
    store,
    deliver,
    fleet: media.fleet,
    lease: media.lease,
    tokens: createParticipantTokens(config.cluster.secret ?? randomBytes(32).toString('base64url')),
    sendRoom: (sessionId, room) => sessions.send(sessionId, encodePush({ push: 'room', room })),
    clock,
    log,
    settings: config.interview,
    iceServers: config.media.iceServers,
    turn: config.media.turn,
    onReopened: () => metrics.mediaFailovers.inc(),
  });
  const sessions = createSessions({
    graceMs: config.session.graceMs,
    heartbeatMs: config.session.heartbeatMs,
    limits: { ...config.session, maxBackpressureBytes: config.socket.maxBackpressureBytes },
    registry,
    resumeTokens: createResumeTokens(config.cluster.secret),
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
        announcements.forget(sessionId);
      },
      moved(sessionId, userId) {
        // Leases are a node's own: the user stays online by that of the node that has the session now.
        presence.release(userId, sessionId, { atOnce: false });
        // Its participant is on grace until it is taken up there.
        signaling.sessionDetached(sessionId);
        signaling.sessionEnded(sessionId);
        announcements.forget(sessionId);
      },
      ended(sessionId, userId, { atOnce }) {
        presence.release(userId, sessionId, { atOnce });
        signaling.sessionEnded(sessionId);
        announcements.forget(sessionId);
      },
    },
  });
  const limits = createLimits({ settings: config.safety.limits, counters, store, moderation, clock, log });
  const unlimited = {
    ...createThreadHandlers({
      store,
      deliver,
      gate,
      waiting,
      clock,
      publishTyping: (typing) => hub.publish(topics.typing(typing.threadId), encodePush({ push: 'typing', typing })),
    }),
    ...signaling.handlers,
    ...createModerationHandlers({ moderation, store, clock }),
    ...createPeopleHandlers({
      moderation,
      store,
      clock,
      onApart: (userId, otherId) => {
        part(userId, otherId);
        signaling.parted(userId, otherId);
      },
    }),
    ...announcements.handlers,
    ...createHelpHandlers({ store, clock }),
  };
  const handlers = limited(unlimited, { limits, store });
  const admission = createAdmission({
    max: config.socket.maxUnauthenticated,
    maxBytes: config.socket.maxUnauthenticatedBytes,
    clock,
    onRelief: (closed) => log.warn({ closed }, 'sockets that do not authenticate held too much and were closed'),
    onCount: (waiting) => metrics.unauthenticated.set(waiting),
  });
  const keyServer =
    auth.jwksUrl === undefined
      ? undefined
      : createKeyServer({ url: auth.jwksUrl, clock, log, onFetch: (outcome) => metrics.keyFetches.inc({ outcome }) });
  if (keyServer !== undefined) observeKeyServer(metrics, { now: clock.now, fetchedAt: keyServer.fetchedAt });
  const connections = {
    admission,
    authTimeoutMs: config.auth.timeoutMs,
    heartbeatMs: config.session.heartbeatMs,
    sessionGraceMs: config.session.graceMs,
    sessions,
    watch: createWatch({ hub, presence, store }),
    tokens: createTokenVerifier({
      keys: secretAndKeyServer({
        secret: auth.jwtSecret === undefined ? undefined : sharedSecret(auth.jwtSecret),
        keyServer,
      }),
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
    observe: (route, status, seconds, requestId) => {
      metrics.http.observe({ route, status: String(status) }, seconds);
      log.debug({ requestId, route, status, ms: Math.round(seconds * 1_000) }, 'a route answered');
    },
    onInternal: (error, route, requestId) => {
      metrics.internalErrors.inc();
      log.error({ err: error, requestId, route }, 'a route failed');
    },
  };
  let listening: Port | undefined;
  let operationsPort: Port | undefined;
  let closing: Promise<void> | undefined;
  const isWelcome = createOriginCheck(config.embed.origins, {
    onRefused: (origin) => log.warn({ origin }, 'a page of an origin that embed.origins does not name was refused'),
  });
  mountSockets(app, {
    path: '/v1/socket',
    maxPayloadBytes: config.socket.maxPayloadBytes,
    maxBackpressureBytes: config.socket.maxBackpressureBytes,
    mayOpen: () => closing === undefined && admission.mayEnter(),
    refusal: (page) => (isWelcome(page) ? undefined : { name: 'origin_refused' }),
    open: (socket, { bearer }) => createConnection(connections, socket, bearer),
  });
  let hadRedis = redis?.ready() === true;
  redis?.onReady((ready) => {
    hadRedis ||= ready;
  });
  const operations = config.http.operationsPort === undefined ? app : createApp();
  mountOperations(operations, {
    metrics,
    readiness: () => {
      const isAway = redis?.ready() === false;
      return {
        waitingFor: [
          ...(closing === undefined ? [] : ['draining']),
          ...media.waitingFor(),
          // One that never reached Redis is started wrong; one that lost it does what all the others do.
          ...(isAway && !hadRedis ? ['redis'] : []),
          ...(keyServer?.ready() === false ? ['token keys'] : []),
          ...(isReady(store) ? [] : ['store']),
        ],
        without: isAway ? ['redis'] : [],
      };
    },
    routes,
  });
  if (operations !== app) mountNoOperations(app, routes);
  mountHostApi(app, {
    apiKey: auth.hostApiKey,
    store,
    deliver,
    gate,
    clock,
    moderation,
    webhooks,
    news: announcements,
    routes,
  });
  if (config.demo) {
    await seedDemo({ store, deliver, clock });
    const { jwtSecret } = demoAuthConfig(config);
    const mint = ({ user, role }: DemoPerson) => {
      const roles = role === 'moderator' ? { roles: [role] as const } : {};
      return mintToken(jwtSecret, user.userId, { ttlSeconds: 3_600, issuer: auth.issuer, audience: auth.audience, ...roles });
    };
    mountDemo(app, { mint, routes });
  }
  if (config.http.webRoot !== '') mountWebApp(app, config.http.webRoot, routes);
  await signaling.start();
  await moderation.start();
  gate.nudge();
  await announcements.start();

  const shutDown = async (): Promise<void> => {
    listening?.stop();
    await sessions.drain({
      reconnectsPerSecond: config.cluster.reconnectsPerSecond,
      maxSpreadMs: config.session.graceMs * DRAIN_SHARE_OF_GRACE,
      closeWithinMs: config.cluster.drainMs * CLOSING_SHARE_OF_DRAIN,
    });
    // Before the sessions end: who is in a call is on grace, and comes back by another gateway.
    await signaling.close();
    moderation.close();
    sessions.close();
    announcements.close();
    const told = webhooks?.close();
    app.close();
    operationsPort?.stop();
    if (operations !== app) operations.close();
    keyServer?.close();
    await registry.close();
    await media.close();
    await presence.close();
    await broker.close();
    await redis?.close();
    await gate.close();
    await told;
    await store.close();
  };

  return {
    mediaNode: media.node,
    async listen() {
      const { host, port, operationsPort: separatePort } = config.http;
      if (separatePort !== undefined) operationsPort = await listen(operations, host, separatePort);
      listening = await listen(app, host, port, { shares: options.sharesPort ?? false });
      return { port: listening.port };
    },
    close() {
      closing ??= shutDown();
      return closing;
    },
  };
};
