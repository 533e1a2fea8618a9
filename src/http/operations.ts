/** What an operator's tools ask: is the process alive, may it have traffic, what does it measure. */

import { ProtocolError } from '../../protocol/index.ts';
import type { Metrics } from '../metrics.ts';
import type { TemplatedApp } from '../socket/app.ts';
import { json, type RouteOptions, route } from './http.ts';

/** Names what is not ready. */
export interface Readiness {
  /** Without these it must not have traffic; empty when it may. */
  readonly waitingFor: readonly string[];
  /** It serves without these, less well than with them. */
  readonly without?: readonly string[];
}

export const mountOperations = (
  app: TemplatedApp,
  options: { metrics: Metrics; readiness: () => Readiness; routes: RouteOptions },
): void => {
  const { metrics, routes } = options;
  route(app, 'get', '/healthz', routes, () => json({ status: 'ok' }));
  route(app, 'get', '/readyz', routes, () => {
    const { waitingFor, without = [] } = options.readiness();
    if (waitingFor.length > 0) return json({ status: 'not ready', waitingFor }, 503);
    return json(without.length === 0 ? { status: 'ready' } : { status: 'degraded', without });
  });
  route(app, 'get', '/metrics', routes, async () => ({
    headers: { 'Content-Type': metrics.registry.contentType },
    body: await metrics.registry.metrics(),
  }));
};

/** Where operations have a port of their own: a probe that asks here must not take the web application's page for a yes. */
export const mountNoOperations = (app: TemplatedApp, routes: RouteOptions): void => {
  for (const path of ['/healthz', '/readyz', '/metrics'])
    route(app, 'get', path, routes, () => {
      throw new ProtocolError('not_found', 'Health and metrics are on the port of operations (PARLEY_OPERATIONS_PORT).');
    });
};
