/** Registers the host platform's routes: its key, validation by the table's schemas, typed errors. */

import { createHash, timingSafeEqual } from 'node:crypto';
import { ProtocolError } from '../../protocol/index.ts';
import type { TemplatedApp } from '../socket/app.ts';
import type { HostContext, HostRoute } from './host-route.ts';
import { HOST_ROUTES } from './host-routes.ts';
import { type Call, json, type RouteOptions, route } from './http.ts';
import { openApiDocument } from './openapi.ts';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

export const mountHostApi = (app: TemplatedApp, options: HostContext & { apiKey: string; routes: RouteOptions }): void => {
  const expected = digest(`Bearer ${options.apiKey}`);
  const authorize = (call: Call): void => {
    if (!timingSafeEqual(digest(call.header('authorization')), expected)) {
      throw new ProtocolError('unauthenticated', 'The host platform’s key is needed: `Authorization: Bearer KEY`.');
    }
  };
  for (const definition of HOST_ROUTES) {
    const { maxBodyBytes } = definition;
    const bounded: RouteOptions = maxBodyBytes === undefined ? options.routes : { ...options.routes, maxBodyBytes };
    route(app, definition.method, definition.path, bounded, async (call) => {
      authorize(call);
      const param = readParam(definition, call);
      const body = definition.body === undefined ? undefined : readBody(definition.body, await call.json());
      const query = definition.query === undefined ? undefined : readBody(definition.query, Object.fromEntries(call.query));
      const { result, created } = await definition.handle(options, param, body ?? query);
      return json(result, created ? 201 : 200);
    });
  }
  const document = JSON.stringify(openApiDocument());
  route(app, 'get', '/v1/openapi.json', options.routes, () => ({
    headers: { 'Content-Type': 'application/json' },
    body: document,
  }));
};

const readParam = ({ param }: HostRoute, call: Call): string => {
  if (param === undefined) return '';
  const parsed = param.safeParse(Object.values(call.params)[0]);
  if (!parsed.success) throw ProtocolError.fromZod(parsed.error);
  return parsed.data;
};

const readBody = (schema: NonNullable<HostRoute['body']>, value: unknown): unknown => {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw ProtocolError.fromZod(parsed.error);
  return parsed.data;
};
