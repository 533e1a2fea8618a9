/** A media node in a process of its own: workers, the control port, its place in the registry, and what an operator asks. No store. */
import type { Logger } from 'pino';
import type { Config } from '../config/index.ts';
import { systemClock } from './clock.ts';
import { mountOperations } from './http/operations.ts';
import { openMediaNode } from './media.ts';
import { createMetrics, observeMedia, observeRedis, observeRegistration } from './metrics.ts';
import { openRedis } from './redis/redis.ts';
import { createApp, listen, type Port } from './socket/app.ts';

export interface MediaServer {
  /** Answers an operator's questions. Not under a supervisor, whose gateways have the port, unless operations have one of their own. */
  listen(options: { supervised: boolean }): Promise<void>;
  /** Takes no new rooms, moves those it has, and resolves when they are gone or the time is over; false when it was called off. */
  drain(): Promise<boolean>;
  close(): Promise<void>;
}

const LOOK_EVERY_MS = 200;

export const createMediaServer = async ({ config, log }: { config: Config; log: Logger }): Promise<MediaServer> => {
  const { url, ...shared } = config.redis;
  if (url === undefined) throw new Error('A media node needs the Redis that gateways find it by.');
  const redis = openRedis({ url, ...shared, log });
  const { local, registration, close: closeNode } = await openMediaNode({ config, log, clock: systemClock, redis });
  const metrics = createMetrics();
  observeMedia(metrics, () => local.node.request('stats', {}));
  observeRedis(metrics, redis.ready);
  if (registration !== undefined) observeRegistration(metrics, registration);
  const app = createApp();
  let listening: Port | undefined;
  let closing: Promise<void> | undefined;
  mountOperations(app, {
    metrics,
    readiness: () => ({
      waitingFor: [
        ...(local.node.ready() ? [] : ['media workers']),
        ...(registration?.leased === true ? [] : ['registry']),
        ...(registration?.draining === true ? ['draining'] : []),
      ],
    }),
    routes: {
      observe: (route, status, seconds) => metrics.http.observe({ route, status: String(status) }, seconds),
      onInternal(error, route, requestId) {
        metrics.internalErrors.inc();
        log.error({ err: error, requestId, route }, 'a route failed');
      },
    },
  });
  const shutDown = async (): Promise<void> => {
    listening?.stop();
    app.close();
    await closeNode();
    await redis.close();
  };
  return {
    async listen({ supervised }) {
      const { host, port, operationsPort } = config.http;
      if (supervised && operationsPort === undefined) return;
      listening = await listen(app, host, operationsPort ?? port);
      log.info({ host, port: listening.port }, 'media node listening');
    },
    async drain() {
      await registration?.drain(true);
      const deadline = performance.now() + config.media.drainMs;
      while (!local.authority.isEmpty() && performance.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
        if (registration?.draining === false) return false;
      }
      return true;
    },
    close() {
      closing ??= shutDown();
      return closing;
    },
  };
};
