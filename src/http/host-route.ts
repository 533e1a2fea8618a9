/** What a route of the host platform is; the table of them is in host-routes.ts. */
import type { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Deliver } from '../handlers.ts';
import type { Moderation } from '../moderation/moderation.ts';
import type { Announcements } from '../news/announcements.ts';
import type { Gate } from '../safety/gate.ts';
import type { Store } from '../store/store.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';
import type { Method } from './http.ts';

export interface HostContext {
  readonly store: Store;
  readonly deliver: Deliver;
  readonly gate: Gate;
  readonly clock: Clock;
  readonly moderation: Moderation;
  /** When there is a receiver. */
  readonly webhooks: Pick<Webhooks, 'nudge' | 'stoppedAt' | 'resume'> | undefined;
  readonly news: Pick<Announcements, 'changed' | 'personChanged'>;
}

export interface HostRoute {
  readonly method: Method;
  /** With `:name` parts. */
  readonly path: string;
  readonly doc: string;
  readonly param: z.ZodType<string> | undefined;
  readonly body: z.ZodType | undefined;
  /** What may come behind the path, of a route without a body; handled as the body is. */
  readonly query?: z.ZodType;
  /** What the OpenAPI document says of the body, where each part of it is validated by itself. */
  readonly documented?: z.ZodType;
  readonly result: z.ZodType;
  /** Of a body; 256 KiB when not given. */
  readonly maxBodyBytes?: number;
  /** `created` decides between 200 and 201. */
  handle(context: HostContext, param: string, body: unknown): Promise<{ result: unknown; created: boolean }>;
}

export const hostRoute = <Body extends z.ZodType | undefined, Result extends z.ZodType>(definition: {
  method: Method;
  path: string;
  doc: string;
  param?: z.ZodType<string>;
  body: Body;
  documented?: z.ZodType;
  result: Result;
  maxBodyBytes?: number;
  handle: (
    context: HostContext,
    param: string,
    body: Body extends z.ZodType ? z.output<Body> : undefined,
  ) => Promise<{ result: z.output<Result>; created: boolean }>;
}): HostRoute => ({ ...definition, param: definition.param, handle: definition.handle as HostRoute['handle'] });

/** A question, with what narrows it behind the path. */
export const hostQuery = <Query extends z.ZodType, Result extends z.ZodType>(definition: {
  path: string;
  doc: string;
  param?: z.ZodType<string>;
  query: Query;
  result: Result;
  handle: (context: HostContext, query: z.output<Query>, param: string) => Promise<z.output<Result>>;
}): HostRoute => ({
  ...definition,
  method: 'get',
  param: definition.param,
  body: undefined,
  handle: async (context, param, query) => ({
    result: await definition.handle(context, query as z.output<Query>, param),
    created: false,
  }),
});
