/** The protocol as a page for people: every request with what it takes and answers, pushes, errors, close codes. docs/protocol.md is this. */
import { z } from 'zod';
import { CLOSE_CODES, mayReconnect } from './close-codes.ts';
import { ERRORS } from './errors.ts';
import { Push } from './frames.ts';
import {
  DEFAULT_PARTICIPANTS,
  MAX_BODY_LENGTH,
  MAX_FRAME_BYTES,
  MAX_MEMBERS,
  MAX_PARTICIPANTS,
  PROTOCOL_VERSION,
} from './limits.ts';
import { REQUESTS } from './requests.ts';
import { RoomEvent } from './rooms.ts';
import { ThreadEvent } from './threads.ts';

type JsonSchema = {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
};

const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): JsonSchema =>
  z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonSchema;

/** A schema in a line, two levels deep: `{ threadId: string, body: string }`. */
const shape = (schema: JsonSchema, depth = 0): string => {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return [...new Set(choices.map((choice) => shape(choice, depth)))].join(' or ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' or ');
  if (schema.type === 'array') return `[${schema.items === undefined ? '…' : shape(schema.items, depth + 1)}]`;
  if (schema.properties === undefined) return schema.type === 'object' ? '{ … }' : (schema.type ?? 'any');
  if (depth > 1) return '{ … }';
  const fields = Object.entries(schema.properties).map(
    ([name, value]) => `${name}${schema.required?.includes(name) ? '' : '?'}: ${shape(value, depth + 1)}`,
  );
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
};

const typesOf = (union: { options: readonly z.ZodObject[] }, key: string): string =>
  union.options.map((option) => `\`${String((option.shape[key] as z.ZodLiteral).value)}\``).join(', ');

export const describeProtocol = (): string => {
  const requests = Object.entries(REQUESTS).map(
    ([type, { doc, payload, result }]) =>
      `### ${type}\n\n${doc}\n\n- takes \`${shape(schemaOf(payload, 'input'))}\`\n- answers \`${shape(schemaOf(result, 'output'))}\`\n`,
  );
  const errors = Object.entries(ERRORS).map(
    ([code, { retryable, status }]) => `| \`${code}\` | ${retryable ? 'yes' : 'no'} | ${status} |`,
  );
  const closes = Object.entries(CLOSE_CODES).map(
    ([name, code]) => `| ${code} | \`${name}\` | ${mayReconnect(code) ? 'reconnect' : 'do not'} |`,
  );
  return `# The wire protocol, version ${PROTOCOL_VERSION}

Printed from the schemas in protocol/ by \`script/parley protocol\`; a test holds this page to them.

One WebSocket at \`/v1/socket\`, one JSON object a frame, at most ${MAX_FRAME_BYTES} bytes from a client. A request has an \`id\`, its reply repeats it, a
push has none:

    {"id": 1, "type": "message.post", "payload": {…}}
    {"id": 1, "result": {…}}    or    {"id": 1, "error": {"code": "conflict", "message": "…", "retryable": false}}
    {"position": 17, "push": "inbox", "event": {"type": "message.posted", …}}

The first request is \`session.open\`. Times are Unix milliseconds. A message has at most ${MAX_BODY_LENGTH} UTF-16 code units, a thread ${MAX_MEMBERS} members, a room
as many people as the server is set to, ${DEFAULT_PARTICIPANTS} by default and ${MAX_PARTICIPANTS} at most.

## Requests

${requests.join('\n')}
## Pushes

${typesOf(Push, 'push')}.

An \`inbox\` push is durable, and its \`position\` says its place: pushes of two gateways may overtake each other, and a client applies them in the order
of their positions. Its event is one of ${typesOf(ThreadEvent, 'type')} (with a thread and an offset), or \`cursor.moved\`, \`user.changed\`, \`marks.changed\`, \`proposal.listed\`
(of which only the last counts). A \`room\` push is numbered by \`seq\` and carries one of ${typesOf(RoomEvent, 'type')}.

## Errors

| code | the same request can succeed later | HTTP status |
| --- | --- | --- |
${errors.join('\n')}

## Close codes

The range carries the verdict: 4000 to 4499 say reconnect, 4500 to 4999 do not. The reason is JSON and may carry \`delayMs\`, to wait before.

| code | name | verdict |
| --- | --- | --- |
${closes.join('\n')}
`;
};
