/**
 * HTTP on uWebSockets.js for the few routes that a gateway has: JSON in and out, bodies bounded, errors typed as on the socket.
 * Handlers see a plain request and return a plain answer.
 */

import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { ProtocolError } from '../../protocol/index.ts';
import type { HttpRequest, HttpResponse, TemplatedApp } from '../socket/app.ts';

export interface Call {
  /** What the request is called in the log, in an error's body and in the answer's `X-Request-Id`. */
  readonly requestId: string;
  /** Values of `:name` parts of the path, by name. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly path: string;
  header(name: string): string;
  /** The body as JSON; rejects with `malformed` or `too_large`. */
  json(): Promise<unknown>;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export type Method = 'get' | 'put' | 'post' | 'delete';

export interface RouteOptions {
  /** Called after each answer, with the time it took in seconds. */
  readonly observe?: (route: string, status: number, seconds: number, requestId: string) => void;
  /** Errors that are bugs. */
  readonly onInternal: (error: unknown, route: string, requestId: string) => void;
  /** Of a body, in bytes; 256 KiB unless a route says more. */
  readonly maxBodyBytes?: number;
}

const MAX_BODY_BYTES = 256 * 1024;

/** Headers that are read before the request object dies. */
const KEPT_HEADERS = ['authorization', 'content-type', 'if-none-match', 'accept-encoding', 'host', 'x-request-id'] as const;

/** The id that who asks has given, so that both logs have the same; anything else that stands there is not taken up. */
const GIVEN_ID = /^[\w.:-]{1,100}$/;

export const json = (value: unknown, status = 200): Answer => ({
  status,
  headers: { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' },
  body: JSON.stringify(value),
});

/** Registers a route such as `/v1/users/:userId`. */
export const route = (
  app: TemplatedApp,
  method: Method,
  pattern: string,
  options: RouteOptions,
  handle: (call: Call) => Answer | Promise<Answer>,
): void => {
  app[method === 'delete' ? 'del' : method](pattern, (response, request) => {
    const startedAt = performance.now();
    let aborted = false;
    response.onAborted(() => {
      aborted = true;
    });
    const call = read(response, request, pattern, options.maxBodyBytes ?? MAX_BODY_BYTES);
    const finish = (answer: Answer): void => {
      options.observe?.(pattern, answer.status ?? 200, (performance.now() - startedAt) / 1000, call.requestId);
      if (!aborted) response.cork(() => write(response, answer, call.requestId));
    };
    Promise.resolve()
      .then(() => handle(call))
      .then(finish, (error: unknown) => finish(toAnswer(error, pattern, call.requestId, options)));
  });
};

const toAnswer = (error: unknown, pattern: string, requestId: string, options: RouteOptions): Answer => {
  if (error instanceof ProtocolError) return json({ error: error.toWire(), requestId }, error.status);
  options.onInternal(error, pattern, requestId);
  const told = new ProtocolError('internal', 'Something went wrong here; it has been noted.');
  return json({ error: told.toWire(), requestId }, 500);
};

const write = (response: HttpResponse, { status = 200, headers = {}, body }: Answer, requestId: string): void => {
  response.writeStatus(`${status} ${STATUS_CODES[status] ?? ''}`);
  for (const [name, value] of Object.entries(headers)) response.writeHeader(name, value);
  response.writeHeader('X-Request-Id', requestId);
  response.end(body);
};

const read = (response: HttpResponse, request: HttpRequest, pattern: string, maxBytes: number): Call => {
  const names = [...pattern.matchAll(/:(\w+)/g)].map((match) => match[1] as string);
  const params = Object.fromEntries(names.map((name, index) => [name, decode(request.getParameter(index) ?? '')]));
  const headers = new Map(KEPT_HEADERS.map((name) => [name as string, request.getHeader(name)]));
  // The body must be listened for before the first await; who does not ask for it costs nothing more than its bytes.
  const body = collect(response, maxBytes);
  const given = headers.get('x-request-id') ?? '';
  return {
    requestId: GIVEN_ID.test(given) ? given : randomUUID(),
    params,
    query: new URLSearchParams(request.getQuery()),
    path: request.getUrl(),
    header: (name) => headers.get(name) ?? '',
    json: async () => parse(await body, maxBytes),
  };
};

const decode = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

const collect = (response: HttpResponse, maxBytes: number): Promise<Buffer | 'too_large'> =>
  new Promise((resolve) => {
    let chunks: Buffer[] = [];
    let bytes = 0;
    response.onData((chunk, isLast) => {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) chunks = [];
      else chunks.push(Buffer.from(chunk.slice(0)));
      if (isLast) resolve(bytes > maxBytes ? 'too_large' : Buffer.concat(chunks));
    });
  });

const utf8 = new TextDecoder('utf-8', { fatal: true });

const parse = (body: Buffer | 'too_large', maxBytes: number): unknown => {
  if (body === 'too_large') throw new ProtocolError('too_large', `A request body has at most ${maxBytes} bytes.`);
  try {
    return JSON.parse(utf8.decode(body));
  } catch {
    throw new ProtocolError('malformed', 'The body is not valid JSON in UTF-8.');
  }
};
