/** What an operator's tools ask: is the process alive, may it have traffic, what does it measure. */
import type { TemplatedApp } from 'uWebSockets.js';
import type { Metrics } from '../metrics.ts';
import { json, type RouteOptions, route } from './http.ts';

/** Names what is not ready; empty when all is. */
export type Readiness = () => readonly string[];

export const mountOperations = (
  app: TemplatedApp,
  options: { metrics: Metrics; readiness: Readiness; routes: RouteOptions },
): void => {
  const { metrics, routes } = options;
  route(app, 'get', '/healthz', routes, () => json({ status: 'ok' }));
  route(app, 'get', '/readyz', routes, () => {
    const waitingFor = options.readiness();
    return waitingFor.length === 0 ? json({ status: 'ready' }) : json({ status: 'not ready', waitingFor }, 503);
  });
  route(app, 'get', '/metrics', routes, async () => ({
    headers: { 'Content-Type': metrics.registry.contentType },
    body: await metrics.registry.metrics(),
  }));
};
