import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RequestType } from '../../protocol/index.ts';
import { createMemoryBus } from '../../src/broker/memory-broker.ts';
import { systemClock } from '../../src/clock.ts';
import type { Handlers, SessionRequest } from '../../src/handlers.ts';
import { createHub } from '../../src/hub.ts';
import { sharedSecret } from '../../src/identity/keys.ts';
import { createTokenVerifier, mintToken } from '../../src/identity/tokens.ts';
import { createMetrics } from '../../src/metrics.ts';
import { createMemoryPresence } from '../../src/presence/memory-presence.ts';
import { createAdmission } from '../../src/session/admission.ts';
import { createConnection } from '../../src/session/connection.ts';
import { createMemorySessionBus } from '../../src/session/memory-session-registry.ts';
import { createResumeTokens } from '../../src/session/resume-tokens.ts';
import { createSessions } from '../../src/session/sessions.ts';
import { createWatch } from '../../src/session/watch.ts';
import { createApp, listen, type Port } from '../../src/socket/app.ts';
import { mountSockets } from '../../src/socket/uws-socket.ts';
import { openSqliteStore } from '../../src/store/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { JWT_SECRET } from '../support/gateway.ts';
import { RawSocket } from '../support/raw-socket.ts';

describe('a handler with a bug', () => {
  const app = createApp();
  const logged: Record<string, unknown>[] = [];
  let store: Store;
  let port: Port;
  let stop: () => void;

  beforeAll(async () => {
    store = await openSqliteStore({ path: ':memory:' });
    await store.putUser({ userId: 'client', displayName: 'Clara', headline: '', avatarUrl: null, timeZone: null }, Date.now());
    const log = pino({ level: 'trace' }, { write: (line: string) => logged.push(JSON.parse(line)) });
    const hub = createHub({ broker: createMemoryBus().join() });
    const presence = createMemoryPresence({
      graceMs: 0,
      clock: systemClock,
      store,
      tell: () => {},
      onError: (error) => log.error(error),
    });
    const metrics = createMetrics();
    const observer = { attached: () => {}, detached: () => {}, moved: () => {}, ended: () => {} };
    const sessions = createSessions({
      graceMs: 1_000,
      heartbeatMs: 10_000,
      limits: { maxBackpressureBytes: 1_000_000, requestsPerSecond: 100, requestBurst: 100 },
      registry: createMemorySessionBus({ clock: systemClock, leases: { graceMs: 1_000, leaseMs: 1_000 } }).join('node'),
      resumeTokens: createResumeTokens(undefined),
      hub,
      clock: systemClock,
      log,
      metrics,
      observer,
      heads: (userIds) => store.heads(userIds),
      epoch: store.epoch,
      random: Math.random,
    });
    // Two handlers with a bug each; the others are never asked.
    const handlers = {
      'thread.get': () => {
        throw new TypeError('undefined is not a thread');
      },
      'thread.list': () => Promise.reject(new Error('nor a promise')),
    } as unknown as Handlers<Exclude<RequestType, SessionRequest>>;
    const options = {
      authTimeoutMs: 5_000,
      heartbeatMs: 10_000,
      sessionGraceMs: 1_000,
      admission: createAdmission({ max: 10, maxBytes: 1_000_000_000, clock: systemClock, onCount: () => {} }),
      sessions,
      watch: createWatch({ hub, presence, store }),
      tokens: createTokenVerifier({ keys: sharedSecret(JWT_SECRET), now: Date.now }),
      store,
      handlers,
      clock: systemClock,
      log,
      metrics,
    };
    mountSockets(app, {
      path: '/v1/socket',
      maxPayloadBytes: 1_000_000,
      maxBackpressureBytes: 1_000_000,
      mayOpen: () => true,
      open: (socket, { bearer }) => createConnection(options, socket, bearer),
    });
    port = await listen(app, '127.0.0.1', 0);
    stop = () => sessions.close();
  });
  afterAll(async () => {
    stop();
    port.stop();
    app.close();
    await store.close();
  });

  it('[SE21] is answered internal, logged once with its request id and without the payload, and the session stays up', async () => {
    const socket = await RawSocket.connect(`ws://127.0.0.1:${port.port}/v1/socket`);
    await socket.request('session.open', { protocol: 1, token: mintToken(JWT_SECRET, 'client', { ttlSeconds: 60 }) });
    const thrown = await socket.refused('thread.get', { threadId: 'marzipan' });
    expect(thrown).toMatchObject({ code: 'internal', retryable: true });
    expect(JSON.stringify(thrown)).not.toContain('undefined is not');
    expect((await socket.refused('thread.list', {})).code).toBe('internal');
    await socket.request('session.watch', { threadIds: [], userIds: [] });
    const errors = logged.filter(({ level }) => level === 50);
    expect(errors).toHaveLength(2);
    expect(errors[0]).toMatchObject({
      requestId: '1.2',
      type: 'thread.get',
      err: { stack: expect.stringContaining('undefined is not a thread') },
    });
    expect(JSON.stringify(logged)).not.toContain('marzipan');
    socket.terminate();
  });
});
