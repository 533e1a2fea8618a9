/** Every text that comes in over the wire, and who reads it before other people do. A text that is new is asked about here. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { REQUESTS } from '../../protocol/index.ts';
import { HOST_ROUTES } from '../../src/http/host-routes.ts';
import { openThread, startGateway, type TestGateway } from '../support/gateway.ts';
import type { RawSocket } from '../support/raw-socket.ts';

const SECRET = 'quillfeather';

type World = { gateway: TestGateway; threadId: string; client: RawSocket; talent: RawSocket };

/** Texts that other people come to see. Each is written here with an address in it, by the talent or for them. */
const READ_BY_THE_GUARD: Record<string, (world: World, written: string, key: string) => Promise<unknown>> = {
  'message.post body': ({ talent, threadId }, written, clientMessageId) =>
    talent.request('message.post', { threadId, clientMessageId, body: written }),
  'message.edit body': async ({ talent, threadId }, written, clientMessageId) => {
    const { message } = await talent.request('message.post', { threadId, clientMessageId, body: 'Nothing in it' });
    return talent.request('message.edit', { threadId, offset: message.offset, body: written });
  },
  'proposal.message body': ({ client }, written, clientMessageId) =>
    client.request('proposal.message', { proposalId: 'proposal-1', clientMessageId, body: written }),
  'thread.open title': ({ talent }, written, threadKey) =>
    talent.request('thread.open', { threadKey, title: written, userIds: ['client'] }),
  'put /v1/users/:userId displayName': ({ gateway }, written) =>
    gateway.host('PUT', '/v1/users/talent', { displayName: written }),
  'put /v1/users/:userId headline': ({ gateway }, written) =>
    gateway.host('PUT', '/v1/users/talent', { displayName: 'Theo', headline: written }),
  'post /v1/users/bulk displayName': ({ gateway }, written) =>
    gateway.host('POST', '/v1/users/bulk', [{ userId: 'talent', displayName: written }]),
  'post /v1/users/bulk headline': ({ gateway }, written) =>
    gateway.host('POST', '/v1/users/bulk', [{ userId: 'talent', displayName: 'Theo', headline: written }]),
  'post /v1/threads title': ({ gateway }, written, threadKey) =>
    gateway.host('POST', '/v1/threads', {
      threadKey,
      kind: 'group',
      title: written,
      members: ['client', 'talent'].map((userId) => ({ userId })),
    }),
  'post /v1/proposals/:proposalId/thread body': ({ gateway }, written, clientMessageId) =>
    gateway.host('POST', '/v1/proposals/proposal-1/thread', { clientMessageId, body: written, senderId: 'talent' }),
  'post /v1/contracts/:contractId/thread body': async ({ gateway }, written, clientMessageId) => {
    const contract = { clientId: 'client', freelancerId: 'talent', title: 'The work', status: 'offered', version: 1 };
    await gateway.host('PUT', '/v1/contracts/c1', contract);
    return gateway.host('POST', '/v1/contracts/c1/thread', { clientMessageId, body: written, senderId: 'talent' });
  },
};

/** The others, and why nobody is told anything by them. */
const READ_BY = {
  'who asks': ['message.search query', 'guard.preview body', 'post /v1/guard/check text', 'post /v1/guard/check earlier'],
  'moderators, and who asked them': [
    'guard.appeal body',
    'guard.appeal reason',
    'report.open note',
    'moderation.decide reason',
    'moderation.review reason',
    'post /v1/moderation/cases/:caseId/decisions reason',
    'post /v1/moderation/cases/:caseId/second-look reason',
  ],
  'everybody, as the words of the operator': [
    'put /v1/announcements/:announcementId text',
    'put /v1/announcements/:announcementId link.label',
  ],
  'what the host platform publishes by itself, and asks POST /v1/guard/check about': [
    'put /v1/jobs/:jobId title',
    'put /v1/jobs/:jobId description',
    'post /v1/jobs/bulk title',
    'post /v1/jobs/bulk description',
    'put /v1/proposals/:proposalId coverLetter',
    'post /v1/proposals/bulk coverLetter',
    'put /v1/contracts/:contractId title',
    'post /v1/contracts/bulk title',
  ],
};

/** Identifiers, secrets, names of programs, zones and hosts, and what browsers say to each other of their codecs. */
const NO_WORDS =
  /(?:[tT]hreadIds?|beside|epoch|[tT]oken|client\.(?:name|version)|timeZone|allowedHosts|consumerIds?|rtpCapabilities\..*|rtpParameters\..*)$/u;

type JsonSchema = {
  type?: string;
  format?: string;
  pattern?: string;
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  additionalProperties?: JsonSchema | boolean;
};

/** The paths of what may be any text. */
function* textsOf(schema: JsonSchema, path: readonly string[] = []): Generator<string> {
  for (const choice of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) yield* textsOf(choice, path);
  for (const [name, value] of Object.entries(schema.properties ?? {})) yield* textsOf(value, [...path, name]);
  if (schema.items !== undefined) yield* textsOf(schema.items, path);
  if (typeof schema.additionalProperties === 'object') yield* textsOf(schema.additionalProperties, [...path, '*']);
  const { type, format, pattern, enum: choices, const: only } = schema;
  if (type === 'string' && format === undefined && pattern === undefined && choices === undefined && only === undefined)
    yield path.join('.');
}

const inputOf = (schema: z.ZodType): JsonSchema => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;

it('[GD18] each text that comes in is read by the guard, or it is said who alone reads it', () => {
  const requests = Object.entries(REQUESTS).flatMap(([type, { payload }]) =>
    Array.from(textsOf(inputOf(payload)), (path) => `${type} ${path}`),
  );
  const routes = HOST_ROUTES.flatMap(({ method, path, body, documented }) =>
    body === undefined ? [] : Array.from(textsOf(inputOf(documented ?? body)), (field) => `${method} ${path} ${field}`),
  );
  const written = new Set([...requests, ...routes].filter((field) => !NO_WORDS.test(field)));
  expect([...written].sort()).toEqual([...Object.keys(READ_BY_THE_GUARD), ...Object.values(READ_BY).flat()].sort());
});

let world: World;
beforeAll(async () => {
  const gateway = await startGateway({ 'safety.policy': {} });
  const threadId = await openThread(gateway);
  world = { gateway, threadId, client: await gateway.signIn('client'), talent: await gateway.signIn('talent') };
});
afterAll(() => world.gateway.close());

it.each(Object.entries(READ_BY_THE_GUARD).map(([field, write], index) => ({ field, write, index })))(
  '[GD18] an address is masked before others see it: $field',
  async ({ write, index }) => {
    const { gateway, client } = world;
    const answer = await write(world, `Text${index} to mira@${SECRET}.studio`, `the-text-${index}`);
    expect(JSON.stringify(answer)).not.toContain('"error"');
    const reader = await gateway.signIn('client');
    const { threads } = await reader.request('thread.list', {});
    for (const { threadId } of threads) await reader.request('thread.history', { threadId });
    const seen = JSON.stringify([client.frames, reader.frames]);
    expect(seen).toContain(`Text${index} to `);
    expect(seen).not.toContain(SECRET);
  },
);
