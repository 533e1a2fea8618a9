/** The OpenAPI 3.1 document of the host platform's interface, made from the route table and the protocol's schemas. */
import { z } from 'zod';
import { ERRORS, ThreadEvent, Webhook, WebhookType, WireError } from '../../protocol/index.ts';
import type { HostRoute } from './host-route.ts';
import { HOST_ROUTES } from './host-routes.ts';

/** The id is that of the answer's `X-Request-Id`, and of the log. */
const RefusedAnswer = z.object({ error: WireError, requestId: z.string() });

const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): unknown => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
};

const content = (schema: z.ZodType, io: 'input' | 'output') => ({
  content: { 'application/json': { schema: schemaOf(schema, io) } },
});

const errorStatuses = [...new Set(Object.values(ERRORS).map(({ status }) => status))].sort();

const parametersOf = ({ path, param, query }: HostRoute) => {
  const name = /:(\w+)/.exec(path)?.[1];
  const { properties = {} } = (query === undefined ? {} : schemaOf(query, 'input')) as { properties?: Record<string, unknown> };
  return [
    ...(name === undefined || param === undefined
      ? []
      : [{ name, in: 'path', required: true, schema: schemaOf(param, 'input') }]),
    ...Object.entries(properties).map(([key, schema]) => ({ name: key, in: 'query', schema })),
  ];
};

const operation = (route: HostRoute) => {
  const { method, path, doc, body, documented, result } = route;
  const parameters = parametersOf(route);
  const success = { description: 'Done.', ...content(result, 'output') };
  return {
    operationId: `${method}${path.replace(/^\/v1/, '').replace(/[/:]+(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
    summary: doc,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, ...content(documented ?? body, 'input') } }),
    responses: {
      200: success,
      ...(method === 'get' ? {} : { 201: { ...success, description: 'Created.' } }),
      default: {
        description: `An error, with one of the statuses ${errorStatuses.join(', ')}.`,
        ...content(RefusedAnswer, 'output'),
      },
    },
  };
};

const webhook = (type: WebhookType) => {
  const data = ThreadEvent.options.find((option) => option.shape.type.value === type)!;
  return {
    post: {
      summary: `Told to PARLEY_WEBHOOK_URL where PARLEY_WEBHOOK_TYPES has ${type}; signed as Standard Webhooks has it.`,
      requestBody: content(Webhook.extend({ type: z.literal(type), data }), 'output'),
      responses: { '2XX': { description: 'Taken. Anything else is tried again, for some two and a half days.' } },
    },
  };
};

export const openApiDocument = () => {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const definition of HOST_ROUTES) {
    const path = definition.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [definition.method]: operation(definition) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Parley for host platforms',
      version: '1',
      description: 'Users, jobs and proposals in; threads out. Idempotent: every call may be repeated.',
    },
    security: [{ hostKey: [] }],
    components: { securitySchemes: { hostKey: { type: 'http', scheme: 'bearer', description: 'PARLEY_HOST_API_KEY.' } } },
    paths,
    webhooks: Object.fromEntries(WebhookType.options.map((type) => [type, webhook(type)])),
  };
};
